import { assert, assertEquals, assertThrows } from "@std/assert";
import { parseFlags, usage, UsageError } from "../../lib/cli/flags/mod.ts";
import { clusterOf } from "../../lib/cli/serve/cluster_flags.ts";
import { identityOf } from "../../lib/cli/serve/identity_flags.ts";
import { limitsOf } from "../../lib/cli/serve/limit_flags.ts";
import { networkOf } from "../../lib/cli/serve/network_flags.ts";
import { StartupError } from "../../lib/base/startup_error.ts";
import { NO_LIMITS } from "../../lib/limits/mod.ts";
import { command } from "../../lib/cli/serve/serve.ts";

const DAY_MS = 86_400_000;

function parse(...args: string[]) {
  return parseFlags(command, args, {}).values;
}

Deno.test("without flags the server is this machine's only, keeps everything and limits everybody", () => {
  assertEquals(parse(), {
    host: "127.0.0.1",
    port: 8080,
    "tcp-port": 9999,
    tcp: true,
    data: "./data",
    log: undefined,
    "nats-creds": undefined,
    "nats-tls-ca": undefined,
    replicas: 1,
    stream: "partyline",
    "reuse-port": false,
    room: "lobby",
    recent: 50,
    "rate-limit": { perSecond: 5, burst: 10 },
    "edit-for": DAY_MS / 24,
    "token-life": 30 * DAY_MS,
    "hold-names": DAY_MS,
    secret: undefined,
    "frame-limit": { perSecond: 100, burst: 1000 },
    "address-frame-limit": { perSecond: 1000, burst: 10_000 },
    "rename-limit": { perSecond: 0.1, burst: 6 },
    "since-limit": { perSecond: 0.5, burst: 30 },
    "request-limit": { perSecond: 200, burst: 2000 },
    "read-limit": { perSecond: 50, burst: 500 },
    "connect-limit": { perSecond: 50, burst: 500 },
    "max-address-connections": 500,
    "max-connections": 10_000,
    "body-timeout": 10,
    "max-uploads": 10,
    "upload-limit": { perSecond: 500 * 2 ** 20 / 3600, burst: 500 * 2 ** 20 },
    "password-attempts": { perSecond: 1 / 6, burst: 10 },
    limits: true,
    "password-file": undefined,
    password: undefined,
    "read-only-guests": false,
    "anonymous-posts": true,
    search: true,
    echo: true,
    "file-limit": 10 * 2 ** 20,
    "files-total": 2 ** 30,
    keep: { type: "all" },
    drain: 5,
    "tcp-empty-line": "ignore",
    "allow-host": [],
    "allow-origin": [],
    "trust-proxy": [],
    "base-path": "/",
    "tls-cert": undefined,
    "tls-key": undefined,
    "log-level": "info",
    "log-format": "auto",
    metrics: true,
    "metrics-allow": [],
    check: false,
  });
});

Deno.test("a limit of messages allows twice as many in a burst, or is off", () => {
  const { "rate-limit": limit } = parse("--rate-limit", "2/s");
  assertEquals(limit, { perSecond: 2, burst: 4 });
  assertEquals(parse("--rate-limit=999999")["rate-limit"], {
    perSecond: 999_999,
    burst: 1_999_998,
  });
  assertEquals(parse("--rate-limit=off")["rate-limit"], undefined);
  for (const raw of ["0", "0/s", "-1", "1.5/s", "5/m", "1000000", ""]) {
    assertThrows(
      () => parse(`--rate-limit=${raw}`),
      UsageError,
      `--rate-limit "${raw}": wanted messages a second, as 5/s, or off`,
    );
  }
});

Deno.test("the history is kept by days, by messages from 100 up, or all of it", () => {
  assertEquals(parse("--keep", "90d").keep, { type: "age", ms: 90 * DAY_MS });
  assertEquals(parse("--keep", "1d").keep, { type: "age", ms: DAY_MS });
  assertEquals(parse("--keep", "100").keep, { type: "entries", count: 100 });
  assertEquals(parse("--keep", "100000").keep, { type: "entries", count: 100_000 });
  assertEquals(parse("--keep", "all").keep, { type: "all" });
  for (const raw of ["5", "99", "0", "0d", "-1d", "5h", "d", "1e6", "1000000000", "ALL", ""]) {
    assertThrows(
      () => parse(`--keep=${raw}`),
      UsageError,
      `--keep "${raw}": wanted days as 90d, messages as 100000 (100 at least), or all`,
    );
  }
});

