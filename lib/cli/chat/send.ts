import { basename } from "node:path";
import { StartupError } from "../../base/startup_error.ts";
import { type Client, NotConnected, Refusal } from "../../client/mod.ts";
import type { Welcome } from "../../model/events.ts";
import { openFile } from "../files.ts";

/** How often the progress is told. */
const TELL_MS = 100;

/** What a file is sent with. */
export interface Sending {
  readonly path: string;
  /** Said with it; may be empty. */
  readonly text: string;
  /** Asks to leave: then nothing is said. */
  readonly signal: AbortSignal;
  /** Told what is done, one line. */
  readonly print: (line: string) => void;
  /** Told how far it is; undefined where nobody would see it move. */
  readonly progress: ((text: string) => void) | undefined;
}

/**
 * Sends a file as a message, and leaves. Resolves with the exit code 0 once it is stored, 1 where it was
 * interrupted. Throws a StartupError where the file or the server does not do, and as the client does
 * where the room cannot be joined.
 */
export async function sendFile(client: Client, sending: Sending): Promise<number> {
  const { path, text, signal, print, progress } = sending;
  using file = await openFile(path);
  const { isFile, size } = await file.stat();
  const name = basename(path);
  if (!isFile) throw new StartupError(`cannot send ${path}: it is no file`);

  const listening = listen(client);
  const leave = () => client.leave();
  signal.addEventListener("abort", leave);
  try {
    const welcome = await listening.welcome;
    if (!welcome) return 1;
    const most = welcome.limits.file;
    if (most === undefined) throw new Refusal("forbidden", "the server takes no files");
    if (size > most) {
      throw new Refusal("too_long", `it has ${size} bytes; at most ${most} are accepted`);
    }
    const info = await client.upload(name, file.readable, {
      signal,
      ...(progress && { onProgress: percent(name, size, progress) }),
    });
    progress?.(`${name}: sent, waits to be said`);
    const { seq } = await client.say(text, { files: [info] });
    progress?.("");
    print(`#${seq} ${info.name}, ${info.type}, ${info.size} bytes`);
    return 0;
  } catch (error) {
    progress?.("");
    if (signal.aborted) return 1;
    if (error instanceof Refusal || error instanceof NotConnected) {
      throw new StartupError(`cannot send ${path}: ${error.message}`, { cause: error });
    }
    throw error;
  } finally {
    signal.removeEventListener("abort", leave);
    await client.leave();
    await listening.over;
  }
}

/** Reads what comes, so that the client goes on; the welcome is undefined where we leave before. */
function listen(client: Client) {
  const welcome = Promise.withResolvers<Welcome | undefined>();
  const read = async () => {
    for await (const event of client) if (event.type === "welcome") welcome.resolve(event);
  };
  const over = read().then(() => welcome.resolve(undefined), welcome.reject);
  return { welcome: welcome.promise, over };
}

/** `photo.png: 45 %`, not more often than somebody can read. */
function percent(name: string, size: number, progress: (text: string) => void) {
  let toldAt = -Infinity;
  return (sent: number) => {
    const now = performance.now();
    if (now < toldAt + TELL_MS) return;
    toldAt = now;
    progress(`${name}: ${Math.floor(100 * sent / Math.max(1, size))} %`);
  };
}
