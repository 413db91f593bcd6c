import { clean } from "../model/text.ts";

/** Of a name, with what it ends in: what file systems take, also where each character has four bytes. */
const CHARACTERS = 60;
/** What a name ends in, as `.tar` or `.jpeg`, where there is as much. */
const EXTENSION = /\.[\p{L}\p{N}]{1,10}$/u;
/** Invisible, and what changes how the characters beside it are read. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}]/gu;
/** What has a meaning in a path, a shell or a header, on any system. */
const MARKS = /[<>:"|?*]/g;
/** What Windows takes for a device, whatever it ends in. */
const DEVICE = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])(?=\.|$)/i;

/**
 * The name that a file is shown under, and saved under by whoever gets it: what was wished for, made
 * harmless on any system; `file` where nothing is left of it. It names nothing here: the id does.
 * Idempotent.
 */
export function fileName(wished: string | undefined, extension: string): string {
  const last = clean(wished ?? "").split(/[/\\]/).findLast((part) => /[^.\s]/.test(part)) ?? "";
  const shown = last.normalize("NFC").replace(/[\t\n]/g, " ").replace(HIDDEN, "")
    .replace(/\s+/gu, " ").replace(MARKS, "_");
  const name = shortened(trimmed(shown));
  if (name === "") return `file.${extension}`;
  return DEVICE.test(name) ? `_${name}` : name;
}

/** Without what hides a file, or is lost where it is saved. */
function trimmed(name: string): string {
  return name.replace(/^[.\s~-]+/u, "").replace(/[.\s]+$/u, "");
}

/** With what it ends in, by which people and systems know what it is. */
function shortened(name: string): string {
  const characters = [...name];
  if (characters.length <= CHARACTERS) return name;
  const extension = EXTENSION.exec(name)?.[0] ?? "";
  const kept = characters.slice(0, CHARACTERS - [...extension].length).join("");
  return trimmed(kept) + extension;
}
