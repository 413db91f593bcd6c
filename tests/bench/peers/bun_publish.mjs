// Bun's native publish: the fan-out happens outside JavaScript, joined into few writes.
/* global Bun */
let seq = 0;

const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  fetch(request, server) {
    return server.upgrade(request) ? undefined : new Response("ok\n");
  },
  websocket: {
    perMessageDeflate: false,
    open(socket) {
      socket.subscribe("room");
    },
    message(_, text) {
      const entry = { type: "message", seq: ++seq, at: Date.now(), from: "ann", text };
      server.publish("room", JSON.stringify(entry));
    },
  },
});
console.log(`http://127.0.0.1:${server.port}/`);
