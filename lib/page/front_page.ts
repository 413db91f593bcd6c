import type { FirstScreen } from "../view/first_screen.ts";
import { chooseLanguage, type Language } from "../view/strings/mod.ts";
import { acceptedLanguages } from "./accept_language.ts";
import type { Assets } from "./assets.ts";
import { Latest } from "./latest.ts";
import { Representation } from "./representation.ts";
import type { PageWorker } from "./worker.ts";

const DAY_MS = 86_400_000;

/** Where the first screen comes from. */
export interface ScreenSource {
  /**
   * Identifies the screen: differs whenever the screen does. Called for each request, so it must be
   * quick.
   */
  position(): string;
  /** The screen as it is when this is called. */
  read(): Promise<FirstScreen>;
}

export interface FrontPageOptions {
  readonly assets: Assets;
  readonly source: ScreenSource;
  readonly worker: PageWorker;
  /** Milliseconds since the Unix epoch. */
  readonly now?: () => number;
}

/**
 * Serves `/`. The page is rendered once for each position of the log, language and day (its
 * headings say "today"), and kept until one of them changes. However many requests come, at most
 * one page per language is kept, and one per language is being made, off the event loop. A request
 * for a page that is kept costs the event loop some 20 µs.
 */
export class FrontPage {
  readonly #options: FrontPageOptions;
  readonly #now: () => number;
  readonly #pages = new Map<Language, Latest<Representation>>();

  /** Neither the assets nor the worker is owned. */
  constructor(options: FrontPageOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  /** To a GET or HEAD. Rejects where the log cannot be read, or the page cannot be made. */
  async respond(request: Request): Promise<Response> {
    const language = chooseLanguage(acceptedLanguages(request.headers.get("accept-language")));
    const page = await this.#in(language).get();
    return page.respond(request, {
      cacheControl: "no-cache",
      vary: ["accept-language"],
      compress: this.#options.worker.compressPage,
    });
  }

  #in(language: Language): Latest<Representation> {
    let page = this.#pages.get(language);
    if (!page) {
      this.#pages.set(
        language,
        page = new Latest(() => this.#key(), () => this.#make(language)),
      );
    }
    return page;
  }

  #key(): string {
    // Times are shown in UTC, so the day is that of UTC too.
    return `${this.#options.source.position()} ${Math.floor(this.#now() / DAY_MS)}`;
  }

  async #make(language: Language): Promise<Representation> {
    const { assets: { template, base }, source, worker } = this.#options;
    const now = this.#now();
    const screen = await source.read();
    const options = { base, language, now };
    const html = await worker.do({ type: "render", template, screen, options });
    return Representation.of("text/html; charset=utf-8", html);
  }
}
