import { assert, assertEquals } from "@std/assert";
import type { BrowserContextOptions, Page } from "playwright-core";
import { violations } from "./axe.ts";
import {
  browserTest,
  connected,
  controlled,
  messages,
  type RoomServer,
  sees,
  setHidden,
  type Stage,
  write,
} from "./stage.ts";

const HOSTILE = {
  tag: `<img src=x onerror="document.title='owned'"><script>document.title='owned'</script>`,
  link: "javascript:document.title='owned' [x](javascript:alert(1)) data:text/html,x",
  long: "x".repeat(4000),
  zalgo: "z" + "\u0351\u0300\u030d\u035b".repeat(300) + "algo",
  bidi: "\u202egnp.exe\u2066 safe?",
  lines: Array.from({ length: 500 }, (_, i) => `l${i}`).join("\n"),
  template: "{{ screen }} $& </script><!-- ${1}",
};

browserTest("The page, as it looks", {
  "hostile messages are shown as the texts they are, and break nothing": async (stage) => {
    const server = await stage.serve();
    const ann = await stage.join(server.url, "ann", { viewport: { width: 320, height: 640 } });
    for (const text of Object.values(HOSTILE)) {
      await write(ann, text);
    }
    await messages(ann).nth(Object.keys(HOSTILE).length - 1).waitFor();
    assertEquals(await ann.locator(".unfold").allTextContents(), [
      "Show the full message",
      "Show all 500 lines",
    ]);
    await isHarmless(ann);
    await ann.evaluate(() => document.documentElement.dataset.density = "compact");
    await isHarmless(ann);
    // And again as the server prints them.
    await ann.reload();
    await connected(ann);
    await isHarmless(ann);
    const plain = await stage.visit(server.url, { javaScriptEnabled: false });
    await plain.getByText(HOSTILE.tag).waitFor();
    await plain.getByText(HOSTILE.template).waitFor();
  },

  "no script gets in by HTML, and none from elsewhere": async (stage) => {
    const { url } = await stage.serve();
    stage.tolerated = /Trusted|Content Security Policy/;
    const page = await stage.visit(url);
    const thrown = await page.evaluate(() => {
      const attempts: [string, () => void][] = [
        ["innerHTML", () => document.body.innerHTML = "<img src=x onerror=alert(1)>"],
        ["script", () => document.createElement("script").src = "data:text/javascript,1"],
        ["handler", () => document.body.setAttribute("onclick", "alert(1)")],
      ];
      return attempts.filter(([, attempt]) => {
        try {
          attempt();
          return false;
        } catch {
          return true;
        }
      }).map(([name]) => name);
    });
    assertEquals(thrown, ["innerHTML", "script", "handler"]);
    // Without the policy this would go through, since nobody asks to read the answer.
    const elsewhere = await stage.serve();
    const foreign = await page.evaluate(
      (url) => fetch(url, { mode: "no-cors" }).then(() => "sent", () => "refused"),
      `${elsewhere.url}livez`,
    );
    assertEquals(foreign, "refused");
  },

  "without JavaScript it shows the last messages, and posts": async (stage) => {
    const server = await stage.serve();
    await server.say("bob", "**strong** words", "https://example.org/ and `code`");
    const plain = await stage.visit(server.url, { javaScriptEnabled: false });
    assertEquals(await plain.locator("chat-message strong").textContent(), "strong");
    assertEquals(
      await plain.locator("chat-message a[rel]").getAttribute("href"),
      "https://example.org/",
    );
    await plain.getByLabel("Your name").fill("ann");
    await plain.getByLabel("Message", { exact: true }).fill("no scripts here");
    await plain.getByRole("button", { name: "Send" }).click();
    await sees(plain, "no scripts here");
    assertEquals(await plain.locator("chat-message").last().locator(".from").textContent(), "ann");
  },

  "the first paint is the server's, in the chosen theme; scripts wait for it where there is one":
    async (
      stage,
    ) => {
      const server = await stage.serve();
      await server.say("bob", "hello");
      const page = await stage.visit("about:blank");
      await page.addInitScript(() => {
        globalThis.requestAnimationFrame = () => 0;
        const hidden = location.search === "?hidden";
        Object.defineProperty(document, "hidden", { value: hidden });
        if (!hidden) localStorage.setItem("partyline.settings", `{"theme":"dark"}`);
      });
      await page.goto(server.url);
      await sees(page, "hello");
      assertEquals(await page.locator("chat-room:not(:defined)").count(), 1);
      assertEquals(await page.locator("html").getAttribute("data-theme"), "dark");
      await page.goto(`${server.url}?hidden`);
      await connected(page);
    },

  "the page in the language of the browser, or as it was set": async (stage) => {
    const { url } = await stage.serve();
    for (
      const [locale, send] of [["zh-CN", "发送"], ["zh-TW", "傳送"], ["ko-KR", "보내기"]] as const
    ) {
      const page = await stage.visit(url, { locale });
      await connected(page);
      assertEquals(await page.locator(".send").getAttribute("aria-label"), send);
    }
    const ann = await stage.join(url, "ann");
    await ann.getByRole("button", { name: "Settings" }).click();
    await ann.getByLabel("Language").selectOption("ko");
    await ann.getByRole("button", { name: "보내기" }).waitFor();
    await connected(ann);
  },

  "theme, time and density are chosen, kept, and seen at once": async (stage) => {
    const server = await stage.serve();
    await server.say("bob", "hello");
    const ann = await stage.join(server.url, "ann");
    await ann.getByRole("button", { name: "Settings" }).click();
    const background = () => ann.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await background();
    await ann.getByRole("radio", { name: "Dark" }).check();
    assert(await background() !== light);
    await ann.getByRole("radio", { name: "12-hour" }).check();
    await ann.locator("chat-message .time", { hasText: /[AaPp]\.?[Mm]/ }).waitFor();
    await ann.getByRole("radio", { name: "Compact" }).check();
    await ann.reload();
    await connected(ann);
    assert(await background() !== light);
    assertEquals(await ann.evaluate(() => document.documentElement.dataset.density), "compact");
  },

  "compact, a message is one line: time, name, text; and one that continues it is aligned": async (
    stage,
  ) => {
    const server = await stage.serve();
    await server.say("bob", "first", "second", "/me waves");
    for (const [look, width] of [["wide", 1000], ["narrow", 320]] as const) {
      const ann = await stage.join(server.url, look, { viewport: { width, height: 640 } });
      await ann.getByRole("button", { name: "Settings" }).click();
      await ann.getByRole("radio", { name: "Compact" }).check();
      const box = async (nth: number, part: string) =>
        (await messages(ann).nth(nth).locator(part).boundingBox())!;
      const [time, name, text] = [
        await box(0, ".time"),
        await box(0, ".from"),
        await box(0, ".text"),
      ];
      assert(time.x + time.width <= name.x, `${look}: the time reaches into the name`);
      const lineHeight = 24;
      for (const { y, height } of [time, name, text]) {
        assert(Math.abs(y + height / 2 - (text.y + text.height / 2)) < 4, `${look}: not one line`);
        assert(height <= lineHeight, `${look}: ${height} px high`);
      }
      const next = await box(1, ".text");
      assert(next.y - text.y <= lineHeight + 4, `${look}: not right below`);
      assertEquals(next.x, text.x, `${look}: what goes on is not aligned`);
      assertEquals((await box(2, ".text")).x, text.x, `${look}: an action is not aligned`);
      if (look === "wide") assert(name.x + name.width <= text.x, "the name reaches into the text");
    }
  },

  "the browser's own bar has the colour of the chosen theme": async (stage) => {
    const { url } = await stage.serve();
    const ann = await stage.join(url, "ann");
    const media = () =>
      ann.locator("meta[name=theme-color]").evaluateAll((all) =>
        all.map((meta) => (meta as HTMLMetaElement).media)
      );
    const system = ["(prefers-color-scheme: light)", "(prefers-color-scheme: dark)"];
    assertEquals(await media(), system);
    await ann.getByRole("button", { name: "Settings" }).click();
    await ann.getByRole("radio", { name: "Dark" }).check();
    assertEquals(await media(), ["not all", "all"]);
    await ann.reload();
    await connected(ann);
    assertEquals(await media(), ["not all", "all"]);
    await ann.getByRole("button", { name: "Settings" }).click();
    await ann.getByRole("radio", { name: "System" }).check();
    assertEquals(await media(), system);
  },

  "a service worker that was registered at another address before is replaced": async (stage) => {
    const server = await stage.serve();
    const options = { serviceWorkers: "allow", bypassCSP: true } as const;
    const ann = await stage.join(server.url, "ann", options);
    await controlled(ann);
    await isWorker(ann, "/sw.js");
    await ann.evaluate(() => navigator.serviceWorker.register("/sw.js?earlier"));
    await isWorker(ann, "/sw.js?earlier");
    await ann.reload();
    await isWorker(ann, "/sw.js");
  },

  "nothing is wider than the page, and axe finds nothing, in any state and size": async (stage) => {
    const server = await stage.serve();
    await server.say(
      "bob",
      "hello @ann",
      "```\nsome code that is rather long and does not wrap\n```",
    );
    await server.say("a name of 32 characters, no less", "https://example.org/" + "x".repeat(200));
    await server.say("ליאת", "שלום לכולם", "🎉", "/me waves");
    const looks: Record<string, BrowserContextOptions> = {
      desktop: { viewport: { width: 1280, height: 800 } },
      "desktop dark": { viewport: { width: 1280, height: 800 }, colorScheme: "dark" },
      phone: { viewport: { width: 320, height: 640 } },
      "phone dark": { viewport: { width: 320, height: 640 }, colorScheme: "dark" },
    };
    for (const [look, options] of Object.entries(looks)) {
      await throughAllStates(stage, server, look, options);
    }
  },
});

