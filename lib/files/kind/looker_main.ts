// Runs in the thread that looker.ts starts: what bytes are, whatever they do to whoever looks.
import nodeProcess from "node:process";
import type { Answered, Asked } from "../../base/thread.ts";
import { type Kind, kindOf } from "./kind.ts";

/** The part of DedicatedWorkerGlobalScope in use; its types and those of a page exclude each other. */
interface Scope {
  onmessage: (event: MessageEvent<Asked<string>>) => void;
  postMessage(answered: Answered<Kind>): void;
}

// One of the libraries lists the environment for its own log, and nothing in this process may read that.
nodeProcess.env = {};

const scope = self as unknown as Scope;

scope.onmessage = async ({ data: { number, question: path } }) => {
  if (path === undefined) return;
  try {
    scope.postMessage({ number, answer: await kindOf(path) });
  } catch (error) {
    scope.postMessage({ number, error });
  }
};
