import type { PeopleView, RoomEvent } from "../../lib/client/mod.ts";
import type { MessageList } from "../messages/message_list.ts";
import type { Viewer } from "../../lib/view/message_view.ts";
import { Moves } from "./moves.ts";
import type { PeoplePanel } from "./people_panel.ts";
import { Speakers } from "./speakers.ts";
import type { TypingLine } from "./typing_line.ts";

/** The elements that show people. */
export interface CrowdViews {
  readonly list: MessageList;
  readonly panel: PeoplePanel;
  readonly typing: TypingLine;
  /** Opens the panel, and shows the number of people. */
  readonly button: HTMLElement;
  /** Called after each change with the names that the viewer can mention. */
  readonly changed: (names: readonly string[]) => void;
}

/** Shows who is here, who comes and goes, and who is typing. */
export class Crowd {
  readonly #people: PeopleView;
  readonly #views: CrowdViews;
  readonly #speakers = new Speakers();
  readonly #moves = new Moves();
  #viewer!: Viewer;
  /** The server has said who is here. */
  #isTold = false;

  /** `people` is live: it has changed by the time `heard` is called with the reason. */
  constructor(people: PeopleView, views: CrowdViews) {
    this.#people = people;
    this.#views = views;
  }

  show(viewer: Viewer): void {
    this.#viewer = viewer;
    this.#views.typing.locale = viewer.locale;
    this.#update();
  }

  /** Takes the notices about people, and ignores the rest. */
  heard(event: RoomEvent): void {
    const { list, typing } = this.#views;
    const { locale, self } = this.#viewer;
    switch (event.type) {
      case "welcome":
      case "presence":
        this.#isTold = true;
        break;
      case "join":
        this.#moves.join(event.name);
        list.note(this.#moves.text(locale), "moves");
        break;
      case "leave":
        this.#moves.leave(event.name);
        typing.stop(event.name);
        list.note(this.#moves.text(locale), "moves");
        break;
      case "rename":
        this.#speakers.rename(event.from, event.name);
        list.note(locale.say("renamed", { from: event.from, name: event.name }));
        break;
      case "reset":
        return this.#moves.clear();
      case "typing":
        if (event.name !== self) typing.add(event.name);
        return;
      default:
        return;
    }
    this.#update();
  }

  /** Takes the authors of new messages, in order: they have stopped typing. Moves begin a new line. */
  spoke(names: readonly string[]): void {
    this.#speakers.spoke(names);
    this.#moves.clear();
    for (const name of names) this.#views.typing.stop(name);
    this.#mentionable();
  }

  #update(): void {
    const { panel, button } = this.#views;
    const { locale } = this.#viewer;
    this.#mentionable();
    if (!this.#isTold) return;
    const count = locale.number(this.#people.count);
    panel.show(this.#people, this.#viewer);
    button.ariaLabel = `${locale.say("people")}: ${count}`;
    button.querySelector(".count")!.textContent = count;
  }

  #mentionable(): void {
    const { self } = this.#viewer;
    this.#views.changed(this.#speakers.with(this.#people).filter((name) => name !== self));
  }
}