Deno.test("what counts has a range, and both its ends are accepted", () => {
  const ranges = { port: [0, 65535], "tcp-port": [0, 65535], recent: [0, 500], drain: [1, 3600] };
  for (const [flag, [min, max]] of Object.entries(ranges)) {
    const name = flag as keyof typeof ranges;
    assertEquals([parse(`--${flag}=${min}`)[name], parse(`--${flag}=${max}`)[name]], [min, max]);
    for (const raw of [min! - 1, max! + 1]) {
      const wanted = `wanted a whole number from ${min} to ${max}`;
      assertThrows(() => parse(`--${flag}=${raw}`), UsageError, wanted);
    }
  }
});

Deno.test("what clients may send is limited by a flag for each, in its unit, or by none", () => {
  const limits = limitsOf(
    parse("--frame-limit=7", "--since-limit", "2/m", "--read-limit=off"),
    false,
  );
  assertEquals(limits.frames, { perSecond: 7, burst: 70 });
  assertEquals(limits.seeks, { perSecond: 2 / 60, burst: 2 });
  assertEquals(limits.reads, undefined);
  for (
    const [raw, wanted] of [
      [
        "--frame-limit=5/m",
        '--frame-limit "5/m": wanted frames or lines a second, as 100/s, or off',
      ],
      ["--rename-limit=5/s", '--rename-limit "5/s": wanted renames a minute, as 6/m, or off'],
      ["--max-connections=0", "wanted a whole number from 1 to 1000000"],
    ] as const
  ) assertThrows(() => parse(raw), UsageError, wanted);
  assertEquals(limitsOf(parse("--frame-limit=7"), true), {
    ...NO_LIMITS,
    bodyMs: 10_000,
    attempts: { perSecond: 1 / 6, burst: 10 },
  });
});

Deno.test("who may read the figures is said by addresses, or it is everybody", () => {
  assertEquals(parse("--metrics-allow", "192.0.2.1, 2001:DB8:0::1")["metrics-allow"], [
    "192.0.2.1",
    "2001:db8::1",
  ]);
  assertEquals(parse("--metrics-allow=all")["metrics-allow"], "all");
  for (const raw of ["", ",", "prometheus.example.org", "192.0.2.0/24", "192.0.2.256", "all,::1"]) {
    assertThrows(
      () => parse(`--metrics-allow=${raw}`),
      UsageError,
      `--metrics-allow "${raw}": wanted IP addresses, separated by commas, or all`,
    );
  }
});

Deno.test("for how long people are remembered is a time in days, hours or minutes", () => {
  assertEquals(parse("--token-life", "90d")["token-life"], 90 * DAY_MS);
  assertEquals(parse("--hold-names", "12h")["hold-names"], DAY_MS / 2);
  assertEquals(parse("--hold-names", "90m")["hold-names"], 5_400_000);
  assertEquals(parse("--hold-names", "off")["hold-names"], undefined);
  for (const raw of ["0d", "1", "d", "1.5d", "-1d", "30s", "4000d", "off"]) {
    assertThrows(
      () => parse(`--token-life=${raw}`),
      UsageError,
      `--token-life "${raw}": wanted days, hours or minutes, as 30d, 12h or 90m, up to 3650d`,
    );
  }
  assertThrows(
    () => parse("--hold-names=366d"),
    UsageError,
    "as 1d, 12h or 90m, up to 365d; or off",
  );
});

Deno.test("the secret comes from the environment alone, is long enough, and is shown nowhere", () => {
  const secret = "k".repeat(32);
  const given = (env: string) => parseFlags(command, [], { PARTYLINE_SECRET: env }).values;
  assertEquals(identityOf(given(` ${secret}\n`)).secret, secret);
  const { message } = assertThrows(() => identityOf(given("k".repeat(31))), UsageError);
  assertEquals(message.includes("kkk"), false);
  assertEquals(
    message,
    "PARTYLINE_SECRET has 31 characters: wanted 32 or more, as `openssl rand -base64 32` makes them",
  );
  const typed = assertThrows(() => parse(`--secret=${secret}`), UsageError);
  assertEquals(typed.message.includes(secret), false);
  assertEquals(usage(command).includes(secret), false);
});

