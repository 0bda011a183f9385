import { expect, test, vi } from 'vitest';
import { evaluationState, REQUEST } from '../../test/support/evaluation-state.ts';
import { runFigures } from '../core/sets/run-figures.ts';
import { NamedError } from '../protocol/errors.ts';
import type { SetResults } from './set-results.svelte.ts';

/** A run that is whole, not opened yet. */
async function wholeRun() {
  const state = evaluationState();
  await state.job.start(REQUEST, 'wasm', () => undefined);
  state.later.run();
  return state;
}

const settled = (results: SetResults): Promise<void> =>
  vi.waitFor(() => {
    expect(results.isComputing).toBe(false);
  });

test('opens with values at once and intervals of all resamples later', async () => {
  const { results, figures: backend } = await wholeRun();
  let open: (value: unknown) => void = () => undefined;
  backend.gate = new Promise((resolve) => {
    open = resolve;
  });
  await results.open('run 1');
  expect(results.run?.id).toBe('run 1');
  expect(results.rows).toHaveLength(4);
  expect(results.isComputing).toBe(true);
  // The first checkpoint's values stand before anything was drawn.
  expect(results.figures.map(({ checkpointId }) => checkpointId)).toEqual(['base']);
  expect(results.figures[0]?.figures.all.accuracyAt1.interval).toBeNull();
  open(null);
  await settled(results);
  expect(results.figures.map(({ checkpointId, items }) => [checkpointId, items])).toEqual([
    ['base', 4],
    ['sft', 4],
  ]);
  for (const { checkpointId, figures } of results.figures) {
    expect(figures).toEqual(runFigures(results.itemsOf.get(checkpointId) ?? []));
  }
});

test('of a shard the rows are its own items, at their places in the plan', async () => {
  const { job, results } = evaluationState();
  await job.start({ ...REQUEST, shard: { number: 2, of: 3 } }, 'wasm', () => undefined);
  await results.open('run 1');
  expect(results.run).toMatchObject({ items: 4, done: 2 });
  expect(results.rows.map(({ place }) => place)).toEqual([1]);
  expect(Object.keys(results.rows[0]?.figures ?? {})).toEqual(['base', 'sft']);
  await settled(results);
});

test('follows a run in work: every record is there in the end, and only what is new is resampled', async () => {
  const { results, job, later, entries, figures: backend } = evaluationState();
  let opened: Promise<void> = Promise.resolve();
  const running = job.start(REQUEST, 'wasm', (id) => {
    opened = results.open(id);
  });
  await opened;
  await running;
  await vi.waitFor(() => {
    later.run();
    expect(results.figures.map(({ items }) => items)).toEqual([4, 4]);
    expect(results.isComputing).toBe(false);
  });
  expect(entries).toHaveLength(8);
  expect(results.rows.every(({ figures }) => Object.keys(figures).length === 2)).toBe(true);
  // A record that was read from the store and reported too counts once.
  const [first] = results.figures;
  const [entry] = entries;
  const jobs = backend.jobs.length;
  if (entry) results.follow(entry);
  later.run();
  await settled(results);
  expect(results.itemsOf.get('base')).toHaveLength(4);
  expect(results.figures[0]).toBe(first);
  expect(backend.jobs).toHaveLength(jobs);
  expect(later.delays.some((delay) => delay >= 400)).toBe(true);
});

test('work for a run that was closed is dropped', async () => {
  const { results } = await wholeRun();
  await results.open('run 1');
  results.close();
  await new Promise((resolve) => setTimeout(resolve));
  expect(results.figures).toEqual([]);
  expect(results.isComputing).toBe(false);
  expect(results.error).toBeNull();
  expect(results.run).toBeNull();
  expect(await results.recordsOf(0)).toEqual([]);
});

test('a worker that ends is named, and what was drawn stays', async () => {
  const { results, figures: backend } = await wholeRun();
  await results.open('run 1');
  await settled(results);
  backend.gate = Promise.reject(new NamedError('WorkerDied', 'The worker stopped.'));
  await results.open('run 1');
  await settled(results);
  expect(results.error?.name).toBe('WorkerDied');
  expect(results.figures.map(({ checkpointId }) => checkpointId)).toEqual(['base']);
  expect(results.rows).toHaveLength(4);
});

test('an item’s records come with its pixels, one per checkpoint, as stored', async () => {
  const { results, store } = await wholeRun();
  await results.open('run 1');
  const records = await results.recordsOf(2);
  expect(records.map(({ record }) => record.answerer.checkpointId)).toEqual(['base', 'sft']);
  for (const { record, image, origin, createdAt } of records) {
    expect(record).toBe(store.records.get(`run 1 ${record.answerer.checkpointId} 2`));
    expect(image).toEqual(await store.image(record.image.sha256));
    expect(origin).toBe('stored');
    expect(createdAt).toBe(results.run?.createdAt);
  }
  expect(await results.recordsOf(99)).toEqual([]);
});

test('pixels are read once, and nothing is thrown where there are none', async () => {
  const { results, store } = await wholeRun();
  let reads = 0;
  const read = store.image;
  store.image = (sha256) => {
    reads += 1;
    return sha256 === 'broken' ? Promise.reject(new Error('no')) : read(sha256);
  };
  const sha256 = results.rows[0]?.item.image.sha256 ?? 'bloodmnist 0';
  expect(await results.image(sha256)).toBe(await results.image(sha256));
  expect(reads).toBe(1);
  expect(await results.image('broken')).toBeNull();
  expect(await results.image('unknown')).toBeNull();
});
