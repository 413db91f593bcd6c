import type { Flag } from "./flag.ts";

export function text<T extends string | undefined>(
  options: { value: string; default: T; help: string },
): Flag<string | T> {
  return {
    ...options,
    parse(raw) {
      if (raw === "") throw new Error(`wanted a ${options.value}`);
      return raw;
    },
  };
}

export function integer(
  options: { value: string; default: number; help: string; min: number; max: number },
): Flag<number> {
  const { min, max } = options;
  return {
    ...options,
    parse(raw) {
      const number = /^\d{1,15}$/.test(raw) ? Number(raw) : NaN;
      if (!(number >= min && number <= max)) {
        throw new Error(`wanted a whole number from ${min} to ${max}`);
      }
      return number;
    },
  };
}

export function port(options: { default: number; help: string }): Flag<number> {
  return integer({ ...options, value: "PORT", min: 0, max: 65535 });
}

/** Seconds with fractions, as `0.2`. */
export function seconds(
  options: { default: number; help: string; min: number; max: number },
): Flag<number> {
  const { min, max } = options;
  return {
    ...options,
    value: "SECONDS",
    parse(raw) {
      const number = /^\d+(\.\d+)?$/.test(raw) ? Number(raw) : NaN;
      if (!(number >= min && number <= max)) {
        throw new Error(`wanted seconds from ${min} to ${max}`);
      }
      return number;
    },
  };
}

export function choice<const T extends string>(
  options: { choices: readonly T[]; default: T; help: string },
): Flag<T> {
  const { choices } = options;
  return {
    value: choices.join("|"),
    help: options.help,
    default: options.default,
    parse(raw) {
      const found = choices.find((choice) => choice === raw);
      if (found === undefined) throw new Error(`wanted ${choices.join(" or ")}`);
      return found;
    },
  };
}

/** A text that only the environment may give; `value` is what `--help` calls it. Judged by nobody here. */
export function secret(options: { value: string; help: string }): Flag<string | undefined> {
  return { ...options, secret: true, default: undefined, parse: (raw) => raw };
}

/** A switch. `--help` shows one that is on by default as `--no-NAME`. */
export function toggle(options: { default: boolean; help: string }): Flag<boolean> {
  return {
    ...options,
    parse(raw) {
      if (["true", "1", "yes", "on"].includes(raw)) return true;
      if (["false", "0", "no", "off"].includes(raw)) return false;
      throw new Error("wanted yes or no");
    },
  };
}
