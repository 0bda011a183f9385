/**
 * Files of runs on the browser's own IndexedDB, streams, files and worker. With VITE_EXPORT_ITEMS=10000 it
 * measures what docs/measurements/files.md says.
 */

import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { deleteDB } from 'idb';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { pageCost } from '../../test/support/page-cost.ts';
import { recordOf, sampleOf } from '../core/record-fixture.ts';
import { itemFigures } from '../core/sets/item-figures.ts';
import { exportRun } from './export-run.ts';
import { exportSamples } from './export-samples.ts';
import { importRun } from './import-run.ts';
import { packRecord } from './packed-record.ts';
import { blobOf, writePieces, type Piece } from './pieces.ts';
import { RunStore } from './run-store.ts';
import { setRun } from './set-run-fixture.ts';

const ITEMS = Number(import.meta.env['VITE_EXPORT_ITEMS'] ?? 20);
const MEASURED_FROM = 500;
const SAMPLES = 64;
const NAMES = ['set-files-one', 'set-files-other'] as const;
let [one, other]: RunStore[] = [];

beforeEach(async () => {
  [one, other] = await Promise.all(NAMES.map((name) => RunStore.open(name)));
});
afterEach(async () => {
  for (const store of [one, other]) store?.close();
  for (const name of NAMES) await deleteDB(name);
});

const stores = (): readonly [RunStore, RunStore] => {
  if (!one || !other) throw new Error('no stores');
  return [one, other];
};

const makeWorker = (name: string): Worker =>
  new Worker(new URL('../../workers/parquet.worker.ts', import.meta.url), { type: 'module', name });

const options = { appVersion: '1', nameWithout: 'a file' };

test('a run comes back from its file, byte for byte, and is added to but not doubled', async () => {
  const [from, to] = stores();
  const { newRun, records } = await setRun(5);
  await from.create(newRun);
  for (const { at, record } of records) {
    await from.put(at, record, itemFigures(record), record.answerer);
  }
  const file = await blobOf(exportRun(from, 'run-set', options), 'application/jsonl');
  const text = await file.text();
  const half = new Blob([text.slice(0, text.lastIndexOf('{"type":"item"', text.length - 9000))]);
  const first = await importRun(to, half, options);
  expect(first.added).toBeGreaterThan(0);
  expect(first.added).toBeLessThan(10);
  const rest = await importRun(to, file, options);
  expect(rest).toMatchObject({ wasHere: true, known: first.added, added: 10 - first.added });
  expect(await to.run('run-set')).toEqual(rest.run);
  expect(rest.run).toMatchObject({ done: 10, elapsedMs: 120, origin: 'imported' });
  expect(await to.entries('run-set')).toEqual(await from.entries('run-set'));
  expect(await to.items('run-set')).toEqual(await from.items('run-set'));
  const again = await blobOf(exportRun(to, 'run-set', options), 'application/jsonl');
  expect(await again.text()).toBe(text);
});

test('nothing of a part is written when one record of it cannot be', async () => {
  const [store] = stores();
  const { newRun, records } = await setRun(2);
  await store.create(newRun);
  const added = records.map(({ at, record }) => ({
    at,
    packed: packRecord(record),
    figures: null,
  }));
  const broken = added.map((record, place) =>
    place === 1 ? { ...record, figures: (() => null) as unknown as null } : record,
  );
  const part = { runId: 'run-set', items: null, checkpointIds: ['tiny-base'], images: new Map() };
  await expect(store.add({ ...part, records: broken })).rejects.toMatchObject({
    name: 'StorageFailed',
  });
  expect(await store.entries('run-set')).toEqual([]);
  expect(await store.add({ ...part, records: added })).toMatchObject({ done: 4 });
  expect(await store.add({ ...part, records: added })).toMatchObject({ done: 4 });
  await expect(store.add({ ...part, runId: 'gone', records: [] })).rejects.toThrow(/deleted/);
});

test('a file on disk is written piece by piece, and left as it was when the export stops', async () => {
  const [store] = stores();
  await store.create((await setRun(3)).newRun);
  const folder = await navigator.storage.getDirectory();
  const handle = await folder.getFileHandle('run.jsonl', { create: true });
  const stream = async (): Promise<WritableStream<Piece>> =>
    (await handle.createWritable()) as WritableStream<Piece>;
  await writePieces(exportRun(store, 'run-set', options), await stream());
  const whole = await (await handle.getFile()).text();
  expect(whole.trimEnd().split('\n')).toHaveLength(11);
  const stopped = exportRun(store, 'run-set', { ...options, signal: AbortSignal.abort() });
  await expect(writePieces(stopped, await stream())).rejects.toMatchObject({ name: 'Cancelled' });
  expect(await (await handle.getFile()).text()).toBe(whole);
  await folder.removeEntry('run.jsonl');
});

