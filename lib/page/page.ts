import { EMOJI_LANGUAGES, type EmojiLanguage, readEmojiList } from "../emoji/mod.ts";
import type { Assets } from "./assets.ts";
import { FrontPage, type PageViewer, type ScreenSource } from "./front_page.ts";
import { Representation } from "./representation.ts";
import { PageWorker } from "./worker.ts";

/** Where the emoji in a language are; the version of the page is not looked at. */
const EMOJI_LIST = /^\/(?:_\/\w+\/)?emoji-([\w-]{2,7})\.json$/;
/** A list that is a day old is as good. */
const A_DAY = "public, max-age=86400";

/**
 * The page of a room: the page itself at `/`, and its files. It may be asked before its files are
 * ready: then it answers as soon as they are.
 */
export class Page implements Disposable {
  /** Rejects where the files cannot be had: then every answer rejects with that, too. */
  readonly ready: Promise<void>;
  readonly #assets: Promise<Assets>;
  readonly #front: Promise<FrontPage>;
  readonly #worker = new PageWorker();
  /** Each made at the first request for it: most readers of most rooms open no picker. */
  readonly #emoji = new Map<EmojiLanguage, Promise<Representation>>();

  constructor(assets: Promise<Assets>, source: ScreenSource) {
    this.#assets = assets;
    this.#front = assets.then((assets) => new FrontPage({ assets, worker: this.#worker, source }));
    this.ready = this.#front.then(() => {});
    this.ready.catch(() => {}); // its awaiter is told
  }

  /** The answer to a GET or HEAD of `/`. */
  async respond(request: Request, viewer: PageViewer): Promise<Response> {
    return await (await this.#front).respond(request, viewer);
  }

  /** The answer to a GET or HEAD of a file by its path; undefined where there is no such file. */
  async respondFile(request: Request, path: string): Promise<Response | undefined> {
    const compress = this.#worker.compressFile;
    const language = EMOJI_LANGUAGES.find((known) => known === EMOJI_LIST.exec(path)?.[1]);
    if (language) {
      const list = await this.#emojiIn(language);
      return await list.respond(request, { cacheControl: A_DAY, compress });
    }
    return await (await this.#assets).respond(request, path, compress);
  }

  #emojiIn(language: EmojiLanguage): Promise<Representation> {
    const list = this.#emoji.getOrInsertComputed(language, async () => {
      const text = JSON.stringify(await readEmojiList(language));
      return Representation.of("application/json", new TextEncoder().encode(text));
    });
    list.catch(() => this.#emoji.delete(language));
    return list;
  }

  [Symbol.dispose](): void {
    this.#worker[Symbol.dispose]();
  }
}
