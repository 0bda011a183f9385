/** The store on the browser's own IndexedDB. */

import { deleteDB, openDB, type IDBPDatabase } from 'idb';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { recordOf, sampleOf } from '../core/record-fixture.ts';
import { itemFigures } from '../core/sets/item-figures.ts';
import { packRecord } from './packed-record.ts';
import { UPGRADES, type Schema } from './run-schema.ts';
import { RunStore, type NewRun } from './run-store.ts';
import type { StoredItem } from './stored-run.ts';

const NAME = 'run-store-test';
const LARGE = Number(import.meta.env['VITE_STORE_ITEMS'] ?? 1000);
let store: RunStore;

beforeEach(async () => {
  store = await RunStore.open(NAME);
});
afterEach(async () => {
  store.close();
  await deleteDB(NAME);
});

const record = recordOf(
  ['A', 'B', 'A'].map((letter) => `<answer>${letter}</answer>`),
  {
    greedy: sampleOf('<answer>A</answer>'),
  },
);
const { answerer } = record;
const image = { width: 1, height: 1, data: Uint8Array.of(1, 2, 3) };

function newRun(id: string, count: number, pictures: readonly string[] = ['own']): NewRun {
  const items = Array.from({ length: count }, (_, at): StoredItem => ({
    itemId: `set/test/${String(at)}`,
    image: { ...record.image, sha256: pictures[at % pictures.length] ?? 'own' },
    question: record.question,
    wrongImages: null,
  }));
  return {
    run: {
      id,
      name: id,
      createdAt: `2026-11-26T00:00:0${String(id.length % 10)}.000Z`,
      origin: 'here',
      settings: {
        checkpointIds: ['one'],
        promptMode: 'think',
        hint: null,
        sampler: record.sampler,
        nulls: false,
      },
      datasets: [{ dataset: 'set', items: count }],
      items: count,
      done: 0,
      elapsedMs: 0,
      answerers: {},
    },
    items,
    images: new Map(pictures.map((sha256) => [sha256, image])),
  };
}

const at = (runId: string, place: number, checkpointId = 'one') => ({ runId, checkpointId, place });

test('a run is there after the database was closed', async () => {
  await store.create(newRun('a', 3));
  const after = await store.put(at('a', 1), record, itemFigures(record), answerer);
  expect(after).toMatchObject({ done: 1, answerers: { one: answerer } });
  store.close();
  store = await RunStore.open(NAME);
  expect(await store.runs()).toEqual([after]);
  expect(await store.items('a')).toHaveLength(3);
  expect(await store.finished('a', 'one')).toEqual(new Set([1]));
  expect((await store.record(at('a', 1)))?.samples.map(({ text }) => text)).toEqual(
    record.samples.map(({ text }) => text),
  );
  expect(await store.record(at('a', 0))).toBeNull();
  expect(await store.image('own')).toEqual(image);
  expect(await store.image('other')).toBeNull();
});

test('a record that is written twice counts once', async () => {
  await store.create(newRun('a', 3));
  await store.put(at('a', 0), record, null, answerer);
  const again = await store.put(at('a', 0), { ...record, samples: [] }, null, answerer);
  expect(again.done).toBe(1);
  expect((await store.record(at('a', 0)))?.samples).toHaveLength(3);
});

test('nothing of a record is written when one part of it fails', async () => {
  await store.create(newRun('a', 3));
  const unstorable = { ...answerer, device: (() => undefined) as unknown as string };
  await expect(store.put(at('a', 0), record, null, unstorable)).rejects.toMatchObject({
    name: 'StorageFailed',
  });
  expect((await store.run('a'))?.done).toBe(0);
  expect(await store.entries('a')).toEqual([]);
  expect(await store.record(at('a', 0))).toBeNull();
});

