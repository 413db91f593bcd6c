import type { Features } from "../model/features.ts";
import type { Message } from "../model/message.ts";

/** What the server puts into the page as data, so that the page has messages before it connects. */
export interface FirstScreen {
  readonly room: string;
  /** What the room is about; empty where nobody has said so. */
  readonly topic: string;
  readonly epoch: string;
  /** The seqs that the log keeps, from `first` to `last`. */
  readonly first: number;
  readonly last: number;
  /** The newest messages, in order. */
  readonly entries: readonly Message[];
  readonly limits: {
    readonly text: number;
    readonly name: number;
    /** In bytes; left out where files cannot be sent. */
    readonly file?: number;
  };
  /** What whoever sees it may do, and what there is. Who may not read is shown nothing above. */
  readonly features: Features;
}

/** The id of the element that holds it, as JSON. */
export const FIRST_SCREEN_ID = "first-screen";
