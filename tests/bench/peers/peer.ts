import { join } from "node:path";
import type { Dialect, Transport } from "../generator/dialect.ts";
import type { Also } from "../options.ts";
import { clusterPeers } from "./cluster_peer.ts";
import { exists, freePort, Missing, type Toolchain } from "../processes/toolchain.ts";

/** How to start one server, made anew for each start. */
export type Launch = {
  readonly command: readonly string[];
  readonly cwd?: string;
  /** Where it listens, if it cannot say so itself. */
  readonly port?: number;
  /** Whether it says `tcp://` too. */
  readonly tcp?: boolean;
  /** It is held on no core. */
  readonly anyCore?: boolean;
};

/** A server to be measured. */
export type Peer = {
  readonly name: string;
  readonly title: string;
  readonly dialect: Dialect;
  readonly publisherPath: string;
  readonly readers: readonly Readers[];
  /** It is left out where no names are given. */
  readonly onlyByName?: boolean;
  /** Installs what it takes, once. Resolves to its version; throws Missing with how to get it. */
  prepare(tools: Toolchain): Promise<string>;
  /** `scratch` is an empty folder of this start. */
  launch(tools: Toolchain, scratch: string): Promise<Launch>;
};

/** One way of reading from a server. */
export type Readers = {
  readonly name: string;
  readonly transport: Transport;
  readonly path: string;
};

const HERE = import.meta.dirname!;
const WS = "8.23.0";
const BUFFERUTIL = "4.1.0";
const SOCKET_IO = "4.8.4";
const BUN = "1.4.5";

export function allPeers(partyline: string, also: readonly Also[]): Peer[] {
  return [
    partylinePeer({ name: "partyline", dir: partyline, flags: [] }, ALL_READERS),
    ...also.map((other) => partylinePeer(other, [WEBSOCKET])),
    ...clusterPeers(WEBSOCKET),
    bun,
    ws,
    socketIo,
    denoLoop,
    gorilla,
    nchan,
  ];
}

const WEBSOCKET: Readers = { name: "ws", transport: "ws", path: "/ws?name=reader{n}&recent=0" };
const ALL_READERS: readonly Readers[] = [
  WEBSOCKET,
  { name: "sse", transport: "http", path: "/events?recent=0" },
  { name: "stream", transport: "http", path: "/stream?recent=0" },
  { name: "tcp", transport: "tcp", path: "reader{n}" },
];

function partylinePeer({ name, dir, flags }: Also, readers: readonly Readers[]): Peer {
  return {
    name,
    title: `Partyline${
      name === "partyline" ? "" : ` (${name})`
    }, every message committed to SQLite`,
    dialect: "partyline",
    publisherPath: "/ws?name=publisher{n}&recent=0",
    readers,
    async prepare(tools) {
      if (!await exists(join(dir, "main.ts"))) throw new Missing(`${dir} has no main.ts`);
      return (await tools.run(Deno.execPath(), ["--version"])).split("\n")[0]!;
    },
    launch(_, scratch) {
      // As people start it, with the flags that its task gives to the runtime.
      const start = ["task", "--quiet", "start", "--port", "0", "--tcp-port", "0"];
      return Promise.resolve({
        command: [
          Deno.execPath(),
          ...start,
          "--data",
          scratch,
          "--rate-limit",
          "off",
          ...flags,
        ],
        cwd: dir,
        tcp: true,
      });
    },
  };
}

const plain = {
  dialect: "plain",
  publisherPath: "/",
  readers: [{ name: "ws", transport: "ws", path: "/" }],
} as const;

/** Node finds packages beside the file it runs, so the file is copied to where they are. */
async function besidePackages(file: string, dir: string): Promise<string> {
  const copy = join(dir, file);
  await Deno.copyFile(join(HERE, file), copy);
  return copy;
}

const bun: Peer = {
  ...plain,
  name: "bun",
  title: "Bun, native publish",
  async prepare(tools) {
    const binary = await bunBinary(tools);
    return `Bun ${await tools.run(binary, ["--version"])}`;
  },
  async launch(tools) {
    return { command: [await bunBinary(tools), join(HERE, "bun_publish.mjs")] };
  },
};

async function bunBinary(tools: Toolchain): Promise<string> {
  return join(await tools.npm(`bun@${BUN}`), "node_modules", "bun", "bin", "bun.exe");
}

const ws: Peer = {
  ...plain,
  name: "ws",
  title: "Node, ws in a loop",
  async prepare(tools) {
    const node = await tools.node();
    await tools.npm(`ws@${WS}`, `bufferutil@${BUFFERUTIL}`);
    return `ws ${WS}, Node ${node}`;
  },
  async launch(tools) {
    const dir = await tools.npm(`ws@${WS}`, `bufferutil@${BUFFERUTIL}`);
    return { command: ["node", await besidePackages("ws_loop.mjs", dir)] };
  },
};

const socketIo: Peer = {
  name: "socket.io",
  title: "Node, socket.io",
  dialect: "socketio",
  publisherPath: "/socket.io/?EIO=4&transport=websocket",
  readers: [{ name: "ws", transport: "ws", path: "/socket.io/?EIO=4&transport=websocket" }],
  async prepare(tools) {
    const node = await tools.node();
    await tools.npm(`socket.io@${SOCKET_IO}`, `bufferutil@${BUFFERUTIL}`);
    return `socket.io ${SOCKET_IO}, Node ${node}`;
  },
  async launch(tools) {
    const dir = await tools.npm(`socket.io@${SOCKET_IO}`, `bufferutil@${BUFFERUTIL}`);
    return { command: ["node", await besidePackages("socket_io.mjs", dir)] };
  },
};

const denoLoop: Peer = {
  ...plain,
  name: "deno",
  title: "Deno, a plain loop",
  async prepare(tools) {
    return (await tools.run(Deno.execPath(), ["--version"])).split("\n")[0]!;
  },
  launch() {
    const file = join(HERE, "deno_loop.ts");
    return Promise.resolve({ command: [Deno.execPath(), "run", "-A", file] });
  },
};

const gorilla: Peer = {
  ...plain,
  name: "gorilla",
  title: "Go, gorilla/websocket's hub",
  async prepare(tools) {
    await tools.go(join(HERE, "gorilla_hub.go"));
    return (await tools.run("go", ["version"])).replace("go version ", "");
  },
  launch(tools) {
    return Promise.resolve({ command: [join(tools.dir, "gorilla_hub")] });
  },
};

const NCHAN_MODULES = [
  "/usr/lib/nginx/modules/ngx_nchan_module.so",
  "/usr/lib64/nginx/modules/ngx_nchan_module.so",
];

const nchan: Peer = {
  ...plain,
  name: "nchan",
  title: "nginx with nchan",
  async prepare(tools) {
    const hint = "apt-get install nginx-light libnginx-mod-nchan";
    const version = await tools.run("nginx", ["-v"], { hint });
    if (await nchanModule() === undefined) throw new Missing(hint);
    return version.replace("nginx version: ", "");
  },
  async launch(_, scratch) {
    const port = await freePort();
    const template = await Deno.readTextFile(join(HERE, "nchan.conf"));
    const conf = template.replaceAll("PORT", String(port)).replaceAll("DIR", scratch)
      .replaceAll("MODULE", await nchanModule() ?? "");
    await Deno.writeTextFile(join(scratch, "nginx.conf"), conf);
    return { command: ["nginx", "-p", scratch, "-c", join(scratch, "nginx.conf")], port };
  },
};

async function nchanModule(): Promise<string | undefined> {
  for (const path of NCHAN_MODULES) if (await exists(path)) return path;
  return undefined;
}
