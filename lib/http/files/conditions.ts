import { ifNoneMatch } from "@std/http/etag";

/** What a client may have of a resource: its ETag, with its quotes, and when it was changed, in ms. */
export interface Validators {
  readonly etag: string;
  readonly changed: number;
}

/** Whether a client has said that it has it (RFC 9110, section 13.2.2). */
export function isFresh(headers: Headers, { etag, changed }: Validators): boolean {
  const tags = headers.get("if-none-match");
  if (tags !== null) return !ifNoneMatch(tags, etag);
  const since = Date.parse(headers.get("if-modified-since") ?? "");
  return !Number.isNaN(since) && inSeconds(changed) <= inSeconds(since);
}

/** Whether a part goes with what the client has of it already (RFC 9110, section 13.1.5). */
export function isPartWanted(headers: Headers, { etag, changed }: Validators): boolean {
  const given = headers.get("if-range")?.trim();
  if (given === undefined) return true;
  if (given.startsWith('"') || given.startsWith("W/")) return given === etag;
  return inSeconds(Date.parse(given)) === inSeconds(changed);
}

/** As HTTP tells times. */
function inSeconds(ms: number): number {
  return Math.floor(ms / 1000);
}
