// Runs in the thread that search_worker.ts starts: searches at the same time take turns, step by step.
import { DatabaseSync } from "node:sqlite";
import { systemLoop } from "../../../base/event_loop.ts";
import type { Found } from "../../log.ts";
import type { Answered, Asked } from "../../../base/thread.ts";
import { prepareToSearch, search } from "./search.ts";
import type { FileSearch } from "./search_worker.ts";

/**
 * The part of DedicatedWorkerGlobalScope in use; its types and those of a page exclude each other.
 */
interface Scope {
  onmessage: (event: MessageEvent<Asked<FileSearch>>) => void;
  postMessage(answered: Answered<Found>): void;
}

const scope = self as unknown as Scope;
const running = new Map<number, AbortController>();

scope.onmessage = async ({ data: { number, question } }) => {
  if (question === undefined) return running.get(number)?.abort();
  const controller = new AbortController();
  running.set(number, controller);
  try {
    scope.postMessage({ number, answer: await searchFile(question, controller.signal) });
  } catch (error) {
    scope.postMessage({ number, error });
  } finally {
    running.delete(number);
  }
};

async function searchFile(
  { file: { path, epoch }, query }: FileSearch,
  signal: AbortSignal,
): Promise<Found> {
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    db.exec("PRAGMA busy_timeout = 1000");
    const found = db.prepare("SELECT value FROM meta WHERE key = 'epoch'").get()?.value;
    if (found !== epoch) throw new Error(`Cannot search ${path}: it holds another history`);
    prepareToSearch(db);
    return await search(db, query, { loop: systemLoop, signal });
  } finally {
    db.close();
  }
}
