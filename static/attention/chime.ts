/** A second message within this time makes no sound of its own. */
const QUIET_MS = 3000;
/** What came while the browser still held the sound back is not played when it no longer does. */
const LATE_MS = 1000;

/** The tones, in hertz, and how long each waits for the one before, in seconds. */
const TONES = [660, 880] as const;
const STEP_S = 0.09;

/** Two soft tones that fade: made, not loaded. */
export class Chime {
  #audio: AudioContext | undefined;
  #playedAt = -Infinity;

  /**
   * Browsers let a page sound only after its reader has touched it: to be called when they do, so
   * that the sound is ready when it is wanted.
   */
  arm(): Promise<void> {
    this.#audio ??= new AudioContext();
    return this.#audio.state === "running" ? Promise.resolve() : this.#audio.resume();
  }

  async play(): Promise<void> {
    const wanted = performance.now();
    if (wanted - this.#playedAt < QUIET_MS) return;
    this.#playedAt = wanted;
    await this.arm(); // on a page that nobody has touched, only when somebody does
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
