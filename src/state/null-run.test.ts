import { expect, test } from 'vitest';
import { BLOOD_QUESTION, recordOf, SAMPLER } from '../core/record-fixture.ts';
import type { ItemNulls } from '../core/types.ts';
import { NamedError } from '../protocol/errors.ts';
import { FakeBackend } from '../../test/support/fake-backend.ts';
import { CheckpointChoice } from './checkpoint-choice.svelte.ts';
import type { RunItem } from '../evaluation/live-record.ts';
import { RunResults } from './run-results.svelte.ts';
import { RunSession } from './run-session.svelte.ts';
import type { WrongImageChoice } from '../evaluation/wrong-images.ts';

const pixels = (shade: number) => ({ width: 2, height: 3, data: new Uint8Array(18).fill(shade) });
const { image: source } = recordOf([]);
const item: RunItem = {
  image: pixels(0),
  source,
  question: BLOOD_QUESTION,
  promptMode: 'direct',
  hint: null,
  sampler: SAMPLER,
  nulls: true,
};
const four: WrongImageChoice = {
  images: [1, 2, 3, 4].map((index) => ({ image: pixels(index), source: { ...source, index } })),
  atHand: 35,
  reason: null,
};

function make(choice: WrongImageChoice = four) {
  const base = new FakeBackend('base', 'base');
  const rl = new FakeBackend('rl', 'rl', 'base');
  const results = new RunResults();
  const session = new RunSession(
    new CheckpointChoice([base, rl], ['base', 'rl']),
    results,
    (callback) => {
      callback();
    },
    () => '2026-11-24T00:00:00.000Z',
  );
  const run = () => session.run(item, 'auto', () => Promise.resolve(choice));
  const records = () => results.shown?.records.map(({ record }) => record) ?? [];
  return { base, rl, session, run, records };
}

/** How many samples a null has, of the second seed and of each wrong image. */
const counts = (nulls: ItemNulls | undefined) => [
  nulls?.secondSeed.drawn?.samples.length ?? null,
  nulls?.wrongImages.drawn?.images.map(({ samples }) => samples.length) ?? null,
];
const reasons = (nulls: ItemNulls | undefined) => [
  nulls?.secondSeed.reason,
  nulls?.wrongImages.reason,
];

test('nulls come after the samples of all checkpoints: second seed, then wrong images', async () => {
  const { base, rl, session, run, records } = make();
  const order: string[] = [];
  const shown: number[] = [];
  for (const backend of [base, rl]) {
    backend.onHalf = () => {
      const last = backend.requests.at(-1);
      shown.push(records().length);
      order.push(`${backend.checkpoint.id} ${String(last?.sampler.seed)} ${last?.itemId ?? ''}`);
    };
  }
  await run();
  expect(session.status).toBe('done');
  const wrong = (id: string) =>
    [1, 2, 3, 4].map((n) => `${id} 123 bloodmnist/test/0 shown bloodmnist/test/${String(n)}`);
  expect(order).toEqual([
    'base 123 bloodmnist/test/0',
    'rl 123 bloodmnist/test/0',
    'base 1000126 bloodmnist/test/0',
    'rl 1000126 bloodmnist/test/0',
    ...wrong('base'),
    ...wrong('rl'),
  ]);
  // Putting a null into one record leaves the records behind it where they are.
  expect(shown).toEqual([1, ...Array.from({ length: 11 }, () => 2)]);
  expect(base.requests).toEqual(rl.requests);
  const [main, second, firstWrong] = base.requests;
  const secondSampler = { ...SAMPLER, seed: 1_000_126 };
  expect(second).toMatchObject({
    image: main?.image,
    promptText: main?.promptText,
    itemId: main?.itemId,
    greedy: false,
    sampler: secondSampler,
  });
  expect(firstWrong).toMatchObject({
    image: pixels(1),
    promptText: main?.promptText,
    greedy: false,
    sampler: { ...SAMPLER, k: 4 },
  });
  // Re-weighting speaks of the result: the worker keeps its tree, and no other.
  expect(main?.keepAs).toBeTypeOf('string');
  expect(base.requests.slice(1).map(({ keepAs }) => keepAs)).toEqual(new Array(5).fill(undefined));
  for (const { nulls, samples } of records()) {
    expect(samples).toHaveLength(16);
    expect(counts(nulls)).toEqual([16, [4, 4, 4, 4]]);
    expect(reasons(nulls)).toEqual([null, null]);
    expect(nulls?.wrongImages.drawn?.images.map(({ image }) => image.index)).toEqual([1, 2, 3, 4]);
    expect(nulls?.wrongImages.drawn?.atHand).toBe(35);
  }
  expect(session.plan?.nulls).toMatchObject({ done: 64, total: 64 });
});

