import type { DraftFields } from "../model/draft.ts";
import { formatCursor } from "../model/cursor.ts";
import { type Batch, isEntry, type RoomEvent } from "../model/events.ts";
import { isOrderType, type OrderFields } from "../model/order.ts";
import { Refusal } from "../model/refusal.ts";

/** How long an EventSource waits before it comes back, unless a `bye` says otherwise. */
export const SSE_RETRY_MS = 2000;

/** JSON objects joined by line feeds, without one at the end: a WebSocket frame. */
export function encodeFrame({ events }: Batch): string {
  // Most batches under light load have one event; what JSON makes of it is the frame.
  if (events.length === 1) return JSON.stringify(events[0]);
  return events.map((event) => JSON.stringify(event)).join("\n");
}

/** The batch as Server-Sent Events; only entries have an `id`, which is the cursor after them. */
export function encodeSse({ events }: Batch, epoch: string): string {
  return events.map((event) => sseBlock(event, epoch)).join("");
}

// https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
// JSON has no line breaks of its own, so a text cannot end a field or a block.
function sseBlock(event: RoomEvent, epoch: string): string {
  if (isEntry(event)) {
    return `id: ${formatCursor(epoch, event.seq)}\nevent: ${event.type}\ndata: ${
      JSON.stringify(event)
    }\n\n`;
  }
  const block = `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
  switch (event.type) {
    case "ping":
      return ": ping\n\n";
    case "bye":
      return `retry: ${event.reconnect_ms}\n${block}`;
    default:
      return block;
  }
}

/** What a client asks for. Fields that need parsing are as they came. */
export type ClientFrame =
  /** Something to store: a message, or what changes one. */
  | { readonly type: "draft"; readonly fields: DraftFields }
  | { readonly type: "rename"; readonly name: unknown }
  | { readonly type: "typing" }
  /** What an operator asks for. */
  | { readonly type: "order"; readonly fields: OrderFields; readonly id?: unknown }
  /** `pong`, and what a later version may know. */
  | { readonly type: "other" };

/**
 * A text frame, or a line of JSON mode, from a client: a JSON object, or else the text of a message.
 * Throws a Refusal where it starts like an object and is none.
 */
export function parseFrame(frame: string): ClientFrame {
  if (!frame.startsWith("{")) return { type: "draft", fields: { text: frame } };
  const { type, text, id, name, ...rest } = parseObject(frame);
  switch (type) {
    case "message": {
      const { re, files } = rest;
      return { type: "draft", fields: { type, text, id, re, files } };
    }
    case "edit":
      return { type: "draft", fields: { type, ref: rest.ref, text, id } };
    case "delete":
      return { type: "draft", fields: { type, ref: rest.ref, id } };
    case "reaction": {
      const { ref, emoji, on } = rest;
      return { type: "draft", fields: { type, ref, emoji, on, id } };
    }
    case "rename":
      return { type, name };
    case "typing":
      return { type };
    default:
      if (isOrderType(type)) return { type: "order", fields: { type, name, text, ...rest }, id };
      if (typeof type !== "string") throw new Refusal("bad_request", `"type" must be a string`);
      return { type: "other" };
  }
}

/** Throws a Refusal where the text is not one JSON object. */
export function parseObject(json: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw new Refusal("bad_request", "this is not valid JSON; wanted one object", { cause });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Refusal("bad_request", "this is not a JSON object; wanted {…}");
  }
  return value as Record<string, unknown>;
}
