/**
 * The tests that should notice a change in a room: its own first, then those of the rooms that use it.
 * The longest path counts.
 */
const TESTS: Readonly<Record<string, readonly string[]>> = {
  "main.ts": ["cli"],
  "lib/server.ts": ["http", "transports", "cli", "faults/disk", "faults/restart"],
  "lib/routes.ts": ["http", "transports", "cli"],
  "lib/base/": ["base", "room", "http", "transports", "client", "cli"],
  "lib/model/": ["model", "wire", "view", "log", "room", "http", "transports", "static"],
  "lib/wire/": ["wire", "client", "http", "transports", "cli", "static"],
  "lib/view/": ["view", "page", "static", "http"],
  "lib/log/": ["log", "room", "http", "cli", "faults/disk", "faults/model"],
  "lib/room/": ["room", "http", "transports", "faults/model", "faults/gone", "faults/restart"],
  "lib/client/": ["client", "cli", "static"],
  "lib/page/": ["page", "http"],
  "lib/http/": ["http", "transports", "cli", "faults/restart"],
  "lib/transports/": ["transports", "http", "cli", "faults/gone", "faults/slow"],
  "lib/cli/": ["cli"],
  "static/": ["static"],
};

export function testsOf(path: string): string[] {
  const rooms = Object.keys(TESTS).filter((room) => path.startsWith(room));
  const room = rooms.toSorted((a, b) => b.length - a.length)[0];
  if (room === undefined) throw new RangeError(`no tests are known for ${path}`);
  return TESTS[room]!.map((name) => `tests/${name}/`);
}
