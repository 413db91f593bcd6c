import { acceptLoop, closeQuietly } from "../base/net/accept.ts";
import { defineCommand, port, text } from "./flags/mod.ts";
import { hostPort, listenTcp } from "../base/net/listen.ts";
import { tcpEcho } from "../transports/echo.ts";
import { Interrupt } from "./interrupt.ts";

/** `deno task tcp`: a TCP echo, for measurements and for trying out. */
export const command = defineCommand({
  name: "tcp",
  summary: "send every byte back over TCP",
  flags: {
    host: text({ value: "HOST", default: "127.0.0.1", help: "the address to listen on" }),
    port: port({ default: 8888, help: "the port to listen on; 0 picks a free one" }),
  },
  examples: ["deno task tcp --port 7777", "deno task ping tcp://127.0.0.1:8888"],
  async run({ host, port }) {
    using interrupt = new Interrupt();
    const listener = listenTcp({ hostname: host, port }, { host: "--host", port: "--port" });
    const { addr } = listener;
    console.log(`tcp://${hostPort(addr.hostname, addr.port)}    nc ${addr.hostname} ${addr.port}`);
    await acceptLoop(listener, (conn) => serveEcho(conn, interrupt.signal), {
      signal: interrupt.signal,
      report: (what, error) => console.error(`${what}: ${error}`),
    });
    return 0;
  },
});

/** Echoes until the client or the signal ends it, with a line of output at the start and at the end. */
async function serveEcho(conn: Deno.TcpConn, signal: AbortSignal): Promise<void> {
  const { hostname, port } = conn.remoteAddr;
  const peer = hostPort(hostname, port);
  const startedAt = performance.now();
  let bytes = 0;
  const cut = () => closeQuietly(conn); // cuts a stalled write too
  signal.addEventListener("abort", cut);
  console.log(`${peer} came`);
  try {
    await tcpEcho(conn, (count) => bytes += count);
  } finally {
    signal.removeEventListener("abort", cut);
    const seconds = (performance.now() - startedAt) / 1000;
    console.log(`${peer} went: ${bytes} bytes, ${seconds.toFixed(1)} s`);
  }
}
