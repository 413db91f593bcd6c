import type { Client } from "../../lib/client/mod.ts";
import { LIMITS } from "../../lib/model/message.ts";
import { fileView, isPicture, roomOf } from "../../lib/view/files_view.ts";
import type { Locale } from "../../lib/view/locale.ts";
import type { Viewer } from "../../lib/view/message_view.ts";
import { later } from "../base/later.ts";
import type { Database } from "../base/database.ts";
import { type ChatMessage, createMessage } from "../messages/chat_message.ts";
import { DropZone } from "./drop_zone.ts";
import type { FileDesk } from "./file_desk.ts";
import type { PackedMessage } from "./parcel.ts";

export interface AttachingOptions {
  /** Holds the button and the field of the files, and shows what was chosen. */
  readonly composer: HTMLElement & { hasFiles: boolean };
  readonly database: Database;
  readonly viewer: () => Viewer;
  readonly upload: Client["upload"];
  readonly say: (message: PackedMessage) => Promise<unknown>;
  readonly discard: (id: string) => void;
  readonly rows: (rows: readonly ChatMessage[]) => void;
  readonly giveBack: (message: PackedMessage) => void;
  /** The files cannot be taken: what that needs cannot be loaded. */
  readonly failed: () => void;
}

/**
 * Takes files that are chosen, pasted or dropped, and hands them on to the desk, which is loaded for
 * the first of them, or where an earlier visit has left something to send.
 */
export class Attaching {
  readonly #options: AttachingOptions;
  readonly #button: HTMLButtonElement;
  readonly #field: HTMLInputElement;
  readonly #drop: DropZone;
  #desk: FileDesk | undefined;
  #loading: Promise<FileDesk> | undefined;
  /** In bytes; undefined where the server takes no files, or has not said so yet. */
  #limit: number | undefined;
  #hasFiles = false;

  constructor(options: AttachingOptions) {
    this.#options = options;
    const { composer } = options;
    this.#button = composer.querySelector(".attach")!;
    this.#field = composer.querySelector("input[type=file]")!;
    this.#drop = new DropZone(document.body, (files) => this.#take(files));
  }

  /** To be called once. */
  open(locale: Locale): void {
    const { composer } = this.#options;
    this.#button.ariaLabel = this.#button.title = locale.say("attach");
    this.#drop.label = locale.say("dropFiles");
    this.#button.addEventListener("click", () => this.#field.click());
    this.#field.addEventListener("change", () => {
      this.#take([...this.#field.files ?? []]);
      this.#field.value = ""; // the same file can be chosen again
      composer.focus();
    });
    document.addEventListener("paste", (event) => this.#paste(event));
    this.#goOn();
  }

  /** The largest file that the server takes; undefined where it takes none. */
  set limit(bytes: number | undefined) {
    this.#limit = bytes;
    this.#button.hidden = bytes === undefined;
    this.#drop.isOpen = bytes !== undefined;
  }

  get hasFiles(): boolean {
    return this.#hasFiles;
  }

  /** Sends what was chosen, with a text that may be empty. */
  send(message: Pick<PackedMessage, "text" | "re">): void {
    this.#desk?.send(message);
  }

  retry(id: string): void {
    this.#desk?.retry(id);
  }

  /** False where it was no message with files. */
  discard(id: string): boolean {
    return this.#desk?.discard(id) ?? false;
  }

  /** The server is there. */
  resume(): void {
    this.#desk?.resume();
  }

  show(viewer: Viewer): void {
    this.#desk?.show(viewer);
  }

  /** With what an earlier visit has left. */
  async #goOn(): Promise<void> {
    try {
      if (await this.#options.database.count("parcels") > 0) await (await this.#load()).load();
    } catch {
      // best effort: where the browser keeps nothing, nothing was left
    }
  }

  /** Forgets all that is to be sent: it is not the next one's. */
  async end(): Promise<void> {
    await this.#options.database.clear("parcels").catch(() => {}); // then there is nothing
  }

  async #take(files: readonly File[]): Promise<void> {
    const isWritable = this.#options.composer.checkVisibility();
    if (files.length === 0 || this.#limit === undefined || !isWritable) return;
    try {
      (await this.#load()).add(files);
    } catch {
      this.#options.failed();
    }
    this.#options.composer.focus();
  }

  #paste(event: ClipboardEvent): void {
    const { target, clipboardData } = event;
    const files = [...clipboardData?.files ?? []];
    const isElsewhere = (target as Element).closest?.("dialog, input, .editing") !== null;
    if (files.length === 0 || isElsewhere) return;
    // A text with a picture of itself, as word processors and spreadsheets give it, is a text.
    const { types } = clipboardData!;
    if (types.includes("text/plain") && types.includes("text/html")) return;
    event.preventDefault();
    this.#take(files);
  }

  #load(): Promise<FileDesk> {
    return this.#loading ??= this.#open().catch((error) => {
      this.#loading = undefined; // offline, perhaps: the next file tries again
      throw error;
    });
  }

  async #open(): Promise<FileDesk> {
    const { FileDesk } = await later(import("./file_desk.ts"));
    const { composer, viewer } = this.#options;
    this.#desk = new FileDesk({
      ...this.#options,
      locale: viewer().locale,
      most: LIMITS.files,
      limit: () => this.#limit ?? Infinity,
      views: { fileView, isPicture, roomOf },
      createRow: ({ text, at }, viewer) => {
        const from = viewer.self ?? "";
        return createMessage({ type: "message", seq: 0, at, from, text }, viewer);
      },
      chosen: (some) => composer.hasFiles = this.#hasFiles = some,
    }, viewer());
    composer.prepend(this.#desk.tray);
    return this.#desk;
  }
}
