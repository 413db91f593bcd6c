import { fileName, type FileStore, type StoredFile } from "../../files/mod.ts";
import type { Limits } from "../../limits/mod.ts";
import { Refusal } from "../../model/refusal.ts";
import { SECURITY_HEADERS } from "../../page/security_headers.ts";
import type { Exchange, Handler } from "../exchange.ts";
import { INERT, refusalResponse } from "../respond.ts";
import { isFresh, isPartWanted } from "./conditions.ts";
import { disposition } from "./disposition.ts";
import { parseRange } from "./range.ts";

/** Read and sent at a time. */
const CHUNK_BYTES = 64 * 1024;

/**
 * GET /files/<id>/<name>: the bytes, or a part of them. The id alone says of which file; the name is
 * that under which a browser saves it, and any other does as well. What a browser would not just show
 * is an attachment, and nothing of it runs: no type that could, no sniffing, no rights of the room's
 * own pages. The same id is always the same bytes, so a browser may keep them; nobody else may, since
 * they are for those who may read the room.
 */
export function getFile(
  { files, limits }: { readonly files: FileStore; readonly limits: Limits },
): Handler {
  return async (exchange) => {
    const { request, address, items: [id = "", name] } = exchange;
    const file = await files.locate(id);
    if (!file) throw notFound();
    const headers = headersOf(file, fileName(name, file.extension));
    const validators = { etag: `"${id}"`, changed: file.added };
    if (isFresh(request.headers, validators)) return new Response(null, { status: 304, headers });
    const range = wantedRange(exchange, file, isPartWanted(request.headers, validators));
    if (range === "unsatisfiable") return unsatisfiable(file.size);
    const { start, end } = range ?? { start: 0, end: file.size };
    headers.set("content-length", String(end - start));
    if (range) headers.set("content-range", `bytes ${start}-${end - 1}/${file.size}`);
    const status = range ? 206 : 200;
    if (request.method === "HEAD") return new Response(null, { status, headers });
    using opening = new DisposableStack();
    opening.use(limits.hold(address.hostname, "file"));
    const source = opening.use(await openContent(file));
    await source.seek(start, Deno.SeekMode.Start);
    return new Response(streamOf(source, end - start, opening.move()), { status, headers });
  };
}

function headersOf({ id, type, added, isShown }: StoredFile, name: string): Headers {
  return new Headers({
    ...SECURITY_HEADERS,
    ...INERT,
    "content-type": type === "text/plain" ? "text/plain; charset=utf-8" : type,
    "content-disposition": disposition(isShown ? "inline" : "attachment", name),
    "cache-control": "private, max-age=31536000, immutable",
    etag: `"${id}"`,
    "last-modified": new Date(added).toUTCString(),
    "accept-ranges": "bytes",
  });
}

/** A part only where it is asked for by GET, and goes with what the client has. */
function wantedRange(
  { request }: Exchange,
  { size }: StoredFile,
  isWanted: boolean,
): ReturnType<typeof parseRange> {
  if (request.method !== "GET" || !isWanted) return undefined;
  return parseRange(request.headers.get("range"), size);
}

function unsatisfiable(size: number): Response {
  const refusal = new Refusal("bad_request", `there are no such bytes: the file has ${size}`);
  const response = refusalResponse(refusal, 416);
  response.headers.set("content-range", `bytes */${size}`);
  return response;
}

async function openContent(file: StoredFile): Promise<Deno.FsFile> {
  try {
    return await file.open();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) throw notFound();
    throw error;
  }
}

/** So many bytes from where the file stands, at the pace of whoever reads them. */
function streamOf(
  file: Deno.FsFile,
  length: number,
  held: DisposableStack,
): ReadableStream<Uint8Array> {
  let left = length;
  return new ReadableStream({
    async pull(controller) {
      try {
        const buffer = new Uint8Array(Math.min(CHUNK_BYTES, left));
        const count = left === 0 ? null : await file.read(buffer);
        if (count === null && left > 0) {
          throw new Error("Cannot read the file: it has been cut off");
        }
        if (count !== null) {
          controller.enqueue(buffer.subarray(0, count));
          left -= count;
        }
        if (left > 0) return;
        controller.close();
        held.dispose();
      } catch (error) {
        held.dispose();
        throw error;
      }
    },
    cancel: () => held.dispose(),
  }, { highWaterMark: 0 });
}

function notFound(): Refusal {
  return new Refusal("not_found", "there is no such file, or no more");
}
