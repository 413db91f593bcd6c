// Copyright 2018-2026 the Deno authors. MIT license.
// The types of @std/http/negotiation 1.1.3, of the functions in use, as at https://jsr.io/@std/http.

export declare function acceptsEncodings(request: Pick<Request, "headers">): string[];
export declare function acceptsEncodings<T extends string = string>(
  request: Pick<Request, "headers">,
  ...encodings: T[]
): T | undefined;
