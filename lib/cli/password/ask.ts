import { KeyDecoder } from "../chat/line/keys.ts";

/** A terminal whose keys are not shown; `setRaw` switches that on and off. */
export interface SilentTerminal {
  readonly input: AsyncIterable<Uint8Array>;
  setRaw(on: boolean): void;
  write(text: string): void;
}

/**
 * Asks for a line that is not shown. Undefined where the person gives up: Ctrl-C, Ctrl-D, or the end of
 * the terminal. What was typed after the line is lost.
 */
export async function askSilently(
  terminal: SilentTerminal,
  question: string,
): Promise<string | undefined> {
  const keys = new KeyDecoder();
  let answer = "";
  terminal.setRaw(true);
  terminal.write(question);
  try {
    for await (const bytes of terminal.input) {
      for (const key of keys.push(bytes)) {
        // A paste comes with the line end that was copied with it.
        if (key.type === "text") answer += key.text.replaceAll("\n", "");
        else if (key.name === "enter") return answer;
        else if (key.name === "interrupt" || key.name === "end of input") return undefined;
        else if (key.name === "backspace") answer = [...answer].slice(0, -1).join("");
        else if (key.name === "rub before") answer = "";
      }
    }
    return undefined;
  } finally {
    terminal.setRaw(false);
    terminal.write("\n");
  }
}

/** The terminal of this process. Standard input stays open, for whoever reads it next. */
export const terminal: SilentTerminal = {
  get input() {
    return Deno.stdin.readable.values({ preventCancel: true });
  },
  setRaw: (on) => Deno.stdin.setRaw(on),
  write: (text) => void Deno.stderr.writeSync(new TextEncoder().encode(text)),
};
