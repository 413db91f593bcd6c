import { assert, assertEquals } from "@std/assert";
import dashboard from "../../lib/metrics/dashboard.json" with { type: "json" };
import { TestServer } from "../support/server.ts";
import { openSocket } from "../transports/clients/socket.ts";
import { websocket } from "../transports/clients/websocket.ts";
import { queries } from "./dashboard.ts";
import { Prometheus } from "./prometheus.ts";
import { figuresIn, namesIn } from "./scrape.ts";

/** Not for a graph of its own. */
const NOT_SHOWN: readonly string[] = [];
/** Of a server that is one of several. */
const OF_NODES = ["partyline_nats_connected", "partyline_nats_losses_total"];

/** Those that a server has an answer to that is not one of several. */
function queriesAlone(seconds: number) {
  return queries(seconds).filter(({ expression }) =>
    !OF_NODES.some((name) => expression.includes(name))
  );
}

Deno.test("the dashboard shows each figure that there is, by labels that it has, and no others", async () => {
  await using server = await TestServer.open({ operations: { metrics: [] } });
  const text = await (await fetch(`${server.url}/metrics`)).text();
  const keys = [...figuresIn(text).keys()];
  const names = namesIn(text);
  const shown = new Set<string>();
  for (const { panel, expression } of queriesAlone(60)) {
    const used = [...expression.matchAll(/\b(?:partyline|process)_[a-z_]+/g)].map(([name]) => name);
    for (const name of used) {
      assert(names.has(name), `${panel}: there is no ${name}`);
      shown.add(name.replace(/_(bucket|sum|count)$/, ""));
    }
    const labels = [...expression.matchAll(/\bby \((\w+)\)/g)].map(([, label]) => label!);
    for (const label of labels) {
      const has = (name: string) => keys.some((key) => key.startsWith(`${name}{${label}="`));
      assert(used.some(has), `${panel}: nothing has a label ${label}`);
    }
  }
  const metrics = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name!);
  assertEquals(metrics.filter((name) => !shown.has(name)).sort(), [...NOT_SHOWN]);
});

Deno.test("no panel covers another, and each has its number", () => {
  const cells = new Set<string>();
  for (const { title, gridPos: { x, y, w, h } } of dashboard.panels) {
    assert(x + w <= 24, title);
    for (let column = x; column < x + w; column++) {
      for (let row = y; row < y + h; row++) {
        assert(!cells.has(`${column} ${row}`), `${title} covers another`);
        cells.add(`${column} ${row}`);
      }
    }
  }
  assertEquals(new Set(dashboard.panels.map(({ id }) => id)).size, dashboard.panels.length);
});

Deno.test({
  name: "each query of the dashboard has an answer in a Prometheus that scrapes a server",
  ignore: !await Prometheus.isInstalled(), // what this machine lacks, .ci/run does not install
  async fn() {
    await using server = await TestServer.open({ operations: { metrics: [] } });
    await using prometheus = await Prometheus.start(server.httpPort);
    await using ann = await websocket.join(server, { name: "ann" });
    // Rates need two scrapes with traffic before each.
    for (let scrapes = 0; scrapes < 3; scrapes++) {
      await ann.say(`message ${scrapes}`);
      const echo = await openSocket(server, "/echo");
      echo.socket.close();
      await echo.ended;
      await prometheus.scraped(scrapes + 1);
    }
    for (const { panel, expression } of queriesAlone(60)) {
      const values = await prometheus.query(expression);
      assert(values.length > 0, `${panel}: nothing for ${expression}`);
    }
    const [messages] = await prometheus.query("partyline_messages_total");
    assertEquals(messages, 3);
  },
});
