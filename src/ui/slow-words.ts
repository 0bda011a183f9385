/** Words that change many times a second, for a live region: said seldom, and the last ones always. */

/** What the time is and how to wait: the browser's, or a test's. */
export interface Waiting {
  /** ms */
  readonly now: () => number;
  /** @returns what calls it off */
  readonly after: (ms: number, then: () => void) => () => void;
}

export const REAL_WAITING: Waiting = {
  now: () => performance.now(),
  after: (ms, then) => {
    const timer = setTimeout(then, ms);
    return () => {
      clearTimeout(timer);
    };
  },
};

/** ms between two announcements of one thing that goes on. */
export const SAY_EVERY_MS = 5000;

export class SlowWords {
  #saidAtMs = -Infinity;
  #topic: string | null = null;
  #said = '';
  #cancel: (() => void) | null = null;

  constructor(
    private readonly say: (words: string) => void,
    private readonly waiting: Waiting = REAL_WAITING,
  ) {}

  /** @param topic what the words are about: those about another topic are said at once */
  offer(words: string, topic: string): void {
    this.stop();
    const isNew = topic !== this.#topic;
    this.#topic = topic;
    if (words === this.#said) return;
    const waitMs = isNew ? 0 : this.#saidAtMs + SAY_EVERY_MS - this.waiting.now();
    if (waitMs <= 0) this.#speak(words);
    else {
      this.#cancel = this.waiting.after(waitMs, () => {
        this.#speak(words);
      });
    }
  }

  /** What waits is not said. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  #speak(words: string): void {
    this.#saidAtMs = this.waiting.now();
    this.#said = words;
    this.say(words);
  }
}
