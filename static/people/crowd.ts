import type { RoomEvent } from "../../lib/model/events.ts";
import { fetchPresence } from "../connection/api.ts";
import type { MessageList } from "../messages/message_list.ts";
import type { Viewer } from "../../lib/view/message_view.ts";
import { Moves } from "./moves.ts";
import type { PeoplePanel } from "./people_panel.ts";
import { People } from "./people.ts";
import type { TypingLine } from "./typing_line.ts";

/** Where the crowd is shown. */
export interface CrowdViews {
  readonly list: MessageList;
  readonly panel: PeoplePanel;
  readonly typing: TypingLine;
  /** Told after each change. */
  readonly changed: (people: People) => void;
}

/** Who is here, who comes and goes, and who is typing: as the notices tell it. */
export class Crowd {
  readonly people = new People();
  readonly #views: CrowdViews;
  readonly #moves = new Moves();
  #reader!: Viewer;

  constructor(views: CrowdViews) {
    this.#views = views;
  }

  show(reader: Viewer): void {
    this.#reader = reader;
    this.#views.typing.locale = reader.locale;
    this.#views.panel.show(this.people, reader);
    this.#views.changed(this.people);
  }

  /** Takes what is about people, and ignores the rest. */
  heard(event: RoomEvent): void {
    const { list, typing } = this.#views;
    switch (event.type) {
      case "welcome":
      case "presence":
        this.people.set(event.count, event.names);
        break;
      case "join":
        this.people.join(event.name, event.count);
        this.#moves.join(event.name);
        list.note(this.#moves.text(this.#reader.locale), "moves");
        break;
      case "leave":
        this.people.leave(event.name, event.count);
        this.#moves.leave(event.name);
        typing.stop(event.name);
        list.note(this.#moves.text(this.#reader.locale), "moves");
        break;
      case "rename":
        this.people.rename(event.from, event.name);
        list.note(this.#reader.locale.say("renamed", { from: event.from, name: event.name }));
        break;
      case "reset":
        this.#moves.clear();
        return;
      case "typing":
        if (event.name !== this.#reader.self) typing.add(event.name);
        return;
      default:
        return;
    }
    this.show(this.#reader);
  }

  /** Who has said something has stopped typing; and what is told next stands below it. */
  spoke(names: readonly string[]): void {
    this.people.spoke(names);
    this.#moves.clear();
    for (const name of names) this.#views.typing.stop(name);
  }

  /** For who only reads, whom nobody tells. */
  async ask(): Promise<void> {
    try {
      const { count, names } = await fetchPresence();
      this.people.set(count, names);
      this.show(this.#reader);
    } catch {
      // best effort: it is asked again soon
    }
  }
}
