/**
 * The results of this session and which of them is shown. Records stay, so that nothing is lost when
 * another image is chosen; a file adds to them, and a run adds one that grows.
 */

import { groupRecords, type RunGroup, type SessionRecord } from './run-groups.ts';

/** A record that no run or file has brought yet. */
export type NewRecord = Omit<SessionRecord, 'batch'>;

export class RunResults {
  #records = $state.raw<readonly SessionRecord[]>([]);
  #shownIndex = $state<number>(-1);
  #batches = 0;

  readonly groups = $derived.by<readonly RunGroup[]>(() => groupRecords(this.#records));
  readonly shown = $derived.by<RunGroup | null>(() => this.groups[this.#shownIndex] ?? null);

  /** Place of the shown result in `groups`; -1 for none. */
  get shownIndex(): number {
    return this.#shownIndex;
  }

  show(index: number): void {
    this.#shownIndex = index;
  }

  /** Shows nothing; the records are kept. */
  showNothing(): void {
    this.#shownIndex = -1;
  }

  /** Adds the records of a file and shows the first of them. */
  add(records: readonly NewRecord[]): void {
    this.startBatch();
    const first = this.groups.length;
    const batch = this.#batches;
    this.#records = [...this.#records, ...records.map((one) => ({ ...one, batch }))];
    this.#shownIndex = first;
  }

  /** What is added from now on belongs together: it is of another run or file. */
  startBatch(): void {
    this.#batches += 1;
  }

  /** Adds a record that is still growing and shows it; the function that it gives replaces it. */
  grow(start: NewRecord): (next: NewRecord) => void {
    const put = this.#placeAt(this.#records.length, this.#batches);
    put(start);
    this.#shownIndex = this.groups.length - 1;
    return put;
  }

  /** A record that grows on in the place of an earlier one; what is shown stays. */
  growOn(earlier: SessionRecord, start: NewRecord): (next: NewRecord) => void {
    const position = this.#records.indexOf(earlier);
    if (position < 0) throw new RangeError('The record is not in this session.');
    const put = this.#placeAt(position, earlier.batch);
    put(start);
    return put;
  }

  /** Records are only added behind, so that a position stays what it is. */
  #placeAt(position: number, batch: number): (one: NewRecord) => void {
    return (one) => {
      this.#records = this.#records.toSpliced(position, 1, { ...one, batch });
    };
  }
}
