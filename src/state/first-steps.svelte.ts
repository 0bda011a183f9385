/** What a first visitor has not done yet: each has a hint where it is done, which goes for good once it is. */

export const FIRST_STEPS = ['page', 'run', 'weigh'] as const;

export type FirstStep = (typeof FIRST_STEPS)[number];

const KEY = 'supportlens-first-steps';

export class FirstSteps {
  #done = $state.raw<readonly FirstStep[]>([]);

  /** @param storage that of the browser; without access to it hints last as long as the page */
  constructor(private readonly storage: Pick<Storage, 'getItem' | 'setItem'>) {
    try {
      const known = (storage.getItem(KEY) ?? '').split(' ');
      this.#done = FIRST_STEPS.filter((step) => known.includes(step));
    } catch {
      // Nothing to read: all hints are there.
    }
  }

  isOpen(step: FirstStep): boolean {
    return !this.#done.includes(step);
  }

  /** Done, or waved away. */
  finish(step: FirstStep): void {
    if (!this.isOpen(step)) return;
    this.#done = [...this.#done, step];
    try {
      this.storage.setItem(KEY, this.#done.join(' '));
    } catch {
      // It stays away until the page is closed.
    }
  }
}
