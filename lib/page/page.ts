import type { Assets } from "./assets.ts";
import { FrontPage, type PageViewer, type ScreenSource } from "./front_page.ts";
import { PageWorker } from "./worker.ts";

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
    return await (await this.#assets).respond(request, path, this.#worker.compressFile);
  }

  [Symbol.dispose](): void {
    this.#worker[Symbol.dispose]();
  }
}
