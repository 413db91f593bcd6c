import { fileView, isPicture, roomOf } from "../../lib/view/files_view.ts";
import type { Locale } from "../../lib/view/locale.ts";
import type { Viewer } from "../../lib/view/message_view.ts";
import { build, h } from "../base/dom.ts";
import { type ChatMessage, createMessage } from "../messages/chat_message.ts";
import { createPreview } from "./preview.ts";
import { type PackedFile, type Parcel, sizeOf } from "./parcel.ts";

/** A message with files that is on its way: what is in it, how far it is, and what can be done. */
export class ParcelRow {
  element!: ChatMessage;
  readonly #progress = h("progress", {});
  readonly #words = h("span", { role: "status" });
  /** What the row was built for; the progress alone is changed in place. */
  #shape = "";
  #files: HTMLElement | undefined;

  /** `anew`: for another viewer. */
  show(parcel: Parcel, viewer: Viewer, anew = false): void {
    const { state, code, kept, files } = parcel;
    const shape = [state, code, kept, files.length].join(" ");
    if (anew || shape !== this.#shape) {
      // The pictures are made once.
      if (anew || this.#files?.dataset.count !== String(files.length)) {
        this.#files = filesOf(files, viewer.locale);
      }
      this.#build(parcel, viewer, this.#files);
    }
    this.#shape = shape;
    const whole = sizeOf(parcel);
    const percent = whole === 0 ? 0 : Math.floor(100 * parcel.sent / whole);
    this.#progress.hidden = state !== "uploading";
    this.#progress.max = 100;
    this.#progress.value = percent;
    this.#progress.ariaLabel = viewer.locale.say("uploading", { percent });
    const words = this.#say(parcel, viewer.locale);
    if (this.#words.textContent !== words) this.#words.textContent = words;
  }

  #build(parcel: Parcel, viewer: Viewer, shown: HTMLElement): void {
    const { id, text, at, state, kept } = parcel;
    const { locale, self = "" } = viewer;
    const row = createMessage({ type: "message", seq: 0, at, from: self, text }, viewer);
    row.removeAttribute("id");
    row.classList.add("draft", state === "failed" ? "failed" : "waiting");
    const failed = state === "failed";
    const button = (name: string, label: string) =>
      h("button", { type: "button", [`data-${name}`]: id }, label);
    row.append(
      shown,
      h(
        "p",
        { class: "status" },
        this.#progress,
        " ",
        ...(failed ? [h("b", {}, locale.say("failed")), " "] : []),
        this.#words,
        " ",
        ...(failed ? [button("retry", locale.say("retry")), " "] : []),
        button("discard", locale.say(failed ? "discard" : "cancel")),
      ),
      ...(kept ? [] : [h("p", { class: "status" }, locale.say("filesNotKept"))]),
    );
    this.element = row;
  }

  #say({ state, code, sent, ...message }: Parcel, locale: Locale): string {
    const reason = code === undefined ? "" : locale.reason(code) ?? locale.say("notAccepted");
    switch (state) {
      case "preparing":
        return locale.say("preparingFiles");
      case "uploading": {
        // Not each per cent: a screen reader says them all.
        const percent = Math.floor(4 * sent / Math.max(1, sizeOf(message))) * 25;
        return locale.say("uploading", { percent });
      }
      case "failed":
        return reason;
      default:
        return `${locale.say("waiting")} ${reason}`.trimEnd();
    }
  }
}

function filesOf(files: readonly PackedFile[], locale: Locale): HTMLElement {
  const pictures = files.filter(({ width, blob }) => width !== undefined && isPicture(blob));
  const others = files.filter((file) => !pictures.includes(file));
  return h(
    "div",
    { "class": "files", "data-count": files.length },
    h(
      "div",
      { class: "pictures" },
      ...pictures.map(({ blob, name, width = 0, height = 0 }) => {
        const room = roomOf({ width, height }, pictures.length > 1);
        return h("span", { class: "picture" }, createPreview(blob, name, room));
      }),
    ),
    ...others.map(({ name, blob: { type, size } }) =>
      h("span", { class: "file" }, ...fileView({ name, type, size }, locale).map(build))
    ),
  );
}
