import type { Addresses } from "../../support/server.ts";
import type { Load } from "./load.ts";

export function searches(loops: number): Load {
  return {
    name: `${loops} clients that search for what is not there`,
    run: (at, signal) => repeat(loops, signal, (i, n) => search(at, signal, `${i}${n}`)),
  };
}

export function pages(loops: number): Load {
  return {
    name: `GET / in ${loops} loops`,
    run: (at, signal) => repeat(loops, signal, () => get(`${at.url}/`, signal)),
  };
}

/** So many loops, each asking again as soon as it is answered, whatever the answer is. */
async function repeat(
  loops: number,
  signal: AbortSignal,
  ask: (loop: number, times: number) => Promise<boolean>,
): Promise<string> {
  const start = performance.now();
  let [good, refused] = [0, 0];
  await Promise.all(Array.from({ length: loops }, async (_, i) => {
    for (let n = 0; !signal.aborted; n++) {
      const isGood = await ask(i, n).catch(() => false);
      if (isGood) good++;
      else if (!signal.aborted) refused++;
    }
  }));
  const perSecond = (count: number) => (count / (performance.now() - start) * 1000).toFixed(0);
  return `${perSecond(good)} answers a second` +
    (refused === 0 ? "" : `, ${perSecond(refused)} refused`);
}

/** Words that are made of frequent runs of letters, and do not occur. */
function search({ url }: Addresses, signal: AbortSignal, number: string): Promise<boolean> {
  return get(`${url}/api/search?q=${encodeURIComponent(`the quickbrown ${number}x`)}`, signal);
}

/** Whether the answer is what was asked for. */
async function get(url: string, signal: AbortSignal): Promise<boolean> {
  const response = await fetch(url, { signal });
  await response.arrayBuffer();
  return response.ok;
}
