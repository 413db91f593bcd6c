import type { Clock } from "../../base/clock.ts";
import type { FileInfo } from "../../model/message.ts";
import { Refusal } from "../../model/refusal.ts";
import { Silence } from "../connection/silence.ts";
import { NotConnected, reasonOf } from "../errors.ts";
import type { Requests } from "../requests.ts";

/** An upload that has not gone on for so long will not. */
const SILENT_MS = 60_000;

/** What a file is read from. */
export type FileSource = Blob | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array<ArrayBuffer>>;

export interface UploadOptions {
  /** What the bytes are said to be, as `image/png`; the server looks for itself. */
  readonly type?: string | undefined;
  /** Told how many bytes have gone out, as often as it is known. */
  readonly onProgress?: ((sent: number) => void) | undefined;
  /** Cancels it; the promise rejects with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Sends a request whose body is a file, and tells how many bytes of it are out. A browser's `fetch`
 * cannot say that of itself, so a page brings a transfer of its own.
 */
export type Transfer = (
  url: URL,
  request: RequestInit & { readonly body: FileSource; readonly signal: AbortSignal },
  sent: (bytes: number) => void,
) => Promise<Response>;

/** By `fetch`, whose body is a stream that is counted as it is read. */
export const fetchTransfer: Transfer = (url, { body, ...request }, sent) => {
  let bytes = 0;
  const counter = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    transform(chunk, controller) {
      controller.enqueue(chunk);
      sent(bytes += chunk.length);
    },
  });
  const source = body instanceof ReadableStream ? body : new Response(body).body!;
  const init = { ...request, body: source.pipeThrough(counter), duplex: "half" };
  return fetch(url, init); // `duplex` is not in the types yet
};

/**
 * Stores a file on the server; resolves with what the server says of it. Rejects with a Refusal, with
 * NotConnected where the server does not answer, or with the signal's reason.
 */
export async function upload(
  requests: Requests,
  { name, body }: { readonly name: string; readonly body: FileSource },
  { type, onProgress, signal, clock, transfer }: UploadOptions & {
    readonly clock: Clock;
    readonly transfer: Transfer;
  },
): Promise<FileInfo> {
  const over = new AbortController();
  const silence = new Silence(SILENT_MS, {
    clock,
    found: () => over.abort(new Error("no answer in time")),
  });
  const sent = (bytes: number) => {
    silence.heard();
    onProgress?.(bytes);
  };
  try {
    const response = await requests.open("api/files", {
      method: "POST",
      query: { name },
      type: type || "application/octet-stream",
      fetch: (url, request) => transfer(url, { ...request, body }, sent),
      signal: signal ? AbortSignal.any([signal, over.signal]) : over.signal,
    });
    const { file } = Object(await response.json()) as { file?: unknown };
    if (!isFile(file)) throw new Error("the answer cannot be read");
    return file;
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    if (error instanceof Refusal) throw error;
    throw new NotConnected(reasonOf(error), { cause: error });
  } finally {
    silence[Symbol.dispose]();
  }
}

function isFile(value: unknown): value is FileInfo {
  const { id, name, type, size } = Object(value) as Record<string, unknown>;
  return typeof id === "string" && typeof name === "string" && typeof type === "string" &&
    typeof size === "number";
}
