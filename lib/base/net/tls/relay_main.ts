// Runs in the thread that relay.ts starts: TLS on one side, the same bytes without it on the other.
// By node:tls, since the runtime's own listener keeps its certificate for ever, and cannot close a
// connection that has not shaken hands.
import { connect, type Socket } from "node:net";
import { createServer, type Server, type TLSSocket } from "node:tls";
import { cannotListen } from "../listen.ts";
import type { Order, Report } from "./messages.ts";

/** A peer that has not shaken hands by then has not come to speak. */
const HANDSHAKE_MS = 10_000;
/** A peer that takes nothing of what it is sent for as long is given up. */
const STALLED_MS = 60_000;
/** How long somebody may stay to whom everything has been said. */
const LINGER_MS = 5000;

/** The part of DedicatedWorkerGlobalScope in use; its types and those of a page exclude each other. */
interface Scope {
  onmessage: (event: MessageEvent<Order>) => void;
  postMessage(report: Report): void;
}

/** Somebody who has connected: the socket, and what is to be done when their address is known. */
interface Peer {
  readonly id: number;
  readonly raw: Socket;
  go?: () => void;
}

const scope = self as unknown as Scope;
const peers = new Map<number, Peer>();
const byAddress = new Map<string, Peer>();
let server: Server;
let came = 0;

scope.onmessage = ({ data }) => {
  if (data.type === "open") begin(data);
  else if (data.type === "renew") server.setSecureContext(data.certificate);
  else if (data.type === "stop") server.close();
  else if (data.type === "go") peers.get(data.id)?.go?.();
  else peers.get(data.id)?.raw.destroy();
};

function begin(order: Extract<Order, { type: "open" }>): void {
  const { address, certificate, flags, protocols, to } = order;
  server = createServer({
    cert: certificate.cert,
    key: certificate.key,
    ...(protocols.length > 0 && { ALPNProtocols: [...protocols] }),
    handshakeTimeout: HANDSHAKE_MS,
    // The end of one side is passed on by itself.
    allowHalfOpen: true,
  });
  server.on("connection", greet);
  server.on("tlsClientError", (_error, socket) => socket.destroy());
  server.on("secureConnection", (socket) => relay(socket, to));
  server.once("error", (error: Error & { code?: string }) => {
    const cause = error.code === "EADDRINUSE"
      ? new Deno.errors.AddrInUse()
      : error.code === "EACCES"
      ? new Deno.errors.PermissionDenied()
      : error.code === "EADDRNOTAVAIL"
      ? new Deno.errors.AddrNotAvailable()
      : error;
    const { message } = cannotListen(cause, address, flags) as Error;
    scope.postMessage({ type: "failed", message });
  });
  const { hostname: host, port, reusePort = false } = address;
  server.listen({ host, port, reusePort }, () => {
    server.removeAllListeners("error");
    server.on("error", (error: Error) => {
      scope.postMessage({ type: "trouble", what: "cannot accept connections for now", error });
    });
    const { address: hostname, port } = server.address() as { address: string; port: number };
    scope.postMessage({ type: "opened", addr: { transport: "tcp", hostname, port } });
  });
}

function greet(raw: Socket): void {
  const peer: Peer = { id: came++, raw };
  const hostname = raw.remoteAddress ?? "";
  const port = raw.remotePort ?? 0;
  const key = `${hostname} ${port}`;
  peers.set(peer.id, peer);
  byAddress.set(key, peer);
  raw.on("close", () => {
    peers.delete(peer.id);
    if (byAddress.get(key) === peer) byAddress.delete(key);
    scope.postMessage({ type: "gone", id: peer.id });
  });
  raw.on("error", () => {}); // close follows
  const from = { transport: "tcp", hostname, port } as const;
  scope.postMessage({ type: "came", id: peer.id, from });
}

function relay(client: TLSSocket, port: number): void {
  const peer = byAddress.get(`${client.remoteAddress} ${client.remotePort}`);
  if (!peer) return void client.destroy();
  const room = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  for (const socket of [client, room]) {
    socket.setNoDelay(true);
    socket.on("error", () => socket.destroy()); // what that means is told by "close"
  }
  client.setKeepAlive(true);
  client.setTimeout(STALLED_MS, () => {
    if (client.writableLength > 0) client.destroy();
  });
  client.on("close", () => room.destroy());
  room.on("end", () => {
    setTimeout(() => client.destroy(), LINGER_MS);
  });
  room.on("close", () => {
    if (!room.readableEnded) client.destroy();
  });
  room.on("connect", () => {
    peer.go = () => {
      client.pipe(room);
      room.pipe(client);
    };
    scope.postMessage({ type: "dialed", id: peer.id, port: room.localPort! });
  });
}
