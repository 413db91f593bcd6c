import type { FileInfo } from "../model/message.ts";
import type { Locale } from "./locale.ts";
import { type Branch, tree } from "./tree.ts";

/** Types that browsers show as pictures, and that the server lets them show. */
const PICTURES = /^image\/(?:png|jpeg|gif|webp|avif)$/;
/** The room, in pixels, of a picture alone in its message, and of one among others. */
const ALONE = { width: 420, height: 320 };
const AMONG = { width: 260, height: 180 };
/** Of a picture that does not say its size. */
const UNKNOWN = { width: 240, height: 180 };
/** A picture is enlarged up to this, so that it can be seen and hit. */
const LEAST = 44;

/** What kinds of files have in common: the keys of the texts that name them, by their types. */
const KINDS = [
  [/^image\//, "fileImage"],
  [/^audio\//, "fileAudio"],
  [/^video\//, "fileVideo"],
  [/^text\/|json|xml/, "fileText"],
  [/zip|tar|7z|rar|compressed/, "fileArchive"],
  [/pdf|word|document|sheet|presentation|epub|rtf|postscript/, "fileDocument"],
] as const;

/** A file as far as it is shown. */
export type ShownFile = Omit<FileInfo, "id">;

/** Whether a file is shown as a picture. */
export function isPicture({ type }: Pick<ShownFile, "type">): boolean {
  return PICTURES.test(type);
}

/** Where the server has it, beside the page. */
export function hrefOf({ id, name }: Pick<FileInfo, "id" | "name">): string {
  return `files/${encodeURIComponent(id)}/${encodeURIComponent(name)}`;
}

/** The files of a message: pictures that are links to themselves, and links to all others. */
export function filesView(files: readonly FileInfo[], locale: Locale): Branch {
  const pictures = files.filter(isPicture);
  const others = files.filter((file) => !isPicture(file));
  return tree(
    "div",
    { class: "files" },
    ...(pictures.length > 0
      ? [tree(
        "div",
        { class: "pictures" },
        ...pictures.map((file) => pictureView(file, pictures.length > 1)),
      )]
      : []),
    ...others.map((file) => linkView(file, locale)),
  );
}

function pictureView(file: FileInfo, among: boolean): Branch {
  const { name } = file;
  const href = hrefOf(file);
  return tree(
    "a",
    { class: "picture", href, target: "_blank", rel: "noopener", title: name },
    tree("img", {
      src: href,
      alt: name,
      ...roomOf(file, among),
      class: file.width === undefined ? "sizeless" : undefined,
      loading: "lazy",
      decoding: "async",
    }),
  );
}

/** What is reserved for a picture: its size, made smaller, or larger, to fit. In pixels. */
export function roomOf(
  { width, height }: Pick<ShownFile, "width" | "height">,
  among = false,
): { readonly width: number; readonly height: number } {
  if (!width || !height) return UNKNOWN;
  const room = among ? AMONG : ALONE;
  const fitting = Math.min(1, room.width / width, room.height / height);
  // A strip is as high as can be hit, and shows its middle.
  return {
    width: Math.max(LEAST, Math.round(width * fitting)),
    height: Math.max(LEAST, Math.round(height * fitting)),
  };
}

function linkView(file: FileInfo, locale: Locale): Branch {
  return tree(
    "a",
    { class: "file", href: hrefOf(file), download: file.name },
    ...fileView(file, locale),
  );
}

/** What is said of a file: its ending for an icon, its name, its kind and size. */
export function fileView(file: ShownFile, locale: Locale): Branch[] {
  const { name, type, size } = file;
  const ending = /\.(\w{1,4})$/.exec(name)?.[1] ?? type.split("/").at(-1)!.slice(0, 4);
  return [
    tree("span", { "class": "ending", "aria-hidden": "true" }, ending.toUpperCase()),
    tree("span", { class: "file-name", dir: "auto" }, name),
    tree("span", { class: "file-kind" }, `${kindOf(type, locale)} · ${locale.bytes(size)}`),
  ];
}

function kindOf(type: string, locale: Locale): string {
  const [, key] = KINDS.find(([sign]) => sign.test(type)) ?? [];
  return locale.say(key ?? "fileOther");
}
