// Runs in the thread that worker.ts starts: does one job after the other.
import { perform } from "./jobs.ts";
import type { Answer, Question } from "./worker.ts";

/**
 * The part of DedicatedWorkerGlobalScope in use; its types and those of a page exclude each other.
 */
interface Scope {
  onmessage: (event: MessageEvent<Question>) => void;
  postMessage(answer: Answer, transfer?: Transferable[]): void;
}

const scope = self as unknown as Scope;

scope.onmessage = ({ data: { number, job } }) => {
  try {
    const bytes = perform(job);
    scope.postMessage({ number, bytes }, [bytes.buffer]);
  } catch (error) {
    scope.postMessage({ number, error });
  }
};