/** Resolves when the active service worker is the one from this address. */
async function isWorker(page: Page, path: string): Promise<void> {
  await page.waitForFunction(async (path) => {
    const { active } = await navigator.serviceWorker.ready;
    return active?.scriptURL.endsWith(path);
  }, path);
}

async function throughAllStates(
  stage: Stage,
  server: RoomServer,
  look: string,
  options: BrowserContextOptions,
): Promise<void> {
  const page = await stage.visit(server.url, { ...options, bypassCSP: true });
  const check = async (state: string) => {
    await page.evaluate(() => document.fonts.ready);
    assertEquals(await tooWide(page), [], `${look}, ${state}: wider than the page`);
    assertEquals(await violations(page), [], `${look}, ${state}`);
  };
  await connected(page);
  await check("first visit");
  await page.getByLabel("Your name").fill("ann");
  await page.keyboard.press("Enter");
  await page.locator("#composer:focus").waitFor();
  await connected(page);
  await write(page, `hello from the ${look}`);
  await sees(page, `hello from the ${look}`);
  await write(page, "/help");
  await check("busy");
  await page.keyboard.type("/");
  await page.locator("#suggestions li").first().waitFor();
  await check("suggestions");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+k");
  await page.keyboard.type("hello");
  await page.locator("#hits li").first().waitFor();
  await check("search");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Settings" }).click();
  await check("settings");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+ArrowUp");
  await page.keyboard.press("?");
  await check("shortcuts");
  await page.keyboard.press("Escape");
  await page.evaluate(() => document.documentElement.dataset.density = "compact");
  await check("compact");
  await page.evaluate(() => document.documentElement.dataset.density = "cosy");
  await setHidden(page, true);
  await server.say("bob", ...Array.from({ length: 40 }, (_, i) => `news ${i}`));
  await setHidden(page, false);
  await page.getByRole("button", { name: "40 new messages" }).waitFor();
  await check("unread messages far above");
  await page.getByRole("button", { name: "40 new messages" }).click();
  await check("a marked message below the unread line");
  const people = page.getByRole("button", { name: "People" });
  if (await people.isVisible()) {
    await people.click();
    await check("people");
    await people.click();
  }
  await page.context().setOffline(true);
  await write(page, "offline");
  await page.locator(".draft").waitFor();
  await check("offline");
  await page.context().close();
}

/** What reaches beyond the right edge, but in boxes that scroll by themselves. */
function tooWide(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.body.querySelectorAll("*")]
      .filter((element) => {
        const { right, width } = element.getBoundingClientRect();
        return width > 1 && right > innerWidth + 0.5 && !element.closest("pre");
      })
      .map(({ tagName, className }) => `${tagName}.${className}`)
  );
}

async function isHarmless(page: Page): Promise<void> {
  assertEquals(await page.title(), "lobby");
  assertEquals(await page.locator("chat-message img, chat-message script").count(), 0);
  const links = await page.locator("chat-message .text a").evaluateAll((all) =>
    all.map((a) => (a as HTMLAnchorElement).protocol)
  );
  assertEquals(links, []);
  assertEquals(await tooWide(page), []);
  assertEquals(await page.locator(".text", { hasText: "gnp" }).textContent(), "gnp.exe safe?");
  const tall = await messages(page).evaluateAll((all) =>
    all.map((message) => message.getBoundingClientRect().height).filter((height) => height > 640)
  );
  assertEquals(tall, [], "a message fills more than the screen");
}
