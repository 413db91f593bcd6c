import { assert, assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { browserTest, connected, messages, noted, sees, write } from "../stage.ts";
import { lines, scroll } from "./places.ts";

const PHONE = { viewport: { width: 320, height: 640 }, isMobile: true, hasTouch: true };

browserTest("The page, for eyes and fingers", {
  "the day is told at the top while somebody scrolls, and lies over no text": async (stage) => {
    const server = await stage.serve();
    await server.say("bob", ...lines(100));
    const ann = await stage.join(server.url, "ann", PHONE);
    await scroll(ann, -100_000);
    await ann.locator(".scroller:not(.scrolling)").waitFor();
    // Scrolled up by a finger, and looked at with the same frame.
    const strip = await ann.locator(".scroller").evaluate(async (scroller) => {
      scroller.scrollBy(0, 700);
      await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
      const day = scroller.querySelector(".day")!;
      const { top, left, right } = day.getBoundingClientRect();
      const all = scroller.querySelector("chat-message")!.getBoundingClientRect();
      return {
        top: top - scroller.getBoundingClientRect().top,
        wide: left <= all.left && right >= all.right,
        background: getComputedStyle(day).backgroundColor,
      };
    });
    assertEquals(strip.top, 0);
    assert(strip.wide, "words show beside it");
    assert(/^rgb\(/.test(strip.background), `${strip.background} is not opaque`);
    await ann.locator(".scroller:not(.scrolling)").waitFor();
    const covered = await ann.evaluate(() => {
      const day = document.querySelector(".day")!.getBoundingClientRect();
      return [...document.querySelectorAll("chat-message :is(.text, .time)")].filter((part) => {
        const { top, bottom } = part.getBoundingClientRect();
        return top < day.bottom && bottom > day.top;
      }).length;
    });
    assertEquals(covered, 0);
  },

  "what comes while somebody reads further up does not tell the day": async (stage) => {
    const server = await stage.serve();
    await server.say("bob", ...lines(60));
    const ann = await stage.join(server.url, "ann");
    await scroll(ann, -700);
    await ann.locator(".scroller:not(.scrolling)").waitFor();
    await ann.evaluate(() => {
      const seen = globalThis as unknown as { scrolling: boolean };
      seen.scrolling = false;
      const scroller = document.querySelector(".scroller")!;
      new MutationObserver(() => seen.scrolling ||= scroller.matches(".scrolling"))
        .observe(scroller, { attributeFilter: ["class"] });
    });
    for (let i = 0; i < 5; i++) {
      await server.say("bob", `later ${i}`);
      await sees(ann, `later ${i}`);
    }
    await scroll(ann, 0);
    assert(!await ann.evaluate(() => (globalThis as unknown as { scrolling: boolean }).scrolling));
  },

  "the first visit to an empty room says that nobody is here, and asks in a card of its own":
    async (
      stage,
    ) => {
      const { url } = await stage.serve();
      const page = await stage.visit(url, { viewport: { width: 1200, height: 760 } });
      await page.locator("people-panel", { hasText: "Nobody is here yet" }).waitFor();
      const card = (await page.locator("name-form").boundingBox())!;
      assert(card.width <= 520, `the card is ${card.width} px wide`);
      const bob = await stage.join(url, "bob");
      await write(bob, "hello"); // without a name, one polls: what comes brings with it who is here
      await page.locator("people-panel", { hasText: "1 here" }).waitFor();
      await page.locator("people-panel .rest").waitFor({ state: "hidden" });
    },

  "what is hovered, focused and named is seen: in light, dark and forced colours": async (
    stage,
  ) => {
    const server = await stage.serve();
    await server.say("bob", "hello");
    for (const colorScheme of ["light", "dark"] as const) {
      const ann = await stage.visit(server.url, { colorScheme });
      await sees(ann, "hello");
      const hovered = await contrast(ann, "--hover", "--bg");
      assert(hovered > 1.15, `${colorScheme}: hovered ${hovered}:1`);
      const muted = await contrast(ann, "--muted", "--hover");
      assert(muted >= 4.5, `${colorScheme}: times where hovered ${muted}:1`);
      for (const [hue, ratio] of (await avatars(ann)).entries()) {
        assert(ratio >= 4.5, `${colorScheme}: the letter of hue ${hue} has ${ratio}:1`);
      }
    }
    const ann = await stage.join(server.url, "ann", { forcedColors: "active" });
    const outline = () =>
      ann.locator("message-composer form").evaluate((form) => getComputedStyle(form).outlineStyle);
    assertEquals(await outline(), "solid");
    await ann.locator(".scroller").focus();
    assertEquals(await outline(), "none");
  },

  "a finger finds all that can be touched": async (stage) => {
    const server = await stage.serve({ rate: undefined });
    await server.say("bob", "hello", lines(40).join("\n"));
    const ann = await stage.visit(server.url, PHONE);
    await connected(ann);
    assertEquals(await tooSmall(ann), [], "first visit");
    await ann.getByLabel("Your name").fill("ann");
    await ann.getByRole("button", { name: "Join" }).tap();
    await ann.locator("#composer:focus").waitFor();
    await write(ann, "/who");
    await ann.getByRole("button", { name: "Send" }).tap();
    await noted(ann, "1 here");
    assertEquals(await tooSmall(ann), [], "messages");
    await ann.keyboard.type("@");
    await ann.getByRole("option").first().waitFor();
    assertEquals(await tooSmall(ann), [], "suggestions");
    await ann.keyboard.press("Escape");
    await stage.join(server.url, "cy");
    await ann.getByRole("button", { name: "People: 2" }).tap();
    await ann.locator("people-panel .person").waitFor();
    assertEquals(await tooSmall(ann), [], "people");
    await ann.getByRole("button", { name: "Search" }).tap();
    await ann.locator("dialog.search input[type=search]").fill("hello");
    await ann.locator("#hits li").first().waitFor();
    assertEquals(await tooSmall(ann), [], "search");
    await ann.getByRole("button", { name: "Close" }).tap();
    await ann.getByRole("button", { name: "Settings" }).tap();
    await ann.locator("sign-in-list button").first().waitFor();
    assertEquals(await tooSmall(ann), [], "settings");
    await ann.getByRole("button", { name: "Close" }).tap();
    await ann.context().setOffline(true);
    await write(ann, "offline");
    await ann.getByRole("button", { name: "Send" }).tap();
    await ann.locator(".draft").waitFor();
    assertEquals(await tooSmall(ann), [], "offline");
  },

  "a keyboard that lies over the page leaves the field in sight": async (stage) => {
    const server = await stage.serve();
    await server.say("bob", ...lines(60));
    const ann = await stage.visit("about:blank", PHONE);
    // As Safari does it: the window stays as high as it is, what is seen of it does not.
    await ann.addInitScript(() => {
      const view = Object.assign(new EventTarget(), {
        height: innerHeight,
        offsetTop: 0,
        scale: 1,
      });
      Object.defineProperty(globalThis, "visualViewport", { value: view });
    });
    await ann.goto(server.url);
    await connected(ann);
    const keyboard = (height: number) =>
      ann.evaluate((height) => {
        Object.assign(visualViewport!, { height: innerHeight - height });
        visualViewport!.dispatchEvent(new Event("resize"));
        return document.querySelector("footer")!.getBoundingClientRect().bottom - innerHeight;
      }, height);
    assertEquals(await keyboard(300), -300);
    const last = await messages(ann).last().boundingBox();
    assert(last!.y + last!.height < 640 - 300, "the last message is behind the keyboard");
    assertEquals(await keyboard(0), 0);
  },
});

/** How much two colours of the page differ, as WCAG counts it. */
function contrast(page: Page, a: string, b: string): Promise<number> {
  return ratios(page, [[`var(${a})`, `var(${b})`]]).then(([ratio]) => ratio!);
}

/** Of the letter on each of the grounds that names have. */
async function avatars(page: Page): Promise<number[]> {
  const pairs = await page.evaluate(() => {
    const avatar = document.querySelector<HTMLElement>(".avatar")!;
    return Array.from({ length: 10 }, (_, hue) => {
      avatar.dataset.hue = String(hue);
      const { color, backgroundColor } = getComputedStyle(avatar);
      return [color, backgroundColor] as const;
    });
  });
  assertEquals(new Set(pairs.map(([, ground]) => ground)).size, 10);
  return await ratios(page, pairs);
}

function ratios(page: Page, pairs: readonly (readonly [string, string])[]): Promise<number[]> {
  return page.evaluate((pairs) => {
    const probe = document.createElement("i");
    document.body.append(probe);
    const canvas = document.createElement("canvas").getContext("2d")!;
    const luminance = (colour: string) => {
      probe.style.color = colour;
      canvas.fillStyle = getComputedStyle(probe).color;
      canvas.fillRect(0, 0, 1, 1);
      const [r = 0, g = 0, b = 0] = [...canvas.getImageData(0, 0, 1, 1).data].map((value) => {
        const part = value / 255;
        return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    return pairs.map(([a, b]) => {
      const [dark = 0, light = 0] = [luminance(a), luminance(b)].sort((a, b) => a - b);
      return (light + 0.05) / (dark + 0.05);
    });
  }, pairs);
}

/** What can be touched and is smaller than 44 px, but for what stands within a line of text. */
function tooSmall(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll("button, select, input, textarea, [role=option]")]
      .filter((element) => element.checkVisibility({ visibilityProperty: true }))
      .filter((element) => {
        const { width, height } = element.getBoundingClientRect();
        return width < 43.5 || height < 43.5;
      })
      .map((element) => {
        const { width, height } = element.getBoundingClientRect();
        return `${element.outerHTML.slice(0, 100)}: ${Math.round(width)} x ${Math.round(height)}`;
      })
  );
}
