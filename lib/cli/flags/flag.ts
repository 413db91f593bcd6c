/** One flag of a command: `--name VALUE`, or without `value` a switch. */
export interface Flag<T> {
  /** The placeholder for the value in `--help`; a flag without one is a switch. */
  readonly value?: string;
  readonly help: string;
  /** A secret: only the environment may give it, since a command line is seen by others. */
  readonly secret?: true;
  readonly default: T;
  /** The default as a person would type it, where that differs from how it prints. */
  readonly typed?: string;
  /** Throws an Error whose message says what is accepted, as `wanted …`. */
  parse(raw: string): T;
}

// deno-lint-ignore no-explicit-any -- each flag has a type of its own
export type Flags = Record<string, Flag<any>>;
export type Values<F extends Flags> = { readonly [K in keyof F]: ReturnType<F[K]["parse"]> };
