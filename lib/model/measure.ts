/** What keeps somebody from being here or from writing, as it is told to them and to others. */
export interface Measure {
  readonly type: "kick" | "ban" | "mute";
  /** When it ends, in milliseconds since 1970; left out where it has no end. */
  readonly until?: number;
  /** Left out where the operator gave none. */
  readonly reason?: string;
}

/** As `until 2026-11-22 15:04 UTC`, or `for ever`. */
export function untilText(until: number | undefined): string {
  if (until === undefined) return "for ever";
  return `until ${new Date(until).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

/** What somebody is told who is kept from something, in a sentence without its end. */
export function measureText({ type, until, reason }: Measure): string {
  const why = reason === undefined ? "" : `: ${reason}`;
  switch (type) {
    case "kick":
      return `you were removed from the room${why}`;
    case "ban":
      return `you are banned from this room ${untilText(until)}${why}`;
    case "mute":
      return `you cannot write ${untilText(until)}${why}`;
  }
}
