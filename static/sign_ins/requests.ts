/** A sign-in of the viewer, as PROTOCOL.md tells it. */
export interface SignIn {
  readonly id: string;
  readonly created: number;
  readonly used: number;
  readonly address: string;
  readonly agent: string;
  /** The one of this browser. */
  readonly current: boolean;
}

/** Beside the page, wherever that is. */
const PATH = "api/sessions";
const UNAUTHORIZED = 401;

/** The viewer's own, the one of this browser first; none where there is no session. Rejects as `ask`. */
export async function fetchSignIns(): Promise<readonly SignIn[]> {
  const response = await ask("GET", PATH);
  return response === undefined ? [] : (await response.json()).sessions;
}

/** Ends all but this browser's, and returns what is left. */
export async function endOtherSignIns(): Promise<readonly SignIn[]> {
  const response = await ask("DELETE", PATH);
  return response === undefined ? [] : (await response.json()).sessions;
}

export async function endSignIn(id: string): Promise<void> {
  const response = await ask("DELETE", `${PATH}/${encodeURIComponent(id)}`, [204, 404]);
  await response?.body?.cancel();
}

/** Undefined where there is no session. Rejects where there is no answer, or another than these. */
async function ask(method: string, path: string, good = [200]): Promise<Response | undefined> {
  const response = await fetch(path, { method, headers: { accept: "application/json" } });
  if (good.includes(response.status)) return response;
  await response.body?.cancel();
  if (response.status === UNAUTHORIZED) return undefined;
  throw new Error(`Cannot ${method} ${path}: ${response.status}`);
}
