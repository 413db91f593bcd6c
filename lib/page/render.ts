import { featureNames } from "../model/features.ts";
import { FIRST_SCREEN_ID, type FirstScreen } from "../view/first_screen.ts";
import { Locale } from "../view/locale.ts";
import { dayView, messageView, relate } from "../view/message_view.ts";
import { isStringKey, say, STRINGS } from "../view/strings/all.ts";
import type { Language } from "../view/strings/language.ts";
import { escapeHtml, toHtml, type Tree, tree } from "../view/tree.ts";

export interface PageOptions {
  /** The path that the page's files are under, relative to the page, with a slash at its end. */
  readonly base: string;
  readonly language: Language;
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
  /** The name that a browser without scripts has given before. */
  readonly name?: string | undefined;
  /** The messages are not the newest ones. */
  readonly past?: boolean | undefined;
}

/**
 * The page as HTML, with its first screen: what a browser paints first, and all that a browser
 * without scripts shows. Times are in UTC, since the viewer's time zone is not known yet; the
 * page's scripts correct them. Everything that people wrote is escaped. Pure.
 *
 * Throws a TypeError for a mark in the template that has no value.
 */
export function renderPage(template: string, screen: FirstScreen, options: PageOptions): string {
  const { language } = options;
  const rows = renderRows(
    screen,
    new Locale(language, STRINGS[language], { clock: "24", timeZone: "UTC" }),
    options.now,
  );
  const values: Readonly<Record<string, string>> = {
    lang: language,
    base: options.base,
    features: featureNames(screen.features),
    room: escapeHtml(screen.room),
    visitor: escapeHtml(options.name ?? ""),
    pages: renderPages(screen, options),
    topic: escapeHtml(screen.topic),
    rows,
    screen: renderScreen(screen),
  };
  return template.replace(/\{\{ ?(\w+) ?\}\}/g, (_, name: string) => {
    const value = values[name] ??
      (isStringKey(name) ? escapeHtml(say(language, name, { room: screen.room })) : undefined);
    if (value === undefined) throw new TypeError(`Cannot render the page: no value for ${name}`);
    return value;
  });
}

function renderRows(
  { entries, quoted: older = [] }: FirstScreen,
  locale: Locale,
  now: number,
): string {
  const bySeq = new Map([...older, ...entries].map((entry) => [entry.seq, entry]));
  const rows: Tree[] = entries.flatMap((entry, i) => {
    const before = entries[i - 1];
    const quoted = entry.re === undefined ? undefined : bySeq.get(entry.re);
    const message = messageView(entry, { locale }, quoted);
    const day = before && locale.sameDay(before.at, entry.at)
      ? []
      : [dayView(entry.at, now, locale)];
    if (!before) return [...day, message];
    const relation = Object.entries(relate(before, entry, locale));
    const related = relation.filter(([, is]) => is).map(([name]) => name);
    const classes = [message.attributes.class ?? [], related].flat().join(" ");
    const attributes = { ...message.attributes, ...(classes !== "" && { class: classes }) };
    return [...day, { ...message, attributes }];
  });
  return rows.map(toHtml).join("");
}

/** The ways to other pages of the history, for a browser without scripts. */
function renderPages({ first, entries }: FirstScreen, { language, past }: PageOptions): string {
  const [oldest] = entries;
  const link = (href: string, text: string) => toHtml(tree("a", { href }, text));
  const links = [
    ...(oldest && oldest.seq > first
      ? [link(`./?before=${oldest.seq}`, say(language, "olderMessages"))]
      : []),
    ...(past ? [link("./", say(language, "latest"))] : []),
  ];
  return links.length === 0 ? "" : `<noscript><nav>${links.join(" ")}</nav></noscript>`;
}

/** The first screen as JSON, which the page's scripts start from. */
function renderScreen(screen: FirstScreen): string {
  // Whatever could end the element early, or hide its end, begins with "<".
  const data = JSON.stringify(screen).replaceAll("<", "\\u003c");
  return `<script type="application/json" id="${FIRST_SCREEN_ID}">${data}</script>`;
}
