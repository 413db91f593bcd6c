import { assertEquals } from "@std/assert";
import type { Entry } from "../../../lib/model/message.ts";
import { Program } from "../../support/program.ts";
import { TestServer } from "../../support/server.ts";

Deno.test("at a terminal one answers, edits, reacts and deletes, completed by Tab, and sees it", async () => {
  await using server = await TestServer.open();
  await using chat = new Program("chat", ["--name", "ann", server.url], { terminal: true });
  await chat.stdout.until(/you are ann/);
  await chat.write("/edit too early\r");
  await chat.stdout.until(/! which message\? you have said nothing here yet; wanted \/edit/);
  await chat.write("helo\r");
  await chat.stdout.until(/#1 ann: helo/);
  await chat.write("/ed\thello\r");
  await chat.stdout.until(/#2 ann edited #1: hello/);
  await chat.write("/rep\t#1 an\tis me\r");
  await chat.stdout.until(/#3 ann \(to #1 ann\): ann is me/);
  await chat.write("/react #3 :thumbsup\t\r");
  await chat.stdout.until(/#4 ann 👍 #3/);
  await chat.write("/react #3 👍\r");
  await chat.stdout.until(/\* that is so already/);
  await chat.write("/unreact #3 👍\r");
  await chat.stdout.until(/#5 ann took back 👍 #3/);
  await chat.write("/delete #1\r");
  await chat.stdout.until(/#6 ann deleted #1/);
  await chat.write("/edit #1 again\r");
  await chat.stdout.until(/! [^\n]*deleted/);
  await chat.write("/delete\r");
  await chat.stdout.until(/! which message\? wanted \/delete #N/);
  await chat.write("/quit\r");
  assertEquals(await chat.ended(), 0);

  await using later = new Program("chat", ["--quiet", server.url], { input: "" });
  assertEquals(await later.ended(), 0);
  assertEquals(later.stdout.lines.map((line) => line.slice("[12:00] ".length)), [
    "#1 ann: (deleted)",
    "#2 ann edited #1",
    "#3 ann (to #1 ann): ann is me",
    "#6 ann deleted #1",
  ]);
  const log = await server.running.room.log.read({ after: 0, limit: 10 });
  assertEquals(log.map((entry: Entry) => entry.type), [
    ...["message", "edit", "message", "reaction", "reaction", "delete"],
  ]);
});
