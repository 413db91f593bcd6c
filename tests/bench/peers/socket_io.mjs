// socket.io, WebSocket only: io.emit encodes an event once for all clients.
import { createServer } from "node:http";
import { createRequire } from "node:module";

// Required, not imported: the project does without it, and its checks must not look for it.
const { Server } = createRequire(import.meta.url)("socket.io");

const server = createServer((_, response) => response.end("ok\n"));
const io = new Server(server, { transports: ["websocket"], serveClient: false });
let seq = 0;

io.on("connection", (socket) => {
  socket.on("message", (text) => {
    io.emit("message", { type: "message", seq: ++seq, at: Date.now(), from: "ann", text });
  });
});
server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}/`));
