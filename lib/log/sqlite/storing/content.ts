import { type Draft, fileIds } from "../../../model/draft.ts";
import type { Entry } from "../../../model/message.ts";

/**
 * What somebody said under an id, in one string: a draft and the entry that it has become have the same,
 * as long as nothing has changed that entry. Two that differ in it are not one post and its retry.
 */
export function contentOf(said: Draft | Entry): string {
  switch (said.type) {
    case "topic":
      return JSON.stringify(["topic", said.text]);
    case "edit":
      return JSON.stringify(["edit", said.ref, said.text]);
    case "delete":
      return JSON.stringify(["delete", said.ref]);
    case "reaction":
      return JSON.stringify(["reaction", said.ref, said.emoji, said.on]);
    default: {
      const { text, re = null, files } = said;
      return JSON.stringify(["message", text, re, ...fileIds(files)]);
    }
  }
}

/**
 * 32 bits of a content that is no longer kept: enough to tell a retry from something else under the same
 * id, and too few to tell what it was. FNV-1a over UTF-16, mixed as MurmurHash3 ends.
 */
export function fingerprint(content: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < content.length; i++) {
    hash = Math.imul(hash ^ content.charCodeAt(i), 0x01000193);
  }
  hash = Math.imul(hash ^ hash >>> 16, 0x85ebca6b);
  hash = Math.imul(hash ^ hash >>> 13, 0xc2b2ae35);
  return (hash ^ hash >>> 16) >>> 0;
}
