import { assert, assertEquals } from "@std/assert";
import { browserTest, noted, sees, write } from "../stage.ts";
import type { RoomServer } from "../stage.ts";

/** More people than the server tells by name. */
function crowd(server: RoomServer): void {
  for (let i = 0; i < 250; i++) server.room.people.enter(`s${i}`, `person-${i}`);
  server.room.people.enter("bjorn", "Björn");
}

browserTest("A room of more people than anybody can list", {
  "the panel shows who spoke last, and finds anybody": async (stage) => {
    const server = await stage.serve();
    crowd(server);
    await server.say("person-7", "hello");
    const ann = await stage.join(server.url, "ann", { viewport: { width: 1300, height: 800 } });
    await sees(ann, "hello");
    await ann.getByRole("heading", { name: "252 here" }).waitFor();
    const names = ann.locator("people-panel .name");
    await ann.locator("people-panel .person", { hasText: "person-7" }).waitFor();
    assertEquals(await names.allTextContents(), ["ann", "person-7"]);
    await ann.getByRole("searchbox", { name: "Find people" }).fill("bjo");
    await ann.locator("people-panel .person", { hasText: "Björn" }).waitFor();
    assertEquals(await names.allTextContents(), ["Björn"]);
    await ann.locator("people-panel .person").click();
    assertEquals(await ann.locator("#composer").inputValue(), "@Björn ");
  },

  "a mention completes the name of anybody": async (stage) => {
    const server = await stage.serve();
    crowd(server);
    const ann = await stage.join(server.url, "ann");
    await ann.getByRole("heading", { name: "252 here" }).waitFor();
    await ann.keyboard.type("hi @bjo");
    await ann.getByRole("option", { name: "Björn" }).waitFor();
    await ann.keyboard.press("Tab");
    assertEquals(await ann.locator("#composer").inputValue(), "hi @Björn ");
  },

  "/who tells who spoke last": async (stage) => {
    const server = await stage.serve();
    crowd(server);
    await server.say("person-7", "hello");
    const ann = await stage.join(server.url, "ann");
    await sees(ann, "hello");
    await ann.getByRole("heading", { name: "252 here" }).waitFor();
    await write(ann, "/who");
    await noted(ann, "252 here. Last spoke: person-7");
    assert(
      !(await ann.locator(".note").allTextContents()).some((note) => note.includes("person-8")),
    );
  },
});
