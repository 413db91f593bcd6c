import type { Point, Zoom } from "./zoom.ts";

/** A finger that moves less has tapped. */
const TAP_PX = 10;
/** One that moves farther has swiped. */
const SWIPE_PX = 60;
/** A second tap within this time, in ms, is a double one. */
const DOUBLE_MS = 300;
/** What a double tap enlarges. */
const CLOSE_UP = 2.5;
/** What the wheel enlarges, for each pixel. */
const WHEEL = 1.0015;

export interface GestureActions {
  readonly zoom: Zoom;
  /** To the next picture, or the one before: 1 or -1. */
  readonly swipe: (by: 1 | -1) => void;
  /** The picture was thrown away, downwards. */
  readonly away: () => void;
}

/** What fingers and the mouse do with a picture: two fingers enlarge it, one moves it, or swipes it. */
export class Gestures {
  readonly #stage: HTMLElement;
  readonly #actions: GestureActions;
  readonly #fingers = new Map<number, Point>();
  #start: Point | undefined;
  #tapAt = -Infinity;

  constructor(stage: HTMLElement, actions: GestureActions) {
    this.#stage = stage;
    this.#actions = actions;
    stage.addEventListener("pointerdown", (event) => this.#down(event));
    stage.addEventListener("pointermove", (event) => this.#move(event));
    stage.addEventListener("pointerup", (event) => this.#up(event));
    stage.addEventListener("pointercancel", ({ pointerId }) => this.#fingers.delete(pointerId));
    stage.addEventListener("dragstart", (event) => event.preventDefault());
    stage.addEventListener("wheel", (event) => {
      event.preventDefault();
      actions.zoom.by(WHEEL ** -event.deltaY, this.#point(event));
    }, { passive: false });
  }

  /** From the middle of the stage. */
  #point({ clientX, clientY }: MouseEvent): Point {
    const { left, top, width, height } = this.#stage.getBoundingClientRect();
    return { x: clientX - left - width / 2, y: clientY - top - height / 2 };
  }

  #down(event: PointerEvent): void {
    if (event.button !== 0) return;
    const point = this.#point(event);
    this.#start = this.#fingers.size === 0 ? point : undefined; // two fingers do not swipe
    this.#fingers.set(event.pointerId, point);
    // Beside the picture a click closes: it must reach the stage itself.
    if (event.target !== this.#stage) this.#stage.setPointerCapture(event.pointerId);
  }

  #move(event: PointerEvent): void {
    const before = this.#fingers.get(event.pointerId);
    if (!before) return;
    const point = this.#point(event);
    const other = this.#fingers.entries().find(([id]) => id !== event.pointerId)?.[1];
    this.#fingers.set(event.pointerId, point);
    const { zoom } = this.#actions;
    if (other) {
      const [was, is] = [distance(before, other), distance(point, other)];
      if (was > 0) zoom.by(is / was, { x: (point.x + other.x) / 2, y: (point.y + other.y) / 2 });
    } else if (zoom.isZoomed) zoom.pan({ x: point.x - before.x, y: point.y - before.y });
  }

  #up(event: PointerEvent): void {
    const wasDown = this.#fingers.delete(event.pointerId);
    const start = this.#start;
    if (this.#fingers.size === 0) this.#start = undefined;
    if (!wasDown || !start) return;
    const point = this.#point(event);
    const [x, y] = [point.x - start.x, point.y - start.y];
    if (Math.hypot(x, y) < TAP_PX) return this.#tap(event, point);
    if (this.#actions.zoom.isZoomed || event.pointerType === "mouse") return;
    if (Math.abs(x) > SWIPE_PX && Math.abs(x) > Math.abs(y)) this.#actions.swipe(x < 0 ? 1 : -1);
    else if (y > SWIPE_PX && y > Math.abs(x)) this.#actions.away();
  }

  #tap({ target, timeStamp }: PointerEvent, point: Point): void {
    const isDouble = timeStamp - this.#tapAt < DOUBLE_MS;
    this.#tapAt = isDouble ? -Infinity : timeStamp;
    const { zoom } = this.#actions;
    if (!isDouble || target === null) return;
    if (zoom.isZoomed) zoom.reset();
    else zoom.by(CLOSE_UP, point);
  }
}

function distance(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}
