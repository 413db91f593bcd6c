import type { ModerationNotice } from "../model/events.ts";
import type { Measure } from "../model/measure.ts";
import type { Locale } from "./locale.ts";

/** What an operator did, in a line for everybody. */
export function moderationText(notice: ModerationNotice, locale: Locale): string {
  const { action, by, name = "", seconds = 0 } = notice;
  const until = untilWords(notice.until, locale);
  switch (action) {
    case "kick":
      return locale.say("modKick", { by, name }) + reasonWords(notice, locale);
    case "ban":
      return locale.say("modBan", { by, name, until }) + reasonWords(notice, locale);
    case "mute":
      return locale.say("modMute", { by, name, until }) + reasonWords(notice, locale);
    case "unban":
      return locale.say("modUnban", { by, name });
    case "unmute":
      return locale.say("modUnmute", { by, name });
    case "slow":
      return seconds > 0
        ? locale.say("modSlow", { by, n: seconds })
        : locale.say("modSlowOver", { by });
  }
}

/** What somebody is told who is kept from something. */
export function measureWords({ type, until, reason }: Measure, locale: Locale): string {
  const words = {
    kick: locale.say("youKicked"),
    ban: locale.say("youBannedUntil", { until: untilWords(until, locale) }),
    mute: locale.say("youMuted", { until: untilWords(until, locale) }),
  }[type];
  return words + reasonWords({ reason }, locale);
}

/** Who said what the room is about, in a line. */
export function topicLine(
  { from, text }: { readonly from: string; readonly text: string },
  locale: Locale,
): string {
  return text === ""
    ? locale.say("topicRemoved", { from })
    : locale.say("topicSet", { from, text });
}

function untilWords(until: number | undefined, locale: Locale): string {
  return until === undefined
    ? locale.say("forGood")
    : locale.say("until", { time: locale.full(until) });
}

function reasonWords({ reason }: { readonly reason?: string | undefined }, locale: Locale): string {
  return reason === undefined ? "" : " " + locale.say("because", { reason });
}
