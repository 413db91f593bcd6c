import type { Page } from "playwright-core";
import { photo } from "../../support/photo.ts";
import { messages } from "../stage.ts";

export type Bytes = Uint8Array<ArrayBuffer>;

/** A file as a person chooses it. */
export interface Chosen {
  readonly name: string;
  readonly mimeType: string;
  readonly bytes: Bytes;
  /** So many zeros instead of those bytes: quicker to hand over. */
  readonly size?: number;
}

/**
 * A picture that the browser draws: red above, blue below, so that it can be told which side is up.
 */
export async function draw(
  page: Page,
  [width, height]: readonly [number, number],
  type = "image/jpeg",
): Promise<Bytes> {
  const bytes = await page.evaluate(async ({ width, height, type }) => {
    const canvas = new OffscreenCanvas(width, height);
    const context = canvas.getContext("2d")!;
    context.fillStyle = "#d02020";
    context.fillRect(0, 0, width, height / 2);
    context.fillStyle = "#2020d0";
    context.fillRect(0, height / 2, width, height);
    return [...new Uint8Array(await (await canvas.convertToBlob({ type })).arrayBuffer())];
  }, { width, height, type });
  return Uint8Array.from(bytes);
}

/** A photograph with everything that a camera writes into it. */
export async function take(
  page: Page,
  size: readonly [number, number],
  orientation = 1,
): Promise<Chosen> {
  const bytes = photo(await draw(page, size), orientation);
  return { name: "holiday.jpg", mimeType: "image/jpeg", bytes };
}

export function paper(name: string, bytes: number): Chosen {
  const content = new TextEncoder().encode("%PDF-1.4\n".padEnd(bytes, "x"));
  return { name, mimeType: "application/pdf", bytes: content };
}

/** Chooses files by the button. */
export async function choose(page: Page, ...files: Chosen[]): Promise<void> {
  const chooser = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: "Attach files" }).click();
  // Playwright wants Node's Buffer.
  const { Buffer } = await import("node:buffer");
  await (await chooser).setFiles(
    files.map(({ name, mimeType, bytes }) => ({ name, mimeType, buffer: Buffer.from(bytes) })),
  );
  for (const { name } of files) await tray(page).filter({ hasText: stem(name) }).waitFor();
}

function stem(name: string): string {
  return name.replace(/\.\w+$/, "");
}

/** What was chosen, once it is ready. */
export function tray(page: Page) {
  return page.locator(".tray li:not(.preparing)");
}

/** The last stored message that has files, once it is there, and has this text. */
export async function arrived(page: Page, text = "") {
  const message = messages(page).filter({ has: page.locator(".files"), hasText: text }).last();
  await message.waitFor();
  return message;
}

/** What the server has of a link's file. */
export async function fetched(page: Page, link: string): Promise<Bytes> {
  const response = await fetch(new URL(link, page.url()));
  if (!response.ok) throw new Error(`Cannot fetch ${link}: ${response.status}`);
  return await response.bytes();
}

/** Gives the page files as another program would: dropped on it, or pasted. */
export async function give(
  page: Page,
  how: "drop" | "paste",
  files: readonly Chosen[],
  texts: Readonly<Record<string, string>> = {},
): Promise<void> {
  const list = files.map(({ name, mimeType, bytes, size }) => ({
    name,
    mimeType,
    size,
    bytes: [...bytes],
  }));
  await page.evaluate(({ how, list, texts }) => {
    const data = new DataTransfer();
    for (const { name, mimeType, bytes, size } of list) {
      const content = size === undefined ? Uint8Array.from(bytes) : new Uint8Array(size);
      data.items.add(new File([content], name, { type: mimeType }));
    }
    for (const [type, text] of Object.entries(texts)) data.setData(type, text);
    const target = document.querySelector("#composer")!;
    const options = { bubbles: true, cancelable: true };
    if (how === "paste") {
      target.dispatchEvent(new ClipboardEvent("paste", { ...options, clipboardData: data }));
    } else {
      target.dispatchEvent(new DragEvent("drop", { ...options, dataTransfer: data }));
    }
  }, { how, list, texts });
}

/** A file is dragged over the page, or out of its window again. */
export async function drag(page: Page, type: "dragenter" | "dragleave"): Promise<void> {
  await page.evaluate((type) => {
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File(["x"], "x.txt"));
    const event = new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer });
    document.querySelector("#composer")!.dispatchEvent(event);
  }, type);
}

/** The size of a picture as it is shown when it is upright, and its colours above and below. */
export async function seen(page: Page, bytes: Bytes, type = "image/jpeg") {
  return await page.evaluate(async ({ bytes, type }) => {
    const bitmap = await createImageBitmap(new Blob([Uint8Array.from(bytes)], { type }));
    const { width, height } = bitmap;
    const context = new OffscreenCanvas(width, height).getContext("2d")!;
    context.drawImage(bitmap, 0, 0);
    const at = (x: number, y: number) => {
      const [red, , blue] = context.getImageData(x, y, 1, 1).data;
      return red! > blue! ? "red" : "blue";
    };
    return {
      width,
      height,
      top: at(width >> 1, 2),
      bottom: at(width >> 1, height - 3),
      left: at(2, height >> 1),
      right: at(width - 3, height >> 1),
    };
  }, { bytes: [...bytes], type });
}
