import type { Message } from "../../lib/model/message.ts";
import type { Locale } from "../../lib/view/locale.ts";
import type { StringKey } from "../../lib/view/strings/en.ts";
import { type Branch, tree } from "../../lib/view/tree.ts";
import type { OutgoingChange, OwnChanges } from "./own_changes.ts";

const FAILED = {
  edit: "notEdited",
  delete: "notDeleted",
  reaction: "notReacted",
} as const satisfies Record<OutgoingChange["type"], StringKey>;

/** The line below a message about what the viewer has done to it; undefined where all is well. */
export function statusOf(
  { seq }: Message,
  own: OwnChanges,
  locale: Locale,
): Branch | undefined {
  const failed = own.of(seq).findLast(({ state }) => state === "failed");
  if (failed) return failedView(failed, locale);
  const waits = own.of(seq).some(({ type }) => type !== "reaction");
  if (waits && !own.connected) return tree("p", { class: "status" }, locale.say("notYet"));
  if (!own.isDeleting(seq)) return undefined;
  return tree("p", { class: "status" }, button({ "data-undo": seq }, locale.say("undo")));
}

/** What the server refused, and why; an edit's text is not lost. */
function failedView(change: OutgoingChange, locale: Locale): Branch {
  const { id, type, code = "" } = change;
  const reason = locale.reason(code) ?? locale.say("notAccepted");
  return tree(
    "p",
    { class: "status failed" },
    tree("b", {}, locale.say(FAILED[type])),
    ` ${reason} `,
    type === "edit"
      ? button({ "data-edit-again": id }, locale.say("editAgain"))
      : button({ "data-retry": id }, locale.say("retry")),
    " ",
    button({ "data-discard": id }, locale.say("dismiss")),
  );
}

function button(data: Readonly<Record<string, string | number>>, label: string): Branch {
  return tree("button", { type: "button", ...data }, label);
}
