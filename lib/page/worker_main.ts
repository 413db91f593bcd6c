// What runs in the worker of worker.ts: does one job after the other.
import { perform } from "./jobs.ts";
import type { Answer, Question } from "./worker.ts";

/** What a worker knows besides a page; the types of both cannot be had in one program. */
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
