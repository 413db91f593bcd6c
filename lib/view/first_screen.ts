import type { Entry } from "../model/message.ts";

/** What the server puts into the page, so that it has something to show before it is connected. */
export interface FirstScreen {
  readonly room: string;
  readonly epoch: string;
  /** The kept range of the log. */
  readonly first: number;
  readonly last: number;
  /** The newest entries, in order. */
  readonly entries: readonly Entry[];
  readonly limits: { readonly text: number; readonly name: number };
}

/** Under this id it stands in the page, as JSON. */
export const FIRST_SCREEN_ID = "first-screen";
