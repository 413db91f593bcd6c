// Copyright 2018-2026 the Deno authors. MIT license.
// The types of @std/http/etag 1.1.3, of the functions in use, as at https://jsr.io/@std/http.

export interface FileInfo {
  mtime: Date | null;
  size: number;
}

export interface ETagOptions {
  algorithm?: AlgorithmIdentifier;
  weak?: boolean;
}

export declare function eTag(
  entity: string | ReturnType<TextEncoder["encode"]>,
  options?: ETagOptions,
): Promise<string>;
export declare function eTag(
  entity: FileInfo,
  options?: ETagOptions,
): Promise<string | undefined>;

export declare function ifNoneMatch(
  value: string | null,
  etag: string | undefined,
): boolean;
