import { cpus, release, totalmem } from "node:os";

/** Where and how the figures came about. */
export type Machine = {
  readonly description: string;
  readonly command: string;
  readonly versions: readonly string[];
  readonly at: string;
};

export function describeMachine(
  args: readonly string[],
  { versions, pinned, generator }: { versions: string[]; pinned: boolean; generator: string },
): Machine {
  const model = cpus()[0]?.model.trim() ?? "unknown processor";
  const memory = Math.round(totalmem() / 2 ** 30);
  return {
    description: `${navigator.hardwareConcurrency} cores (${model}), ${memory} GB, Linux ` +
      `${release()}, loopback; server ${pinned ? "and generator on a core each" : "not pinned"}; ` +
      `generator under ${generator}.`,
    command: ["deno run -A tests/bench/main.ts", ...args].join(" "),
    versions,
    at: new Date().toISOString(),
  };
}
