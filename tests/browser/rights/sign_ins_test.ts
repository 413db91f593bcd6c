import { assertEquals } from "@std/assert";
import type { BrowserContextOptions, Page } from "playwright-core";
import { browserTest, connected, noted, sees, type Stage, write } from "../stage.ts";

/** Another device of the person on `page`, as its own token would make it. */
async function anotherDevice(
  stage: Stage,
  page: Page,
  options: BrowserContextOptions = {},
): Promise<Page> {
  const { token, name } = await page.evaluate(async () => {
    const answer = await fetch("/api/sessions", { method: "POST" });
    return await answer.json() as { token: string; name: string };
  });
  const other = await stage.visit("about:blank", options);
  await other.context().addCookies([{ name: "partyline", value: token, url: page.url() }]);
  await other.addInitScript((name) => localStorage.setItem("partyline.name", name), name);
  await other.goto(page.url());
  await other.locator("#composer").waitFor();
  await connected(other);
  return other;
}

async function openSettings(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Settings" }).click();
  await page.getByRole("heading", { name: "Sign-ins" }).waitFor();
}

browserTest("The page, and the sign-ins of whoever looks at it", {
  "another device is listed, ended from here, and told; this one goes on": async (stage) => {
    const server = await stage.serve();
    const ann = await stage.join(server.url, "ann");
    const phone = await anotherDevice(stage, ann, {
      userAgent: "Mozilla/5.0 (Android 14; Mobile; rv:131.0) Gecko/131.0 Firefox/131.0",
    });
    assertEquals(server.room.presence().names, ["ann"], "one person on two devices");
    await openSettings(ann);
    const rows = ann.locator("sign-in-list li");
    await rows.filter({ hasText: "This browser" }).waitFor();
    await rows.filter({ hasText: "Firefox, Android" }).waitFor();
    assertEquals(await rows.count(), 2);
    stage.tolerated = /401/;
    await ann.getByRole("button", { name: "End: Firefox, Android" }).click();
    await rows.filter({ hasText: "Firefox" }).waitFor({ state: "detached" });
    await noted(phone, "Your session is not valid.");
    await phone.getByRole("button", { name: "Try again" }).waitFor();
    await ann.keyboard.press("Escape");
    await write(ann, "still here");
    await sees(ann, "still here");
    assertEquals(await phone.getByText("still here").count(), 0);
  },

  "all others are ended with one button": async (stage) => {
    const server = await stage.serve();
    const ann = await stage.join(server.url, "ann");
    const others = [await anotherDevice(stage, ann), await anotherDevice(stage, ann)];
    stage.tolerated = /401/;
    await openSettings(ann);
    await ann.getByRole("button", { name: "End all others" }).click();
    for (const other of others) await noted(other, "Your session is not valid.");
    await ann.locator("sign-in-list li").nth(1).waitFor({ state: "detached" });
    await ann.getByRole("button", { name: "End all others" }).waitFor({ state: "hidden" });
  },

  "who signs out is asked for a name again, and is somebody else then": async (stage) => {
    const server = await stage.serve();
    const ann = await stage.join(server.url, "ann");
    await openSettings(ann);
    await ann.getByRole("button", { name: /^Sign out/ }).click();
    await ann.locator("#name").fill("bob"); // the settings have a field of that label, too
    await ann.keyboard.press("Enter");
    await ann.locator("people-panel .self", { hasText: "bob" }).waitFor();
    await write(ann, "it is bob");
    await sees(ann, "it is bob");
    assertEquals(server.room.presence().names, ["bob"]);
  },
});