test('a worker that cannot start ends the export by name', async () => {
  const [store] = stores();
  await store.create((await setRun(1)).newRun);
  const broken = (name: string): Worker =>
    new Worker(URL.createObjectURL(new Blob(['throw new Error("no")'])), { name });
  await expect(blobOf(exportSamples(store, 'run-set', broken), 'x')).rejects.toMatchObject({
    name: 'WorkerDied',
  });
});

/** Answers of 40 words; a few begin alike. */
function answers(variant: number): readonly string[] {
  const words = 'the cell has a lobed nucleus and pale granules so it may be one of these'.split(
    ' ',
  );
  let state = variant + 1;
  const next = (): number => (state = (state * 48_271) % 2_147_483_647);
  return Array.from({ length: SAMPLES }, (_, sample) => {
    const thought = Array.from({ length: 38 }, (_word, at) => {
      const turn = at < 4 ? (sample % 8) + at : next();
      return words[turn % words.length] ?? '';
    });
    return `<think>${thought.join(' ')}</think> <answer>${'ABCD'[(sample + variant) % 4] ?? ''}</answer>`;
  });
}

/** Records that differ, as many as a row group of the table holds twice over. */
const VARIANTS = 500;

/** One checkpoint's run of many items. */
async function fill(store: RunStore, count: number): Promise<void> {
  const { newRun, records } = await setRun(count);
  const checkpointIds = ['tiny-base'];
  const { run } = newRun;
  const settings = { ...run.settings, checkpointIds, nulls: false };
  await store.create({ ...newRun, run: { ...run, settings } });
  const variants = Array.from({ length: Math.min(count, VARIANTS) }, (_, variant) => {
    const record = recordOf(answers(variant), { greedy: sampleOf('<answer>A</answer>') });
    const sampler = settings.sampler;
    return { packed: packRecord({ ...record, sampler }), figures: itemFigures(record) };
  });
  for (let first = 0; first < count; first += 50) {
    const part = records.slice(first, Math.min(count, first + 50)).map(({ at, record }) => {
      const { packed, figures } = variants[at.place % variants.length] ?? {};
      if (!packed || !figures) throw new Error('no variant');
      const { runId, itemId, image, question, answerer } = record;
      const head = { ...packed.head, runId, itemId, image, question, answerer };
      return { at, packed: { ...packed, head }, figures };
    });
    await store.add({
      runId: run.id,
      items: null,
      checkpointIds,
      images: new Map(),
      records: part,
    });
  }
}

/** Runs an export or import and gives its file; with many items it says what that took of the page. */
async function measured(name: string, work: () => Promise<Blob>): Promise<Blob> {
  let blob = new Blob();
  const whole = async (): Promise<void> => {
    blob = await work();
  };
  if (ITEMS < MEASURED_FROM) {
    await whole();
    return blob;
  }
  const cost = await pageCost(whole);
  const megabytes = (value: number): string => `${(value / 2 ** 20).toFixed(0)} MiB`;
  console.info(
    [
      `${name} of ${String(ITEMS)} items: ${megabytes(blob.size)} in ${cost.seconds.toFixed(0)} s`,
      `longest task ${cost.longestCpuMs.toFixed(0)} ms CPU, ${cost.longestClockMs.toFixed(0)} ms by the clock`,
      `heap ${megabytes(cost.heapBefore)} before, at most ${megabytes(cost.heapPeak)}`,
    ].join('; '),
  );
  return blob;
}

test(
  `${String(ITEMS)} items of ${String(SAMPLES)} samples: to Parquet, to JSONL and back`,
  { timeout: 3_600_000 },
  async () => {
    const [from, to] = stores();
    await fill(from, ITEMS);
    const parquet = await measured('Parquet', () =>
      blobOf(exportSamples(from, 'run-set', makeWorker), 'x'),
    );
    const jsonl = await measured('JSONL', () => blobOf(exportRun(from, 'run-set', options), 'x'));
    await measured('Import', async () => {
      const result = await importRun(to, jsonl, options);
      expect(result).toMatchObject({ added: ITEMS, problemCount: 0, missingImages: 0 });
      return jsonl;
    });
    const file = await parquet.arrayBuffer();
    expect(Number(parquetMetadata(file).num_rows)).toBe(ITEMS * (SAMPLES + 1));
    const rows = (await parquetReadObjects({ file, rowStart: 1, rowEnd: 3 })) as object[];
    expect(rows).toMatchObject([
      { sampleIndex: 0n, text: answers(0)[0], answer: 'A' },
      { sampleIndex: 1n, text: answers(0)[1], answer: 'B' },
    ]);
    expect(await to.record({ runId: 'run-set', checkpointId: 'tiny-base', place: 1 })).toEqual(
      await from.record({ runId: 'run-set', checkpointId: 'tiny-base', place: 1 }),
    );
  },
);
