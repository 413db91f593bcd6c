import type { Locale } from "../../lib/view/locale.ts";
import type { Viewer } from "../../lib/view/message_view.ts";
import type { ChatMessage } from "../messages/chat_message.ts";
import { FileTray } from "./file_tray.ts";
import type { PackedMessage } from "./parcel.ts";
import { ParcelRow, type RowMaker } from "./parcel_row.ts";
import { Parcels, type ParcelsOptions } from "./parcels.ts";

export { transfer } from "./transfer.ts";

/**
 * What the page has is given to the desk, not imported: what two files of the page share is one more
 * file, for which the first load would wait.
 */
export interface FileDeskOptions extends Omit<ParcelsOptions, "changed">, RowMaker {
  readonly locale: Locale;
  /** Files of one message. */
  readonly most: number;
  /** There are files for the next message, or none. */
  readonly chosen: (some: boolean) => void;
  /** The rows of the messages that are on their way, in order. */
  readonly rows: (rows: readonly ChatMessage[]) => void;
  /** A message was given up before it was sent: its files are in the tray again, and these are its words. */
  readonly giveBack: (message: PackedMessage) => void;
}

/** Where files wait for their message, and messages for their files. It is loaded for the first file. */
export class FileDesk {
  readonly #options: FileDeskOptions;
  readonly #tray: FileTray;
  readonly #parcels: Parcels;
  readonly #rows = new Map<string, ParcelRow>();
  #viewer: Viewer;

  constructor(options: FileDeskOptions, viewer: Viewer) {
    this.#options = options;
    this.#viewer = viewer;
    const { chosen } = options;
    this.#tray = new FileTray(options, () => chosen(!this.#tray.isEmpty));
    this.#parcels = new Parcels({ ...options, changed: () => this.#show() });
  }

  /** The element that shows what was chosen. */
  get tray(): HTMLElement {
    return this.#tray.element;
  }

  add(files: Iterable<File>): void {
    this.#tray.add(files);
  }

  /** Goes on with what an earlier visit has left. */
  load(): Promise<void> {
    return this.#parcels.load();
  }

  /** Sends a message with the files that were chosen. */
  async send(message: Pick<PackedMessage, "text" | "re">): Promise<void> {
    await this.#parcels.send({ ...message, id: newId(), at: Date.now() }, this.#tray.take());
  }

  /** Tries again what failed; nothing where that was no message with files. */
  retry(id: string): void {
    this.#parcels.retry(id);
  }

  /** Forgets a message. False where it was none with files. */
  discard(id: string): boolean {
    const parcel = this.#parcels.discard(id);
    if (parcel && parcel.state !== "failed") {
      this.#tray.add(parcel.files.map(({ blob, name }) => new File([blob], name, blob)));
      this.#options.giveBack(parcel);
    }
    return parcel !== undefined;
  }

  /** The server is there. */
  resume(): void {
    this.#parcels.resume();
  }

  /** For another viewer, or in another language. */
  show(viewer: Viewer): void {
    this.#viewer = viewer;
    this.#show(true);
  }

  #show(anew = false): void {
    const { shown } = this.#parcels;
    for (const id of this.#rows.keys()) {
      if (!shown.some((parcel) => parcel.id === id)) this.#rows.delete(id);
    }
    const rows = shown.map((parcel) => {
      let row = this.#rows.get(parcel.id);
      if (!row) this.#rows.set(parcel.id, row = new ParcelRow(this.#options));
      row.show(parcel, this.#viewer, anew);
      return row.element;
    });
    this.#options.rows(rows);
  }
}

/** Unique without a secure context, which `crypto.randomUUID` asks for. */
function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
