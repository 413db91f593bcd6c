import { ascii, type Bytes, part, type Picture, viewOf } from "./bytes.ts";

const [EXTENSION, IMAGE, TRAILER] = [0x21, 0x2c, 0x3b];
const [CONTROL, APPLICATION] = [0xf9, 0xff];
/** How often it is repeated; all other applications only say something about it. */
const LOOPS = /^(?:NETSCAPE2\.0|ANIMEXTS1\.0)$/;

/** A GIF (89a). Throws a RangeError where it is none, or ends early. */
export function readGif(bytes: Bytes): Picture {
  const view = viewOf(bytes);
  let at = 13 + colours(view.getUint8(10));
  const bare = [part(bytes, 0, at)];
  let frames = 0;
  for (;;) {
    const [start, type] = [at, view.getUint8(at)];
    if (type === TRAILER) break;
    if (type === IMAGE) {
      frames++;
      at = endOfBlocks(view, at + 10 + colours(view.getUint8(at + 9)) + 1);
      bare.push(part(bytes, start, at));
    } else if (type === EXTENSION) {
      const label = view.getUint8(at + 1);
      at = endOfBlocks(view, at + 2);
      const isSeen = label === CONTROL ||
        label === APPLICATION && LOOPS.test(ascii(bytes, start + 3, 11));
      if (isSeen) bare.push(part(bytes, start, at));
    } else throw new RangeError("Cannot read: there is no such block");
  }
  bare.push(Uint8Array.of(TRAILER));
  const [width, height] = [view.getUint16(6, true), view.getUint16(8, true)];
  return { type: "image/gif", width, height, animated: frames > 1, orientation: 1, bare };
}

/** The bytes of the table of colours that the flags announce. */
function colours(flags: number): number {
  return flags & 0x80 ? 3 << ((flags & 7) + 1) : 0;
}

/** Where a row of blocks ends, each with its length before it, the last one empty. */
function endOfBlocks(view: DataView, at: number): number {
  for (;;) {
    const length = view.getUint8(at);
    at += 1 + length;
    if (length === 0) return at;
  }
}
