/** A plain Deno chat: one JSON text for all, sent to each client in a loop. */
const clients = new Set<WebSocket>();
let seq = 0;

Deno.serve({
  hostname: "127.0.0.1",
  port: 0,
  onListen: ({ port }) => console.log(`http://127.0.0.1:${port}/`),
}, (request) => {
  if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") return new Response("ok\n");
  const { socket, response } = Deno.upgradeWebSocket(request);
  socket.onopen = () => void clients.add(socket);
  socket.onclose = () => void clients.delete(socket);
  socket.onmessage = ({ data: text }) => {
    const line = JSON.stringify({ type: "message", seq: ++seq, at: Date.now(), from: "ann", text });
    for (const client of clients) {
      if (client.readyState === WebSocket.OPEN) client.send(line);
    }
  };
  return response;
});
