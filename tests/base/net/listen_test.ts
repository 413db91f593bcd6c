import { assertEquals, assertThrows } from "@std/assert";
import { listenTcp } from "../../../lib/base/net/listen.ts";
import { StartupError } from "../../../lib/base/startup_error.ts";

const FLAGS = { host: "--host", port: "--port" };
const LOCAL = "127.0.0.1";

Deno.test("a port is shared by those who all say so, and by nobody else", () => {
  using one = listenTcp({ hostname: LOCAL, port: 0, reusePort: true }, FLAGS);
  const { port } = one.addr;
  using other = listenTcp({ hostname: LOCAL, port, reusePort: true }, FLAGS);
  assertEquals(other.addr.port, port);
  assertThrows(() => listenTcp({ hostname: LOCAL, port }, FLAGS), StartupError, "is in use");
  using alone = listenTcp({ hostname: LOCAL, port: 0 }, FLAGS);
  const taken = { hostname: LOCAL, port: alone.addr.port, reusePort: true };
  assertThrows(() => listenTcp(taken, FLAGS), StartupError, "is in use");
});

Deno.test("without the runtime's flag, a shared port is an error that says what to do", async () => {
  const listen = import.meta.resolve("../../../lib/base/net/listen.ts");
  const script = `import { listenTcp } from "${listen}";
    try {
      listenTcp({ hostname: "127.0.0.1", port: 0, reusePort: true }, {});
    } catch (error) {
      console.log(error.name, error.message);
    }`;
  const { stdout, success } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--quiet", "--no-config", "--no-lock", script],
  }).output();
  assertEquals([success, new TextDecoder().decode(stdout)], [
    true,
    "StartupError cannot share 127.0.0.1:0: Deno wants --unstable-net for it; start by deno task " +
    "start, which has it\n",
  ]);
});
