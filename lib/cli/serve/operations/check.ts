import { listenTcp } from "../../../base/net/listen.ts";
import { inspectTable } from "../../../files/mod.ts";
import { inspectDataDir } from "../../../log/inspect.ts";
import { filesPath, peoplePath } from "../../../log/data_dir.ts";
import { inspectRegistry } from "../../../registry/mod.ts";
import { loadPage } from "../../../server.ts";

/** What is checked: what a start would use. */
export interface Checked {
  readonly host: string;
  readonly port: number;
  readonly tcpPort: number | undefined;
  readonly data: string;
  /** Whether others may be there already. */
  readonly reusePort: boolean;
}

/** What was found of one thing. A fault would keep the server from starting. */
export interface Finding {
  readonly level: "ok" | "note" | "fault";
  readonly what: string;
}

/**
 * Looks whether a server could start with these options, and changes nothing. Where one runs on the
 * same folder, the ports that are taken are taken by it.
 */
export async function check({ host, port, tcpPort, data, reusePort }: Checked): Promise<Finding[]> {
  const findings: Finding[] = [];
  const add = (level: Finding["level"], what: string) => findings.push({ level, what });
  const attempt = async (fault: () => unknown) => {
    try {
      await fault();
    } catch (error) {
      add("fault", (error as Error).message);
    }
  };
  let inUse = false;
  await attempt(() => {
    const found = inspectDataDir(data);
    if (!found) return add("note", `${data} is not there; the start makes it`);
    inUse = found.inUse;
    if (inUse) add("note", `${data} is used by a server that runs`);
    else checkWritable(data);
    const { history } = found;
    if (!history) return add("note", `${data} holds no history; the start makes one`);
    add("ok", `${data} holds ${counted(history.messages)}, and its database is sound`);
    if (history.stepsMissing > 0) {
      add(
        "note",
        "the history is of an older format, and the start brings it up to date: make a backup " +
          "before, as there is no other way back",
      );
    }
  });
  await attempt(() => {
    const people = peoplePath(data);
    if (!exists(people)) return;
    inspectRegistry(people);
    add("ok", `${people} is sound`);
  });
  await attempt(() => {
    const files = `${filesPath(data)}/index.db`;
    if (!exists(files)) return;
    inspectTable(files);
    add("ok", `${files} is sound`);
  });
  await attempt(() => {
    for (const name of ["", "/session.key", "/partyline.db", "/people.db", "/files"]) {
      const mode = modeOf(`${data}${name}`);
      if (mode !== undefined && (mode & 0o077) !== 0) {
        add("note", `${data}${name} can be reached by others (mode ${mode.toString(8)})`);
      }
    }
  });
  for (const [flag, number] of [["--port", port], ["--tcp-port", tcpPort]] as const) {
    if (number === undefined || number === 0) continue;
    await attempt(() => {
      try {
        listenTcp({ hostname: host, port: number, reusePort }, { host: "--host", port: flag })
          .close();
        add("ok", `port ${number} of ${host} is free`);
      } catch (error) {
        const { cause } = error as Error;
        if (!inUse || !(cause instanceof Deno.errors.AddrInUse)) throw error;
        add("note", `port ${number} of ${host} is in use, by the server that runs`);
      }
    });
  }
  await attempt(async () => {
    await loadPage();
    add("ok", "the page can be made");
  });
  return findings;
}

function counted(messages: number): string {
  return messages === 1 ? "1 message" : `${messages} messages`;
}

/** A file is made and removed. Throws where that cannot be. */
function checkWritable(folder: string): void {
  const path = `${folder}/.check`;
  try {
    Deno.openSync(path, { write: true, create: true, mode: 0o600 }).close();
    Deno.removeSync(path);
  } catch (error) {
    throw new Error(`cannot write to ${folder}: ${(error as Error).message}`);
  }
}

function exists(path: string): boolean {
  return modeOf(path) !== undefined;
}

/** Undefined where there is no such file. */
function modeOf(path: string): number | undefined {
  try {
    return (Deno.statSync(path).mode ?? 0) & 0o777;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
