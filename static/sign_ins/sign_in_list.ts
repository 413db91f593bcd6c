import { endOtherSignIns, endSignIn, fetchSignIns, type SignIn } from "./requests.ts";
import { h } from "../base/dom.ts";
import { emit } from "../base/page_events.ts";
import type { Locale } from "../../lib/view/locale.ts";
import { deviceOf } from "./device.ts";

/** The viewer's own sign-ins, each with a button that ends it. Dispatches `chat-signed-out`. */
export class SignInList extends HTMLElement {
  readonly #rows = h("ul");
  readonly #others = h("button", { class: "secondary", type: "button", click: () => this.#end() });
  readonly #status = h("p", { class: "hint", role: "status" });
  #locale!: Locale;

  /** Asks the server for them; shows nothing where the viewer has none. */
  open(locale: Locale): void {
    this.#locale = locale;
    this.hidden = true;
    this.#others.textContent = locale.say("endOthers");
    this.replaceChildren(
      h("h3", {}, locale.say("signIns")),
      h("p", { class: "hint" }, locale.say("signInsHint")),
      this.#rows,
      this.#others,
      this.#status,
    );
    this.#do(fetchSignIns);
  }

  /** One, or all others. */
  #end(signIn?: SignIn): void {
    this.#do(async () => {
      if (!signIn) return await endOtherSignIns();
      await endSignIn(signIn.id);
      if (signIn.current) emit(this, "chat-signed-out");
      return signIn.current ? [] : await fetchSignIns();
    });
  }

  async #do(action: () => Promise<readonly SignIn[]>): Promise<void> {
    this.#busy(true);
    try {
      this.#show(await action());
      this.#status.textContent = "";
    } catch {
      this.#status.textContent = this.#locale.say("signInsFailed");
      this.hidden = false;
    }
    this.#busy(false);
  }

  #show(signIns: readonly SignIn[]): void {
    this.hidden = signIns.length === 0;
    this.#others.hidden = signIns.length < 2;
    this.#rows.replaceChildren(...signIns.map((signIn) => this.#row(signIn)));
  }

  #row(signIn: SignIn): HTMLElement {
    const { agent, address, used, current } = signIn;
    const device = deviceOf(agent) ?? this.#locale.say("someProgram");
    const when = this.#locale.say(current ? "signInHere" : "signInUsed", {
      when: this.#locale.moment(used, Date.now()),
    });
    const action = this.#locale.say(current ? "signOut" : "endSignIn");
    return h(
      "li",
      {},
      h(
        "div",
        { title: agent },
        h("span", { dir: "auto" }, device),
        h("span", { class: "hint" }, [when, address].filter((part) => part !== "").join(" · ")),
      ),
      h("button", {
        class: "secondary",
        type: "button",
        "aria-label": `${action}: ${device}`,
        click: () => this.#end(signIn),
      }, action),
    );
  }

  #busy(busy: boolean): void {
    for (const button of this.querySelectorAll("button")) button.disabled = busy;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "sign-in-list": SignInList;
  }
}
