import type { ClusterOptions } from "../../server.ts";
import { type Flag, integer, text, toggle, UsageError, type Values } from "../flags/mod.ts";

/** Where NATS listens, if nobody says otherwise. */
const NATS_PORT = 4222;
/** The flags that say nothing without `--log`. */
const WANT_LOG = ["nats-creds", "nats-tls-ca", "replicas", "stream", "reuse-port"] as const;

/** Servers of one NATS cluster, and as whom we connect. */
type Servers = Pick<ClusterOptions, "servers" | "tls" | "user" | "password">;

/** How the room is shared with other nodes. */
export const clusterFlags = {
  log: servers("keep the history in NATS JetStream, for several nodes; --data has a copy"),
  "nats-creds": text({
    value: "FILE",
    default: undefined,
    help: "credentials for NATS, as nsc writes them",
  }),
  "nats-tls-ca": text({
    value: "FILE",
    default: undefined,
    help: "who has signed NATS' certificates, in PEM, where the system does not know",
  }),
  replicas: integer({
    value: "N",
    default: 1,
    min: 1,
    max: 5,
    help: "servers of NATS that have the history each; an odd number",
  }),
  stream: {
    ...text({ value: "NAME", default: "partyline", help: "name of the stream in NATS" }),
    parse: parseStream,
  },
  "reuse-port": toggle({
    default: false,
    help: "listen beside other nodes on this machine, on the same ports",
  }),
};

/** The same for a command that only needs what the nodes share, made by one of them. */
export function sharedFlags(help: string) {
  const { replicas: _replicas, "reuse-port": _reusePort, ...flags } = clusterFlags;
  return { ...flags, log: servers(help) };
}

/** What the server is given; undefined without `--log`. Throws a UsageError where one flag wants another. */
export function clusterOf(
  given: Values<ReturnType<typeof sharedFlags>> & Partial<Values<typeof clusterFlags>>,
): ClusterOptions | undefined {
  const values = { replicas: clusterFlags.replicas.default, "reuse-port": false, ...given };
  if (values.log === undefined) {
    const idle = WANT_LOG.find((name) => values[name] !== clusterFlags[name].default);
    if (idle !== undefined) throw new UsageError(`--${idle} is given without --log; see --help`);
    return undefined;
  }
  return {
    ...values.log,
    credentials: values["nats-creds"],
    ca: values["nats-tls-ca"],
    replicas: values.replicas,
    stream: values.stream,
  };
}

export function servers(help: string): Flag<Servers | undefined> {
  return { value: "NATS-URL,…", help, default: undefined, parse: parseServers };
}

function parseServers(raw: string): Servers {
  const urls = raw.split(",").map((item) => URL.parse(item.trim()));
  const isUsable = (url: URL | null): url is URL =>
    url !== null && /^(nats|tls):$/.test(url.protocol) && url.hostname !== "" &&
    /^\/?$/.test(url.pathname) && url.search === "" && url.hash === "";
  if (!urls.every(isUsable)) {
    throw new Error("wanted URLs as nats://one:4222,nats://two:4222, or with tls://");
  }
  const same = (part: (url: URL) => string) => new Set(urls.map(part)).size === 1;
  if (!same((url) => url.protocol)) throw new Error("wanted nats:// or tls:// for all of them");
  if (!same((url) => `${url.username}:${url.password}`)) {
    throw new Error("wanted one user and password for all of them");
  }
  const [{ protocol, username, password }] = urls as [URL];
  return {
    servers: urls.map(({ hostname, port }) => `${hostname}:${port || NATS_PORT}`),
    tls: protocol === "tls:",
    ...(username !== "" && {
      user: decodeURIComponent(username),
      password: decodeURIComponent(password),
    }),
  };
}

function parseStream(raw: string): string {
  if (/^[-\w]{1,64}$/.test(raw)) return raw;
  throw new Error("wanted up to 64 letters, digits, - and _");
}
