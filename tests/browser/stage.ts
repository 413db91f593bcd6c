import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import type { Room } from "../../lib/room/room.ts";
import { type RunningServer, type ServerOptions, startServer } from "../../lib/server.ts";
import { IDENTITY, loadPageOnce, USUAL_LIMITS } from "../support/server.ts";

const CHROMIUM = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** One thing that is to be true of the page, in a browser and with a server of its own. */
export type Scene = (stage: Stage) => Promise<void>;

/**
 * Scenes that share one browser, as the steps of one test. Skipped where there is no Chromium,
 * unless PARTYLINE_TEST_REQUIRE names `browser`.
 */
export function browserTest(name: string, scenes: Readonly<Record<string, Scene>>): void {
  const path = findChromium();
  const required = Deno.env.get("PARTYLINE_TEST_REQUIRE")?.split(",").includes("browser");
  Deno.test({
    name: path || required ? name : `${name} (skipped: no Chromium at ${CHROMIUM.join(", ")})`,
    ignore: !path && !required,
    // The browser's pipe is read for as long as it runs, across the steps.
    sanitizeOps: false,
    sanitizeResources: false,
    async fn(test) {
      const browser = await launch();
      try {
        for (const [scene, play] of Object.entries(scenes)) {
          await test.step(scene, async () => {
            await using stage = new Stage(browser);
            await play(stage);
            stage.check();
          });
        }
      } finally {
        await browser.close();
      }
    },
  });
}

/** Rejects where there is no Chromium. */
export async function launch(): Promise<Browser> {
  const executablePath = findChromium();
  if (!executablePath) throw new Error(`Cannot open a browser: none at ${CHROMIUM.join(", ")}`);
  return await chromium.launch({ executablePath, args: ARGS });
}

const ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // A page that is opened goes on in the process of the empty one, instead of in one more.
  "--disable-site-isolation-trials",
  "--renderer-process-limit=1",
];

/** Longer than anything here takes on a busy machine: a test that waits so long has failed. */
const PATIENCE_MS = 30_000;

/** A server and the people before it; everything ends with the scene. */
export class Stage implements AsyncDisposable {
  readonly #browser: Browser;
  readonly #owned = new AsyncDisposableStack();
  readonly #errors: string[] = [];
  /** Complaints of the browser that a scene is about. */
  tolerated: RegExp | undefined;

  constructor(browser: Browser) {
    this.#browser = browser;
  }

  async serve(options: Partial<ServerOptions> = {}): Promise<RoomServer> {
    const data = await Deno.makeTempDir({ prefix: "partyline-" });
    this.#owned.defer(() => Deno.remove(data, { recursive: true }));
    const server = this.#owned.use(
      new RoomServer({
        host: "127.0.0.1",
        port: 0,
        tcpPort: undefined,
        emptyLine: "ignore",
        room: "lobby",
        recent: 50,
        rate: undefined,
        limits: USUAL_LIMITS,
        identity: IDENTITY,
        allowHosts: [],
        keep: { type: "all" },
        drainMs: 1000,
        graceMs: 200,
        byeMs: 0,
        assets: await loadPageOnce(),
        report: (what, error) => {
          if (error !== undefined) this.#errors.push(`the server: ${what}: ${error}`);
        },
        reportSlow: () => {}, // tests run beside each other
        ...options,
        data,
      }),
    );
    await server.open();
    return server;
  }

  /** A browser of its own at this address: own storage, own cookies. */
  async visit(url: string, options: BrowserContextOptions = {}): Promise<Page> {
    const context = await this.#browser.newContext({
      serviceWorkers: "block",
      locale: "en-GB",
      timezoneId: "Europe/Berlin",
      ...options,
    });
    this.#owned.defer(() => context.close());
    context.setDefaultTimeout(PATIENCE_MS);
    context.on("weberror", (error) => this.#errors.push(`the page: ${error.error()}`));
    context.on("console", (message) => {
      const text = message.text();
      const policy = /Content Security Policy|Trusted/.test(text);
      if (policy && !this.tolerated?.test(text)) this.#errors.push(text);
    });
    const page = await context.newPage();
    await page.goto(url);
    // The page's scripts start after its first paint.
    const scripted = url !== "about:blank" && options.javaScriptEnabled !== false;
    if (scripted) await page.locator("chat-room:defined").waitFor();
    return page;
  }

  /** Comes in under a name, ready to write. */
  async join(url: string, name: string, options: BrowserContextOptions = {}): Promise<Page> {
    const page = await this.visit(url, options);
    await page.getByLabel("Your name").fill(name);
    await page.keyboard.press("Enter");
    await page.locator("#composer:focus").waitFor();
    await connected(page);
    return page;
  }

  /** Throws where a page threw, broke its content security policy, or the server reported an error. */
  check(): void {
    if (this.#errors.length > 0) throw new Error(this.#errors.join("\n"));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#owned.disposeAsync();
  }
}

/** A server that can be closed and opened again where it was, with what it has. */
export class RoomServer implements AsyncDisposable {
  #options: ServerOptions;
  #running: RunningServer | undefined;

  constructor(options: ServerOptions) {
    this.#options = options;
  }

  get room(): Room {
    return this.#running!.room;
  }

  get data(): string {
    return this.#options.data;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#options.port}/`;
  }

  /** For the next time it is opened. */
  change(options: Partial<ServerOptions>): void {
    this.#options = { ...this.#options, ...options };
  }

  async open(): Promise<void> {
    this.#running = await startServer(this.#options);
    this.#options = { ...this.#options, port: this.#running.http.port };
  }

  async close(): Promise<void> {
    await this.#running?.[Symbol.asyncDispose]();
    this.#running = undefined;
  }

  /** Posts straight to the room; resolves with the seq of the last when all are stored. */
  async say(from: string, ...texts: string[]): Promise<number> {
    const drafts = texts.map((text) => ({ sender: `name:${from}`, from, text }));
    const receipts = await Promise.all(drafts.map((draft) => this.room.post(draft)));
    return receipts.at(-1)?.seq ?? 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** Resolves when the page says it is connected. */
export async function connected(page: Page): Promise<void> {
  await page.locator("connection-chip:is([data-state=connected],[data-state=resumed])").waitFor();
}

/** Writes a text as a person would, and sends it. */
export async function write(page: Page, text: string): Promise<void> {
  await page.locator("#composer").fill(text);
  await page.keyboard.press("Enter");
}

/** The stored messages as they stand in the list. */
export function messages(page: Page) {
  return page.locator("chat-message:not(.draft)");
}

/** Resolves when a stored message with exactly this text is in the list. */
export async function sees(page: Page, text: string): Promise<void> {
  await messages(page).locator(".text").getByText(text, { exact: true }).first().waitFor();
}

/** Resolves when there is a quiet line in the list that has this text. */
export async function noted(page: Page, text: string): Promise<void> {
  await page.locator(".note", { hasText: text }).waitFor();
}

/** The texts of all stored messages in the list. */
export function texts(page: Page): Promise<string[]> {
  return messages(page).locator(".text").allTextContents();
}

/** Makes the page believe that its tab is hidden, or seen again. */
export async function setHidden(page: Page, hidden: boolean): Promise<void> {
  await page.evaluate((hidden) => {
    const state = hidden ? "hidden" : "visible";
    Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
    Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  }, hidden);
}

/** Resolves when the page has a service worker that answers for it. */
export async function controlled(page: Page): Promise<void> {
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
}

function findChromium(): string | undefined {
  return CHROMIUM.find((path) => {
    try {
      return Deno.statSync(path).isFile;
    } catch {
      return false;
    }
  });
}
