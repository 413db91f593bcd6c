import { assertEquals } from "@std/assert";
import { Program } from "../../support/program.ts";
import { TestServer } from "../../support/server.ts";

Deno.test("at a terminal /who names everybody, and finds them", async () => {
  await using server = await TestServer.open();
  await using chat = new Program("chat", ["--name", "ann", server.url], { terminal: true });
  await chat.stdout.until(/you are ann/);
  await chat.write("/who\r");
  await chat.stdout.until(/\* 1 online: ann/);
  await chat.write("/who AN\r");
  await chat.stdout.until(/\* with "AN" in the name: ann/);
  await chat.write("/who bob\r");
  await chat.stdout.until(/\* nobody here has "bob" in the name/);
  await chat.write("/quit\r");
  assertEquals(await chat.ended(), 0);
});

Deno.test("of a crowd /who names at a terminal those who spoke last, and finds anybody", async () => {
  await using server = await TestServer.open();
  const { people } = server.running.room;
  for (let i = 0; i < 250; i++) people.enter(`s${i}`, `person-${i}`);
  people.enter("bjorn", "Björn");
  people.speak("s9", "person-9");
  await using chat = new Program("chat", ["--name", "ann", server.url], { terminal: true });
  await chat.stdout.until(/you are ann/);
  await chat.write("/who\r");
  await chat.stdout.until(/\* 252 online\s+\* who spoke last is first: person-9, [^*]*, and more/);
  await chat.write("/who bjo\r");
  await chat.stdout.until(/\* with "bjo" in the name: Björn/);
  await chat.write("/quit\r");
  assertEquals(await chat.ended(), 0);
});
