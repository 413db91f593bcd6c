import { assert, assertEquals } from "@std/assert";
import { browserTest, noted, sees } from "../stage.ts";
import { firstSeen, lines, scroll, topOf } from "./places.ts";

browserTest("The page, where it is set up", {
  "a name that is refused in the settings is still there to be changed, with the reason": async (
    stage,
  ) => {
    const { url } = await stage.serve();
    await stage.join(url, "bob");
    const ann = await stage.join(url, "ann");
    await ann.getByRole("button", { name: "Settings" }).click();
    const field = ann.locator("dialog.settings").getByLabel("Your name");
    await field.fill("bob");
    await field.press("Enter");
    const alert = ann.locator("dialog.settings [role=alert]");
    await alert.getByText("That name is taken").waitFor();
    assertEquals(await field.inputValue(), "bob");
    assertEquals(await field.getAttribute("aria-invalid"), "true");
    await field.fill("anna");
    await field.press("Enter");
    await ann.locator("dialog.settings").waitFor({ state: "hidden" });
    await noted(ann, "ann is now anna");
  },

  "notifications that the browser denies are not shown as chosen, and may be tried again": async (
    stage,
  ) => {
    const { url } = await stage.serve();
    const ann = await stage.join(url, "ann");
    const answer = (permission: string) =>
      ann.evaluate((permission) => {
        const state = { value: permission, configurable: true };
        Object.assign(Notification, {
          requestPermission: () => {
            Object.defineProperty(Notification, "permission", state);
            return Promise.resolve(permission);
          },
        });
      }, permission);
    await answer("denied");
    await ann.getByRole("button", { name: "Settings" }).click();
    const choices = ann.getByRole("group", { name: "Notifications" });
    const told = ann.getByText("This browser does not allow notifications for this page.");
    await choices.getByRole("radio", { name: "All" }).click();
    await told.waitFor();
    await choices.getByRole("radio", { name: "Off", checked: true }).waitFor();
    await answer("granted");
    await choices.getByRole("radio", { name: "All" }).click();
    await told.waitFor({ state: "hidden" });
    await choices.getByRole("radio", { name: "All", checked: true }).waitFor();
  },

  "another density leaves what is being read in its place": async (stage) => {
    const server = await stage.serve();
    await server.say("bob", ...lines(50));
    const ann = await stage.join(server.url, "ann");
    await sees(ann, "line 50");
    await scroll(ann, -500);
    const seen = await firstSeen(ann);
    await ann.getByRole("button", { name: "Settings" }).click();
    for (const density of ["Compact", "Cosy", "Compact"]) {
      await ann.getByRole("radio", { name: density }).check();
      await scroll(ann, 0);
      const moved = await topOf(ann, seen.seq) - seen.top;
      assert(Math.abs(moved) <= 2, `${density} moved it by ${moved} px`);
    }
  },
});
