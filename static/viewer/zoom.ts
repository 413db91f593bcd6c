/** The most that a picture is enlarged, beyond fitting into the window. */
const MOST = 8;

/** A place on the screen, in pixels from the middle of the stage. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** How much a picture is enlarged beyond fitting into its stage, and what part of it is seen. */
export class Zoom {
  readonly #stage: HTMLElement;
  readonly #image: HTMLElement;
  readonly #changed: () => void;
  #scale = 1;
  #x = 0;
  #y = 0;

  constructor(stage: HTMLElement, image: HTMLElement, changed: () => void) {
    this.#stage = stage;
    this.#image = image;
    this.#changed = changed;
  }

  get isZoomed(): boolean {
    return this.#scale > 1;
  }

  get isLargest(): boolean {
    return this.#scale >= MOST;
  }

  reset(): void {
    [this.#scale, this.#x, this.#y] = [1, 0, 0];
    this.#apply();
  }

  /** Enlarges it so many times; what is at the point stays there. */
  by(factor: number, { x, y }: Point = { x: 0, y: 0 }): void {
    const scale = Math.min(MOST, Math.max(1, this.#scale * factor));
    const real = scale / this.#scale;
    this.#x = x - (x - this.#x) * real;
    this.#y = y - (y - this.#y) * real;
    this.#scale = scale;
    this.#apply();
  }

  /** Moves what is seen by so many pixels. */
  pan({ x, y }: Point): void {
    this.#x += x;
    this.#y += y;
    this.#apply();
  }

  #apply(): void {
    // Not farther than the picture reaches.
    const slackX = Math.max(
      0,
      (this.#image.offsetWidth * this.#scale - this.#stage.clientWidth) / 2,
    );
    const slackY = Math.max(
      0,
      (this.#image.offsetHeight * this.#scale - this.#stage.clientHeight) / 2,
    );
    this.#x = Math.min(slackX, Math.max(-slackX, this.#x));
    this.#y = Math.min(slackY, Math.max(-slackY, this.#y));
    this.#image.style.transform = this.isZoomed
      ? `translate(${this.#x}px, ${this.#y}px) scale(${this.#scale})`
      : "";
    this.#stage.classList.toggle("zoomed", this.isZoomed);
    this.#changed();
  }
}
