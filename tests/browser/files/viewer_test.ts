import { assert, assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { browserTest, type RoomServer, type Stage, write } from "../stage.ts";
import { violations } from "../axe.ts";
import { arrived, choose, drag, draw, give, paper, tray } from "./pictures.ts";

/** Somebody before two messages with three pictures and a paper. */
async function album(stage: Stage, options: Parameters<Stage["visit"]>[1] = {}) {
  const server = await stage.serve();
  const ann = await stage.join(server.url, "ann", options);
  const picture = async (name: string, width: number, height: number) => ({
    name,
    mimeType: "image/jpeg",
    bytes: await draw(ann, [width, height]),
  });
  await choose(ann, await picture("first.jpg", 800, 600), await picture("second.jpg", 300, 700));
  await ann.locator("#composer").fill("two");
  await ann.locator(".send").click();
  await arrived(ann, "two");
  await choose(ann, await picture("third.jpg", 90, 60), paper("paper.pdf", 2000));
  await ann.locator("#composer").fill("one");
  await ann.locator(".send").click();
  await arrived(ann, "one");
  return { server, ann };
}

function viewer(page: Page) {
  return page.getByRole("dialog", { name: "Pictures" });
}

/** Resolves when the viewer shows the picture of that name. */
async function shows(page: Page, name: string): Promise<void> {
  await viewer(page).locator(`img[alt="${name}"]`).waitFor();
  await page.locator(".picture-viewer:not([data-loading])").waitFor();
}

/** How much the picture is enlarged. */
function scale(page: Page): Promise<number> {
  return page.locator(".picture-viewer .stage img").evaluate((image) =>
    new DOMMatrix(getComputedStyle(image).transform).a
  );
}

/** Fingers on the glass: each with where it is, step by step. */
async function touch(page: Page, ...fingers: (readonly (readonly [number, number])[])[]) {
  const session = await page.context().newCDPSession(page);
  const points = (step: number) =>
    fingers.map((way, id) => ({ x: way[step]![0], y: way[step]![1], id }));
  const send = (type: "touchStart" | "touchMove" | "touchEnd", touchPoints: object[]) =>
    session.send("Input.dispatchTouchEvent", { type, touchPoints } as never);
  await send("touchStart", points(0));
  for (let step = 1; step < fingers[0]!.length; step++) await send("touchMove", points(step));
  await send("touchEnd", []);
  await session.detach();
}

browserTest("The viewer of pictures", {
  "goes through all pictures by keyboard, enlarges them, and gives the focus back where one has come to":
    async (stage) => {
      const { ann } = await album(stage);
      const links = ann.locator("a.picture");
      assertEquals(
        await ann.evaluate(() =>
          performance.getEntriesByType("resource").some(({ name }) =>
            name.includes("picture_viewer")
          )
        ),
        false,
        "it is loaded before it is opened",
      );
      await links.nth(0).focus();
      await ann.keyboard.press("Enter");
      await shows(ann, "first.jpg");
      await viewer(ann).getByText("1 of 3").waitFor();
      await ann.keyboard.press("ArrowLeft"); // there is none before
      await ann.keyboard.press("ArrowRight");
      await shows(ann, "second.jpg");
      await ann.keyboard.press("+");
      await ann.keyboard.press("+");
      assertEquals(await scale(ann), 2.25);
      await ann.keyboard.press("-");
      assertEquals(await scale(ann), 1.5);
      await ann.keyboard.press("0");
      assertEquals(await scale(ann), 1);
      await ann.keyboard.press("End");
      await shows(ann, "third.jpg");
      await ann.keyboard.press("Home");
      await shows(ann, "first.jpg");
      await ann.keyboard.press("PageDown");
      await shows(ann, "second.jpg");
      // The keyboard stays in it, all the way round.
      for (let i = 0; i < 8; i++) {
        await ann.keyboard.press("Tab");
        assert(
          await ann.evaluate(() => {
            const { activeElement } = document;
            return activeElement === document.body || !!activeElement?.closest(".picture-viewer");
          }),
        );
      }
      await viewer(ann).getByRole("button", { name: "Zoom in" }).focus();
      await ann.keyboard.press("Escape");
      await viewer(ann).waitFor({ state: "detached" });
      assertEquals(await ann.locator("a.picture:focus").getAttribute("title"), "second.jpg");
    },

  "with the mouse: the wheel enlarges, buttons and a click beside the picture do what they say":
    async (stage) => {
      const { ann } = await album(stage, { viewport: { width: 1000, height: 700 } });
      await ann.locator("a.picture").nth(1).click();
      await shows(ann, "second.jpg");
      await ann.mouse.move(500, 400);
      await ann.mouse.wheel(0, -400);
      await ann.waitForFunction(() => document.querySelector(".stage.zoomed"));
      assert(await scale(ann) > 1.5);
      await ann.getByRole("button", { name: "Next picture" }).click();
      await shows(ann, "third.jpg");
      assertEquals(await scale(ann), 1);
      const link = viewer(ann).getByRole("link", { name: "Download" });
      assertEquals(await link.getAttribute("download"), "third.jpg");
      await ann.mouse.click(120, 500);
      await viewer(ann).waitFor({ state: "detached" });
    },

  "by touch: a swipe leads on, two fingers enlarge, and a pull downwards closes it": async (
    stage,
  ) => {
    const { ann } = await album(stage, { viewport: { width: 400, height: 700 }, hasTouch: true });
    await ann.locator("a.picture").nth(0).tap();
    await shows(ann, "first.jpg");
    await touch(ann, [[300, 400], [200, 400], [100, 402]]);
    await shows(ann, "second.jpg");
    await touch(ann, [[100, 400], [200, 400], [300, 402]]);
    await shows(ann, "first.jpg");
    await touch(ann, [[180, 400], [120, 400], [60, 400]], [[220, 400], [280, 400], [340, 400]]);
    await ann.waitForFunction(() => document.querySelector(".stage.zoomed"));
    assert(await scale(ann) > 2);
    // Now a finger moves what is seen, and leads nowhere.
    await touch(ann, [[300, 400], [200, 400], [100, 402]]);
    await shows(ann, "first.jpg");
    await ann.keyboard.press("0");
    await touch(ann, [[200, 300], [200, 400], [202, 500]]);
    await viewer(ann).waitFor({ state: "detached" });
  },

  "room is reserved before a picture comes, so that nothing moves when it does": async (stage) => {
    const { server } = await album(stage);
    const bob = await stage.visit("about:blank");
    const held: (() => void)[] = [];
    await bob.route("**/files/**", async (route) => {
      await new Promise<void>((resolve) => held.push(resolve));
      await route.continue();
    });
    await bob.goto(server.url);
    const tops = () =>
      bob.locator("chat-message, .picture, .file").evaluateAll((all) =>
        all.map((each) => Math.round(each.getBoundingClientRect().top))
      );
    await bob.locator(".picture").nth(2).waitFor();
    await bob.waitForFunction(() => document.querySelector("chat-room:defined"));
    const before = await tops();
    while (held.length < 3) await bob.evaluate(() => new Promise(requestAnimationFrame));
    for (const go of held) go();
    await bob.waitForFunction(() =>
      [...document.querySelectorAll<HTMLImageElement>(".picture img")].every(({ naturalWidth }) =>
        naturalWidth > 0
      )
    );
    assertEquals(await tops(), before);
  },

  "axe finds nothing in what was chosen, on its way, failed, sent and viewed; nothing is too wide":
    async (stage) => {
      const server = await stage.serve();
      for (const colorScheme of ["light", "dark"] as const) {
        for (const width of [1200, 320]) {
          const viewport = { width, height: 700 };
          await throughAllStates(stage, server, `${colorScheme} ${width}`, {
            viewport,
            colorScheme,
            bypassCSP: true,
          });
        }
      }
    },
});

async function throughAllStates(
  stage: Stage,
  server: RoomServer,
  look: string,
  options: Parameters<Stage["visit"]>[1],
): Promise<void> {
  const ann = await stage.join(server.url, look, options);
  const check = async (state: string) => {
    const isTooWide = await ann.evaluate(() => {
      const { scrollWidth, clientWidth } = document.documentElement;
      return scrollWidth > clientWidth;
    });
    assertEquals([await violations(ann), isTooWide], [[], false], `${look}: ${state}`);
  };
  const picture = { name: "a.jpg", mimeType: "image/jpeg", bytes: await draw(ann, [900, 500]) };
  await drag(ann, "dragenter");
  await check("dragged");
  await give(ann, "drop", [picture, paper("a paper with a name that is rather long.pdf", 3000)]);
  await tray(ann).nth(1).waitFor();
  await check("chosen");
  await ann.route("**/api/files*", () => {}); // it hangs
  await write(ann, "files");
  const row = ann.locator(".draft", { hasText: "files" });
  await row.getByText("Sending files").waitFor();
  await check("on its way");
  await row.getByRole("button", { name: "Cancel" }).click();
  await ann.unroute("**/api/files*");
  const body = JSON.stringify({ error: { code: "unavailable", message: "no room" } });
  await ann.route(
    "**/api/files*",
    (route) => route.fulfill({ status: 507, contentType: "application/json", body }),
  );
  await tray(ann).nth(1).waitFor();
  await ann.locator("#composer").press("Enter");
  await ann.locator(".draft.failed").waitFor();
  await check("failed");
  await ann.unroute("**/api/files*");
  await ann.getByRole("button", { name: "Retry" }).click();
  const sent = await arrived(ann, "files");
  await check("sent");
  await sent.locator("a.picture").last().click();
  await shows(ann, "a.jpg");
  await check("viewed");
}
