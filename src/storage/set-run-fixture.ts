/** An invented run over sets, and a store in memory for it. For tests; not imported by the app. */

import { nullsOf, recordOf, sampleOf, SAMPLER } from '../core/record-fixture.ts';
import { itemFigures } from '../core/sets/item-figures.ts';
import { sha256Hex } from '../core/sha256.ts';
import type { ItemRecord, RgbImage } from '../core/types.ts';
import { packRecord, unpackRecord, type PackedRecord } from './packed-record.ts';
import type { FileStore } from './export-formats.ts';
import { deleted } from './deleted-run.ts';
import type { NewRun, RunPart } from './run-store.ts';
import {
  itemsByDataset,
  type RecordPlace,
  type StoredEntry,
  type StoredItem,
  type StoredRun,
} from './stored-run.ts';

export interface SetRun {
  readonly newRun: NewRun;
  /** Of both checkpoints, in the order of the file. */
  readonly records: readonly { readonly at: RecordPlace; readonly record: ItemRecord }[];
}

const CHECKPOINTS = ['tiny-base', 'tiny-sft'];

/** Items of two sets in turn, each with two wrong images of its own set. */
export async function setRun(count: number, id = 'run-set'): Promise<SetRun> {
  const images = new Map<string, RgbImage>();
  const sources = await Promise.all(
    Array.from({ length: count + 4 }, async (_, index) => {
      const data = Uint8Array.from({ length: 18 }, (_byte, at) => (index * 31 + at * 7) % 256);
      const sha256 = await sha256Hex(data);
      images.set(sha256, { width: 2, height: 3, data });
      const dataset = index % 2 === 0 ? 'bloodmnist' : 'pathmnist';
      return { ...recordOf([]).image, dataset, index, sha256 };
    }),
  );
  const items = sources.slice(0, count).map((image, index): StoredItem => ({
    itemId: `${String(image.dataset)}/test/${String(index)}`,
    image,
    question: recordOf([]).question,
    wrongImages: {
      images: [sources[index + 2] ?? image, sources[index + 4] ?? image],
      atHand: 2,
      reason: null,
    },
  }));
  const run: StoredRun = {
    id,
    name: 'Both, "K = 3"',
    createdAt: '2026-11-26T00:00:00.000Z',
    origin: 'here',
    settings: {
      checkpointIds: CHECKPOINTS,
      promptMode: 'direct',
      hint: null,
      sampler: { ...SAMPLER, k: 3 },
      nulls: true,
    },
    datasets: itemsByDataset(items),
    items: count,
    done: 0,
    elapsedMs: 0,
    answerers: {},
  };
  const records = CHECKPOINTS.flatMap((checkpointId) =>
    items.map((item, place) => ({
      at: { runId: id, checkpointId, place },
      record: recordFor(id, item, checkpointId, place),
    })),
  );
  return { newRun: { run, items, images }, records };
}

function recordFor(
  runId: string,
  { itemId, image, question, wrongImages }: StoredItem,
  checkpointId: string,
  place: number,
): ItemRecord {
  const letter = (turn: number): string =>
    `<answer>${'ABCD'[(place + turn + checkpointId.length) % 4] ?? 'A'}</answer>`;
  const nulls = nullsOf([letter(1), letter(1), letter(2)], [letter(3)], [letter(0)]);
  const drawn = nulls.wrongImages.drawn;
  const base = recordOf([letter(0), letter(1), `hm, "quite" ${checkpointId}`]);
  return {
    ...base,
    runId,
    itemId,
    image,
    question,
    answerer: { ...base.answerer, checkpointId },
    sampler: { ...SAMPLER, k: 3 },
    greedy: sampleOf(letter(1)),
    elapsedMs: 10 + place,
    nulls: {
      ...nulls,
      wrongImages: {
        reason: null,
        drawn: drawn && {
          ...drawn,
          atHand: 2,
          images: drawn.images.map((one, at) => ({
            ...one,
            image: wrongImages?.images?.[at] ?? one.image,
          })),
        },
      },
    },
  };
}

const keyOf = ({ runId, checkpointId, place }: RecordPlace): string =>
  JSON.stringify([runId, checkpointId, place]);

/** What files read and write of `RunStore`, without IndexedDB. */
export class MemoryStore implements FileStore {
  readonly runs = new Map<string, StoredRun>();
  readonly allItems = new Map<string, readonly StoredItem[]>();
  readonly images = new Map<string, RgbImage>();
  readonly allEntries = new Map<string, StoredEntry>();
  readonly packed = new Map<string, PackedRecord>();
  /** Connections that were closed. */
  closed = 0;
  /** Parts that were added, as many as transactions. */
  readonly parts: RunPart[] = [];

  close = (): void => {
    this.closed += 1;
  };
  run = (id: string) => Promise.resolve(this.runs.get(id));
  items = (id: string) => Promise.resolve(this.allItems.get(id) ?? []);
  image = (sha256: string) => Promise.resolve(this.images.get(sha256) ?? null);
  packedRecord = (at: RecordPlace) => Promise.resolve(this.packed.get(keyOf(at)) ?? null);
  record = async (at: RecordPlace) => {
    const packed = await this.packedRecord(at);
    return packed && unpackRecord(packed);
  };
  finished = (id: string, checkpointId: string) => {
    const own = [...this.allEntries.values()].filter(
      (entry) => entry.runId === id && entry.checkpointId === checkpointId,
    );
    return Promise.resolve(new Set(own.map(({ place }) => place)));
  };
  entries = (id: string) =>
    Promise.resolve([...this.allEntries.values()].filter(({ runId }) => runId === id));
  missingImages = (sha256s: Iterable<string>) =>
    Promise.resolve([...new Set(sha256s)].filter((one) => !this.images.has(one)).length);

  create = ({ run, items, images }: NewRun) => {
    if (this.runs.has(run.id)) throw new Error(`${run.id} is there already.`);
    this.runs.set(run.id, run);
    this.allItems.set(run.id, [...items]);
    for (const [sha256, image] of images) this.images.set(sha256, image);
    return Promise.resolve();
  };

  add = (part: RunPart) => {
    const { runId, items, checkpointIds, images, records } = part;
    this.parts.push({ ...part, images: new Map(images) });
    const before = this.runs.get(runId);
    if (!before) return Promise.reject(deleted());
    for (const [sha256, image] of images) this.images.set(sha256, image);
    let run: StoredRun = { ...before, settings: { ...before.settings, checkpointIds } };
    if (items) {
      this.allItems.set(runId, [...items]);
      run = { ...run, items: items.length, datasets: itemsByDataset(items) };
    }
    for (const { at, packed, figures } of records) {
      if (this.allEntries.has(keyOf(at))) continue;
      this.allEntries.set(keyOf(at), { ...at, figures });
      this.packed.set(keyOf(at), structuredClone(packed));
      run = {
        ...run,
        done: run.done + 1,
        elapsedMs: run.elapsedMs + packed.head.elapsedMs,
        answerers: { ...run.answerers, [at.checkpointId]: packed.head.answerer },
      };
    }
    this.runs.set(runId, run);
    return Promise.resolve(run);
  };

  /** The store with a run and those of its records. */
  static async with(run: SetRun, records = run.records): Promise<MemoryStore> {
    const store = new MemoryStore();
    await store.create(run.newRun);
    await store.add({
      runId: run.newRun.run.id,
      items: null,
      checkpointIds: run.newRun.run.settings.checkpointIds,
      images: new Map(),
      records: records.map(({ at, record }) => ({
        at,
        packed: packRecord(record),
        figures: itemFigures(record),
      })),
    });
    return store;
  }
}
