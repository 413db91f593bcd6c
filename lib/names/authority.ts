import { nameKey } from "./key.ts";

/**
 * What somebody is called who may order others about: in no word of a name, alone or with others.
 * The languages are those of the page.
 */
const ROLES = [
  ...["admin", "administrator", "operator", "moderator", "sysop", "sysadmin", "superuser"],
  ...["管理员", "管理員", "版主", "站长", "站長", "관리자", "운영자"],
];
/** What the server itself may be called: no whole name. `mod` and `op` are parts of many. */
const SERVERS = [
  ...["server", "system", "root", "partyline", "mod", "op", "staff"],
  ...["系统", "系統", "服务器", "伺服器", "시스템", "서버"],
];
/** The sender of posts without a session; `guest-` and four characters are names that the server gives. */
const GUEST = nameKey("guest");

/** The keys of these; made when the first name is looked at, as the table of look-alikes is. */
let keys: { readonly roles: Set<string>; readonly reserved: Set<string> } | undefined;

function authorities() {
  return keys ??= {
    roles: new Set([...ROLES, ...ROLES.map((role) => `${role}s`)].map(nameKey)),
    reserved: new Set([...ROLES, ...SERVERS].map(nameKey)),
  };
}

/** Digits and signs that are written for letters; those that look like them are in the key. */
const WRITTEN: Readonly<Record<string, string>> = {
  "@": "a",
  "4": "a",
  "3": "e",
  "€": "e",
  "$": "s",
  "5": "s",
  "7": "t",
  "+": "t",
};

/**
 * Whether a person of this name could pass for the server or its keepers, whatever the case, the
 * letters, the accents and the digits in it (`Adm1n`, `0perator`, `S Y S T E M`, `root2`, `Ann (admin)`).
 */
export function isReserved(name: string): boolean {
  if (nameKey(name) === GUEST) return true;
  const plain = name.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const { roles, reserved } = authorities();
  const words = plain.match(/[\p{L}\p{N}@$€+]+/gu) ?? [];
  return words.some((word) => forms(word).some((form) => roles.has(form))) ||
    forms(words.join("")).some((form) => reserved.has(form));
}

/** As it stands, and without the number at its end; each with letters for what is written for them. */
function forms(word: string): string[] {
  const bare = word.replace(/^\p{N}+|[\p{N}+]+$/gu, "");
  return [word, bare].map((form) => nameKey(form.replace(/[@43€$57+]/g, (sign) => WRITTEN[sign]!)));
}
