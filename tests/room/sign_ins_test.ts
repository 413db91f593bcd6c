import { assert, assertEquals } from "@std/assert";
import { openDatabase } from "../../lib/registry/database.ts";
import { Registry, SignInTable } from "../../lib/registry/mod.ts";
import { SignIns } from "../../lib/room/identity/sign_ins.ts";
import { EARLIER_SIGN_IN, type Session, Sessions } from "../../lib/room/sessions.ts";
import { type Dismissable, Visits } from "../../lib/room/identity/visits.ts";
import { ManualClock } from "../support/manual_clock.ts";

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;
const LIFE_MS = 30 * DAY_MS;
const HERE = { address: "192.0.2.1", agent: "device/1" };

function fail(what: string, error?: unknown): never {
  throw new Error(what, { cause: error });
}

async function create(path = ":memory:") {
  const clock = new ManualClock();
  const registry = new Registry(path, clock, fail);
  const table = new SignInTable(registry);
  const signIns = new SignIns({ clock, lifeMs: LIFE_MS, table });
  const visits = signIns.visits = new Visits(clock);
  const sessions = await Sessions.open(new Uint8Array(32), {
    clock,
    lifeMs: LIFE_MS,
    record: signIns,
  });
  const rows = () => registry.db.prepare("SELECT * FROM sign_ins ORDER BY used").all();
  return {
    ...{ clock, registry, table, signIns, visits, sessions, rows },
    [Symbol.dispose]() {
      signIns[Symbol.dispose]();
      registry[Symbol.dispose]();
    },
  };
}

function visitOf({ id, signIn }: Session, dismissed: string[]): Dismissable {
  return { session: id, signIn, dismiss: (code) => void dismissed.push(code) };
}

Deno.test("that a sign-in is used is written once an hour, all of a second at once", async () => {
  using test = await create();
  let written = 0;
  const session = test.sessions.create("ann");
  for (let minute = 0; minute < 3 * 60; minute++) {
    const before = test.rows()[0]?.used;
    for (let n = 0; n < 10; n++) test.signIns.use(session, HERE);
    test.clock.advance(60_000);
    if (test.rows()[0]?.used !== before) written++;
  }
  assertEquals([written, test.rows().length], [3, 1]);
  assertEquals(test.rows()[0]!.created, 0);
});

Deno.test("who came within the hour before a restart has nothing written after it", async () => {
  using test = await create();
  const session = test.sessions.create("ann");
  test.signIns.use(session, HERE);
  test.clock.advance(1000);
  const table = new SignInTable(test.registry);
  using again = new SignIns({ clock: test.clock, lifeMs: LIFE_MS, table });
  test.clock.advance(HOUR_MS / 2);
  again.use(session, HERE);
  test.clock.advance(1000);
  assertEquals(test.rows()[0]!.used, 0);
});

Deno.test("an end is on the disk when it returns, and nothing written later undoes it", async () => {
  const folder = await Deno.makeTempDir({ prefix: "partyline-" });
  try {
    const path = `${folder}/people.db`;
    using test = await create(path);
    const ann = test.sessions.create("ann");
    test.signIns.use(ann, HERE); // to be written within a second
    test.signIns.end(ann, ann.signIn);
    using db = openDatabase(path, []);
    assertEquals(db.prepare("SELECT id FROM ended_sign_ins").all().map(({ id }) => id), [
      ann.signIn,
    ]);
    test.clock.advance(1000);
    assertEquals(db.prepare("SELECT id FROM sign_ins").all(), []);
    assert(test.signIns.isEnded(ann));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("only the connections of what was ended are ended, those of old tokens among them", async () => {
  using test = await create();
  const ann = test.sessions.create("ann");
  const phone = test.sessions.another(ann);
  const old: Session = { ...ann, signIn: EARLIER_SIGN_IN };
  const dismissed: Record<string, string[]> = { ann: [], phone: [], old: [], bob: [] };
  test.visits.add(visitOf(ann, dismissed.ann!));
  test.visits.add(visitOf(phone, dismissed.phone!));
  test.visits.add(visitOf(old, dismissed.old!));
  test.visits.add(visitOf(test.sessions.create("bob"), dismissed.bob!));
  test.signIns.end(ann, EARLIER_SIGN_IN);
  assertEquals(dismissed, { ann: [], phone: [], old: ["unauthorized"], bob: [] });
  test.signIns.endOthers(phone);
  assertEquals([dismissed.ann, dismissed.phone], [["unauthorized"], []]);
  assertEquals([ann, phone, old].map((each) => test.signIns.isEnded(each)), [true, false, true]);
  test.clock.advance(1);
  assert(!test.signIns.isEnded(test.sessions.another(phone)), "what begins later is good");
});

Deno.test("a connection that stays for longer than a token is good for keeps it good", async () => {
  using test = await create();
  const session = test.sessions.create("ann");
  const token = await test.sessions.issue(session);
  const away = await test.sessions.issue(test.sessions.create("bob"));
  const visit = visitOf(session, []);
  test.visits.add(visit);
  for (let day = 0; day < 50; day++) test.clock.advance(DAY_MS);
  test.visits.delete(visit);
  assertEquals(await test.sessions.verify(token), session);
  assertEquals(await test.sessions.verify(away), undefined);
  for (let day = 0; day < 31; day++) test.clock.advance(DAY_MS);
  assertEquals(await test.sessions.verify(token), undefined);
});

Deno.test("what was used or ended longer ago than tokens live is forgotten, and there is a bound", async () => {
  using test = await create();
  const session = test.sessions.create("ann");
  test.signIns.use(session, HERE);
  test.signIns.end(session, EARLIER_SIGN_IN);
  test.clock.advance(LIFE_MS - HOUR_MS);
  const { count: ended } = count(test, "ended_sign_ins");
  assertEquals([test.rows().length, ended], [1, 1]);
  test.clock.advance(2 * DAY_MS);
  assertEquals([test.rows().length, count(test, "ended_sign_ins").count], [0, 0]);
  for (let n = 0; n < 21_500; n++) test.signIns.use(test.sessions.create(), HERE);
  test.clock.advance(1000);
  const { count: kept } = count(test, "sign_ins");
  assert(Number(kept) >= 20_000 && Number(kept) <= 21_000, `${kept}`);
});

function count({ registry }: { registry: Registry }, table: string) {
  return registry.db.prepare(`SELECT count(*) AS count FROM ${table}`).get()!;
}
