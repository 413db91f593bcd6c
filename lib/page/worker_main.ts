// Runs in the thread that worker.ts starts: does one job after the other.
import { perform } from "./jobs.ts";
import type { Answered, Asked } from "../base/thread.ts";
import type { Job } from "./jobs.ts";
import type { Bytes } from "./representation.ts";

/**
 * The part of DedicatedWorkerGlobalScope in use; its types and those of a page exclude each other.
 */
interface Scope {
  onmessage: (event: MessageEvent<Asked<Job>>) => void;
  postMessage(answered: Answered<Bytes>, transfer?: Transferable[]): void;
}

const scope = self as unknown as Scope;

scope.onmessage = ({ data: { number, question } }) => {
  if (question === undefined) return; // it is done by the time that is read
  try {
    const bytes = perform(question);
    scope.postMessage({ number, answer: bytes }, [bytes.buffer]);
  } catch (error) {
    scope.postMessage({ number, error });
  }
};
