// Runs in the thread that relay.ts starts: TLS on one side, the same bytes without it on the other.
import { StartupError } from "../../startup_error.ts";
import { acceptLoop, closeQuietly } from "../accept.ts";
import { shakeHands, TlsListener } from "./listener.ts";
import type { Order, Report } from "./messages.ts";
import { join } from "./pump.ts";

/** Over HTTP/2 a page's requests share one connection; WebSockets need HTTP/1.1, and ask for it. */
const PROTOCOLS = ["h2", "http/1.1"];

/** The part of DedicatedWorkerGlobalScope in use; its types and those of a page exclude each other. */
interface Scope {
  onmessage: (event: MessageEvent<Order>) => void;
  postMessage(report: Report): void;
}

const scope = self as unknown as Scope;
const stopping = new AbortController();
/** What is waited for, by connection. */
const answers = new Map<number, (go: boolean) => void>();
let listener: TlsListener;
let came = 0;

scope.onmessage = ({ data }) => {
  if (data.type === "open") begin(data);
  else if (data.type === "renew") listener.renew(data.certificate);
  else if (data.type === "stop") stopping.abort();
  else {
    answers.get(data.id)?.(data.type === "go");
    answers.delete(data.id);
  }
};

function begin({ address, certificate, flags, to }: Extract<Order, { type: "open" }>): void {
  const report = (what: string, error: unknown) => {
    scope.postMessage({ type: "trouble", what, error });
  };
  try {
    listener = new TlsListener(address, { certificate, flags, protocols: PROTOCOLS, report });
  } catch (error) {
    if (!(error instanceof StartupError)) throw error;
    return scope.postMessage({ type: "failed", message: error.message });
  }
  scope.postMessage({ type: "opened", addr: listener.addr });
  acceptLoop(listener, (conn) => relay(conn, to), { signal: stopping.signal, report });
}

async function relay(conn: Deno.TlsConn, port: number): Promise<void> {
  const id = came++;
  const ask = (question: Extract<Report, { id: number }>) => {
    scope.postMessage(question);
    return new Promise<boolean>((resolve) => answers.set(id, resolve));
  };
  try {
    if (!await ask({ type: "came", id, from: conn.remoteAddr })) return;
    if (!await shakeHands(conn)) return;
    const server = await Deno.connect({ hostname: "127.0.0.1", port });
    try {
      server.setNoDelay(true);
      await ask({ type: "dialed", id, port: server.localAddr.port });
      await join(conn, server);
    } finally {
      closeQuietly(server);
    }
  } finally {
    scope.postMessage({ type: "gone", id });
  }
}