Deno.test("what the network is told is read at the start, and what it cannot mean stops it", () => {
  const values = parse(
    "--allow-host=Chat.example, chat.example:8443",
    "--allow-origin=https://a.example,http://localhost:3000",
    "--trust-proxy=loopback,10.0.0.0/8,fd00::1",
    "--base-path=/chat",
  );
  assertEquals(values["allow-host"], ["chat.example", "chat.example:8443"]);
  assertEquals(networkOf(values), {
    allowOrigins: ["https://a.example", "http://localhost:3000"],
    proxies: ["loopback", "10.0.0.0/8", "fd00::1"],
    basePath: "/chat/",
    tls: undefined,
  });
  for (
    const [raw, wanted] of [
      ["--allow-host=http://chat.example", "wanted host names as chat.example.org"],
      ["--allow-host=chat.example/x", "wanted host names as chat.example.org"],
      ["--allow-origin=a.example", "wanted origins as https://example.org"],
      ["--allow-origin=https://a.example/", "wanted origins as https://example.org"],
      ["--allow-origin=null", "wanted origins as https://example.org"],
      ["--trust-proxy=10.0.0.0/33", '"10.0.0.0/33" is no address: wanted IP addresses, ranges as'],
      ["--trust-proxy=proxy.example", '"proxy.example" is no address'],
      ["--trust-proxy=fe80::1%eth0", "is no address"],
      ["--base-path=chat/", "wanted a path that begins with a slash, as /chat/"],
      ["--base-path=/a;b/", "wanted a path that begins with a slash, as /chat/"],
      ["--base-path=/../", "wanted a path that begins with a slash, as /chat/"],
    ] as const
  ) assertThrows(() => parse(raw), UsageError, wanted);
});

Deno.test("the servers of NATS are URLs of one kind, and what belongs to them wants --log", () => {
  assertEquals(clusterOf(parse()), undefined);
  const given = parse("--log", "nats://one,nats://[::1]:4333", "--replicas=3", "--stream=lobby");
  assertEquals(clusterOf(given), {
    servers: ["one:4222", "[::1]:4333"],
    tls: false,
    credentials: undefined,
    ca: undefined,
    replicas: 3,
    stream: "lobby",
  });
  const { user, password, tls } = clusterOf(parse("--log", "tls://ann:a%40b@one"))!;
  assertEquals([user, password, tls], ["ann", "a@b", true]);
  for (
    const raw of [
      "",
      "one:4222",
      "http://one",
      "nats://",
      "nats://one/path",
      "nats://one,tls://two",
      "nats://ann:a@one,nats://two",
    ]
  ) {
    const { message } = assertThrows(() => parse(`--log=${raw}`), UsageError, "wanted");
    assert(!message.includes("ann:a@"), "a password is in what is told");
  }
  assertThrows(() => parse("--stream=a.b"), UsageError, "wanted up to 64 letters");
  for (const flag of ["--replicas=3", "--reuse-port"]) {
    const [name] = flag.split("=");
    assertThrows(() => clusterOf(parse(flag)), UsageError, `${name} is given without --log`);
  }
});

Deno.test("a certificate without its key does not start, nor a key without its certificate", () => {
  assertThrows(
    () => networkOf(parse("--tls-cert=c.pem")),
    StartupError,
    "--tls-cert is given without --tls-key; TLS needs both",
  );
  assertThrows(
    () => networkOf(parse("--tls-key=k.pem")),
    StartupError,
    "--tls-key is given without --tls-cert; TLS needs both",
  );
});

Deno.test("what was said can be edited for a time, for ever, or not at all", () => {
  assertEquals(parse("--edit-for=30s")["edit-for"], 30_000);
  assertEquals(parse("--edit-for", "2d")["edit-for"], 2 * DAY_MS);
  assertEquals(parse("--edit-for=forever")["edit-for"], Infinity);
  assertEquals(parse("--edit-for=off")["edit-for"], 0);
  for (const raw of ["", "0", "0s", "1", "1w", "constructor", "3651d"]) {
    assertThrows(
      () => parse(`--edit-for=${raw}`),
      UsageError,
      "wanted days, hours, minutes or seconds, as 1h, 90m or 30s, up to 3650d; or forever or off",
    );
  }
  assertThrows(() => parse("--hold-names=30s"), UsageError, "wanted days, hours or minutes");
});
