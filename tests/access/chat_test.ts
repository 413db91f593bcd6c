import { assert, assertEquals, assertMatch } from "@std/assert";
import { Program } from "../support/program.ts";
import { TestServer } from "../support/server.ts";

const PASSWORD = "open sesame";

function open(readOnlyGuests = false): Promise<TestServer> {
  return TestServer.open({ access: { password: PASSWORD, readOnlyGuests } });
}

function urls({ url, httpPort, tcpPort }: TestServer) {
  return {
    ws: `ws://127.0.0.1:${httpPort}`,
    tcp: `tcp://127.0.0.1:${tcpPort}`,
    sse: `sse+${url}`,
  };
}

async function passwordFile(text = PASSWORD + "\n") {
  const path = await Deno.makeTempFile({ prefix: "partyline-password-" });
  await Deno.writeTextFile(path, text);
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path) };
}

for (const scheme of ["ws", "tcp", "sse"] as const) {
  Deno.test(`${scheme}: a script gives the password by a file or the environment, or is told how`, async () => {
    await using server = await open();
    await using file = await passwordFile();
    const url = urls(server)[scheme];
    const ways: [args: string[], env: Record<string, string>][] = [
      [["--password-file", file.path], {}],
      [[], { PARTYLINE_PASSWORD: PASSWORD }],
    ];
    for (const [args, env] of ways) {
      await using chat = new Program("chat", ["--name", "ann", ...args, url], {
        env,
        input: "hi\n",
      });
      assertEquals([await chat.ended(), chat.stderr.text], [0, ""]);
      assertMatch(chat.stdout.text, /ann: hi\n$/);
    }
    await using without = new Program("chat", [url], { input: "hi\n" });
    assertEquals(await without.ended(), 1);
    assertMatch(without.stderr.text, /the room has a password; give it by --password-file FILE/);
    await using wrong = new Program("chat", [url], {
      env: { PARTYLINE_PASSWORD: "close sesame" },
      input: "hi\n",
    });
    assertEquals(await wrong.ended(), 1);
    assertMatch(wrong.stderr.text, /that is not the password\n$/);
    assertEquals(server.running.room.log.last, 2);
  });

  Deno.test(`${scheme}: a guest who may only read is told so, and that a line was not sent`, async () => {
    await using server = await open(true);
    await using chat = new Program("chat", ["--name", "ann", urls(server)[scheme]], {
      input: "hi\n",
    });
    assertEquals(await chat.ended(), 1);
    assertMatch(chat.stdout.text, /^\* you may read, and write with the password: --ask-password/m);
    assertMatch(chat.stderr.text, /^line 1 was not sent: only those with the password may write/);
  });

  terminalTest(`${scheme}: at a terminal the password is asked for, and not shown`, async () => {
    await using server = await open();
    await using chat = terminal(["--name", "ann", urls(server)[scheme]]);
    const asked = /The password of the room: /;
    await chat.stdout.until(asked);
    await chat.write("close sesame\r");
    await chat.stdout.until(/! that is not the password\s+The password of the room: /);
    await chat.write(`x\x15${PASSWORD}s\x7f\r`);
    await chat.stdout.until(/ann> /);
    await chat.write("hello\r");
    await chat.stdout.until(/#1 .*ann.*: hello/);
    await chat.write("\x04");
    assertEquals(await chat.ended(), 0);
    assert(!/sesame/.test(chat.stdout.text), chat.stdout.text);
  });
}

terminalTest("at a terminal somebody who does not know the password leaves", async () => {
  await using server = await open();
  for (const key of ["\x03", "\x04"]) {
    await using chat = terminal([urls(server).ws]);
    await chat.stdout.until(/The password of the room: /);
    await chat.write(`half of${key}`);
    assertEquals(await chat.ended(), 0);
    assert(!/half of/.test(chat.stdout.text));
  }
});

terminalTest("at a terminal --ask-password lets a guest write", async () => {
  await using server = await open(true);
  await using chat = terminal(["--ask-password", "--name", "ann", urls(server).ws]);
  await chat.stdout.until(/The password of the room: /);
  await chat.write(`${PASSWORD}\r`);
  await chat.stdout.until(/ann> /);
  await chat.write("hello\r");
  await chat.stdout.until(/#1 .*ann.*: hello/);
});

/** `deno task chat` at a terminal of its own: script(1) of util-linux makes one. */
function terminal(args: string[]): Program {
  return new Program("chat", args, { terminal: true });
}

function terminalTest(name: string, fn: () => Promise<void>): void {
  const ignore = Deno.build.os !== "linux";
  Deno.test({
    name: ignore ? `${name} (skipped: wants script(1) of util-linux)` : name,
    ignore,
    fn,
  });
}
