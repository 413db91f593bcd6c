import { assertEquals, assertMatch } from "@std/assert";
import { TestServer } from "../support/server.ts";
import { openSocket } from "./clients/socket.ts";
import { Raw } from "./clients/raw.ts";
import { upgradeRequest } from "./clients/raw_socket.ts";

const PATHS = ["/ws", "/ws/text", "/echo"];

/** The head of the answer. */
async function answer(server: TestServer, request: string): Promise<string> {
  using raw = await Raw.connect(server.httpPort);
  await raw.send(request);
  return await raw.takeUntil("\r\n\r\n");
}

function header(head: string, name: string): string | undefined {
  return new RegExp(`^${name}: (.*)$`, "im").exec(head)?.[1]?.trim();
}

for (const path of PATHS) {
  Deno.test(`${path}: a proper upgrade is answered with 101 and the accept key`, async () => {
    await using server = await TestServer.open();
    for (const upgrade of ["websocket", "WebSocket", "WEBSOCKET"]) {
      const head = await answer(server, upgradeRequest(path, { Upgrade: upgrade }));
      assertMatch(head, /^HTTP\/1\.1 101 /);
      // The example of RFC 6455, section 1.3.
      assertEquals(header(head, "sec-websocket-accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
      assertEquals(header(head, "sec-websocket-protocol"), undefined);
    }
    for (const list of ["keep-alive, Upgrade", "upgrade,close", "close ,\tUPGRADE"]) {
      const head = await answer(server, upgradeRequest(path, { Connection: list }));
      assertMatch(head, /^HTTP\/1\.1 101 /, list);
    }
  });

  Deno.test(`${path}: what is no upgrade of version 13 is told what is wanted`, async () => {
    await using server = await TestServer.open();
    const plain = await answer(server, upgradeRequest(path, { Upgrade: undefined }));
    assertMatch(plain, /^HTTP\/1\.1 426 /);
    assertEquals(header(plain, "upgrade"), "websocket");
    assertEquals(header(plain, "connection")?.toLowerCase(), "upgrade");
    for (const version of ["8", "14", "13, 8", undefined]) {
      const headers = { "Sec-WebSocket-Version": version };
      const head = await answer(server, upgradeRequest(path, headers));
      assertMatch(head, /^HTTP\/1\.1 426 /, `version ${version}`);
      assertEquals(header(head, "sec-websocket-version"), "13");
    }
    for (
      const connection of [
        undefined,
        "close",
        "keep-alive",
        "not-upgrade",
        ": Upgrade",
        "keep-alive Upgrade",
      ]
    ) {
      const head = await answer(server, upgradeRequest(path, { Connection: connection }));
      assertMatch(head, /^HTTP\/1\.1 400 /, `connection ${connection}`);
    }
    for (const key of [undefined, "short", "dGhlIHNhbXBsZSBub25jZQ", "!".repeat(24)]) {
      const head = await answer(server, upgradeRequest(path, { "Sec-WebSocket-Key": key }));
      assertMatch(head, /^HTTP\/1\.1 400 /, `key ${key}`);
    }
    for (const method of ["POST", "HEAD", "PUT"]) {
      const head = await answer(server, upgradeRequest(path, {}, method));
      assertMatch(head, /^HTTP\/1\.1 405 /, method);
      assertEquals(header(head, "allow"), "GET");
    }
    assertEquals(server.running.room.presence().count, 0);
  });

  Deno.test(`${path}: a page of another origin is refused, one of ours is not`, async () => {
    await using server = await TestServer.open();
    const host = `localhost:${server.httpPort}`;
    const origins: [string | undefined, number][] = [
      [undefined, 101],
      [`http://${host}`, 101],
      [`https://${host}`, 101],
      ["http://localhost", 403],
      ["http://localhost:1", 403],
      ["https://evil.example", 403],
      [`https://evil.example/${host}`, 403],
      ["null", 403],
      ["not a URL", 403],
    ];
    for (const [origin, status] of origins) {
      const head = await answer(server, upgradeRequest(path, { Host: host, Origin: origin }));
      assertEquals(Number(head.split(" ")[1]), status, `origin ${origin}`);
    }
  });

  Deno.test(`${path}: a name that was made to point here is refused`, async () => {
    await using server = await TestServer.open();
    const headers = { Host: "rebound.example", Origin: "http://rebound.example" };
    assertMatch(await answer(server, upgradeRequest(path, headers)), /^HTTP\/1\.1 421 /);
  });
}

Deno.test("the subprotocol is confirmed when it is asked for, and no other is", async () => {
  await using server = await TestServer.open();
  const cases: [string[], string][] = [
    [[], ""],
    [["partyline.v1"], "partyline.v1"],
    [["chat", "partyline.v1"], "partyline.v1"],
  ];
  for (const [protocols, confirmed] of cases) {
    const { socket, ended } = await openSocket(server, "/ws", { protocols });
    assertEquals(socket.protocol, confirmed);
    socket.close(1000);
    await ended;
  }
  const head = await answer(
    server,
    upgradeRequest("/ws", { "Sec-WebSocket-Protocol": "partyline.v2, chat" }),
  );
  assertMatch(head, /^HTTP\/1\.1 101 /);
  assertEquals(header(head, "sec-websocket-protocol"), undefined);
});
