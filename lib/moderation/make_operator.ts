import { systemClock } from "../base/clock.ts";
import { StartupError } from "../base/startup_error.ts";
import { auditPath, keyPath, peoplePath } from "../log/data_dir.ts";
import { deriveSessionKey, readSessionKey } from "../log/session_key.ts";
import { nameKey, parseName } from "../names/mod.ts";
import { Refusal } from "../model/refusal.ts";
import { type Operator, Operators, Registry } from "../registry/mod.ts";
import { Sessions } from "../room/sessions.ts";
import { AuditFile } from "./audit.ts";

/** An operator, and a token that proves it. */
export interface MadeOperator {
  readonly name: string;
  readonly token: string;
  /** There was such an operator: this is one token more for it. */
  readonly known: boolean;
}

/** The operators in a data folder, also beside a server that uses it. Throws a StartupError. */
export function listOperators(data: string): readonly Operator[] {
  using opened = openFolder(data);
  return opened.operators.all;
}

/**
 * Makes an operator in a data folder, or a token more for one that there is; a server that uses the
 * folder knows within a second. `secret`: what signs the server's tokens, where it is not the file. Throws a StartupError where that is no name, or the folder none.
 */
export async function makeOperator(
  data: string,
  raw: string,
  secret?: string,
): Promise<MadeOperator> {
  const name = nameOf(raw);
  using opened = openFolder(data);
  const { operators, audit } = opened;
  const key = secret === undefined
    ? (await readSessionKey(keyPath(data))).bytes
    : await deriveSessionKey(secret);
  const sessions = await Sessions.open(key);
  const known = operators.named(nameKey(name));
  audit.append({ by: undefined, what: known ? "token" : "operator", whom: known?.name ?? name });
  if (known) {
    const session = { ...sessions.create(known.name), id: known.session };
    return { name: known.name, token: await sessions.issue(session), known: true };
  }
  const session = sessions.create(name);
  operators.add({ session: session.id, name, key: nameKey(name), at: systemClock.now() });
  return { name, token: await sessions.issue(session), known: false };
}

/** From now on it is nobody in particular. Throws a StartupError where there is no such operator. */
export function removeOperator(data: string, raw: string): Operator {
  const name = nameOf(raw);
  using opened = openFolder(data);
  const { operators, audit } = opened;
  const operator = operators.named(nameKey(name));
  if (!operator) {
    const names = operators.all.map(({ name }) => name).join(", ") || "none";
    throw new StartupError(`there is no operator "${name}"; there are: ${names}`);
  }
  audit.append({ by: undefined, what: "remove operator", whom: operator.name });
  operators.remove(operator);
  return operator;
}

function nameOf(raw: string): string {
  try {
    const name = parseName(raw);
    if (nameKey(name) !== "guest") return name;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new StartupError(error.message, { cause: error });
  }
  throw new StartupError(`"guest" is whoever posts without a session; choose another name`);
}

function openFolder(data: string): Disposable & { operators: Operators; audit: AuditFile } {
  if (!isFolder(data)) {
    throw new StartupError(`there is no folder ${data}; start the server once, or use --data DIR`);
  }
  const registry = new Registry(peoplePath(data), systemClock, () => {});
  return {
    operators: new Operators(registry),
    audit: new AuditFile(auditPath(data)),
    [Symbol.dispose]: () => registry[Symbol.dispose](),
  };
}

function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
