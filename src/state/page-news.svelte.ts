/**
 * Whether the page works without network, and what a reload would bring. Nothing here reloads by
 * itself, and nothing is offered while a run goes on; a new version also waits for runs of other tabs.
 */

import type { KeptPageEvents } from '../storage/kept-page.ts';

/** `kept`: it works without network. `none`: nothing was begun, or the browser keeps nothing. */
export type Keeping = 'none' | 'keeping' | 'kept';

/**
 * What a reload would bring: a new version (`update`); the one that another tab has taken already
 * (`replaced`); more threads, because the service worker can isolate the page (`threads`).
 */
export type News = 'update' | 'replaced' | 'threads';

export interface NewsPorts {
  readonly page: {
    start(events: KeptPageEvents): Promise<void>;
    takeUpdate(): Promise<void>;
  };
  readonly reload: () => void;
  /** Whether anything goes on in this tab that a reload would end. */
  readonly isBusy: () => boolean;
  readonly tabs: {
    mark(isBusy: boolean): void;
    /** Runs `work` where no tab of the page is busy; `false` where one is. */
    whereNoneIs(work: () => Promise<void>): Promise<boolean>;
  };
  /** Threads that the page would have after a reload, if those are more and of use; else `null`. */
  readonly threadsToGain: () => Promise<number | null>;
}

export class PageNews {
  #keeping = $state<Keeping>('none');
  #news = $state<News | null>(null);
  #isHeldUp = $state(false);
  #threadsToGain = $state<number | null>(null);
  #isTaking = false;

  constructor(private readonly ports: NewsPorts) {}

  get keeping(): Keeping {
    return this.#keeping;
  }
  /** `null` for nothing, and while something goes on that a reload would end. */
  get news(): News | null {
    return this.ports.isBusy() ? null : this.#news;
  }
  /** The last attempt was given up: a run goes on in another tab. */
  get isHeldUp(): boolean {
    return this.#isHeldUp;
  }
  /** Threads that a reload would bring; `null` where it brings none. */
  get threadsToGain(): number | null {
    return this.#threadsToGain;
  }

  async start(): Promise<void> {
    await this.ports.page.start({
      onkeeping: () => {
        this.#keeping = 'keeping';
      },
      onkept: () => {
        this.#keeping = 'kept';
      },
      onfailed: () => {
        this.#keeping = 'none';
      },
      onwaiting: () => {
        this.#tell('update');
      },
      onreplaced: () => {
        if (!this.#isTaking) this.#tell('replaced');
      },
      onjoined: () => {
        void this.#lookForThreads();
      },
    });
  }

  async #lookForThreads(): Promise<void> {
    this.#threadsToGain = await this.ports.threadsToGain();
    // A new version matters more than speed.
    if (this.#threadsToGain !== null && this.#news === null) this.#tell('threads');
  }

  /** Tells the other tabs whether this one is busy; to be called when that may have changed. */
  markBusy(): void {
    this.ports.tabs.mark(this.ports.isBusy());
  }

  #tell(news: News): void {
    this.#isHeldUp = false;
    this.#news = news;
  }

  dismiss(): void {
    this.#news = null;
  }

  /** Reloads for what is told. Does nothing while something goes on. */
  async take(): Promise<void> {
    if (this.news === null || this.#isTaking) return;
    if (this.#news !== 'update') {
      this.ports.reload();
      return;
    }
    this.#isTaking = true;
    const isTaken = await this.ports.tabs.whereNoneIs(() => this.ports.page.takeUpdate());
    this.#isTaking = false;
    this.#isHeldUp = !isTaken;
    if (isTaken) this.ports.reload();
  }
}
