/** The store on the browser's own IndexedDB. */

import { deleteDB } from 'idb';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { recordOf, sampleOf } from '../core/record-fixture.ts';
import { itemFigures } from '../core/sets/item-figures.ts';
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
  const startedAt = performance.now();
  const entries = await store.entries('a');
  const listedAt = performance.now();
  const one = await store.record(at('a', LARGE - 1));
  const openedAt = performance.now();
  expect(entries).toHaveLength(LARGE);
  expect(entries.map(({ place }) => place)).toEqual(Array.from({ length: LARGE }, (_, i) => i));
  expect(one?.samples).toHaveLength(3);
  expect((await store.run('a'))?.done).toBe(LARGE);
  console.info(
    `${String(LARGE)} items: listed in ${(listedAt - startedAt).toFixed(0)} ms, one opened in ${(openedAt - listedAt).toFixed(0)} ms`,
  );
});
