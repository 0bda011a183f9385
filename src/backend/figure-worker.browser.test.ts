import { afterEach, expect, test } from 'vitest';
import { compareItems } from '../core/sets/comparison.ts';
import { runFigures, type RunFigures } from '../core/sets/run-figures.ts';
import { randomOf, simulatedItem, simulatedParents } from '../core/sets/set-fixture.ts';
import { FigureWorker } from './figure-worker.ts';

const made: Worker[] = [];
const makeWorker = (name: string): Worker => {
  const worker = new Worker(new URL('../../workers/figures.worker.ts', import.meta.url), {
    type: 'module',
    name,
  });
  made.push(worker);
  return worker;
};
afterEach(() => {
  made.splice(0).forEach((worker) => {
    worker.terminate();
  });
});

const random = randomOf(5);
const models = simulatedParents(700, random);
const items = models.map((model) => simulatedItem(model, random));
const others = models.map((model) => simulatedItem(model, random));
const neverAborted = new AbortController().signal;

test('gives what the same functions give in the page, in one worker', async () => {
  const figures = new FigureWorker(makeWorker);
  const values: RunFigures[] = [];
  const onValues = (one: RunFigures): void => {
    values.push(one);
  };
  const [drawn, compared] = await Promise.all([
    figures.runFigures(items, { signal: neverAborted, onValues }),
    figures.compare(items, others, neverAborted),
  ]);
  expect(values).toEqual([runFigures(items, 0)]);
  expect(drawn).toEqual(runFigures(items));
  expect(compared).toEqual(compareItems(items, others));
  expect(await figures.compare(items.slice(0, 3), others.slice(3), neverAborted)).toBeNull();
  expect(made).toHaveLength(1);
});

test('what is stopped is Cancelled, and the next job is right', async () => {
  const figures = new FigureWorker(makeWorker);
  const abort = new AbortController();
  const stopped = figures.compare(items, others, abort.signal);
  const next = figures.runFigures(items.slice(0, 50), {
    signal: neverAborted,
    onValues: () => undefined,
  });
  setTimeout(() => {
    abort.abort();
  }, 20);
  await expect(stopped).rejects.toMatchObject({ name: 'Cancelled' });
  expect(await next).toEqual(runFigures(items.slice(0, 50)));
  await expect(figures.compare(items, others, abort.signal)).rejects.toMatchObject({
    name: 'Cancelled',
  });
});

test('a worker that ends by itself is named, and the next job starts another one', async () => {
  const figures = new FigureWorker(makeWorker);
  const calls = { signal: neverAborted, onValues: () => undefined };
  await figures.runFigures(items.slice(0, 10), calls);
  const job = figures.compare(items, others, neverAborted);
  await new Promise((resolve) => setTimeout(resolve, 20));
  made[0]?.dispatchEvent(new ErrorEvent('error', { message: 'out of memory' }));
  await expect(job).rejects.toMatchObject({ name: 'WorkerDied' });
  expect(await figures.runFigures(items.slice(0, 10), calls)).toEqual(
    runFigures(items.slice(0, 10)),
  );
});
