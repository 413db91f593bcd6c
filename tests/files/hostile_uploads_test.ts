// What somebody might upload to do harm, and what becomes of it: the same table as in lib/SECURITY.md.
import { assert, assertEquals } from "@std/assert";
import { TestServer } from "../support/server.ts";
import { png, textBytes } from "./uploads.ts";

const SCRIPT = "<script>fetch('/api/session',{method:'POST'})</script>";
const SVG = `<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)">${SCRIPT}</svg>`;
const HELD = "default-src 'none'; sandbox";

interface Hostile {
  /** As lib/SECURITY.md calls it. */
  readonly what: string;
  readonly bytes: Uint8Array<ArrayBuffer> | (() => Promise<Uint8Array<ArrayBuffer>>);
  /** Claimed with it. */
  readonly name?: string;
  readonly type?: string;
  readonly headers?: Record<string, string>;
  /** As lib/SECURITY.md says it: how it is told and served, or the status with which it is refused. */
  readonly becomes: string;
}

const UPLOADS: readonly Hostile[] = [
  {
    what: "an HTML page called photo.png, said to be image/png",
    bytes: textBytes(`<!doctype html>${SCRIPT}`),
    name: "photo.png",
    type: "image/png",
    becomes: "text/plain, attachment",
  },
  {
    what: "an SVG image with a script",
    bytes: textBytes(SVG),
    name: "a.svg",
    type: "image/svg+xml",
    becomes: "text/plain, attachment",
  },
  {
    what: "the same with an XML declaration",
    bytes: textBytes(`<?xml version="1.0"?>${SVG}`),
    name: "a.svg",
    type: "image/svg+xml",
    becomes: "text/plain, attachment",
  },
  {
    what: "XHTML, which is XML that a browser runs",
    bytes: textBytes(`<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml">${SCRIPT}`),
    name: "a.xhtml",
    type: "application/xhtml+xml",
    becomes: "text/plain, attachment",
  },
  {
    what: "a script, for a page of the room to load",
    bytes: textBytes("self.onfetch = () => {};"),
    name: "sw.js",
    type: "text/javascript",
    becomes: "text/plain, attachment",
  },
  {
    what: "HTML in UTF-16, for a browser that guesses",
    bytes: new Uint8Array([0xff, 0xfe, ...utf16(`<html>${SCRIPT}`)]),
    name: "a.txt",
    becomes: "application/octet-stream, attachment",
  },
  {
    what: "an image that is a script too (GIF89a/*…)",
    bytes: textBytes("GIF89a/*\x01\x02\x03\x04*/=1;alert(1)//"),
    name: "a.gif",
    becomes: "image/gif, 10799 × 513, inline",
  },
  {
    what: "an image with a page behind it",
    bytes: joined(png(20, 10), textBytes(`<html>${SCRIPT}`)),
    name: "a.html",
    type: "text/html",
    becomes: "image/png, 20 × 10, inline",
  },
  {
    what: "a page with a PDF behind it",
    bytes: textBytes(`<html>${SCRIPT}%PDF-1.4 %%EOF`),
    name: "a.pdf",
    type: "application/pdf",
    becomes: "text/plain, attachment",
  },
  {
    what: "a PDF, which has scripts of its own",
    bytes: textBytes("%PDF-1.4\n1 0 obj<</S/JavaScript/JS(app.alert(1))>>endobj\n%%EOF"),
    name: "a.pdf",
    becomes: "application/pdf, attachment",
  },
  {
    what: "a PNG that claims 100,000 × 100,000 pixels",
    bytes: png(100_000, 100_000),
    name: "bomb.png",
    becomes: "image/png, attachment",
  },
  {
    what: "a GIF of 65,535 × 65,535 pixels",
    bytes: new Uint8Array([...textBytes("GIF89a"), 255, 255, 255, 255, 0, 0, 0, 0x3b]),
    name: "bomb.gif",
    becomes: "image/gif, attachment",
  },
  {
    what: "an image without a pixel",
    bytes: png(0, 0),
    name: "none.png",
    becomes: "image/png, attachment",
  },
  {
    what: "an image that ends in its head",
    bytes: png(10, 10).slice(0, 18),
    name: "cut.png",
    becomes: "image/png, attachment",
  },
  {
    what: "a JPEG whose segments lead nowhere",
    bytes: new Uint8Array([
      0xff,
      0xd8,
      0xff,
      0xe0,
      0,
      0,
      0xff,
      0xe1,
      0xff,
      0xff,
      ...Array(99).fill(0),
    ]),
    name: "loop.jpg",
    becomes: "image/jpeg, attachment",
  },
  {
    what: "an AVIF whose boxes have no length",
    bytes: new Uint8Array([0, 0, 0, 24, ...textBytes("ftypavif"), ...Array(200).fill(0)]),
    name: "loop.avif",
    becomes: "image/avif, attachment",
  },
  {
    what: "an ASF video whose header has objects without a length",
    bytes: new Uint8Array([
      ...[0x30, 0x26, 0xb2, 0x75, 0x8e, 0x66, 0xcf, 0x11, 0xa6, 0xd9, 0, 0xaa, 0, 0x62, 0xce, 0x6c],
      ...Array(300).fill(0),
    ]),
    name: "loop.wmv",
    becomes: "application/octet-stream, attachment",
  },
  {
    what: "a zip file of which a kilobyte becomes a megabyte",
    bytes: () => zipBomb("[Content_Types].xml"),
    name: "bomb.docx",
    becomes: "application/zip, attachment",
  },
  {
    what: "10 MB of zeros as gzip",
    bytes: async () => await compressed(new Uint8Array(10_000_000), "gzip"),
    name: "bomb.gz",
    becomes: "application/gzip, attachment",
  },
  {
    what: "the same, to be unpacked by the server (Content-Encoding)",
    bytes: async () => await compressed(new Uint8Array(10_000_000), "gzip"),
    headers: { "content-encoding": "gzip" },
    becomes: "refused: 415",
  },
  {
    what: "a program for Windows called photo.png",
    bytes: joined(textBytes("MZ"), new Uint8Array(200)),
    name: "photo.png",
    type: "image/png",
    becomes: "application/x-msdownload, attachment",
  },
  {
    what: "bytes that are nothing",
    bytes: new Uint8Array(500).map((_, i) => (i * 131 + 7) % 256),
    type: "text/html",
    becomes: "application/octet-stream, attachment",
  },
  {
    what: "a form around the file (multipart)",
    bytes: textBytes('--x\r\ncontent-disposition: form-data; name="f"\r\n\r\nhi\r\n--x--'),
    type: "multipart/form-data; boundary=x",
    becomes: "refused: 415",
  },
  { what: "nothing at all", bytes: new Uint8Array(), becomes: "refused: 400" },
  {
    what: "a byte more than is allowed",
    bytes: new Uint8Array(10 * 2 ** 20 + 1),
    becomes: "refused: 413",
  },
  ...[
    ["a name that is a path", "../../../etc/cron.d/evil", "evil"],
    ["a name that is hidden, and means something to a server", ".htaccess", "htaccess"],
    ["a name that reads backwards", "invoice\u202efdp.exe", "invoicefdp.exe"],
    [
      "a name that ends the header",
      'a"\r\nset-cookie: partyline=x\r\n.txt',
      "a_ set-cookie_ partyline=x .txt",
    ],
    ["a name that steers a terminal", "\x1b]0;x\x07\x1b[2Ja.txt", "a.txt"],
    ["a name that is a device on Windows", "CON.txt", "_CON.txt"],
    [
      "a name of 300 characters",
      `0${"1234567890".repeat(30)}`,
      `0${"1234567890".repeat(6)}`.slice(0, 60),
    ],
  ].map(([what, name, shown]) => ({
    what: what!,
    bytes: textBytes(what!),
    name: name!,
    becomes: `is called ${shown}`,
  })),
];

