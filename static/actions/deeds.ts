import type { StringKey } from "../../lib/view/strings/en.ts";
import type { Abilities } from "./abilities.ts";

/** One thing that can be done with a message. */
export interface Deed {
  readonly type: "reply" | "react" | "edit" | "copyText" | "copyLink" | "delete";
  readonly label: StringKey;
  /** What the key is called, and the values of `KeyboardEvent.key` that are meant, in lower case. */
  readonly key: string;
  readonly keys: readonly string[];
  /** The path of its icon, in a square of 24. */
  readonly icon: string;
}

/** In the order of the menu. */
export const DEEDS: readonly Deed[] = [
  {
    type: "reply",
    label: "reply",
    key: "R",
    keys: ["r"],
    icon: "M9.5 6.5 4 12l5.5 5.5M4.5 12H14a6 6 0 0 1 6 6v.5",
  },
  {
    type: "react",
    label: "react",
    key: "+",
    keys: ["+"],
    icon:
      "M20.5 12a8.5 8.5 0 1 1-17 0 8.5 8.5 0 0 1 17 0M8.5 14.5c1.8 2.3 5.2 2.3 7 0M9 9.3v.4M15 9.3v.4",
  },
  {
    type: "edit",
    label: "edit",
    key: "E",
    keys: ["e"],
    icon: "M4.5 19.5h4L19.3 8.7a2 2 0 0 0 0-2.8l-1.2-1.2a2 2 0 0 0-2.8 0L4.5 15.5v4M13.5 6.5l4 4",
  },
  {
    type: "copyText",
    label: "copyText",
    key: "C",
    keys: ["c"],
    icon: "M9 9h10.5v10.5H9zM5.5 15h-1V4.5H15v1",
  },
  {
    type: "copyLink",
    label: "copyLink",
    key: "L",
    keys: ["l"],
    icon:
      "M10 14.2a4.2 4.2 0 0 0 6.3.4l2.8-2.8a4.2 4.2 0 0 0-6-6l-1 1M14 9.8a4.2 4.2 0 0 0-6.3-.4l-2.8 2.8a4.2 4.2 0 0 0 6 6l1-1",
  },
  {
    type: "delete",
    label: "delete",
    key: "Delete",
    keys: ["delete", "backspace"],
    icon: "M4.5 7h15M9.5 7V4.5h5V7M6.5 7l1 12.5h9l1-12.5M10.5 10.5v5.5M13.5 10.5v5.5",
  },
];

/** Those that can be done. */
export function deedsOf(abilities: Abilities): readonly Deed[] {
  return DEEDS.filter(({ type }) => type === "copyLink" || abilities[type]);
}
