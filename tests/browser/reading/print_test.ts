import { assert, assertEquals } from "@std/assert";
import { browserTest, sees } from "../stage.ts";

browserTest("On paper", {
  "the whole conversation that is loaded is printed, and nothing to press": async (stage) => {
    const server = await stage.serve({ recent: 200 });
    const long = Array.from({ length: 60 }, (_, i) => `long ${i}`).join("\n");
    await server.say(
      "bob",
      "the first",
      ...Array.from({ length: 150 }, (_, i) => `line ${i}`),
      long,
    );
    const ann = await stage.join(server.url, "ann", { colorScheme: "dark" });
    await sees(ann, "line 149");
    await ann.emulateMedia({ media: "print", colorScheme: "dark" });
    const { whole, seen } = await ann.evaluate(() => ({
      whole: document.documentElement.scrollHeight,
      seen: innerHeight,
    }));
    assert(whole > 4 * seen, `${whole} of ${seen}`);
    // What is clipped by an element around it would be missing on paper.
    const first = ann.locator("chat-message", { hasText: "the first" });
    const top = await first.evaluate((message) => {
      for (let each = message.parentElement; each; each = each.parentElement) {
        if (getComputedStyle(each).overflowY !== "visible") return each.tagName;
      }
      return message.getBoundingClientRect().top + scrollY;
    });
    assert(typeof top === "number" && top >= 0 && top < 400, String(top));
    assertEquals(
      await ann.locator(".text.folded").evaluate((text) => text.scrollHeight > text.clientHeight),
      false,
    );
    for (const hidden of ["#composer", "[data-open=search]", ".unfold", "people-panel"]) {
      assertEquals(await ann.locator(hidden).first().isVisible(), false, hidden);
    }
    const ground = await ann.evaluate(() => getComputedStyle(document.body).colorScheme);
    assertEquals(ground, "light");
    const pdf = new TextDecoder("latin1").decode(await ann.pdf({ format: "A4" }));
    const pages = pdf.match(/\/Type\s*\/Page\b/g)?.length ?? 0;
    assert(pages > 4, `${pages} pages`);
  },
});
