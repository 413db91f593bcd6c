import type { Addresses } from "../../support/server.ts";

/** Something that many, or one who does not mind others, do to a server. */
export interface Load {
  readonly name: string;
  /** Until it is done, or the signal aborts; resolves with what came of it, a line of a few words. */
  readonly run: (at: Addresses, signal: AbortSignal) => Promise<string>;
}

/** All of them at the same time; what came of each is a line of its own. */
export function together(loads: readonly Load[]): Load {
  return {
    name: "all of these together",
    async run(at, signal) {
      const came = await Promise.all(loads.map(async ({ name, run }) => {
        return `${name}: ${await run(at, signal)}`;
      }));
      return ["", ...came].join("\n    ");
    },
  };
}
