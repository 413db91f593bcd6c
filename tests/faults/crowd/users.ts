// deno run -A tests/faults/crowd/users.ts <ws url>
// People who write nearly as often as the rate limit lets them, in a process of their own, and how long
// their acks take. A line on standard input ends a measurement and begins the next, and is answered
// with a line of JSON.

const USERS = 25;
/** The default of `--rate-limit` is five a second. */
const PAUSE_MS = 250;

/** What the acks of one measurement took, in milliseconds. */
export interface Latency {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

let taken: number[] = [];
const due = new Map<string, number>();

async function join(url: string, name: string): Promise<void> {
  const socket = new WebSocket(`${url.replace("http", "ws")}/ws?name=${name}&recent=0`);
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = () => reject(new Error("cannot connect"));
  });
  socket.onmessage = ({ data }) => {
    for (const line of data.split("\n")) {
      if (!line.startsWith('{"type":"ack"')) continue;
      const { id } = JSON.parse(line);
      taken.push(performance.now() - due.get(id)!);
      due.delete(id);
    }
  };
  let posted = 0;
  // Open loop: a room that stands still is written to all the same, and each message counts.
  const post = () => {
    const id = `${name}-${posted++}`;
    due.set(id, performance.now());
    socket.send(JSON.stringify({ type: "message", id, text: `a normal message ${posted}` }));
    setTimeout(post, PAUSE_MS * (0.5 + Math.random()));
  };
  post();
}

/** What has not been acked yet counts with the time it has waited so far. */
function measure(): Latency {
  const now = performance.now();
  const waiting = Array.from(due.values(), (at) => now - at);
  const sorted = [...taken, ...waiting].sort((a, b) => a - b);
  taken = [];
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  return { count: sorted.length, p50: at(0.5) ?? 0, p99: at(0.99) ?? 0, max: sorted.at(-1) ?? 0 };
}

if (import.meta.main) {
  const [url] = Deno.args;
  await Promise.all(Array.from({ length: USERS }, (_, i) => join(url!, `user${i}`)));
  for await (const _ of Deno.stdin.readable) {
    console.log(JSON.stringify(measure()));
  }
  Deno.exit(0);
}
