import type { Locale } from "../../lib/view/locale.ts";
import { h, isSend, isTouched } from "../base/dom.ts";
import type { ChatMessage } from "../messages/chat_message.ts";

export interface EditorOptions {
  readonly text: string;
  readonly locale: Locale;
  /** In characters. */
  readonly limit: number;
  /** Puts it in and takes it out again while what is in sight stays in place. */
  readonly hold: (change: () => void) => void;
  readonly saved: (text: string) => void;
  /** Called when it is closed, saved or not: gives the focus to something else. */
  readonly closed: () => void;
}

/** Opens a message for editing in its place, or focuses the editor that is open there. */
export function openEditor(row: ChatMessage, options: EditorOptions): void {
  const open = row.querySelector<HTMLTextAreaElement>(".editor textarea");
  if (open) return open.focus();
  const { hold } = options;
  const form = createEditor(row, options);
  hold(() => {
    row.classList.add("editing");
    const text = row.querySelector(":scope > .text");
    if (text) text.after(form);
    else row.append(form);
  });
  const field = form.querySelector("textarea")!;
  field.focus({ preventScroll: true });
  field.setSelectionRange(field.value.length, field.value.length);
  form.scrollIntoView({ block: "nearest" });
}

function createEditor(
  row: ChatMessage,
  { text, locale, limit, hold, saved, closed }: EditorOptions,
): HTMLFormElement {
  const field = h("textarea", {
    "aria-label": locale.say("editText"),
    "dir": "auto",
    "rows": 1,
    "enterkeyhint": isTouched() ? "enter" : "done",
    "autocomplete": "off",
  });
  field.value = text;
  const hint = h("output", {}, locale.say("editHint"));
  const save = h("button", { class: "primary" }, locale.say("save"));
  const close = () => {
    hold(() => {
      form.remove();
      row.classList.remove("editing");
    });
    closed();
  };
  const mayBeEmpty = (row.entry.files ?? []).length > 0;
  const update = () => {
    const over = [...field.value].length - limit;
    save.disabled = over > 0 || (!mayBeEmpty && field.value.trim() === "");
    hint.textContent = locale.say(over > 0 ? "tooLong" : "editHint", { n: over });
    hint.classList.toggle("over", over > 0);
  };
  const submit = () => {
    update();
    if (save.disabled) return;
    const written = field.value.trimEnd();
    close();
    if (written !== text || row.shown.text !== text) saved(written);
  };
  const form = h(
    "form",
    {
      class: "editor",
      input: update,
      submit: (event) => {
        event.preventDefault();
        submit();
      },
    },
    field,
    hint,
    h(
      "button",
      { class: "secondary", type: "button", click: close },
      locale.say("cancel"),
    ),
    save,
  );
  form.addEventListener("keydown", (event) => {
    // The keys of an input method are not for us; Safari marks them only by 229.
    if (event.isComposing || event.keyCode === 229) return;
    // Those with Ctrl are for the page, all others for the field.
    if (!event.ctrlKey && !event.metaKey) event.stopPropagation();
    const isEnter = event.target === field && isSend(event);
    if (event.key !== "Escape" && !isEnter) return;
    event.preventDefault();
    if (isEnter) submit();
    else close();
  });
  update();
  return form;
}
