import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { kindOf, readPicture } from "../../../static/pictures/picture.ts";
import { exif, joined, photo, segment, tells, text } from "../../support/photo.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const ICC = segment(0xe2, "ICC_PROFILE\0\x01\x01profile");
const ADOBE = segment(0xee, "Adobe\0d\0\0\0\0\x01");
const FRAME = segment(0xc0, "\x08\x01\x02\x03\x04\x03");
/** Two scans, as progressive pictures have, with bytes that look like markers. */
const SCANS = joined(
  segment(0xda, "\x01\x01\0\0?\0"),
  Uint8Array.of(1, 0xff, 0, 2, 0xff, 0xd0, 3, 0xff, 0xd7),
  segment(0xc4, "tables"),
  segment(0xda, "\x01\x01\0\0?\0"),
  Uint8Array.of(4, 5, 0xff, 0xff, 0, 6),
);
const START = Uint8Array.of(0xff, 0xd8);
const END = Uint8Array.of(0xff, 0xd9);
const JPEG = joined(START, segment(0xe0, "JFIF\0\x01\x02"), ICC, ADOBE, FRAME, SCANS, END);

function chunk(name: string, data: Bytes): Bytes {
  const head = new Uint8Array(8);
  new DataView(head.buffer).setUint32(0, data.length);
  head.set(text(name), 4);
  return joined(head, data, text("crc!"));
}

const HEADER = chunk("IHDR", Uint8Array.of(0, 0, 3, 32, 0, 0, 2, 88, 8, 6, 0, 0, 0));
const PNG = joined(
  text("\x89PNG\r\n\x1a\n"),
  HEADER,
  chunk("IDAT", text("data")),
  chunk("IEND", text("")),
);

function riff(name: string, data: Bytes): Bytes {
  const head = new Uint8Array(8);
  head.set(text(name));
  new DataView(head.buffer).setUint32(4, data.length, true);
  return joined(head, data, new Uint8Array(data.length % 2));
}

function webp(...chunks: Bytes[]): Bytes {
  return riff("RIFF", joined(text("WEBP"), ...chunks));
}

function extended(flags: number): Bytes {
  return riff("VP8X", Uint8Array.of(flags, 0, 0, 0, 0x1f, 3, 0, 0x57, 2, 0));
}

const STILL = riff("VP8 ", text("pixels!"));
const SCREEN = Uint8Array.of(0x20, 3, 0x58, 2, 0x80, 0, 0);
const COLOURS = text("rgbRGB");
const FRAMES = joined(
  Uint8Array.of(0x21, 0xf9, 4, 0, 5, 0, 0, 0),
  Uint8Array.of(0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2),
  Uint8Array.of(3, 7, 8, 9, 0),
);
const LOOP = joined(
  Uint8Array.of(0x21, 0xff, 11),
  text("NETSCAPE2.0"),
  Uint8Array.of(3, 1, 0, 0, 0),
);
const TRAILER = Uint8Array.of(0x3b);
const GIF = joined(text("GIF89a"), SCREEN, COLOURS, LOOP, FRAMES, FRAMES, TRAILER);

Deno.test("a photograph keeps its pixels and colours, and loses what it tells", () => {
  const taken = photo(JPEG, 6);
  assert(tells(taken));
  const { bare, ...said } = readPicture(taken)!;
  assertEquals(said, {
    type: "image/jpeg",
    width: 0x304,
    height: 0x102,
    animated: false,
    orientation: 6,
  });
  assertEquals(joined(...bare), JPEG);
  // Where there is nothing to take away it stays as it is.
  assertEquals(joined(...readPicture(JPEG)!.bare), JPEG);
});

Deno.test("what else an application put into a JPEG goes, a second picture behind its end too", () => {
  const rest = JPEG.subarray(2);
  for (
    const foreign of [
      segment(0xe2, "MPF\0 a second picture"),
      segment(0xe0, "JFXX\0 a thumbnail"),
      segment(0xed, "Photoshop 3.0\0 the photographer"),
      segment(0xe1, "Exif\0\0 nothing that anybody can read"),
      segment(0xef, ""),
    ]
  ) {
    const { bare, orientation } = readPicture(joined(START, foreign, rest, photo(JPEG)))!;
    assertEquals([joined(...bare), orientation], [JPEG, 1]);
  }
});

