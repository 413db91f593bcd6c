import {
  configureSync,
  getAnsiColorFormatter,
  getJsonLinesFormatter,
  getLogger,
  getTextFormatter,
  type LogRecord,
  resetSync,
} from "@logtape/logtape";
import type { Fields, Level, Logger } from "../../../base/observe/logger.ts";

export type LogFormat = "auto" | "text" | "json";

/** What is said within this time is one write: after a restart hundreds come back at once. */
const GATHER_MS = 100;
/** What could end a line, move the cursor, or turn the direction of what follows. */
// deno-lint-ignore no-control-regex
const CONTROLS = /[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

export interface LogOptions {
  readonly format: LogFormat;
  /** What is less than this is not written. */
  readonly level: Level;
  /** Where lines go; several at once. */
  readonly write: (lines: string) => void;
  readonly isTerminal: boolean;
}

/**
 * Writes records as lines: for people (`text`, with colours on a terminal), or as JSON for programs.
 * Errors are written at once, all else within 100 ms, and what is left when it is disposed.
 */
export class LogWriter implements Logger, Disposable {
  readonly #write: (lines: string) => void;
  #lines = "";
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor({ format, level, write, isTerminal }: LogOptions) {
    this.#write = write;
    const render = format === "json" ? json : format === "auto" && isTerminal ? colours : plain;
    const sink = (record: LogRecord) => {
      this.#lines += render(record);
      if (record.level === "error") this.#flush();
      else this.#timer ??= setTimeout(() => this.#flush(), GATHER_MS);
    };
    configureSync({
      reset: true,
      sinks: { lines: sink },
      loggers: [
        { category: [], lowestLevel: level, sinks: ["lines"] },
        { category: ["logtape", "meta"], lowestLevel: "warning", sinks: ["lines"] },
      ],
    });
  }

  log(level: Level, category: string, message: string, fields: Fields = {}): void {
    // Not by a template of the library: what others wrote could have braces in it.
    getLogger(category).emit({
      level,
      timestamp: Date.now(),
      message: [message],
      rawMessage: message,
      properties: fields,
    });
  }

  /** For rooms that report: a fault where there is an error, else what is worth a look. */
  readonly report = (what: string, error?: unknown): void => {
    if (error === undefined) return this.log("warning", "server", what);
    const { message, stack } = describe(error);
    this.log("error", "server", `${what}: ${message}`, { stack });
  };

  [Symbol.dispose](): void {
    this.#flush();
    resetSync();
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#lines === "") return;
    const lines = this.#lines;
    this.#lines = "";
    this.#write(lines);
  }
}

const textOptions = {
  timestamp: "rfc3339",
  level: "full",
  category: (category: readonly string[]) => category.join("."),
} as const;
const text = getTextFormatter({
  ...textOptions,
  format: ({ timestamp, level, category, message }) =>
    `${timestamp} ${level} ${category}: ${escaped(message)}`,
});
const coloured = getAnsiColorFormatter({
  ...textOptions,
  format: ({ timestamp, level, category, message }) =>
    `${timestamp} ${level} ${category}: ${escaped(message)}`,
});
const lines = getJsonLinesFormatter({ properties: "flatten" });

const plain = (record: LogRecord) => text(record) + whereThrown(record);
const colours = (record: LogRecord) => coloured(record) + whereThrown(record);
/** JSON escapes C0 alone. */
const json = (record: LogRecord) => lines(record).trimEnd().replace(CONTROLS, escapeOne) + "\n";

/** Where an error was thrown, under its line. */
function whereThrown({ properties: { stack } }: LogRecord): string {
  if (typeof stack !== "string" || stack === "") return "";
  return stack.split("\n").map((frame) => `    ${escaped(frame.trim())}\n`).join("");
}

function describe(error: unknown): { message: string; stack: string } {
  if (!(error instanceof Error)) return { message: String(error), stack: "" };
  const { name, message, stack = "", cause } = error;
  const why = cause === undefined ? "" : ` (because: ${describe(cause).message})`;
  // The message, which may be of several lines, stands above the frames too.
  const at = stack.split("\n").filter((line) => /^\s+at /.test(line)).join("\n");
  return { message: `${name}: ${message}${why}`, stack: at };
}

function escaped(text: string): string {
  return text.replace(CONTROLS, escapeOne);
}

function escapeOne(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
