/** A room: a folder, or a few files that stand for one, and the rooms that it may import from. */
export interface Room {
  readonly name: string;
  /** Folders end with a slash. */
  readonly paths: readonly string[];
  readonly mayImport: readonly string[];
  /** Single files that it may import besides. */
  readonly files?: readonly string[];
  /** Whether it runs in the browser and on the server alike. */
  readonly bothSides?: true;
}

/** The direction of imports: from a room to those above it, never back. */
export const ROOMS: readonly Room[] = [
  { name: "base", paths: ["lib/base/"], mayImport: [] },
  { name: "model", paths: ["lib/model/"], mayImport: ["base"], bothSides: true },
  { name: "wire", paths: ["lib/wire/"], mayImport: ["model", "base"], bothSides: true },
  { name: "names", paths: ["lib/names/"], mayImport: ["model", "base"] },
  { name: "view", paths: ["lib/view/"], mayImport: ["model", "wire", "base"], bothSides: true },
  { name: "nats", paths: ["lib/nats/"], mayImport: ["base"] },
  { name: "log", paths: ["lib/log/"], mayImport: ["nats", "model", "base"] },
  { name: "registry", paths: ["lib/registry/"], mayImport: ["model", "base"] },
  { name: "files", paths: ["lib/files/"], mayImport: ["model", "base"] },
  { name: "limits", paths: ["lib/limits/"], mayImport: ["model", "base"] },
  { name: "access", paths: ["lib/access/"], mayImport: ["model", "base"] },
  {
    name: "room",
    paths: ["lib/room/"],
    mayImport: ["access", "log", "registry", "names", "model", "base"],
  },
  {
    name: "cluster",
    paths: ["lib/cluster/"],
    mayImport: ["nats", "files", "room", "registry", "names", "model", "base"],
  },
  {
    name: "moderation",
    paths: ["lib/moderation/"],
    mayImport: ["room", "limits", "registry", "log", "names", "model", "base"],
  },
  { name: "client", paths: ["lib/client/"], mayImport: ["wire", "model", "base"], bothSides: true },
  { name: "emoji", paths: ["lib/emoji/"], mayImport: ["model"] },
  { name: "page", paths: ["lib/page/"], mayImport: ["emoji", "view", "model", "base"] },
  {
    name: "http",
    paths: ["lib/http/"],
    mayImport: [
      ...["page", "view", "moderation", "room", "access", "files", "limits", "registry", "log"],
      ...["wire", "names", "model", "base"],
    ],
  },
  {
    name: "transports",
    paths: ["lib/transports/"],
    mayImport: [
      ...["http", "moderation", "room", "access", "files", "limits", "registry", "wire", "names"],
      ...["model", "base"],
    ],
  },
  {
    name: "metrics",
    paths: ["lib/metrics/"],
    mayImport: ["http", "room", "files", "limits", "model", "base"],
  },
  {
    name: "server",
    paths: ["lib/server.ts", "lib/server/", "lib/routes.ts"],
    mayImport: [
      ...[
        "metrics",
        "transports",
        "http",
        "page",
        "moderation",
        "room",
        "access",
        "files",
        "limits",
        "registry",
        "log",
        "cluster",
        "nats",
        "names",
        "view",
        "wire",
        "model",
        "base",
      ],
    ],
  },
  {
    name: "cli",
    paths: ["lib/cli/"],
    mayImport: [
      ...["server", "cluster", "client", "moderation", "access", "files", "limits", "registry"],
      ...["nats", "log", "wire", "emoji", "names", "model", "base"],
    ],
    files: ["lib/transports/echo.ts"],
  },
  // The check of the runtime comes before all else.
  { name: "main", paths: ["main.ts"], mayImport: ["cli"], files: ["lib/base/runtime.ts"] },
  {
    name: "static",
    paths: ["static/"],
    mayImport: ["view", "client", "wire", "model", "base"],
  },
];

/** What may have the name of a global: `path name`, and why. */
export const SHADOWS: Readonly<Record<string, string>> = {};

/** Names that only the server has. */
export const SERVER_ONLY: readonly string[] = [
  "Buffer",
  "Deno",
  "clearImmediate",
  "global",
  "process",
  "require",
  "setImmediate",
];

/** Names of the browser that Deno has too, with another meaning or none where no page is open. */
export const PAGE_ONLY: readonly string[] = [
  "alert",
  "caches",
  "closed",
  "confirm",
  "localStorage",
  "location",
  "name",
  "onbeforeunload",
  "onload",
  "onunload",
  "prompt",
  "sessionStorage",
];
