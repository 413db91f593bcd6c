import { assertEquals, assertMatch } from "@std/assert";
import { Program } from "../../support/program.ts";
import { message } from "../../support/fakes.ts";
import { welcome } from "../../client/fakes.ts";

interface Room {
  /** Bytes of a file; undefined where none are taken. */
  readonly limit?: number;
  /** How an upload is answered, where it is not stored. */
  readonly refuse?: () => Response;
}

/** A room that takes files, as PROTOCOL.md says it. */
function openRoom({ limit, refuse }: Room) {
  const uploads: { name: string | null; bytes: number; authorization: string | null }[] = [];
  const said: unknown[] = [];
  const limits = { text: 4000, name: 32, ...(limit !== undefined && { file: limit }) };
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/ws") {
      const { socket, response } = Deno.upgradeWebSocket(request);
      const say = (event: unknown) => socket.send(JSON.stringify(event));
      socket.onopen = () => {
        say(welcome({ name: "ann", token: "t", limits }));
        say({ type: "live", seq: 0 });
      };
      socket.onmessage = ({ data }) => {
        const { id, ...frame } = JSON.parse(data);
        said.push(frame);
        say(message(1, { id, text: frame.text }));
        say({ type: "ack", id, seq: 1, duplicate: false });
      };
      return response;
    }
    if (pathname !== "/api/files") return new Response(null, { status: 404 });
    if (refuse) return refuse();
    const name = searchParams.get("name");
    const { byteLength: size } = await request.arrayBuffer();
    uploads.push({ name, bytes: size, authorization: request.headers.get("authorization") });
    const file = { id: "f1", name, type: "text/plain", size };
    return Response.json({ file }, { status: 201 });
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    uploads,
    said,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** Sends a file of so many bytes. */
async function send(room: Room, size: number, args: string[] = []) {
  await using server = openRoom(room);
  const path = await Deno.makeTempFile({ prefix: "notes ", suffix: ".txt" });
  try {
    await Deno.writeFile(path, new Uint8Array(size));
    await using chat = new Program("chat", ["--send", path, server.url, ...args]);
    const code = await chat.ended();
    const [out, err] = [chat.stdout.text, chat.stderr.text.replaceAll(path, "PATH")];
    return { code, out, err, uploads: server.uploads, said: server.said };
  } finally {
    await Deno.remove(path);
  }
}

Deno.test("a file is sent with its text, and the number of the message is printed", async () => {
  const { code, out, err, uploads, said } = await send({ limit: 1e7 }, 3_000_000, ["look at this"]);
  assertEquals([code, err], [0, ""]);
  assertMatch(out, /^#1 notes \w+\.txt, text\/plain, 3000000 bytes\n$/);
  assertMatch(uploads[0]!.name!, /^notes \w+\.txt$/);
  assertEquals(uploads.map(({ bytes, authorization }) => [bytes, authorization]), [
    [3_000_000, "Bearer t"],
  ]);
  assertEquals(said, [{ type: "message", text: "look at this", files: ["f1"] }]);
});

Deno.test("at a terminal one sees how far it is", async () => {
  await using server = openRoom({ limit: 1e8 });
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeFile(path, new Uint8Array(1_000_000));
    await using chat = new Program("chat", ["--send", path, server.url], { terminal: true });
    assertEquals(await chat.ended(), 0);
    assertMatch(chat.stdout.text, /: \d+ %.*: sent, waits to be said.*#1 /s);
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("without a text it is sent alone", async () => {
  const { code, said } = await send({ limit: 100 }, 0);
  assertEquals([code, said], [0, [{ type: "message", text: "", files: ["f1"] }]]);
});

Deno.test("what the server does not take is said in one line, and nothing is said in the room", async () => {
  const full = { error: { code: "unavailable", message: "there is no room for more files" } };
  const table: [Room, number, RegExp][] = [
    [{}, 1, /^partyline: cannot send PATH: the server takes no files\n$/],
    [
      { limit: 10 },
      11,
      /^partyline: cannot send PATH: it has 11 bytes; at most 10 are accepted\n$/,
    ],
    [
      { limit: 100, refuse: () => Response.json(full, { status: 507 }) },
      1,
      /^partyline: cannot send PATH: there is no room for more files\n$/,
    ],
    [
      { limit: 1e8, refuse: () => Response.json(full, { status: 507 }) },
      50_000_000, // it is answered while most of it is still to be read
      /^partyline: cannot send PATH: there is no room for more files\n$/,
    ],
    [
      { limit: 100, refuse: () => new Response("<h1>Bad Gateway", { status: 502 }) },
      1,
      /^partyline: cannot send PATH: it answered with status 502\n$/,
    ],
    [
      { limit: 100, refuse: () => Response.json({}, { status: 201 }) },
      1,
      /^partyline: cannot send PATH: the answer cannot be read\n$/,
    ],
  ];
  for (const [room, size, complaint] of table) {
    const { code, out, err, said } = await send(room, size);
    assertMatch(err, complaint);
    assertEquals([code, out, said], [1, "", []]);
  }
});

Deno.test("what cannot be sent at all is told before anything is", async () => {
  const table: [string[], number, RegExp][] = [
    [
      ["--send", "/nowhere/at all", "http://127.0.0.1:1"],
      1,
      /^partyline: cannot read \/nowhere\/at all: /,
    ],
    [
      ["--send", "/tmp", "http://127.0.0.1:1"],
      1,
      /^partyline: cannot send \/tmp: it is no file\n$/,
    ],
    [["--send", "x", "tcp://127.0.0.1:1"], 2, /files go over HTTP/],
    [["--send", "x", "one", "two"], 2, /^partyline: unexpected argument "two"/],
    [["http://127.0.0.1:1", "text"], 2, /^partyline: unexpected argument "text"/],
  ];
  for (const [args, code, complaint] of table) {
    await using chat = new Program("chat", args);
    assertEquals(await chat.ended(), code, args.join(" "));
    assertMatch(chat.stderr.text, complaint);
  }
});
