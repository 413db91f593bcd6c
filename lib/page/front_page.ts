import { ALL_FEATURES, featureNames, type Features } from "../model/features.ts";
import type { FirstScreen } from "../view/first_screen.ts";
import { chooseLanguage, type Language } from "../view/strings/language.ts";
import { acceptedLanguages } from "./accept_language.ts";
import type { Assets } from "./assets.ts";
import { Latest } from "./latest.ts";
import { Representation } from "./representation.ts";
import type { PageWorker } from "./worker.ts";

const DAY_MS = 86_400_000;

/** Where the first screen comes from. */
export interface ScreenSource {
  /**
   * Identifies the screen of those with these features: differs whenever the screen does. Called for
   * each request, so it must be quick.
   */
  position(features: Features): string;
  /** The screen as it is when this is called; `before`: with the messages before that seq. */
  read(features: Features, before?: number): Promise<FirstScreen>;
}

/** Whom a page is for. */
export interface PageViewer {
  readonly features: Features;
  /** Others may get another page: no cache that they share may keep it. */
  readonly personal: boolean;
  /** The name that a browser without scripts has given before, to be filled in. */
  readonly name?: string | undefined;
  /** Shows the messages before this seq instead of the newest. */
  readonly before?: number | undefined;
}

const ANYBODY: PageViewer = { features: ALL_FEATURES, personal: false };

export interface FrontPageOptions {
  readonly assets: Assets;
  readonly source: ScreenSource;
  readonly worker: PageWorker;
  /** Milliseconds since the Unix epoch. */
  readonly now?: () => number;
}

/**
 * Serves `/`. The page is rendered once for each position of the log, language, set of features (there
 * are three at most) and day (its headings say "today"), and kept until the position or the day
 * changes. However many requests come, at most one page per language and set is kept, and one is being
 * made, off the event loop. A request for a page that is kept costs the event loop some 20 µs.
 */
export class FrontPage {
  readonly #options: FrontPageOptions;
  readonly #now: () => number;
  /** By language and features. */
  readonly #pages = new Map<string, Latest<Representation>>();

  /** Neither the assets nor the worker is owned. */
  constructor(options: FrontPageOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  /** To a GET or HEAD. Rejects where the log cannot be read, or the page cannot be made. */
  async respond(
    request: Request,
    { features, personal, name, before }: PageViewer = ANYBODY,
  ): Promise<Response> {
    const language = chooseLanguage(acceptedLanguages(request.headers.get("accept-language")));
    // What a browser without scripts asks for is made for it alone, and not kept.
    const isOwn = name !== undefined || before !== undefined;
    const page = isOwn
      ? await this.#make(language, features, { name, before })
      : await this.#of(language, features).get();
    return page.respond(request, {
      cacheControl: personal || isOwn ? "private, no-cache" : "no-cache",
      vary: personal || isOwn
        ? ["accept-language", "cookie", "authorization"]
        : ["accept-language"],
      compress: this.#options.worker.compressPage,
    });
  }

  #of(language: Language, features: Features): Latest<Representation> {
    const which = `${language} ${featureNames(features)}`;
    let page = this.#pages.get(which);
    if (!page) {
      this.#pages.set(
        which,
        page = new Latest(() => this.#key(features), () => this.#make(language, features)),
      );
    }
    return page;
  }

  #key(features: Features): string {
    // Times are shown in UTC, so the day is that of UTC too.
    return `${this.#options.source.position(features)} ${Math.floor(this.#now() / DAY_MS)}`;
  }

  async #make(
    language: Language,
    features: Features,
    { name, before }: Pick<PageViewer, "name" | "before"> = {},
  ): Promise<Representation> {
    const { assets, source, worker } = this.#options;
    const now = this.#now();
    const screen = await source.read(features, before);
    const template = assets.template(language);
    const options = { base: assets.base, language, now, name, past: before !== undefined };
    const html = await worker.do({ type: "render", template, screen, options });
    return Representation.of("text/html; charset=utf-8", html);
  }
}
