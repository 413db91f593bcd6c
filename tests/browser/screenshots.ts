// Pictures of the page's main states, for the README and for looking at what one has changed:
//
//     deno run --allow-all tests/browser/screenshots.ts FOLDER [PATTERN]
import type { BrowserContextOptions, Page } from "playwright-core";
import { launch, type RoomServer, sees, setHidden, Stage, write } from "./stage.ts";

/** What is said in the pictures: several scripts, markup, links. */
export const TALK: readonly (readonly [from: string, text: string])[] = [
  ["mira", "Good morning! The new build is up on the staging box."],
  ["mira", "Release notes: https://example.org/notes/2026-11"],
  ["jonas", "Nice. I'll take a look after coffee ☕"],
  ["林小雨", "早上好！我这边测试通过了，没有发现问题。"],
  ["jonas", "One thing: `--rate-limit off` prints its warning twice. Is that *intended*?"],
  [
    "mira",
    "**No.** Here is what I see:\n```\n$ deno task start --rate-limit off\nno rate limit\nno rate limit\n```",
  ],
  ["mira", "I'll fix it before noon."],
  ["지우", "저도 확인했어요. 재현됩니다 👍"],
  ["jonas", "/me brews another pot"],
  ["sam", "🎉🎉"],
  [
    "sam",
    "@ann asked whether the terminal client keeps its place after a restart. It does: it resumes by its cursor, and what was said meanwhile comes first, in order, once.",
  ],
  ["ليلى", "صباح الخير جميعا! هل تظهر هذه الرسالة بشكل صحيح؟"],
  ["mira", "Looks right from here."],
];

/** What became of it: answers, an edit, reactions, and a message with a picture. */
async function live({ room, url }: RoomServer, page: Page): Promise<void> {
  const by = (from: string) => ({ sender: `name:${from}`, from });
  const react = (from: string, ref: number, emoji: string) =>
    room.store({ ...by(from), type: "reaction", ref, emoji, on: true });
  const seqOf = (start: string) => TALK.findIndex(([, text]) => text.startsWith(start)) + 1;
  const fix = {
    ref: seqOf("I'll fix it"),
    text: "I'll fix it before lunch.",
    notBefore: -Infinity,
  };
  await room.store({ ...by("mira"), type: "edit", ...fix });
  for (const from of ["jonas", "지우", "sam"]) await react(from, seqOf("Good morning"), "👍");
  await react("林小雨", seqOf("Good morning"), "🎉");
  const body = new Blob([await chart(page)]);
  const response = await fetch(`${url}api/files?name=acks.png`, { method: "POST", body });
  const { file } = await response.json();
  const text = "How long an ack takes, this week:";
  const { seq } = await room.store({ ...by("mira"), text, files: [file] });
  await room.store({ ...by("jonas"), text: "Half of what it was. How?", re: seq });
  await react("jonas", seq, "❤️");
}

/** A PNG of bars that become shorter. */
async function chart(page: Page): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await page.evaluate(async () => {
    const canvas = new OffscreenCanvas(640, 200);
    const context = canvas.getContext("2d")!;
    context.fillStyle = "#f4f1ec";
    context.fillRect(0, 0, 640, 200);
    context.fillStyle = "#3a6ea5";
    [150, 146, 152, 120, 96, 82, 74].forEach((height, i) => {
      context.fillRect(40 + i * 82, 180 - height, 56, height);
    });
    const png = await canvas.convertToBlob({ type: "image/png" });
    return [...new Uint8Array(await png.arrayBuffer())];
  });
  return Uint8Array.from(bytes);
}

const LOOKS: Readonly<Record<string, BrowserContextOptions>> = {
  desktop: { viewport: { width: 1200, height: 760 }, colorScheme: "light" },
  "desktop-dark": { viewport: { width: 1200, height: 760 }, colorScheme: "dark" },
  phone: { viewport: { width: 375, height: 720 }, colorScheme: "light" },
  "phone-dark": { viewport: { width: 375, height: 720 }, colorScheme: "dark" },
};

type Shoot = (state: string) => Promise<void>;

async function tour(server: RoomServer, page: Page, shoot: Shoot): Promise<void> {
  await shoot("first-visit");
  await page.getByLabel("Your name").fill("ann");
  await page.keyboard.press("Enter");
  await page.locator("#composer:focus").waitFor();
  await setHidden(page, true);
  await server.say("jonas", "@ann can you have a look at the numbers?");
  await sees(page, "@ann can you have a look at the numbers?");
  await setHidden(page, false);
  await page.keyboard.type("On it, one ");
  await shoot("busy");
  await page.keyboard.press("Escape");
  await page.keyboard.type("@");
  await page.locator("#suggestions li").first().waitFor();
  await shoot("completion");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+k");
  await page.keyboard.type("no");
  await page.locator("#hits li").first().waitFor();
  await shoot("search");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Settings" }).click();
  await shoot("settings");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+ArrowUp");
  await page.keyboard.press("Enter");
  await page.getByRole("menu").waitFor();
  await shoot("menu");
  await page.keyboard.press("Escape");
  await page.keyboard.press("+");
  await page.locator(".emoji-picker .grid button").nth(50).waitFor();
  await shoot("emoji");
  await page.keyboard.press("Escape");
  await page.keyboard.press("?");
  await shoot("shortcuts");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  await page.context().setOffline(true);
  await page.locator("connection-chip[data-state=offline]").waitFor();
  await write(page, "This will go out when I am back.");
  await page.locator(".draft").waitFor();
  await shoot("offline");
  await page.context().setOffline(false);
  await sees(page, "This will go out when I am back.");
}

if (import.meta.main) {
  const [folder = "-", pattern = ""] = Deno.args;
  if (folder.startsWith("-")) {
    console.error("wanted a FOLDER for the pictures, and perhaps desktop, phone or dark");
    Deno.exit(2);
  }
  await Deno.mkdir(folder, { recursive: true });
  const browser = await launch();
  for (const [look, options] of Object.entries(LOOKS)) {
    if (!look.includes(pattern)) continue;
    await using stage = new Stage(browser);
    const server = await stage.serve();
    for (const [from, text] of TALK) await server.say(from, text);
    for (const name of ["mira", "jonas", "林小雨", "sam"]) await stage.join(server.url, name);
    const page = await stage.visit(server.url, { ...options, deviceScaleFactor: 1 });
    await live(server, page);
    await tour(server, page, async (state) => {
      await page.screenshot({ path: `${folder}/${look}-${state}.png` });
    });
  }
  await browser.close();
}
