// How long the page is busy at a time while many write, and what it keeps of a long history:
//
//     deno run --allow-all tests/browser/busy_list.ts
import type { Page } from "playwright-core";
import { FREE_PORTS, ServerProcess } from "../support/server.ts";
import { connected, launch } from "./stage.ts";

/** What comes first, as fast as it can, and is scrolled through. */
const HISTORY = 10_000;
/** What then comes at an even pace, while the page is watched. */
const MESSAGES = 1000;
const SECONDS = 10;

async function say(socket: WebSocket, from: number, to: number): Promise<void> {
  const acked = new Promise<void>((resolve) => {
    socket.onmessage = ({ data }) => data.includes(`"ack","id":"${to}"`) && resolve();
  });
  for (let i = from; i <= to; i++) {
    const text = `${i} of a long history, with a link https://example.org/${i} and some *emphasis*`;
    socket.send(JSON.stringify({ type: "message", id: `${i}`, text }));
  }
  await acked;
}

/** Milliseconds of each task above 50. */
function longTasks(page: Page): Promise<number[]> {
  return page.evaluate(() => (globalThis as unknown as { tasks: number[] }).tasks);
}

const data = await Deno.makeTempDir({ prefix: "partyline-" });
const browser = await launch();
try {
  await using server = new ServerProcess([
    "--data",
    data,
    "--rate-limit",
    "off",
    "--no-limits",
    ...FREE_PORTS,
  ]);
  const { url } = await server.addresses();
  const page = await browser.newPage();
  await page.goto(url);
  await connected(page);
  const socket = new WebSocket(`${url.replace("http", "ws")}/ws?name=mira&recent=0`);
  await new Promise((resolve) => socket.onopen = resolve);
  for (let i = 0; i < HISTORY; i += 500) await say(socket, i + 1, i + 500);
  await page.locator(`chat-message[id="${HISTORY}"]`).waitFor();
  await page.evaluate(() => {
    const tasks: number[] = [];
    Object.assign(globalThis, { tasks });
    new PerformanceObserver((list) => {
      tasks.push(...list.getEntries().map(({ duration }) => duration));
    }).observe({ type: "longtask" });
  });
  for (let second = 0; second < SECONDS; second++) {
    const next = new Promise((resolve) => setTimeout(resolve, 1000));
    for (let tenth = 0; tenth < 10; tenth++) {
      const from = HISTORY + (second * 10 + tenth) * MESSAGES / SECONDS / 10;
      await say(socket, from + 1, from + MESSAGES / SECONDS / 10);
      if (tenth < 9) await new Promise((resolve) => setTimeout(resolve, 90));
    }
    await next;
  }
  await page.locator(`chat-message[id="${HISTORY + MESSAGES}"]`).waitFor();
  const tasks = await longTasks(page);
  const heap = await page.evaluate(() =>
    (performance as unknown as { memory: { usedJSHeapSize: number } }).memory.usedJSHeapSize
  );
  console.log(`tasks above 50 ms: ${tasks.length}, the longest ${Math.max(0, ...tasks)} ms`);
  console.log(`rows in the list:  ${await page.locator("chat-message").count()}`);
  console.log(`JavaScript heap:   ${(heap / 1e6).toFixed(1)} MB`);
  socket.close();
} finally {
  await browser.close();
  await Deno.remove(data, { recursive: true });
}