test('a whole run is listed alike from its records and from what was kept of them', async () => {
  const plan = newRun('a', 3);
  await store.create(plan);
  const entries = () => store.entries('a');
  const figures = itemFigures(record);
  const keep = async (place: number): Promise<void> => {
    await store.put(at('a', place), record, place === 2 ? null : figures, answerer);
  };
  for (const place of [0, 1]) await keep(place);
  expect((await store.listing('a')).entries).toEqual(await entries());
  await keep(2);
  const made = await store.listing('a');
  expect(made).toEqual({ items: plan.items, entries: await entries() });
  const db = await openDB(NAME);
  try {
    await expect.poll(() => db.count('listings')).toBe(1);
    // What is shown now is what was kept: the records themselves are gone.
    await db.clear('entries');
    const listed = plan.items.map(({ itemId, image: source, question }) => ({
      itemId,
      image: source,
      question,
    }));
    expect(await store.listing('a')).toEqual({ items: listed, entries: made.entries });
    // A checkpoint more: what was kept no longer holds.
    await store.add({
      runId: 'a',
      items: null,
      checkpointIds: ['one', 'two'],
      images: new Map(),
      records: [{ at: at('a', 0, 'two'), packed: packRecord(record), figures }],
    });
    expect((await store.listing('a')).entries).toHaveLength(1);
    await store.delete('a');
    expect(await db.count('listings')).toBe(0);
  } finally {
    db.close();
  }
});

test('a database of the first version is upgraded with what is in it', async () => {
  await store.create(newRun('a', 1));
  store.close();
  await deleteDB(NAME);
  const first = await openDB(NAME, 1, {
    upgrade: (db) => {
      UPGRADES[0]?.(db as unknown as IDBPDatabase<Schema>);
    },
  });
  const { run, items } = newRun('old', 1);
  await first.put('runs', run);
  await first.put('items', { runId: 'old', items });
  first.close();
  store = await RunStore.open(NAME);
  await store.put(at('old', 0), record, itemFigures(record), answerer);
  expect(await store.listing('old')).toMatchObject({ items, entries: [{ place: 0 }] });
});

test('deleting takes a run’s own things and leaves the others’', async () => {
  await store.create(newRun('a', 2, ['shared', 'only a']));
  await store.create(newRun('bb', 2, ['shared', 'only b']));
  for (const id of ['a', 'bb']) await store.put(at(id, 0), record, null, answerer);
  await store.rename('bb', 'kept');
  await store.delete('a');
  expect(await store.runs()).toMatchObject([{ id: 'bb', name: 'kept', done: 1 }]);
  expect(await store.items('a')).toEqual([]);
  expect(await store.entries('a')).toEqual([]);
  expect(await store.record(at('a', 0))).toBeNull();
  expect(await store.image('only a')).toBeNull();
  expect(await store.image('shared')).toEqual(image);
  expect(await store.entries('bb')).toHaveLength(1);
  await expect(store.put(at('a', 1), record, null, answerer)).rejects.toThrow(/deleted/);
});

test('a newer version in another tab is let through, and this one says what to do', async () => {
  await store.create(newRun('a', 1));
  const { openDB } = await import('idb');
  const newer = await openDB(NAME, 99);
  newer.close();
  await expect(store.runs()).rejects.toMatchObject({ name: 'StorageFailed' });
});

test(`${String(LARGE)} items stay usable`, { timeout: 300_000 }, async () => {
  await store.create(newRun('a', LARGE));
  const figures = itemFigures(record);
  for (let first = 0; first < LARGE; first += 500) {
    await Promise.all(
      Array.from({ length: 500 }, (_, more) =>
        store.put(at('a', first + more), record, figures, answerer),
      ),
    );
  }
  const readAt = performance.now();
  await store.listing('a');
  const db = await openDB(NAME);
  await expect.poll(() => db.count('listings'), { timeout: 30_000 }).toBe(1);
  db.close();
  const startedAt = performance.now();
  const { entries } = await store.listing('a');
  const listedAt = performance.now();
  const one = await store.record(at('a', LARGE - 1));
  const openedAt = performance.now();
  expect(entries).toHaveLength(LARGE);
  expect(entries.map(({ place }) => place)).toEqual(Array.from({ length: LARGE }, (_, i) => i));
  expect(one?.samples).toHaveLength(3);
  expect((await store.run('a'))?.done).toBe(LARGE);
  console.info(
    `${String(LARGE)} items: listed and kept in ${(startedAt - readAt).toFixed(0)} ms, again in ${(listedAt - startedAt).toFixed(0)} ms, one opened in ${(openedAt - listedAt).toFixed(0)} ms`,
  );
});
