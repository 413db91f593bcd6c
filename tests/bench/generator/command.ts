import type { Target } from "./connection.ts";
import type { OpenLoopPlan, OpenLoopResult } from "./open_loop.ts";

/** publisher: sends and reads. watch: its latencies are measured. bulk: it is only counted. */
export type Role = "publisher" | "watch" | "bulk";

/** What a generator process is told, one JSON object a line on its standard input. */
export type Command =
  | {
    readonly do: "connect";
    readonly role: Role;
    readonly count: number;
    /** Number of the first one: `{n}` in the path, so that names differ. */
    readonly first: number;
    readonly target: Target;
  }
  | { readonly do: "settle"; readonly quietMs: number; readonly limitMs: number }
  | { readonly do: "nap"; readonly longest: number }
  | { readonly do: "mark" }
  | { readonly do: "closed"; readonly window: number }
  | { readonly do: "open"; readonly plan: OpenLoopPlan }
  | { readonly do: "stop"; readonly limitMs: number }
  | { readonly do: "totals" };

/** And what it answers, one line a command, in order. */
export type Answer = {
  readonly connect: { readonly connected: number; readonly error?: string };
  readonly settle: Record<never, never>;
  readonly nap: Record<never, never>;
  readonly mark: Mark;
  readonly closed: Record<never, never>;
  readonly open: OpenLoopResult;
  readonly stop: { readonly sent: number; readonly lost: number };
  readonly totals: Totals;
};

export type Mark = {
  /** Milliseconds of the process's own clock. */
  readonly at: number;
  readonly texts: number;
  readonly reads: number;
  readonly bytes: number;
  /** Microseconds of CPU, user and system. */
  readonly cpu: number;
};

/** Texts received since "settle": the least and the most that any connection got. */
export type Totals = {
  readonly least: number;
  readonly most: number;
  readonly connections: number;
  readonly closed: number;
};
