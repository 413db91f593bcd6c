import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import type { FirstScreen } from "../view/first_screen.ts";
import { type PageOptions, renderPage } from "./render.ts";
import type { Bytes, Coding } from "./representation.ts";

/** Work that would block the event loop for too long. */
export type Job = RenderJob | CompressJob;

export interface RenderJob {
  readonly type: "render";
  readonly template: string;
  readonly screen: FirstScreen;
  readonly options: PageOptions;
}

export interface CompressJob {
  readonly type: "compress";
  readonly bytes: Bytes;
  readonly coding: Coding;
  /** Of brotli, 0 to 11. */
  readonly quality: number;
}

/**
 * Does a job, synchronously. Throws a TypeError where a template has a mark without a value. Pure.
 */
export function perform(job: Job): Bytes {
  switch (job.type) {
    case "render":
      return new TextEncoder().encode(renderPage(job.template, job.screen, job.options));
    case "compress":
      return new Uint8Array(job.coding === "br" ? brotli(job) : gzipSync(job.bytes));
  }
}

function brotli({ bytes, quality }: CompressJob): Uint8Array {
  return brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: quality } });
}
