import { assertEquals } from "@std/assert";
import type { RoomEvent } from "../../lib/model/events.ts";
import { decodeEvent, parseEvent } from "../../lib/wire/event_decoder.ts";
import { message } from "../support/fakes.ts";

Deno.test("an entry of a kind that is not known yet is one all the same", () => {
  const poll = { type: "poll", seq: 7, at: 1795215600000, from: "ann", ref: 3, text: "hi" };
  assertEquals(parseEvent(poll), { type: "unknown", seq: 7, event: poll });
  for (const none of [{ type: "poll", seq: "7", at: 1 }, { type: "new", seq: 7 }]) {
    assertEquals(parseEvent(none), undefined);
  }
});

Deno.test("a reaction of which a server tells less is an entry all the same, that is shown to nobody", () => {
  const reaction = { type: "reaction", seq: 7, at: 1, from: "ann", ref: 3, emoji: "👍", on: true };
  assertEquals(parseEvent(reaction), { type: "unknown", seq: 7, event: reaction });
  const whole = { ...reaction, count: 1, names: ["ann"] };
  assertEquals(parseEvent(whole), whole as RoomEvent);
});

Deno.test("what a server of another kind or version says is no event", () => {
  const nothing = [
    "",
    "* lobby, 3 online. Your name?",
    "{",
    "null",
    "[]",
    "{}",
    '{"type":1}',
    '{"type":"toString"}',
    '{"type":"fireworks"}',
    '{"type":"message","seq":"1","at":1,"from":"a","text":"b"}',
    '{"type":"message","seq":1,"at":1,"from":"a"}',
    '{"type":"presence","count":1,"names":[1]}',
    '{"type":"welcome","limits":null}',
  ];
  for (const json of nothing) assertEquals(decodeEvent(json), undefined, json);
  const known = { ...message(1), later: true };
  assertEquals(decodeEvent(JSON.stringify(known)), known as RoomEvent);
});
