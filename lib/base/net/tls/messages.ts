import type { ListenAddress, ListenFlags } from "../listen.ts";
import type { Certificate } from "./certificate.ts";

/** What the thread of a TlsRelay is told. */
export type Order =
  | {
    readonly type: "open";
    readonly address: ListenAddress;
    readonly flags: ListenFlags;
    readonly certificate: Certificate;
    /** What is spoken over TLS, as ALPN names it, the preferred first; none is offered where empty. */
    readonly protocols: readonly string[];
    /** The port of this machine that the bytes are for. */
    readonly to: number;
  }
  | { readonly type: "renew"; readonly certificate: Certificate }
  /** The answer to `dialed`. */
  | { readonly type: "go"; readonly id: number }
  /** One that came is not wanted. */
  | { readonly type: "refuse"; readonly id: number }
  /** Accepts nobody any more. */
  | { readonly type: "stop" };

/** What it tells. */
export type Report =
  | { readonly type: "opened"; readonly addr: Deno.NetAddr }
  | { readonly type: "failed"; readonly message: string }
  | { readonly type: "trouble"; readonly what: string; readonly error: unknown }
  /** Somebody has connected, and has not shaken hands. */
  | { readonly type: "came"; readonly id: number; readonly from: Deno.NetAddr }
  /** They have, and their bytes will come from this port of this machine. */
  | { readonly type: "dialed"; readonly id: number; readonly port: number }
  | { readonly type: "gone"; readonly id: number };
