import type { PeopleView, RoomEvent } from "../../lib/client/mod.ts";
import type { Timer } from "../base/dom.ts";
import type { MessageList } from "../messages/message_list.ts";
import type { Viewer } from "../../lib/view/message_view.ts";
import { Moves } from "./moves.ts";
import { PeopleSearch } from "./people_search.ts";
import type { PeoplePanel } from "./people_panel.ts";
import { Speakers } from "./speakers.ts";
import type { TypingLine } from "./typing_line.ts";

/** How often a crowd is drawn anew at most, as its people speak. */
const DRAW_MS = 1000;

/** The elements that show people. */
export interface CrowdViews {
  readonly list: MessageList;
  readonly panel: PeoplePanel;
  readonly typing: TypingLine;
  /** Opens the panel, and shows the number of people. */
  readonly button: HTMLElement;
  /** Called after each change with the names that the viewer can mention. */
  readonly changed: (names: readonly string[]) => void;
  /** Called when there are more of them than before, for what somebody was looked for. */
  readonly found: () => void;
}

/** Shows who is here, who comes and goes, and who is typing. */
export class Crowd {
  readonly #people: PeopleView;
  readonly #views: CrowdViews;
  readonly #speakers = new Speakers();
  readonly #moves = new Moves();
  readonly #search: PeopleSearch;
  /** Where the server tells no names: those it has told of because they were looked for. */
  #found: readonly string[] = [];
  #viewer!: Viewer;
  #drawing: Timer;
  /** The server has said who is here. */
  #isTold = false;

  /** `people` is live: it has changed by the time `heard` is called with the reason. */
  constructor(people: PeopleView, views: CrowdViews) {
    this.#people = people;
    this.#views = views;
    this.#search = new PeopleSearch((names) => {
      this.#found = names;
      this.#mentionable();
      views.found();
    });
  }

  /** Looks for people to mention where not all are known. */
  seek(part: string): void {
    if (this.#people.names.length === 0 && part !== "") this.#search.seek(part);
  }

  /** Who spoke last, the last first. */
  get lately(): readonly string[] {
    return this.#speakers.with({ names: [] });
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
    // A crowd is shown by who spoke last, and is not drawn with each message.
    if (this.#people.names.length === 0) {
      this.#drawing ??= setTimeout(() => {
        this.#drawing = undefined;
        this.#update();
      }, DRAW_MS);
    }
    this.#mentionable();
  }

  #update(): void {
    const { panel, button } = this.#views;
    const { locale } = this.#viewer;
    this.#mentionable();
    if (!this.#isTold) return;
    const count = locale.number(this.#people.count);
    panel.show(this.#people, this.lately, this.#viewer);
    button.ariaLabel = `${locale.say("people")}: ${count}`;
    button.querySelector(".count")!.textContent = count;
  }

  #mentionable(): void {
    const { self } = this.#viewer;
    const { names } = this.#people;
    const known = this.#speakers.with({ names: names.length === 0 ? this.#found : names });
    this.#views.changed(known.filter((name) => name !== self));
  }
}
