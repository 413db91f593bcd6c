import type { FileInfo } from "../../lib/model/message.ts";

/** What a status says by itself, of whatever answered: of the size of a file, and of the server's room. */
const CODES: Readonly<Record<number, string>> = { 413: "too_large", 507: "no_room" };

/** Why an upload did not work. */
export class UploadError extends Error {
  /** The server's code, or one of `CODES`; undefined where it was not reached. */
  readonly code: string | undefined;
  /** In how many seconds it may be tried again, where the server says so. */
  readonly retryAfter: number | undefined;

  constructor(
    message: string,
    { code, retryAfter }: { code?: string | undefined; retryAfter?: number | undefined } = {},
  ) {
    super(message);
    this.code = code;
    this.retryAfter = retryAfter;
  }
}

export interface UploadOptions {
  readonly name: string;
  readonly signal: AbortSignal;
  /** Told how much has been sent, in bytes. */
  readonly progress: (sent: number) => void;
}

/**
 * Brings a file to the server, and resolves with what that says of it. Rejects with an UploadError, or
 * with the signal's reason. (By XMLHttpRequest: `fetch` does not tell how far it is.)
 */
export function upload(blob: Blob, options: UploadOptions): Promise<FileInfo> {
  const { name, signal, progress } = options;
  const { promise, resolve, reject } = Promise.withResolvers<FileInfo>();
  if (signal.aborted) return Promise.reject(signal.reason);
  const request = new XMLHttpRequest();
  request.open("POST", `api/files?${new URLSearchParams({ name })}`);
  request.setRequestHeader("accept", "application/json");
  request.setRequestHeader("content-type", blob.type || "application/octet-stream");
  request.upload.onprogress = ({ loaded }) => progress(loaded);
  request.onload = () => {
    try {
      resolve(answerOf(request));
    } catch (error) {
      reject(error);
    }
  };
  request.onerror = () => reject(new UploadError("the server cannot be reached"));
  request.onabort = () => reject(signal.reason);
  const abort = () => request.abort();
  signal.addEventListener("abort", abort);
  request.onloadend = () => signal.removeEventListener("abort", abort);
  request.send(blob);
  return promise;
}

/** The shape of an answer is trusted, but for what a proxy may have put in its place. */
function answerOf(request: XMLHttpRequest): FileInfo {
  const { status } = request;
  const { file, error } = parse(request.responseText) as {
    file?: FileInfo;
    error?: { code: string; message: string };
  };
  if (status >= 200 && status < 300 && file) return file;
  const seconds = Number(request.getResponseHeader("retry-after") ?? NaN);
  const code = CODES[status] ?? error?.code;
  throw new UploadError(error?.message ?? `status ${status}`, {
    code,
    retryAfter: seconds >= 0 ? seconds : undefined,
  });
}

function parse(text: string): object {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
}
