import type { HeardEvent } from "../model/events.ts";
import type { PeopleView } from "./client.ts";

/** Who is here, folded from the notices. Above 200 people the server tells how many, and no names. */
export class People implements PeopleView {
  #count = 0;
  /** Undefined where the server does not tell the names. */
  #here: Set<string> | undefined;
  /** Undefined where it has to be sorted anew. */
  #sorted: readonly string[] | undefined;
  #order: Intl.Collator | undefined;

  get count(): number {
    return this.#count;
  }

  get names(): readonly string[] {
    return this.#sorted ??= this.#sort();
  }

  /** Takes what is about people, and ignores the rest. */
  handle(event: HeardEvent): void {
    switch (event.type) {
      case "welcome":
      case "presence":
        this.#here = event.names && new Set(event.names);
        break;
      case "join":
        this.#here?.add(event.name);
        break;
      case "leave":
        this.#here?.delete(event.name);
        break;
      case "rename":
        if (this.#here?.delete(event.from)) this.#here.add(event.name);
        break;
      default:
        return;
    }
    this.#sorted = undefined;
    if (event.type !== "rename") this.#count = event.count;
  }

  #sort(): readonly string[] {
    this.#order ??= new Intl.Collator(undefined, { numeric: true });
    return [...this.#here ?? []].sort(this.#order.compare);
  }
}
