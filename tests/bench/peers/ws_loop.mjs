// Node's `ws`: one JSON text for all, sent to each client in a loop.
import { createServer } from "node:http";
import { createRequire } from "node:module";

// Required, not imported: the project does without it, and its checks must not look for it.
const { WebSocket, WebSocketServer } = createRequire(import.meta.url)("ws");

const server = createServer((_, response) => response.end("ok\n"));
const sockets = new WebSocketServer({ server, perMessageDeflate: false });
let seq = 0;

sockets.on("connection", (socket) => {
  socket.on("message", (text) => {
    const entry = { type: "message", seq: ++seq, at: Date.now(), from: "ann", text: `${text}` };
    const line = Buffer.from(JSON.stringify(entry));
    for (const client of sockets.clients) {
      if (client.readyState === WebSocket.OPEN) client.send(line, { binary: false });
    }
  });
  socket.on("error", () => socket.terminate());
});
server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}/`));
