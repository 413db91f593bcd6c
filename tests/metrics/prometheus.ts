import { Output } from "../support/program.ts";

const SCRAPE_S = 1;

/** A Prometheus of its own that scrapes one server each second, on a free port. */
export class Prometheus implements AsyncDisposable {
  readonly url: string;
  readonly #owned: AsyncDisposableStack;

  private constructor(url: string, owned: AsyncDisposableStack) {
    this.url = url;
    this.#owned = owned;
  }

  static async isInstalled(): Promise<boolean> {
    try {
      return (await new Deno.Command("prometheus", { args: ["--version"] }).output()).success;
    } catch {
      return false;
    }
  }

  static async start(port: number): Promise<Prometheus> {
    await using starting = new AsyncDisposableStack();
    const dir = await Deno.makeTempDir({ prefix: "partyline-prometheus-" });
    starting.defer(() => Deno.remove(dir, { recursive: true }));
    await Deno.writeTextFile(
      `${dir}/prometheus.yml`,
      JSON.stringify({
        global: { scrape_interval: `${SCRAPE_S}s` },
        scrape_configs: [{
          job_name: "partyline",
          static_configs: [{ targets: [`127.0.0.1:${port}`] }],
        }],
      }),
    );
    // It tells which port it was given only in its log, and not in every version.
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const own = `127.0.0.1:${listener.addr.port}`;
    listener.close();
    const child = new Deno.Command("prometheus", {
      args: [
        `--config.file=${dir}/prometheus.yml`,
        `--storage.tsdb.path=${dir}/data`,
        `--web.listen-address=${own}`,
      ],
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    const log = new Output(child.stderr);
    starting.defer(async () => {
      child.kill("SIGTERM");
      await child.status;
      await log.ended;
    });
    await log.until(/Server is ready/);
    return new Prometheus(`http://${own}`, starting.move());
  }

  /** Resolves when it has scraped the server so often since it was started, at least. */
  async scraped(times: number): Promise<void> {
    for (;;) {
      const [count = 0] = await this.query("count_over_time(partyline_info[1h])");
      if (count >= times) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  /** The values that an instant query has now. Rejects where it is not valid. */
  async query(expression: string): Promise<number[]> {
    const response = await fetch(`${this.url}/api/v1/query`, {
      method: "POST",
      body: new URLSearchParams({ query: expression }),
    });
    const { status, error, data } = await response.json();
    if (status !== "success") throw new Error(`Cannot query ${expression}: ${error}`);
    return data.result.map(({ value }: { value: [number, string] }) => Number(value[1]));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#owned.disposeAsync();
  }
}
