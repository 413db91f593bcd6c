import { Networks } from "../../base/net/networks.ts";
import { isPrefix } from "../../base/net/prefix.ts";
import { certificateFiles } from "../../base/net/tls/certificate.ts";
import type { NetworkOptions } from "../../server.ts";
import { type Flag, text, type Values } from "../flags/mod.ts";

/** How the server is reached: by which names, through which proxies, by whose pages, over TLS or not. */
export const networkFlags = {
  "allow-host": list({
    value: "NAME,…",
    help: "host names accepted besides localhost, as NAME or NAME:PORT; * accepts any",
    check: parseHost,
  }),
  "allow-origin": list({
    value: "ORIGIN,…",
    help: "other pages that may use the room, with tokens, as https://example.org; * allows any",
    check: parseOrigin,
  }),
  "trust-proxy": list({
    value: "ADDRESS,…",
    help: "proxies in front, whose X-Forwarded-… counts: addresses, ranges as 10.0.0.0/8, loopback",
    check: (entry) => void new Networks([entry]),
  }),
  "base-path": {
    ...text({
      value: "/PATH/",
      default: "/",
      help: "path under which a proxy has the room, where it does not say so itself",
    }),
    parse: parseBasePath,
  },
  "tls-cert": text({
    value: "FILE",
    default: undefined,
    help: "certificate with its chain, in PEM: serves HTTPS, WSS and TCP over TLS; see --tls-key",
  }),
  "tls-key": text({ value: "FILE", default: undefined, help: "its private key, in PEM" }),
};

/** The files of the certificate, which are read again when it is renewed. */
export function certificateOf(values: Values<typeof networkFlags>): string[] {
  return [values["tls-cert"], values["tls-key"]].filter((path) => path !== undefined);
}

/** What the server is given. Throws a StartupError where one flag wants another. */
export function networkOf(values: Values<typeof networkFlags>): NetworkOptions {
  return {
    allowOrigins: values["allow-origin"],
    proxies: values["trust-proxy"],
    basePath: values["base-path"],
    tls: certificateFiles({ cert: values["tls-cert"], key: values["tls-key"] }),
  };
}

/** What stands between commas, each checked by itself: `check` throws what is accepted. */
function list(
  { value, help, check }: { value: string; help: string; check(entry: string): void },
): Flag<readonly string[]> {
  return {
    value,
    help,
    default: [],
    typed: "",
    parse(raw) {
      const entries = raw.split(",").map((item) => item.trim().toLowerCase());
      const given = entries.filter((item) => item !== "");
      given.forEach(check);
      return given;
    },
  };
}

function parseHost(entry: string): void {
  const url = URL.parse(`http://${entry}`);
  if (entry === "*" || (url && url.pathname === "/" && !/[/?#@*]/.test(entry))) return;
  throw new Error("wanted host names as chat.example.org or chat.example.org:8443, or *");
}

function parseOrigin(entry: string): void {
  if (entry === "*" || (/^https?:/.test(entry) && URL.parse(entry)?.origin === entry)) return;
  throw new Error("wanted origins as https://example.org or http://localhost:3000, or *");
}

function parseBasePath(raw: string): string {
  if (!isPrefix(raw)) throw new Error("wanted a path that begins with a slash, as /chat/");
  return raw.endsWith("/") ? raw : `${raw}/`;
}
