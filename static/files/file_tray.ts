import { fileView } from "../../lib/view/files_view.ts";
import type { Locale } from "../../lib/view/locale.ts";
import { build, h } from "../base/dom.ts";
import { LIMITS } from "../../lib/model/message.ts";
import { createPreview } from "./preview.ts";
import type { PackedFile } from "./parcel.ts";
import { type PreparedFile, prepareFile } from "../pictures/prepare.ts";

/** A file that was chosen, and is not sent. */
interface Chosen {
  readonly file: File;
  readonly row: HTMLElement;
  /** As it leaves the browser, unless the original is wanted. */
  readonly ready: Promise<PreparedFile>;
  prepared: PreparedFile | undefined;
  preview: HTMLImageElement | undefined;
}

/** The files that were chosen for the next message: each can be removed, pictures can be sent as they are. */
export class FileTray {
  readonly element = h("div", { class: "tray", role: "group", hidden: true });
  readonly #list = h("ul");
  readonly #note = h("p", { class: "hint", role: "status" });
  readonly #original = h("input", { type: "checkbox" });
  readonly #choice = h("label", { hidden: true }, this.#original);
  readonly #locale: Locale;
  readonly #limit: () => number;
  readonly #changed: () => void;
  #chosen: Chosen[] = [];
  /** Why some were left out, until something else is done. */
  #refused: readonly string[] = [];

  /** `limit`: the bytes that a file may have; `changed` is called when there are more or fewer. */
  constructor(locale: Locale, limit: () => number, changed: () => void) {
    this.#locale = locale;
    this.#limit = limit;
    this.#changed = changed;
    this.element.ariaLabel = locale.say("filesToSend");
    this.#choice.append(h("span", {}, locale.say("originals")));
    this.element.append(this.#list, this.#choice, this.#note);
    this.#original.addEventListener("change", () => {
      this.#refused = [];
      this.#update();
    });
  }

  get isEmpty(): boolean {
    return this.#chosen.length === 0;
  }

  /** Those that cannot be sent are left out, and it is told why. */
  add(files: Iterable<File>): void {
    const refused = new Set<string>();
    for (const file of files) {
      const refusal = this.#refusal(file);
      if (refusal === undefined) this.#add(file);
      else refused.add(refusal);
    }
    this.#refused = [...refused];
    this.#update();
  }

  /** Takes what was chosen out of the tray, each as it is to be sent. */
  take(): Promise<PackedFile[]> {
    const original = this.#original.checked;
    const packed = this.#chosen.map(async ({ file, ready }) => {
      if (original) return { blob: file, name: file.name };
      const { blob, name, width, height } = await ready;
      return { blob, name, width, height };
    });
    this.#chosen = [];
    this.#original.checked = false;
    this.#refused = [];
    this.#update();
    return Promise.all(packed);
  }

  #refusal({ name, size, type }: File): string | undefined {
    const n = LIMITS.files;
    if (this.#chosen.length >= n) return this.#locale.say("tooManyFiles", { n });
    if (size === 0) return this.#locale.say("emptyFile", { name });
    // A picture may be smaller when it is ready.
    return type.startsWith("image/") ? undefined : this.#tooLarge(name, size);
  }

  #tooLarge(name: string, bytes: number): string | undefined {
    if (bytes <= this.#limit()) return undefined;
    const [size, limit] = [bytes, this.#limit()].map((each) => this.#locale.bytes(each));
    return this.#locale.say("tooLarge", { name, size: size!, limit: limit! });
  }

  #add(file: File): void {
    const row = h("li", { class: "preparing" });
    const ready = prepareFile(file);
    const chosen: Chosen = { file, row, ready, prepared: undefined, preview: undefined };
    this.#chosen.push(chosen);
    this.#show(chosen);
    ready.then((prepared) => {
      if (!this.#chosen.includes(chosen)) return;
      chosen.prepared = prepared;
      if (prepared.width) chosen.preview = createPreview(prepared.blob, "");
      this.#show(chosen);
      this.#update();
    });
  }

  #remove(chosen: Chosen): void {
    const i = this.#chosen.indexOf(chosen);
    this.#chosen.splice(i, 1);
    this.#refused = [];
    this.#update();
    // On the one that takes its place, so that the keyboard does not begin anew.
    const next = this.#chosen[i] ?? this.#chosen[i - 1];
    next?.row.querySelector("button")?.focus();
  }

  #show(chosen: Chosen): void {
    const { file, row, prepared, preview } = chosen;
    const original = this.#original.checked || !prepared;
    const { name, type, size } = original ? file : {
      name: prepared.name,
      type: prepared.blob.type,
      size: prepared.blob.size,
    };
    const [ending, ...words] = fileView({ name, type, size }, this.#locale).map(build);
    const label = this.#locale.say("removeFile", { name });
    const click = () => this.#remove(chosen);
    row.classList.toggle("preparing", !prepared);
    row.replaceChildren(
      preview ?? ending!,
      ...words,
      h(
        "button",
        { class: "remove", type: "button", "aria-label": label, title: label, click },
        "✕",
      ),
    );
  }

  #update(): void {
    const original = this.#original.checked;
    const words: string[] = [];
    for (const chosen of [...this.#chosen]) {
      const { file, prepared } = chosen;
      if (!prepared) continue;
      const { name, blob, telling } = original ? { ...prepared, blob: file } : prepared;
      const tooLarge = this.#tooLarge(name, blob.size);
      // That the original is too large is no reason to lose the picture.
      if (tooLarge !== undefined && original && prepared.blob.size <= this.#limit()) {
        this.#original.checked = false;
        this.#refused = [tooLarge];
        return this.#update();
      }
      if (tooLarge !== undefined) {
        this.#chosen.splice(this.#chosen.indexOf(chosen), 1);
        this.#refused = [...this.#refused, tooLarge];
      } else if (telling && !original) words.push(this.#locale.say("telling", { name }));
    }
    for (const chosen of this.#chosen) if (chosen.prepared) this.#show(chosen);
    const rows = this.#chosen.map(({ row }) => row);
    if (rows.length !== this.#list.children.length || rows.some((row) => !row.isConnected)) {
      this.#list.replaceChildren(...rows);
    }
    this.#choice.hidden = !this.#chosen.some(({ prepared }) => prepared?.width);
    if (original && !this.isEmpty) words.push(this.#locale.say("originalsHint"));
    this.#note.textContent = [...this.#refused, ...words].join(" ");
    this.element.hidden = this.isEmpty && this.#refused.length === 0;
    this.#changed();
  }
}
