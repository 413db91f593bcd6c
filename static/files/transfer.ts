import type { Transfer } from "../../lib/client/mod.ts";

/** What a proxy says that refuses so large a body, in the words that the server would use. */
const TOO_LARGE = JSON.stringify({
  error: { code: "too_long", message: "the file is too large for what stands before the server" },
});

/** Sends a file and tells how far it is, which `fetch` does not in a browser. For `join`. */
export const transfer: Transfer = (url, { body, headers, method = "POST", signal }, sent) => {
  if (body instanceof ReadableStream) {
    return Promise.reject(new TypeError("Cannot send a stream: a Blob is wanted"));
  }
  const { promise, resolve, reject } = Promise.withResolvers<Response>();
  if (signal.aborted) return Promise.reject(signal.reason);
  const request = new XMLHttpRequest();
  request.open(method, url);
  for (const [name, value] of new Headers(headers)) request.setRequestHeader(name, value);
  request.upload.onprogress = ({ loaded }) => sent(loaded);
  request.onload = () => resolve(responseOf(request));
  request.onerror = () => reject(new TypeError("Cannot send: there is no answer"));
  request.onabort = () => reject(signal.reason);
  const abort = () => request.abort();
  signal.addEventListener("abort", abort);
  request.onloadend = () => signal.removeEventListener("abort", abort);
  request.send(body);
  return promise;
};

function responseOf(request: XMLHttpRequest): Response {
  const { status, responseText } = request;
  const headers = new Headers();
  for (const name of ["content-type", "retry-after"]) {
    const value = request.getResponseHeader(name);
    if (value !== null) headers.set(name, value);
  }
  const isOurs = headers.get("content-type")?.startsWith("application/json");
  return new Response(status === 413 && !isOurs ? TOO_LARGE : responseText, { status, headers });
}
