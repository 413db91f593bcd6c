import { assertEquals } from "@std/assert";
import type { RoomEvent } from "../../lib/model/events.ts";
import { decodeEvent } from "../../lib/wire/event_decoder.ts";
import { message } from "../support/fakes.ts";

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
