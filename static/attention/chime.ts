/** A message so soon after a sound makes none of its own. */
const QUIET_MS = 3000;
/** A sound that the browser held back for longer than this is not played any more. */
const LATE_MS = 1000;

/** The tones, in hertz, and from the start of one to that of the next, in seconds. */
const TONES = [660, 880] as const;
const STEP_S = 0.09;

/** Two soft tones that fade, synthesized so that no file has to be loaded. */
export class Chime {
  #audio: AudioContext | undefined;
  #playedAt = -Infinity;

  /**
   * Browsers allow a page to play sound only after a touch or a key. To be called at each, so that a
   * sound can be played later without one.
   */
  arm(): Promise<void> {
    this.#audio ??= new AudioContext();
    return this.#audio.state === "running" ? Promise.resolve() : this.#audio.resume();
  }

  async play(): Promise<void> {
    const wanted = performance.now();
    if (wanted - this.#playedAt < QUIET_MS) return;
    this.#playedAt = wanted;
    await this.arm(); // waits for a touch or a key where there was none
    if (performance.now() - wanted < LATE_MS) sound(this.#audio!);
  }
}

function sound(audio: AudioContext): void {
  for (const [i, frequency] of TONES.entries()) {
    const start = audio.currentTime + i * STEP_S;
    const tone = new OscillatorNode(audio, { frequency });
    const gain = new GainNode(audio, { gain: 0 });
    gain.gain.setValueAtTime(0, start);
    gain.gain.linearRampToValueAtTime(0.06, start + 0.02);
    gain.gain.exponentialRampToValueAtTime(0.0001, start + 0.35);
    tone.connect(gain).connect(audio.destination);
    tone.start(start);
    tone.stop(start + 0.4);
  }
}
