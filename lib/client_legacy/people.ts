import type { RoomEvent } from "../model/events.ts";

/** Who is here, as far as the server says: above 200 people it tells how many. */
export class People {
  count = 0;
  #names: Set<string> | undefined;

  get names(): readonly string[] | undefined {
    return this.#names && [...this.#names];
  }

  handle(event: RoomEvent): void {
    switch (event.type) {
      case "welcome":
      case "presence":
        this.count = event.count;
        this.#names = event.names && new Set(event.names);
        break;
      case "join":
        this.count = event.count;
        this.#names?.add(event.name);
        break;
      case "leave":
        this.count = event.count;
        this.#names?.delete(event.name);
        break;
      case "rename":
        this.#names?.delete(event.from);
        this.#names?.add(event.name);
    }
  }
}
