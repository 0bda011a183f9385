import { expect, test } from 'vitest';
import { evaluationState, REQUEST } from '../../test/support/evaluation-state.ts';
import { NamedError } from '../protocol/errors.ts';

test('plans, stores, answers to the end and gives the checkpoints back', async () => {
  const { job, shelf, entries, checkpoints, backends } = evaluationState();
  const seen = new Set<string>();
  for (const backend of backends) backend.onHalf = () => seen.add(job.phase);
  const stored: string[] = [];
  const running = job.start(REQUEST, 'wasm', (id) =>
    stored.push(`${id} ${String(entries.length)}`),
  );
  expect(job.phase).toBe('planning');
  expect(checkpoints.holder).toBe('evaluate');
  await running;
  // Its id is told before the first answer.
  expect(stored).toEqual(['run 1 0']);
  expect(entries).toHaveLength(8);
  expect(shelf.find('run 1')).toMatchObject({ done: 8, items: 4, name: 'two sets' });
  expect([...seen]).toEqual(['running']);
  expect(job).toMatchObject({
    phase: 'idle',
    error: null,
    leftOut: null,
    planned: 4,
    runId: 'run 1',
  });
  expect(job.ratePerSecond).toBeGreaterThan(0);
  expect(job.remainingSeconds).toBe(0);
  expect(checkpoints.holder).toBeNull();
});

test('a pause is no error, keeps what is whole, and resume goes on to the same end', async () => {
  const { job, shelf, entries, backends } = evaluationState();
  let halves = 0;
  backends[0].onHalf = () => {
    halves += 1;
    if (halves === 9) job.pause();
  };
  await job.start(REQUEST, 'wasm', () => undefined);
  expect(job).toMatchObject({ phase: 'idle', error: null });
  expect(shelf.find('run 1')?.done).toBe(1);
  await job.resume('run 1', 'wasm');
  expect(shelf.find('run 1')?.done).toBe(8);
  expect(
    new Set(entries.map(({ checkpointId, place }) => `${checkpointId} ${String(place)}`)).size,
  ).toBe(8);
});

test('why it broke off is kept with its run, and forgotten by the next start', async () => {
  const { job, shelf, store, backends } = evaluationState();
  const error = new NamedError('StorageFull', 'full');
  backends[0].onHalf = () => {
    if (store.records.size === 2) store.error = error;
  };
  await job.start(REQUEST, 'wasm', () => undefined);
  expect(job.error).toBe(error);
  expect(shelf.find('run 1')?.done).toBe(2);
  backends[0].onHalf = () => undefined;
  await job.resume('run 1', 'wasm');
  expect(job.error).toBeNull();
  expect(shelf.find('run 1')?.done).toBe(8);
});

test('a plan without an item is an error of no run', async () => {
  const { job, shelf } = evaluationState();
  await job.start(REQUEST, 'wasm', () => undefined);
  await job.start({ ...REQUEST, sets: [] }, 'wasm', () => undefined);
  expect(job.error?.name).toBe('QuestionInvalid');
  expect(job.runId).toBeNull();
  expect(shelf.runs).toHaveLength(1);
});

test('another tab at work is said by name', async () => {
  const state = evaluationState(undefined, null, () => Promise.resolve(false));
  await state.job.start(REQUEST, 'wasm', () => undefined);
  expect(state.job.error?.message).toContain('Another tab');
  expect(state.checkpoints.holder).toBeNull();
});

test('while Explore holds the checkpoints nothing starts, and it says so', async () => {
  const { job, checkpoints, shelf } = evaluationState();
  checkpoints.take('explore');
  expect(job.refusal).toContain('Explore');
  await job.start(REQUEST, 'wasm', () => undefined);
  expect(shelf.runs).toHaveLength(0);
  expect(checkpoints.holder).toBe('explore');
  checkpoints.release();
  expect(job.refusal).toBeNull();
});
