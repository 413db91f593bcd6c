import type { AccessOptions } from "../access/mod.ts";
import type { CertificateFiles } from "../base/net/tls/certificate.ts";
import type { Logger } from "../base/observe/logger.ts";
import type { Rate } from "../base/rate_limit.ts";
import type { FileSettings } from "../files/mod.ts";
import type { LimitOptions } from "../limits/mod.ts";
import type { Keep } from "../log/retention.ts";
import type { NatsOptions } from "../nats/mod.ts";
import type { Assets } from "../page/assets.ts";
import type { EmptyLine } from "../transports/lines/conversation.ts";

/** Who may come in and write, and what is offered. */
export interface AccessSettings extends Omit<AccessOptions, "password"> {
  /** Of the room; everybody may come in without one. */
  readonly password?: string | undefined;
}

/** Who people are, and for how long that is remembered. */
export interface IdentityOptions {
  /** What signs tokens, instead of a key of the data folder's own. */
  readonly secret: string | undefined;
  /** How long a token is good for when it is not used. */
  readonly tokenLifeMs: number;
  /** How long a name belongs to somebody who has left; it is free at once where undefined. */
  readonly holdNamesMs: number | undefined;
}

/** What several nodes share: the room's log, in NATS. */
export interface ClusterOptions extends NatsOptions {
  /** The stream that is the log: letters, digits, `-` and `_`; other things shared are named after it. */
  readonly stream: string;
  /** How many servers of NATS have what is shared; counts when it is made. */
  readonly replicas: number;
}

export interface ServerOptions {
  readonly host: string;
  /** For HTTP and WebSocket; 0 is any that is free. */
  readonly port: number;
  /** For the TCP room; 0 is any that is free, and there is none where undefined. */
  readonly tcpPort: number | undefined;
  readonly emptyLine: EmptyLine;
  /** The folder of the history and the session key. */
  readonly data: string;
  /** Where the room is one of several nodes'; the history in `data` is a copy then. */
  readonly cluster?: ClusterOptions | undefined;
  readonly room: string;
  readonly recent: number;
  readonly rate: Rate | undefined;
  /** For how long people can edit what they said: for ever where Infinity (the default), 0 not at all. */
  readonly editForMs?: number;
  /** Renames of one person; no limit where undefined. */
  readonly renames?: Rate | undefined;
  readonly limits: LimitOptions;
  readonly access?: AccessSettings;
  /** What files messages may have; by default what the program has as a default. */
  readonly files?: FileSettings;
  readonly identity: IdentityOptions;
  readonly network?: NetworkOptions;
  /** Host names under which the server is reached, besides `host` and the loopback's; some with a port. */
  readonly allowHosts: readonly string[];
  readonly keep: Keep;
  /** The page's files, where the caller has them already; made from static/ otherwise. */
  readonly assets?: Assets;
  /** From the wish to close to the end at the latest. */
  readonly drainMs: number;
  readonly graceMs?: number;
  readonly byeMs?: number;
  readonly operations?: OperationOptions;
  /** Told of faults, and of what needs the operator. */
  readonly report: (what: string, error?: unknown) => void;
  /** Told what kept the event loop for so long that people notice; by default `report` is. */
  readonly reportSlow?: (what: string) => void;
}

/** What an operator sees of a server while it runs. */
export interface OperationOptions {
  /** Told who comes and goes, and who is refused; by default nobody is. */
  readonly log?: Logger;
  /** Which addresses besides this machine's may read /metrics; where undefined there is none. */
  readonly metrics?: readonly string[] | "all" | undefined;
}

/** How the server is reached by others than its own page and programs. */
export interface NetworkOptions {
  /** Origins whose pages may use the room with tokens; `*` is any. */
  readonly allowOrigins?: readonly string[];
  /** Proxies, whose X-Forwarded-For and the like are believed; see `Networks`. */
  readonly proxies?: readonly string[];
  /** The path that a proxy has the room under, with a slash at both ends. */
  readonly basePath?: string;
  /** Other nodes of the room on this machine listen on the same ports, and say the same. */
  readonly reusePort?: boolean;
  /** Speaks TLS on all ports, and nothing else. */
  readonly tls?: CertificateFiles | undefined;
}