for (const hostile of UPLOADS) {
  Deno.test(`a hostile upload does nothing: ${hostile.what}`, async () => {
    await using server = await TestServer.open();
    assertEquals(await fate(server, hostile), hostile.becomes);
    const post = await fetch(`${server.url}/api/messages`, { method: "POST", body: "still here" });
    assertEquals([post.status, (await post.json()).seq], [201, 1]);
  });
}

Deno.test("lib/SECURITY.md has the same table", async () => {
  const document = await Deno.readTextFile(new URL("../../lib/SECURITY.md", import.meta.url));
  const rows = [
    ...document.matchAll(/^\| (.+?) +\| (.+?) +\| .*"a hostile upload does nothing: …"/gm),
  ];
  assertEquals(
    rows.map(([, what, becomes]) => [what, becomes!.replaceAll("`", "")]),
    UPLOADS.map(({ what, becomes }) => [what, becomes]),
  );
});

/** What became of it, in one line; fails where what is served could do anything. */
async function fate({ url }: TestServer, hostile: Hostile): Promise<string> {
  const { bytes, name = "file", type = "application/octet-stream", headers } = hostile;
  const uploaded = await fetch(`${url}/api/files?name=${encodeURIComponent(name)}`, {
    method: "POST",
    headers: { "content-type": type, ...headers },
    body: typeof bytes === "function" ? await bytes() : bytes,
  });
  const { file, error } = await uploaded.json();
  if (error) return `refused: ${uploaded.status}`;
  const served = await fetch(`${url}/files/${file.id}/${encodeURIComponent(name)}`, {
    headers: { accept: "text/html,image/svg+xml,*/*" },
  });
  await served.body?.cancel();
  const header = (name: string) => served.headers.get(name) ?? "";
  assertEquals(
    [served.status, header("content-security-policy"), header("x-content-type-options")],
    [200, HELD, "nosniff"],
  );
  assertEquals(header("set-cookie"), "");
  assertEquals(header("content-type").split(";")[0], file.type);
  const [how] = header("content-disposition").split(";");
  assert(how === "attachment" || /^image\/(png|jpeg|gif|webp|avif)$/.test(file.type), file.type);
  const encoded = /filename\*=UTF-8''(.*)$/.exec(header("content-disposition"))![1]!;
  assertEquals(decodeURIComponent(encoded), file.name);
  if (hostile.becomes.startsWith("is called")) return `is called ${file.name}`;
  const size = file.width === undefined ? [] : [`${file.width} × ${file.height}`];
  return [file.type, ...size, how].join(", ");
}

function joined(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(parts.flatMap((part) => [...part]));
}

function utf16(text: string): number[] {
  return Array.from(text, (letter) => [letter.charCodeAt(0), 0]).flat();
}

async function compressed(
  bytes: Uint8Array<ArrayBuffer>,
  format: CompressionFormat,
): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream(format));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** A zip file with one entry of a megabyte of zeros. */
async function zipBomb(name: string): Promise<Uint8Array<ArrayBuffer>> {
  const size = 1_000_000;
  const data = await compressed(new Uint8Array(size), "deflate-raw");
  const head = new DataView(new ArrayBuffer(30));
  head.setUint32(0, 0x504b0304);
  head.setUint16(4, 20, true);
  head.setUint16(8, 8, true);
  head.setUint32(18, data.length, true);
  head.setUint32(22, size, true);
  head.setUint16(26, name.length, true);
  return joined(new Uint8Array(head.buffer), textBytes(name), data);
}
