import { assertEquals } from "@std/assert";
import { TestServer } from "../support/server.ts";

const NAMES = ["ann", "bob", "cy"];
const TEXTS = Array.from({ length: 300 }, (_, i) => `${i}`);

Deno.test("what is posted in one turn is one frame for each reader, however much it is", async () => {
  await using server = await TestServer.open();
  const readers = NAMES.map((name) => {
    const socket = new WebSocket(`${server.url.replace("http", "ws")}/ws?name=${name}`);
    const all = Promise.withResolvers<void>();
    const live = Promise.withResolvers<void>();
    const closed = new Promise((resolve) => socket.onclose = resolve);
    const frames: string[][] = [];
    socket.onmessage = ({ data }) => {
      const events = data.split("\n").map((event: string) => JSON.parse(event));
      const texts = events.filter(({ type }: { type: string }) => type === "message")
        .map(({ text }: { text: string }) => text);
      if (texts.length > 0) frames.push(texts);
      if (events.at(-1).type === "live") live.resolve();
      if (texts.at(-1) === TEXTS.at(-1)) all.resolve();
    };
    return { socket, live: live.promise, all: all.promise, closed, frames };
  });
  await Promise.all(readers.map(({ live }) => live));

  const { room } = server.running;
  await Promise.all(TEXTS.map((text) => room.post({ sender: "s", from: "dee", text })));
  await Promise.all(readers.map(({ all }) => all));
  for (const { frames } of readers) assertEquals(frames, [TEXTS]);

  readers.forEach(({ socket }) => socket.close());
  await Promise.all(readers.map(({ closed }) => closed));
});
