import type { Moderation } from "../moderation/mod.ts";
import type { Visit } from "../room/visit.ts";
import { parseFrame } from "../wire/json.ts";

/**
 * Does what a frame of the JSON protocol asks for; the answer comes through the visit's reader.
 * Resolves when there is one, and never rejects.
 */
export async function answerFrame(
  visit: Visit,
  text: string,
  moderation: Moderation,
): Promise<void> {
  let id: unknown;
  try {
    const frame = parseFrame(text);
    switch (frame.type) {
      case "draft": {
        id = frame.fields.id;
        const receipt = await visit.post(frame.fields);
        const known = typeof id === "string" ? { id } : {};
        return visit.reader.push({ type: "ack", ...known, ...receipt });
      }
      case "order": {
        id = frame.id;
        const { receipt, ...done } = await moderation.order(frame.fields, visit, id);
        const known = typeof id === "string" ? { id } : {};
        return visit.reader.push(
          receipt ? { type: "ack", ...known, ...receipt } : { type: "done", ...known, ...done },
        );
      }
      case "rename":
        return await visit.rename(frame.name);
      case "typing":
        return visit.typing();
    }
  } catch (error) {
    visit.refuse(error, id);
  }
}
