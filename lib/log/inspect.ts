import { isInUse, logPath, refuseLoss } from "./data_dir.ts";
import { checkKey } from "./session_key.ts";
import { lookInto } from "./sqlite/file.ts";
import { stepsMissing } from "./sqlite/schema.ts";

/** What a data folder holds. */
export interface Inspected {
  /** A server runs on it. */
  readonly inUse: boolean;
  /** Undefined where there is no history yet. */
  readonly history: { readonly messages: number; readonly stepsMissing: number } | undefined;
}

/**
 * Looks through a data folder, without changing it: undefined where there is none. Throws an Error that
 * says why a server could not start with it: it cannot be read, or its files are damaged, foreign, or
 * of a newer version.
 */
export function inspectDataDir(path: string): Inspected | undefined {
  if (!exists(path)) return undefined;
  const inUse = isInUse(path);
  const log = logPath(path);
  const key = `${path}/session.key`;
  if (exists(key)) checkKey(key, Deno.readFileSync(key));
  if (!exists(log)) return { inUse, history: undefined };
  refuseLoss({ log, key });
  const history = lookInto(log, (db) => {
    // An empty file is one that a server has begun to make.
    return isEmpty(db) ? undefined : { messages: count(db), stepsMissing: stepsMissing(db) };
  });
  return { inUse, history };
}

type Database = Parameters<Parameters<typeof lookInto>[1]>[0];

function isEmpty(db: Database): boolean {
  return db.prepare("SELECT 1 FROM sqlite_schema").get() === undefined;
}

function count(db: Database): number {
  return (db.prepare("SELECT count(*) AS count FROM entries").get() as { count: number }).count;
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
