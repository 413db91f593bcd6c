import { assertEquals } from "@std/assert";
import { browserTest, messages } from "../stage.ts";

browserTest("Without scripts", {
  "the name is remembered, and the history can be leafed through": async (stage) => {
    const server = await stage.serve();
    await server.say("bob", ...Array.from({ length: 160 }, (_, i) => `line ${i + 1}.`));
    const plain = await stage.visit(server.url, { javaScriptEnabled: false });
    const name = plain.getByLabel("Your name");
    await name.fill("Zoë");
    await plain.getByLabel("Message", { exact: true }).fill("by hand");
    await plain.locator(".send").click();
    await messages(plain).getByText("by hand").waitFor();
    assertEquals(await name.inputValue(), "Zoë");
    assertEquals(await messages(plain).last().locator(".from").textContent(), "Zoë");
    await plain.getByRole("link", { name: "Older messages" }).click();
    await messages(plain).getByText("line 100.").waitFor();
    await plain.getByRole("link", { name: "Older messages" }).click();
    await messages(plain).getByText("line 1.", { exact: true }).waitFor();
    assertEquals(await plain.getByRole("link", { name: "Older messages" }).count(), 0);
    await plain.getByRole("link", { name: "Latest messages" }).click();
    await messages(plain).getByText("by hand").waitFor();
  },

  "with scripts the address of an older page is a place in the live one": async (stage) => {
    const server = await stage.serve();
    await server.say("bob", ...Array.from({ length: 160 }, (_, i) => `line ${i + 1}.`));
    const ann = await stage.visit(`${server.url}?before=21`);
    await ann.locator("chat-message.marked", { hasText: "line 20." }).waitFor();
    assertEquals(await ann.evaluate(() => location.search + location.hash), "#20");
  },
});
