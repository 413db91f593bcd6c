import { assertEquals } from "@std/assert";
import { NO_PONG } from "../../../lib/transports/socket/close.ts";
import { RawSocket } from "../../transports/clients/raw_socket.ts";

Deno.test("a WebSocket whose peer answers no pings closes with the reason by which that is known", async () => {
  const closed = Promise.withResolvers<CloseEvent>();
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    const { socket, response } = Deno.upgradeWebSocket(request, { idleTimeout: 1 });
    socket.onerror = () => {}; // close follows
    socket.onclose = closed.resolve;
    return response;
  });
  {
    using _silent = await RawSocket.open(server.addr.port, "/");
    assertEquals((await closed.promise).reason, NO_PONG);
  }
  await server.shutdown();
});