Deno.test("a PNG keeps what is seen, and a moving one moves on", () => {
  const told = joined(
    PNG.subarray(0, 8 + HEADER.length),
    chunk("eXIf", exif(3)),
    chunk("tEXt", text("Author\0somebody")),
    chunk("tIME", text("1234567")),
    chunk("gAMA", text("1234")),
    chunk("acTL", text("12345678")),
    chunk("prVt", text("whatever")),
    PNG.subarray(8 + HEADER.length),
    text("behind the end"),
  );
  const { bare, ...said } = readPicture(told)!;
  assertEquals(said, {
    type: "image/png",
    width: 800,
    height: 600,
    animated: true,
    orientation: 3,
  });
  const kept = joined(...bare);
  assertEquals(
    kept,
    joined(
      PNG.subarray(0, 8 + HEADER.length),
      chunk("gAMA", text("1234")),
      chunk("acTL", text("12345678")),
      PNG.subarray(8 + HEADER.length),
    ),
  );
  assertEquals(joined(...readPicture(PNG)!.bare), PNG);
});

Deno.test("a WebP says no more that it has what was taken away", () => {
  const [icc, exifFlag, xmp] = [0x20, 0x08, 0x04];
  const told = webp(
    extended(icc | exifFlag | xmp),
    riff("ICCP", text("odd")),
    STILL,
    riff("EXIF", joined(text("Exif\0\0"), exif(8))),
    riff("XMP ", text("somebody")),
  );
  const { bare, ...said } = readPicture(told)!;
  assertEquals(said, {
    type: "image/webp",
    width: 800,
    height: 600,
    animated: false,
    orientation: 8,
  });
  assertEquals(joined(...bare), webp(extended(icc), riff("ICCP", text("odd")), STILL));
  assert(readPicture(webp(extended(0x02), riff("ANIM", text("123456"))))!.animated);
});

Deno.test("a GIF moves and repeats as before, without comments and what programs say", () => {
  const told = joined(
    GIF.subarray(0, 13 + COLOURS.length),
    joined(Uint8Array.of(0x21, 0xfe, 5), text("Hello"), Uint8Array.of(0)),
    joined(Uint8Array.of(0x21, 0xff, 11), text("XMP DataXMP"), Uint8Array.of(2, 60, 62, 0)),
    GIF.subarray(13 + COLOURS.length),
    text("behind the end"),
  );
  const { bare, ...said } = readPicture(told)!;
  assertEquals(said, {
    type: "image/gif",
    width: 800,
    height: 600,
    animated: true,
    orientation: 1,
  });
  assertEquals(joined(...bare), GIF);
});

Deno.test("what ends early, or is something else, is no picture, and nothing breaks", () => {
  for (const whole of [photo(JPEG), PNG, webp(extended(0), STILL), GIF]) {
    for (let length = 0; length < whole.length; length++) {
      const picture = readPicture(whole.slice(0, length));
      // It may end where something followed that was not needed.
      if (picture) assert(picture.width > 0 && joined(...picture.bare).length <= length + 2);
    }
  }
  fc.assert(fc.property(
    fc.constantFrom(photo(JPEG), PNG, webp(extended(0x0c), STILL, riff("EXIF", exif())), GIF),
    fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { maxLength: 8 }),
    (whole, changes) => {
      const bytes = whole.slice();
      for (const [at, value] of changes) bytes[at % bytes.length] = value;
      readPicture(bytes);
    },
  ));
});

Deno.test("a picture that cannot be read is known for what it is", () => {
  assertEquals(kindOf(text("\0\0\0\x1cftypavif\0\0\0\0")), "avif");
  assertEquals(kindOf(text("\0\0\0\x1cftypavis\0\0\0\0")), "film");
  assertEquals(kindOf(text("\0\0\0\x18ftypheic\0\0\0\0")), "heic");
  assertEquals(kindOf(text("II*\0\x08\0\0\0")), "tiff");
  assertEquals([kindOf(text("<svg/>")), kindOf(text(""))], [undefined, undefined]);
});
