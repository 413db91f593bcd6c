import axe, { type AxeResults } from "axe-core";
import type { Page } from "playwright-core";

/** Where the results are kept in the page, so that the browser cannot collect what only we wait for. */
type Kept = { axe?: typeof axe; found?: AxeResults | undefined };

const POLL_MS = 50;

/** What keeps people from using the page as it is now, each as one line; none where it is in order. */
export async function violations(page: Page): Promise<string[]> {
  if (!await page.evaluate(() => "axe" in globalThis)) await page.evaluate(axe.source);
  await page.evaluate(() => {
    const kept = globalThis as unknown as Kept;
    kept.found = undefined;
    kept.axe!.run(document, {
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    }).then((found) => kept.found = found);
  });
  for (;;) {
    const found = await page.evaluate(() => (globalThis as unknown as Kept).found?.violations);
    if (found) return found.map(lineOf);
    await page.waitForTimeout(POLL_MS);
  }
}

function lineOf({ id, nodes }: AxeResults["violations"][number]): string {
  const places = nodes.map(({ html, failureSummary }) => `${html.slice(0, 150)} ${failureSummary}`);
  return `${id}: ${places.join(" | ")}`;
}
