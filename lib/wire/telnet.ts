// RFC 854: commands start with IAC (255). WILL, WONT, DO and DONT are followed by an option; SB opens
// a subnegotiation up to IAC SE; the others stand alone; IAC IAC is the byte 255 itself.
const IAC = 255;
const SB = 250;
const SE = 240;
const WILL = 251;

type State = "data" | "command" | "option" | "negotiation" | "negotiation command";

/**
 * Drops telnet negotiation from a stream of bytes, wherever it was cut; answers none of it, so a
 * telnet client stays in its line mode. The byte 255 occurs in no UTF-8 text, so other clients pass
 * through unchanged.
 */
export class TelnetFilter {
  #state: State = "data";

  /** May return the very bytes it was given. */
  push(bytes: Uint8Array): Uint8Array {
    if (this.#state === "data" && !bytes.includes(IAC)) return bytes;
    const kept = new Uint8Array(bytes.length);
    let length = 0;
    for (const byte of bytes) {
      if (this.#state === "data" && byte !== IAC) kept[length++] = byte;
      else {
        if (this.#state === "command" && byte === IAC) kept[length++] = byte;
        this.#state = next(this.#state, byte);
      }
    }
    return kept.subarray(0, length);
  }
}

function next(state: State, byte: number): State {
  switch (state) {
    case "data":
      return byte === IAC ? "command" : "data";
    case "command":
      if (byte === SB) return "negotiation";
      return byte >= WILL && byte !== IAC ? "option" : "data";
    case "option":
      return "data";
    case "negotiation":
      return byte === IAC ? "negotiation command" : "negotiation";
    case "negotiation command":
      return byte === SE ? "data" : "negotiation";
  }
}
