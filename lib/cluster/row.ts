import type { Resident } from "../room/people/neighbours.ts";

/** Who has a name: what is under its key in the table of names. */
export interface Row extends Resident {
  /** The nodes at which the session is. */
  readonly nodes: readonly string[];
  /** How often it was renamed: of two rows of one session, the one with more is how it is called now. */
  readonly renames: number;
}

export function formatRow({ session, name, address, nodes, renames }: Row): string {
  return JSON.stringify({ session, name, address, nodes, renames });
}

export function parseRow(text: string): Row {
  return JSON.parse(text);
}

/** Whether the first is how its session is called now, and the second is not: the same at all nodes. */
export function isNewer(one: Row, other: Row): boolean {
  if (one.renames !== other.renames) return one.renames > other.renames;
  return one.name < other.name;
}
