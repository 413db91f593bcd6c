import { join } from "../../lib/client/mod.ts";

const [url = "http://127.0.0.1:8080"] = Deno.args;
const kept = JSON.parse(localStorage.getItem(url) ?? "{}");
await using room = join(url, { name: "echo", ...kept });
for await (const event of room) {
  if (event.type === "message" && event.from !== room.name && event.text.includes("@echo")) {
    const text = `@${event.from} ${event.text.slice(0, 1000)}`;
    await room.say(text, { id: `re-${event.seq}`, re: event.seq });
  }
  localStorage.setItem(url, JSON.stringify({ token: room.token, since: room.cursor }));
}
