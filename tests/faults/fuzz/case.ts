import { Buffer } from "node:buffer";

/** The only other origin whose pages may use the room. */
export const FRIEND = "https://friend.example";

/** What is attacked. The ways in over HTTP that are no WebSocket are one door: the raw bytes decide. */
export type DoorName = "http" | "/ws" | "/ws/text" | "/echo" | "tcp" | BareDoor;

/** A port as it is, without the TLS that it may speak. */
export type BareDoor = "bare http" | "bare tcp";

/** How the client ends it: says no more and waits, sends its FIN, or goes with answers unread. */
export type Ending = "quiet" | "fin" | "reset";

/** One connection, and all that is sent on it: plain data, so that it can be had again and made smaller. */
export interface Case {
  readonly door: DoorName;
  /** What it tries, in a word or two: the route, or the kind of client. */
  readonly what: string;
  /** Sent one after the other; at `answer` something has to come before it goes on. */
  readonly steps: readonly (Uint8Array | "answer")[];
  readonly ending: Ending;
}

/** In the place of what only a running server knows. Letters only: no encoding changes them. */
export const PLACEHOLDER = {
  epoch: "zzepochzz",
  /** The name of a normal user who is there. */
  user: "zzuserzz",
  token: "zztokenzz",
  /** The number of a message of that token's session. */
  ref: "zzrefzz",
  password: "zzpasswordzz",
  /** A user and the password, as `Authorization: Basic` has them. */
  basic: "zzbasiczz",
} as const;

/** What stands in the place of a placeholder. */
export type Known = Readonly<Record<keyof typeof PLACEHOLDER, string>>;

/** The bytes with what a running server knows in their places. */
export function fill(bytes: Uint8Array, known: Known): Uint8Array {
  let text = Buffer.from(bytes).toString("latin1");
  if (!text.includes("zz")) return bytes;
  for (const [what, placeholder] of Object.entries(PLACEHOLDER)) {
    text = text.replaceAll(placeholder, known[what as keyof Known]);
  }
  return Buffer.from(text, "latin1");
}

/** Whether anything is sent that lets somebody into a room with a password. */
export function showsSecret({ steps }: Case): boolean {
  const sent = Buffer.concat(steps.filter((step) => typeof step !== "string")).toString("latin1");
  const { token, password, basic } = PLACEHOLDER;
  return [token, password, basic].some((secret) => sent.includes(secret));
}

/** To be read by people, and pasted into a test. */
export function formatCase({ door, what, steps, ending }: Case): string {
  const lines = steps.map((step) => typeof step === "string" ? `  (${step})` : `  ${quote(step)}`);
  return [`${door}, ${what}, then ${ending}:`, ...lines].join("\n");
}

const SHOWN_BYTES = 2000;

/** The bytes as the JavaScript string whose code units they are. */
function quote(bytes: Uint8Array): string {
  const shown = Array.from(bytes.subarray(0, SHOWN_BYTES), (byte) => {
    if (byte === 0x0a) return "\\n";
    if (byte === 0x0d) return "\\r";
    if (byte === 0x22 || byte === 0x5c) return "\\" + String.fromCharCode(byte);
    return byte >= 0x20 && byte < 0x7f
      ? String.fromCharCode(byte)
      : `\\x${byte.toString(16).padStart(2, "0")}`;
  }).join("");
  const more = bytes.length - SHOWN_BYTES;
  return `"${shown}"` + (more > 0 ? ` and ${more} bytes more` : "");
}
