import type { LocaleSettings } from "../../lib/view/locale.ts";

/** Where the settings are stored. */
export const SETTINGS_KEY = "partyline.settings";

/** What was chosen on this device. */
export interface Settings extends LocaleSettings {
  readonly theme: "system" | "light" | "dark";
  readonly density: "cosy" | "compact";
  readonly notifications: "off" | "mentions" | "all";
  readonly sound: "off" | "on";
}

/** The choices of each setting; the first is the default. */
export const CHOICES: { readonly [K in keyof Settings]: readonly Settings[K][] } = {
  theme: ["system", "light", "dark"],
  language: ["auto", "en", "zh-Hans", "zh-Hant", "ko"],
  clock: ["auto", "12", "24"],
  density: ["cosy", "compact"],
  notifications: ["off", "mentions", "all"],
  sound: ["off", "on"],
};

/** Reads stored settings; what cannot be read becomes the default. */
export function parseSettings(stored: string | null): Settings {
  const read = parse(stored);
  const entries = Object.entries(CHOICES).map(([name, choices]) => {
    const known = choices.find((choice) => choice === read[name]);
    return [name, known ?? choices[0]];
  });
  return Object.fromEntries(entries) as Settings;
}

function parse(stored: string | null): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(stored ?? "{}");
    return typeof value === "object" && value !== null ? value as Record<string, unknown> : {};
  } catch {
    return {};
  }
}
