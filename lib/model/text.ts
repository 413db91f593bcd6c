// ECMA-48 control sequences, as far as terminals obey them: CSI … final byte; OSC, DCS, SOS, PM and
// APC up to their terminator, the next escape or the end, as a terminal swallows an open one; and the
// two- and three-byte escapes. No part that can fail follows one that repeats: time stays linear.
const ANSI = new RegExp(
  "(?:\\x1b\\[|\\x9b)[0-?]*[ -/]*[@-~]?" +
    "|(?:\\x1b[\\]PX^_]|[\\x90\\x98\\x9d-\\x9f])[^\\x07\\x1b\\x9c]*(?:\\x07|\\x1b\\\\|\\x9c)?" +
    "|\\x1b[ -/]*[0-~]?",
  "g",
);

// C0 but tab and line feed, DEL, C1, the line separators, and the bidi overrides and isolates, which
// could make a line read as another than it is.
// deno-lint-ignore no-control-regex
const CONTROLS = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/**
 * The text without what could forge a line or steer a terminal: escape sequences as a whole, other
 * control characters one by one; half a surrogate pair becomes U+FFFD. Line feeds and tabs stay.
 * Applied on input whatever the transport, and again on the way to a terminal; it is idempotent.
 */
export function clean(text: string): string {
  // Nearly every text needs nothing: one test instead of three passes.
  if (!SUSPECT.test(text)) return text.isWellFormed() ? text : text.toWellFormed();
  // What is left has no control character, and so no sequence.
  return text.replace(ANSI, "").replace(CONTROLS, "").toWellFormed();
}

const SUSPECT = new RegExp(CONTROLS.source);

/** The text without what keys of a terminal send that are no characters, as arrows and Escape. */
export function withoutKeys(text: string): string {
  return text.replace(ANSI, "").replace(KEYS, "");
}

// deno-lint-ignore no-control-regex
const KEYS = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/g;

/** Length in characters as people count them on the wire: code points, not UTF-16 units. */
export function countCharacters(text: string): number {
  let units = text.length;
  for (let i = 0; i < text.length - 1; i++) {
    const unit = text.charCodeAt(i);
    const next = text.charCodeAt(i + 1);
    if (unit >= 0xd800 && unit < 0xdc00 && next >= 0xdc00 && next < 0xe000) { // a pair counts once
      units--;
      i++;
    }
  }
  return units;
}
