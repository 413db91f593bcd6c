import type { Locator, Page } from "playwright-core";
import { type Client, join } from "../../../lib/client/mod.ts";
import { messages, type RoomServer } from "../stage.ts";

/** Somebody in the room without a page: comes in, and stays until disposed. */
export async function person(server: RoomServer, name: string): Promise<Client> {
  const client = join(server.url, { name });
  await new Promise<void>((resolve, reject) => {
    (async () => {
      for await (const event of client) {
        if (event.type === "connection" && event.state.type === "connected") resolve();
      }
    })().catch(reject);
  });
  return client;
}

/** The stored message with this seq. */
export function message(page: Page, seq: number): Locator {
  return messages(page).and(page.locator(`[id="${seq}"]`));
}

/** The button of an emoji below a message. */
export function reaction(row: Locator, emoji: string): Locator {
  return row.locator(`.reactions [data-emoji="${emoji}"]`);
}

/** Resolves when the emoji is there with that count, chosen by the viewer or not. */
export async function reacted(
  row: Locator,
  emoji: string,
  { count, own }: { count: number; own: boolean },
): Promise<void> {
  const chosen = row.locator(`.reactions [data-emoji="${emoji}"][aria-pressed="${own}"]`);
  await chosen.filter({ hasText: new RegExp(`${count}$`) }).waitFor();
}

/** Resolves when what the viewer did is in the log, and nothing is left to be sent. */
export async function settled(page: Page): Promise<void> {
  await page.waitForFunction(() => {
    const kept = localStorage.getItem("partyline.outbox");
    return kept === null || kept === "[]";
  });
}
