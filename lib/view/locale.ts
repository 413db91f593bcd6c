import type { StringKey, Strings } from "./strings/en.ts";
import { fill, type Values } from "./strings/fill.ts";
import { chooseLanguage, type Language, languageOf } from "./strings/language.ts";
import { loadStrings } from "./strings/load.ts";

/** Whether hours are counted to 12 or to 24; `auto` is as the viewer's region does. */
export type Clock = "auto" | "12" | "24";

/** The settings a locale depends on. */
export interface LocaleSettings {
  readonly language: "auto" | Language;
  readonly clock: Clock;
}

/**
 * What the viewer has chosen, else what the browser asks for: `languages` are its tags, the
 * preferred first. Rejects where its texts cannot be loaded.
 */
export async function chooseLocale(
  settings: LocaleSettings,
  languages: readonly string[],
): Promise<Locale> {
  const { language: chosen } = settings;
  const language = chosen === "auto" ? chooseLanguage(languages) : chosen;
  return localeOf(language, await loadStrings(language), { settings, languages });
}

function localeOf(
  language: Language,
  strings: Strings,
  { settings: { clock: wished }, languages }: Wishes,
): Locale {
  const region = languages.find((tag) => languageOf(tag) === language);
  // A viewer who gets English because we lack their language still gets the clock of their region.
  const clock = wished !== "auto" ? wished : hasHalves(languages[0] ?? language) ? "12" : "24";
  return new Locale(language, strings, { clock, ...(region !== undefined && { region }) });
}

interface Wishes {
  readonly settings: LocaleSettings;
  readonly languages: readonly string[];
}

function hasHalves(tag: string): boolean {
  return new Intl.DateTimeFormat(tag, { hour: "numeric" }).resolvedOptions().hour12 ?? false;
}

/** The viewer's language with its texts, and time zone, and the formats of dates, times and numbers. */
export class Locale {
  readonly language: Language;
  readonly #strings: Strings;
  readonly #time: Intl.DateTimeFormat;
  readonly #hour12: boolean;
  readonly #full: Intl.DateTimeFormat;
  readonly #day: Intl.DateTimeFormat;
  readonly #dayWithYear: Intl.DateTimeFormat;
  readonly #number: Intl.NumberFormat;
  readonly #region: string;

  /**
   * `region` is a more precise tag of the same language, such as en-GB for en; dates and times are
   * written as they are there. Without `timeZone`, the time zone is that of the machine.
   */
  constructor(
    language: Language,
    strings: Strings,
    { clock = "auto", region = language, timeZone }: {
      clock?: Clock;
      region?: string;
      timeZone?: string;
    } = {},
  ) {
    this.language = language;
    this.#strings = strings;
    this.#region = region;
    const zone = timeZone === undefined ? {} : { timeZone };
    const format = (options: Intl.DateTimeFormatOptions) =>
      new Intl.DateTimeFormat(region, { ...zone, ...options });
    this.#hour12 = clock === "auto" ? hasHalves(region) : clock === "12";
    const hours = { hourCycle: this.#hour12 ? "h12" : "h23" } as const;
    const day = { weekday: "long", day: "numeric", month: "long" } as const;
    const hour = this.#hour12 ? "numeric" : "2-digit";
    this.#time = format({ ...hours, hour, minute: "2-digit" });
    this.#full = format({ ...hours, dateStyle: "full", timeStyle: "medium" });
    this.#day = format(day);
    this.#dayWithYear = format({ ...day, year: "numeric" });
    this.#number = new Intl.NumberFormat(region);
  }

  say(key: StringKey, values?: Values): string {
    return fill(this.#strings[key], values);
  }

  /** The same language, with the clock of these settings. */
  with(settings: LocaleSettings, languages: readonly string[]): Locale {
    return localeOf(this.language, this.#strings, { settings, languages });
  }

  /** Whether there is a text of this name; for keys that are made from input. */
  has(key: string): key is StringKey {
    return Object.hasOwn(this.#strings, key);
  }

  /** The text for an error code; undefined where the meaning of a code depends on the request. */
  reason(code: string): string | undefined {
    const key = `error_${code}`;
    return this.has(key) ? this.say(key) : undefined;
  }

  time(at: number): string {
    return this.#time.format(at);
  }

  /** AM or PM, as `time` writes it; undefined with a 24-hour clock. */
  halfOfDay(at: number): string | undefined {
    if (!this.#hour12) return undefined;
    return this.#time.formatToParts(at).find(({ type }) => type === "dayPeriod")?.value;
  }

  full(at: number): string {
    return this.#full.format(at);
  }

  /** The time, with the day where it is another than the current one. */
  moment(at: number, now: number): string {
    return this.sameDay(at, now) ? this.time(at) : `${this.day(at, now)}, ${this.time(at)}`;
  }

  number(value: number): string {
    return this.#number.format(value);
  }

  /** A size, as `1.2 MB`. */
  bytes(size: number): string {
    const [unit, one] = size < 1000
      ? ["byte", 1] as const
      : size < 999_500
      ? ["kilobyte", 1e3] as const
      : size < 999_500_000
      ? ["megabyte", 1e6] as const
      : ["gigabyte", 1e9] as const;
    const maximumFractionDigits = size >= 10 * one || one < 1e6 ? 0 : 1;
    const options = { style: "unit", unit, unitDisplay: "short", maximumFractionDigits } as const;
    return new Intl.NumberFormat(this.#region, options).format(size / one);
  }

  /** The day as a heading, with its year if it is not the current one. */
  day(at: number, now: number): string {
    const day = this.#dayWithYear.format(at);
    if (day === this.#dayWithYear.format(now)) return this.say("today");
    if (day === this.#dayWithYear.format(now - 86_400_000)) return this.say("yesterday");
    return this.#year(at) === this.#year(now) ? this.#day.format(at) : day;
  }

  sameDay(a: number, b: number): boolean {
    return this.#dayWithYear.format(a) === this.#dayWithYear.format(b);
  }

  /** `ann, bob and 3 more`. */
  names(names: readonly string[], most: number): string {
    if (names.length === 2 && most >= 2) {
      return this.say("list", { a: names[0]!, b: names[1]! });
    }
    if (names.length <= most) return names.join(", ");
    return this.say("andMore", {
      names: names.slice(0, most).join(", "),
      n: names.length - most,
    });
  }

  /** In the viewer's time zone, like everything here. */
  #year(at: number): string | undefined {
    return this.#dayWithYear.formatToParts(at).find(({ type }) => type === "year")?.value;
  }
}
