import type { HeardEvent, Measure } from "../../lib/client/mod.ts";
import type { Locale } from "../../lib/view/locale.ts";
import { measureWords, moderationText, topicLine } from "../../lib/view/moderation_text.ts";
import type { MessageComposer } from "../composer/message_composer.ts";
import type { MessageList } from "../messages/message_list.ts";

/** The parts of the page that operators change. */
export interface HouseViews {
  /** In the bar. */
  readonly topic: HTMLElement;
  readonly composer: MessageComposer;
  readonly list: MessageList;
  /** Called when the viewer has become an operator, or is none any more. */
  readonly changed: () => void;
}

/** What operators have laid down, as far as the viewer sees it: the topic, slow mode, being muted. */
export class House {
  readonly #views: HouseViews;
  readonly #locale: () => Locale;
  #operator = false;
  #muted: Omit<Measure, "type"> | undefined;
  #slow = 0;
  #topic = "";

  constructor(views: HouseViews, locale: () => Locale) {
    this.#views = views;
    this.#locale = locale;
  }

  /** Whether the viewer is an operator. */
  get operator(): boolean {
    return this.#operator;
  }

  get topic(): string {
    return this.#topic;
  }

  /** Takes what concerns it, and ignores the rest. */
  heard(event: HeardEvent): void {
    const { list } = this.#views;
    const locale = this.#locale();
    switch (event.type) {
      case "welcome":
        this.#slow = event.slow ?? 0;
        this.showTopic(event.topic?.text ?? "");
        return this.#stand(event.operator === true, event.muted);
      case "you":
        return this.#stand(event.operator === true, event.muted);
      case "topic":
        this.showTopic(event.text);
        return list.note(topicLine(event, locale));
      case "moderation":
        list.note(moderationText(event, locale));
        if (event.action !== "slow") return;
        this.#slow = event.seconds ?? 0;
        if (this.#slow === 0) this.#views.composer.waitUntil(undefined);
        return;
      case "error":
        if (event.measure?.type === "mute") this.#stand(this.#operator, event.measure);
        return;
    }
  }

  /** The viewer has sent something: in slow mode the next has to wait. */
  spoke(): void {
    if (this.#slow === 0 || this.#operator) return;
    this.#views.composer.waitUntil(Date.now() + 1000 * this.#slow);
  }

  showTopic(text: string): void {
    this.#topic = text;
    this.#views.topic.textContent = text;
    this.#views.topic.title = text;
  }

  #stand(operator: boolean, muted: Omit<Measure, "type"> | undefined): void {
    const changed = operator !== this.#operator;
    this.#operator = operator;
    this.#muted = muted;
    const words = muted && measureWords({ ...muted, type: "mute" }, this.#locale());
    this.#views.composer.mute(words, this.#muted?.until);
    if (changed) this.#views.changed();
  }
}
