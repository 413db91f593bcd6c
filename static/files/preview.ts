import { h } from "../base/dom.ts";

/** A picture that is on this machine only. It gives its address up as soon as it has been read. */
export function createPreview(
  blob: Blob,
  alt: string,
  size: { readonly width?: number; readonly height?: number } = {},
): HTMLImageElement {
  const src = URL.createObjectURL(blob);
  const image = h("img", { alt, ...size });
  for (const event of ["load", "error"]) {
    image.addEventListener(event, () => URL.revokeObjectURL(src), { once: true });
  }
  image.src = src;
  return image;
}
