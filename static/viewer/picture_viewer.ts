import type { Locale } from "../../lib/view/locale.ts";
import { h } from "../base/dom.ts";
import { icon } from "../base/icon.ts";
import { Gestures } from "./gestures.ts";
import { Zoom } from "./zoom.ts";

/** A picture that is shown, and the message that it is in. */
export interface Viewed {
  readonly href: string;
  readonly name: string;
  /** Who sent it, and when. */
  readonly from: string;
}

/**
 * Pictures over the whole page, one at a time: by keyboard (arrows, Home, End, + and -, 0, Escape), by
 * touch (swipe, pinch, double tap) and by mouse (wheel, drag). The browser keeps the focus in it, and
 * gives it back when it is closed.
 */
export class PictureViewer {
  readonly #pictures: readonly Viewed[];
  readonly #locale: Locale;
  readonly #image = h("img", { alt: "" });
  readonly #stage = h("div", { class: "stage" }, this.#image);
  readonly #zoom = new Zoom(this.#stage, this.#image, () => this.#update());
  readonly #failed = h("p", { class: "failed", role: "alert", hidden: true });
  readonly #count = h("span", { class: "count", role: "status" });
  readonly #name = h("span", { class: "picture-name", dir: "auto" });
  readonly #from = h("span", { class: "picture-from" });
  readonly #dialog: HTMLDialogElement;
  readonly #buttons: Readonly<Record<Action, HTMLButtonElement>>;
  readonly #download: HTMLAnchorElement;
  #index = 0;

  constructor(pictures: readonly Viewed[], locale: Locale) {
    this.#pictures = pictures;
    this.#locale = locale;
    this.#failed.textContent = locale.say("pictureFailed");
    const button = (action: Action, path: string) => this.#button(action, path);
    this.#buttons = {
      zoomOut: button("zoomOut", "M5 12h14"),
      zoomIn: button("zoomIn", "M5 12h14M12 5v14"),
      close: button("close", "M6 6l12 12M18 6 6 18"),
      previousPicture: button("previousPicture", "m14.5 5-7 7 7 7"),
      nextPicture: button("nextPicture", "m9.5 5 7 7-7 7"),
    };
    const label = locale.say("download");
    this.#download = h("a", {
      "class": "icon",
      "aria-label": label,
      "title": label,
      "download": true,
    });
    this.#download.append(icon("M12 4v11M7 11l5 5 5-5M5 20h14"));
    const { zoomOut, zoomIn, close, previousPicture, nextPicture } = this.#buttons;
    this.#dialog = h(
      "dialog",
      { "class": "picture-viewer", "aria-label": locale.say("viewer") },
      h(
        "header",
        {},
        h("p", {}, this.#name, this.#from),
        this.#count,
        zoomOut,
        zoomIn,
        this.#download,
        close,
      ),
      this.#stage,
      this.#failed,
      previousPicture,
      nextPicture,
    );
    this.#listen();
  }

  /** Opens it at a picture; resolves with the one it was closed at. */
  open(index: number): Promise<number> {
    document.body.append(this.#dialog);
    this.#dialog.showModal();
    this.#buttons.close.focus();
    this.#show(index);
    return new Promise((resolve) => {
      this.#dialog.addEventListener("close", () => {
        this.#dialog.remove();
        resolve(this.#index);
      }, { once: true });
    });
  }

  #listen(): void {
    this.#dialog.addEventListener("keydown", (event) => this.#key(event));
    this.#image.addEventListener("load", () => this.#loaded(true));
    this.#image.addEventListener("error", () => this.#loaded(false));
    // Beside the picture.
    this.#stage.addEventListener("click", ({ target }) => {
      if (target === this.#stage) this.#dialog.close();
    });
    new Gestures(this.#stage, {
      zoom: this.#zoom,
      swipe: (by) => this.#go(this.#index + by),
      away: () => this.#dialog.close(),
    });
  }

  #show(index: number): void {
    const picture = this.#pictures[index];
    if (!picture) return;
    const { href, name, from } = picture;
    this.#index = index;
    this.#zoom.reset();
    this.#failed.hidden = true;
    this.#dialog.toggleAttribute("data-loading", true);
    this.#image.alt = name;
    this.#image.src = href;
    this.#download.href = href;
    this.#download.download = name;
    this.#name.textContent = name;
    this.#from.textContent = from;
    const count = this.#pictures.length;
    this.#count.textContent = count > 1
      ? this.#locale.say("pictureOf", { n: index + 1, count })
      : "";
    this.#update();
  }

  #loaded(isThere: boolean): void {
    this.#dialog.toggleAttribute("data-loading", false);
    this.#failed.hidden = isThere;
    this.#image.hidden = !isThere;
  }

  #go(index: number): void {
    if (this.#pictures[index]) this.#show(index);
  }

  #update(): void {
    const { previousPicture, nextPicture, zoomIn, zoomOut } = this.#buttons;
    const [first, last] = [this.#index === 0, this.#index === this.#pictures.length - 1];
    previousPicture.hidden = nextPicture.hidden = this.#pictures.length === 1;
    // Not disabled: that would lose the focus.
    previousPicture.setAttribute("aria-disabled", String(first));
    nextPicture.setAttribute("aria-disabled", String(last));
    zoomIn.setAttribute("aria-disabled", String(this.#zoom.isLargest));
    zoomOut.setAttribute("aria-disabled", String(!this.#zoom.isZoomed));
  }

  #do(action: Action): void {
    switch (action) {
      case "zoomIn":
        return this.#zoom.by(STEP);
      case "zoomOut":
        return this.#zoom.by(1 / STEP);
      case "close":
        return this.#dialog.close();
      case "previousPicture":
        return this.#go(this.#index - 1);
      case "nextPicture":
        return this.#go(this.#index + 1);
    }
  }

  #key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "0") this.#zoom.reset();
    else if (event.key === "Home") this.#go(0);
    else if (event.key === "End") this.#go(this.#pictures.length - 1);
    else {
      const action = KEYS[event.key];
      if (!action) return;
      this.#do(action);
    }
    event.preventDefault();
    event.stopPropagation();
  }

  #button(action: Action, path: string): HTMLButtonElement {
    const label = this.#locale.say(action);
    const button = h("button", {
      "class": `icon ${action}`,
      "type": "button",
      "aria-label": label,
      "title": label,
      "click": () => this.#do(action),
    });
    button.append(icon(path));
    return button;
  }
}

/** How much a key or a button enlarges. */
const STEP = 1.5;

type Action = "zoomIn" | "zoomOut" | "close" | "previousPicture" | "nextPicture";

const KEYS: Readonly<Record<string, Action>> = {
  "Escape": "close",
  "ArrowLeft": "previousPicture",
  "ArrowRight": "nextPicture",
  "PageUp": "previousPicture",
  "PageDown": "nextPicture",
  "+": "zoomIn",
  "=": "zoomIn",
  "-": "zoomOut",
};
