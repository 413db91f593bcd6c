// The standard library as published to npm carries no types; these are the functions in use. They are as
// strict as upstream's (https://jsr.io/@std), or stricter: what checks with them checks with upstream's
// too, which tests/standard_library_test.ts holds them to.

declare module "@std/assert" {
  export class AssertionError extends Error {
    constructor(message: string, options?: ErrorOptions);
  }
  export function assert(expr: unknown, msg?: string): asserts expr;
  export function assertEquals<T>(actual: T, expected: T, msg?: string): void;
  export function assertNotEquals<T>(actual: T, expected: T, msg?: string): void;
  export function assertStrictEquals<T>(
    actual: unknown,
    expected: T,
    msg?: string,
  ): asserts actual is T;
  export function assertExists<T>(actual: T, msg?: string): asserts actual is NonNullable<T>;
  export function assertGreater<T>(actual: T, expected: T, msg?: string): void;
  export function assertGreaterOrEqual<T>(actual: T, expected: T, msg?: string): void;
  export function assertLess<T>(actual: T, expected: T, msg?: string): void;
  export function assertLessOrEqual<T>(actual: T, expected: T, msg?: string): void;
  export function assertMatch(actual: string, expected: RegExp, msg?: string): void;
  export function assertNotMatch(actual: string, expected: RegExp, msg?: string): void;
  export function assertObjectMatch(
    // deno-lint-ignore no-explicit-any
    actual: Record<PropertyKey, any>,
    expected: Record<PropertyKey, unknown>,
    msg?: string,
  ): void;
  export function assertStringIncludes(actual: string, expected: string, msg?: string): void;
  export function assertThrows(fn: () => unknown, msg?: string): unknown;
  export function assertThrows<E extends Error = Error>(
    fn: () => unknown,
    // deno-lint-ignore no-explicit-any
    ErrorClass: abstract new (...args: any[]) => E,
    msgIncludes?: string,
    msg?: string,
  ): E;
  export function assertRejects(fn: () => PromiseLike<unknown>, msg?: string): Promise<unknown>;
  export function assertRejects<E extends Error = Error>(
    fn: () => PromiseLike<unknown>,
    // deno-lint-ignore no-explicit-any
    ErrorClass: abstract new (...args: any[]) => E,
    msgIncludes?: string,
    msg?: string,
  ): Promise<E>;
  export function fail(msg?: string): never;
}

declare module "@std/cli/parse-args" {
  export interface ParseOptions<Booleans extends string, Strings extends string> {
    string?: readonly Strings[];
    boolean?: readonly Booleans[];
    negatable?: readonly (Booleans | Strings)[];
    alias?: Readonly<Record<string, string>>;
    stopEarly?: boolean;
    unknown?: (arg: string, key?: string, value?: unknown) => unknown;
  }
  /** Where the names of the options are not literal, only `_` is known of what comes back. */
  export function parseArgs<Booleans extends string = never, Strings extends string = never>(
    args: readonly string[],
    options?: ParseOptions<Booleans, Strings>,
  ):
    & { _: (string | number)[] }
    & (string extends Booleans | Strings ? unknown
      : { [K in Strings]?: string } & { [K in Booleans]: boolean });
}

declare module "@std/http/etag" {
  export function eTag(entity: string | Uint8Array<ArrayBuffer>): Promise<string>;
  /** False when the client already has this very entity. */
  export function ifNoneMatch(value: string | null, etag: string | undefined): boolean;
}

declare module "@std/http/negotiation" {
  export function acceptsEncodings<T extends string>(
    request: Pick<Request, "headers">,
    ...encodings: [T, ...T[]]
  ): T | undefined;
}
