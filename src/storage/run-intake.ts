/**
 * A run that comes in from a file, line by line: which place each record has, whether it fits the run,
 * and when what came in is written. Items are told apart by what is shown and asked; the same twice
 * are the same in turn.
 */

import { itemFigures } from '../core/sets/item-figures.ts';
import type { ItemRecord, RgbImage } from '../core/types.ts';
import { packRecord, packedRecordBytes } from './packed-record.ts';
import { IntakeItems } from './intake-items.ts';
import { settingsProblem } from './intake-settings.ts';
import type { AddedRecord, RunStore } from './run-store.ts';
import { answersOf } from './record-answers.ts';
import { answererInOrder } from './run-lines.ts';
import type { StoredItem, StoredRun } from './stored-run.ts';

/** What of the store an import uses. */
export type ImportStore = Pick<
  RunStore,
  'run' | 'items' | 'finished' | 'record' | 'missingImages' | 'create' | 'add'
>;

/** What waits is written when it is one of these: transactions and their copies stay small. */
const MOST_RECORDS = 16;
const MOST_IMAGES = 256;
const MOST_BYTES = 8 * 2 ** 20;

/** What became of a record: written, here before, or why it was refused. */
export type Taken = 'added' | 'known' | { readonly refused: string };

export class RunIntake {
  private readonly places: IntakeItems;
  /** Places that are taken, by checkpoint. */
  private readonly finished = new Map<string, Set<number>>();
  private readonly images = new Map<string, RgbImage>();
  private records: AddedRecord[] = [];
  private bytes = 0;
  private isCreated: boolean;

  private constructor(
    private readonly store: ImportStore,
    private run: StoredRun,
    items: readonly StoredItem[],
    wasHere: boolean,
  ) {
    this.places = new IntakeItems(items, run.origin === 'imported', run.shard);
    this.isCreated = wasHere;
  }

  /** @param run as it is in the store, or as it will be created */
  static async of(store: ImportStore, run: StoredRun, wasHere: boolean): Promise<RunIntake> {
    return new RunIntake(store, run, wasHere ? await store.items(run.id) : [], wasHere);
  }

  get items(): readonly StoredItem[] {
    return this.places.items;
  }

  /** So much is waiting that it shall be written. */
  get isFull(): boolean {
    const { records, images, bytes } = this;
    return records.length >= MOST_RECORDS || images.size >= MOST_IMAGES || bytes >= MOST_BYTES;
  }

  /** An item of the plan; why it was refused, or `null`. */
  plan(item: StoredItem): string | null {
    return this.places.plan(item) === null ? NOT_OF_THE_RUN : null;
  }

  async record(record: ItemRecord): Promise<Taken> {
    const refused = settingsProblem(record, this.run);
    if (refused !== null) return { refused };
    const { checkpointId } = record.answerer;
    const place = this.places.placeOf(record);
    if (place === null) return { refused: NOT_OF_THE_RUN };
    const at = { runId: this.run.id, checkpointId, place };
    const taken = await this.takenOf(checkpointId);
    if (taken.has(place)) return this.compare(record, at);
    taken.add(place);
    const packed = packRecord(record);
    const answerer = answererInOrder(record.answerer);
    this.run = {
      ...this.run,
      settings: {
        ...this.run.settings,
        checkpointIds: [...new Set([...this.run.settings.checkpointIds, checkpointId])],
      },
      answerers: { ...this.run.answerers, [checkpointId]: answerer },
    };
    this.records.push({ at, packed, figures: itemFigures(record) });
    this.bytes += packedRecordBytes(packed);
    return 'added';
  }

  /**
   * Pixels whose hash was checked.
   *
   * @param anyway also where no item shows them yet: a line that was broken may have been its plan
   * @returns `false` when they were not kept
   */
  image(sha256: string, image: RgbImage, anyway: boolean): boolean {
    const mayFollow = anyway && this.run.origin === 'imported' && this.items.length > 0;
    if (!this.places.shows(sha256) && !mayFollow) return false;
    if (this.images.has(sha256)) return true;
    this.images.set(sha256, image);
    this.bytes += image.data.byteLength;
    return true;
  }

  /** Writes what is waiting. */
  async flush(): Promise<StoredRun> {
    const { store, places, images, records } = this;
    const { id: runId, settings } = this.run;
    if (!this.isCreated) {
      await store.create({
        run: { ...this.run, done: 0, answerers: {}, ...places.summary() },
        items: places.items,
        images: new Map(),
      });
      places.written();
      this.isCreated = true;
    }
    const items = places.hasNew ? places.items : null;
    const { checkpointIds } = settings;
    this.run = await store.add({ runId, items, checkpointIds, images, records });
    places.written();
    images.clear();
    this.records = [];
    this.bytes = 0;
    return this.run;
  }

  private async takenOf(checkpointId: string): Promise<Set<number>> {
    const known = this.finished.get(checkpointId);
    if (known) return known;
    const here = this.isCreated ? await this.store.finished(this.run.id, checkpointId) : [];
    const taken = new Set(here);
    this.finished.set(checkpointId, taken);
    return taken;
  }

  private async compare(record: ItemRecord, at: AddedRecord['at']): Promise<Taken> {
    const waiting = this.records.some((one) => samePlace(one.at, at));
    if (waiting) await this.flush();
    const here = await this.store.record(at);
    if (here !== null && answersOf(here) === answersOf(record)) return 'known';
    return {
      refused:
        'The run has other answers of this checkpoint to this item already; those were kept.',
    };
  }
}

const NOT_OF_THE_RUN = 'The run that is here does not ask this item.';

const samePlace = (a: AddedRecord['at'], b: AddedRecord['at']): boolean =>
  a.place === b.place && a.checkpointId === b.checkpointId;