test('a run that does not ask for nulls has none, and asks for nothing more', async () => {
  const { base, session, records } = make();
  const neverAsked = () => Promise.reject(new Error('asked'));
  await session.run({ ...item, nulls: false }, 'auto', neverAsked);
  expect(session.status).toBe('done');
  expect(base.requests).toHaveLength(1);
  expect(records().map((record) => 'nulls' in record)).toEqual([false, false]);
});

test('without wrong images the second seed is drawn all the same, and the reason is kept', async () => {
  const { session, run, records } = make({ images: null, reason: 'No set.' });
  await run();
  expect(session.status).toBe('done');
  for (const { nulls } of records()) {
    expect(counts(nulls)).toEqual([16, null]);
    expect(reasons(nulls)).toEqual([null, 'No set.']);
  }
  expect(session.plan?.nulls).toMatchObject({ done: 32, total: 32 });
});

test('a stop keeps the result whole and what is there of the nulls', async () => {
  const { rl, session, run, records } = make();
  rl.onHalf = () => {
    if (rl.requests.length === 2) session.stop();
  };
  await run();
  expect(session.status).toBe('stopped');
  const [first, second] = records();
  expect(records().map(({ samples }) => samples.length)).toEqual([16, 16]);
  expect(counts(first?.nulls)).toEqual([16, null]);
  expect(counts(second?.nulls)).toEqual([8, null]);
  expect(reasons(first?.nulls)).toEqual([null, expect.stringContaining('stopped')]);
  expect(reasons(second?.nulls)[0]).toContain('stopped');
});

test('a stop in the result leaves nulls that say they were never begun', async () => {
  const { base, session, run, records } = make();
  base.onHalf = () => {
    session.stop();
  };
  await run();
  expect(session.status).toBe('stopped');
  expect(base.requests).toHaveLength(1);
  expect(counts(records()[0]?.nulls)).toEqual([null, null]);
  expect(reasons(records()[0]?.nulls)[0]).toContain('ended before');
});

test('a worker that dies costs only its own nulls', async () => {
  const { base, rl, session, run, records } = make();
  base.onHalf = () => {
    if (base.requests.length === 2) base.answerError = new NamedError('WorkerDied', 'It died.');
  };
  await run();
  expect(session.status).toBe('done');
  expect(session.failures).toEqual([]);
  const [first, second] = records();
  expect(first?.samples).toHaveLength(16);
  expect(counts(first?.nulls)).toEqual([8, null]);
  expect(reasons(first?.nulls)).toEqual(['It died.', 'It died.']);
  expect(base.requests).toHaveLength(2);
  expect(counts(second?.nulls)).toEqual([16, [4, 4, 4, 4]]);
  expect(rl.requests).toHaveLength(6);
});

test('a checkpoint that failed in the result is asked for no nulls', async () => {
  const { base, rl, session, run, records } = make();
  base.answerError = new NamedError('WorkerDied', 'It died.');
  await run();
  expect(session.status).toBe('error');
  expect(base.requests).toHaveLength(1);
  expect(rl.requests).toHaveLength(6);
  expect(reasons(records()[0]?.nulls)[0]).toContain('ended before');
  expect(counts(records()[1]?.nulls)).toEqual([16, [4, 4, 4, 4]]);
});
