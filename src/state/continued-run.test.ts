/** Raising K in the session: what is asked, what is kept, and what begins anew. */

import { expect, test } from 'vitest';
import { BLOOD_QUESTION, recordOf, SAMPLER } from '../core/record-fixture.ts';
import { NamedError } from '../protocol/errors.ts';
import { FakeBackend } from '../../test/support/fake-backend.ts';
import { CheckpointChoice } from './checkpoint-choice.svelte.ts';
import type { RunItem } from '../evaluation/live-record.ts';
import { RunResults } from './run-results.svelte.ts';
import { RunSession } from './run-session.svelte.ts';
import type { WrongImageChoice } from '../evaluation/wrong-images.ts';

const pixels = { width: 2, height: 3, data: new Uint8Array(18) };
const { image: source } = recordOf([]);
const item: RunItem = {
  image: pixels,
  source,
  question: BLOOD_QUESTION,
  promptMode: 'think',
  hint: null,
  sampler: SAMPLER,
  nulls: false,
};
const wrongOnes = (...indexes: readonly number[]): WrongImageChoice => ({
  images: indexes.map((index) => ({ image: pixels, source: { ...source, index } })),
  atHand: 35,
  reason: null,
});

function make(chosen: readonly string[] = ['base', 'rl']) {
  const base = new FakeBackend('base', 'base');
  const rl = new FakeBackend('rl', 'rl', 'base');
  const results = new RunResults();
  let hour = 0;
  const session = new RunSession(
    new CheckpointChoice([base, rl], chosen),
    results,
    (callback) => {
      callback();
    },
    () => `2026-11-24T0${String((hour += 1))}:00:00.000Z`,
  );
  const run = (k: number, changes: Partial<RunItem> = {}, choice = wrongOnes(1, 2, 3, 4)) =>
    session.run({ ...item, ...changes, sampler: { ...SAMPLER, k } }, 'auto', () =>
      Promise.resolve(choice),
    );
  const records = () => results.shown?.records.map(({ record }) => record) ?? [];
  const asked = (backend: FakeBackend) =>
    backend.requests.map(({ firstIndex, sampler }) => [firstIndex, sampler.k]);
  return { base, rl, results, session, run, records, asked };
}

test('only the new samples are drawn; the records grow where they stand', async () => {
  const { base, rl, results, session, run, records, asked } = make();
  await run(16);
  const [before] = results.shown?.records ?? [];
  expect(before?.isWhole).toBe(true);
  expect(session.continuation({ ...item, sampler: { ...SAMPLER, k: 64 } })?.more).toBe(48);
  await run(64);
  expect(session.status).toBe('done');
  expect(results.groups).toHaveLength(1);
  for (const backend of [base, rl]) {
    expect(asked(backend)).toEqual([
      [0, 16],
      [16, 64],
    ]);
    expect(backend.requests.map(({ greedy }) => greedy)).toEqual([true, false]);
    expect(new Set(backend.requests.map(({ keepAs }) => keepAs))).toEqual(
      new Set([before?.record.runId]),
    );
  }
  for (const record of records()) {
    expect(record.samples.map(({ index }) => index)).toEqual([...Array(64).keys()]);
    expect(record.sampler.k).toBe(64);
    expect(record.elapsedMs).toBe(10);
    expect(record.greedy?.text).toContain('B');
    expect(record.answerDistributions?.traces.map((trace) => trace.sampleIndexes.length)).toEqual([
      32, 32,
    ]);
  }
  expect(results.shown?.first.createdAt).toBe(before?.createdAt);
  expect(session.plan?.runId).toBe(before?.record.runId);
  // The same K again is another run.
  await run(64);
  expect(results.groups).toHaveLength(2);
  expect(asked(base).at(-1)).toEqual([0, 64]);
});

test('while it goes on, what was there stays', async () => {
  const { base, run, records } = make(['base']);
  await run(16);
  const shown: number[] = [];
  base.onHalf = () => {
    shown.push(...records().map(({ samples }) => samples.length));
  };
  await run(64);
  expect(shown).toEqual([40]);
});

test('an earlier result that is shown again goes on in its own place', async () => {
  const { results, session, run, asked, base } = make();
  await run(16);
  await run(8, { promptMode: 'direct' });
  session.show(0);
  await run(32);
  expect(results.groups).toHaveLength(2);
  expect(results.shownIndex).toBe(0);
  expect(asked(base)).toEqual([
    [0, 16],
    [0, 8],
    [16, 32],
  ]);
});

test('a run that was stopped keeps what it has, and the next one begins anew', async () => {
  const { base, results, session, run, records, asked } = make(['base']);
  await run(16);
  base.onHalf = () => {
    session.stop();
  };
  await run(64);
  expect(session.status).toBe('stopped');
  expect(results.groups).toHaveLength(1);
  expect(records().map(({ samples, sampler }) => [samples.length, sampler.k])).toEqual([[40, 64]]);
  base.onHalf = () => undefined;
  await run(128);
  expect(asked(base).at(-1)).toEqual([0, 128]);
  expect(results.groups).toHaveLength(2);
});

test('one checkpoint that breaks off leaves the other whole', async () => {
  const { base, session, run, records, asked, rl } = make();
  await run(16);
  base.answerError = new NamedError('WorkerDied', 'gone');
  await run(64);
  expect(session.status).toBe('error');
  expect(records().map(({ samples }) => samples.length)).toEqual([40, 64]);
  expect(asked(rl).at(-1)).toEqual([16, 64]);
});

test('a worker that died without a word begins anew', async () => {
  const { base, results, run, asked } = make(['base']);
  await run(16);
  base.answerer = null;
  await run(64);
  expect(asked(base).at(-1)).toEqual([0, 64]);
  expect(results.groups).toHaveLength(2);
});

test('weights that changed before a checkpoint’s turn: its samples are drawn anew in place', async () => {
  const { base, rl, results, run, records, asked } = make();
  await run(16);
  base.onHalf = () => {
    if (rl.answerer) rl.answerer = { ...rl.answerer, device: 'webgpu' };
  };
  await run(64);
  expect(asked(rl).at(-1)).toEqual([0, 64]);
  expect(results.groups).toHaveLength(1);
  expect(records().map(({ samples, elapsedMs }) => [samples.length, elapsedMs])).toEqual([
    [64, 10],
    [64, 5],
  ]);
});

const nullCounts = ({ nulls }: { nulls?: ReturnType<typeof recordOf>['nulls'] }) => [
  nulls?.secondSeed.drawn?.samples.length,
  nulls?.wrongImages.drawn?.images.map(({ samples }) => samples.length),
];

test('nulls are drawn on, each from its own samples', async () => {
  const { base, session, run, records, asked } = make(['base']);
  await run(16, { nulls: true });
  const totals: number[] = [];
  base.onHalf = () => totals.push(session.plan?.nulls?.total ?? 0);
  await run(64, { nulls: true });
  expect(asked(base).slice(6)).toEqual([
    [16, 64],
    [16, 64],
    [4, 16],
    [4, 16],
    [4, 16],
    [4, 16],
  ]);
  expect(totals.at(-1)).toBe(48 + 4 * 12);
  expect(session.plan?.nulls?.done).toBe(48 + 4 * 12);
  expect(records().map(nullCounts)).toEqual([[64, [16, 16, 16, 16]]]);
  expect(records()[0]?.nulls?.secondSeed.drawn?.samples.map(({ index }) => index)).toEqual([
    ...Array(64).keys(),
  ]);
});

test('a K that needs no more of the wrong images asks for none', async () => {
  const { base, run, records, asked } = make(['base']);
  await run(1, { nulls: true });
  await run(16, { nulls: true });
  expect(asked(base).slice(6)).toEqual([
    [1, 16],
    [1, 16],
  ]);
  expect(records().map(nullCounts)).toEqual([[16, [4, 4, 4, 4]]]);
});

test('other wrong images, and a null that was not whole, are drawn from the beginning', async () => {
  const { base, session, run, records, asked } = make(['base']);
  base.onHalf = () => {
    if (base.requests.length === 2) session.stop();
  };
  await run(16, { nulls: true });
  expect(records().map(nullCounts)).toEqual([[8, undefined]]);
  await run(32, { nulls: true });
  expect(asked(base).slice(2, 4)).toEqual([
    [16, 32],
    [0, 32],
  ]);
  await run(64, { nulls: true }, wrongOnes(1, 2, 3, 9));
  expect(asked(base).slice(8)).toEqual([
    [32, 64],
    [32, 64],
    [8, 16],
    [8, 16],
    [8, 16],
    [0, 16],
  ]);
});

test('nulls that could not follow keep what they had, and say so', async () => {
  const { base, session, run, records } = make(['base']);
  await run(16, { nulls: true });
  base.onHalf = () => {
    if (base.requests.length === 7) session.stop();
  };
  await run(64, { nulls: true });
  const [record] = records();
  expect(record && nullCounts(record)).toEqual([16, [4, 4, 4, 4]]);
  expect(record?.nulls?.secondSeed.reason).toContain('K was raised');
  expect(record?.nulls?.wrongImages.reason).toContain('K was raised');
});

test('wrong images that are out of reach by now keep what they had', async () => {
  const { run, records } = make(['base']);
  await run(16, { nulls: true });
  await run(64, { nulls: true }, { images: null, reason: 'They are gone.' });
  const [record] = records();
  expect(record && nullCounts(record)).toEqual([64, [4, 4, 4, 4]]);
  expect(record?.nulls?.wrongImages.reason).toBe('They are gone.');
});

test('a stop among the wrong images keeps those of the others', async () => {
  const { base, session, run, records } = make(['base']);
  await run(16, { nulls: true });
  base.onHalf = () => {
    if (base.requests.length === 10) session.stop();
  };
  await run(64, { nulls: true });
  const [record] = records();
  expect(record && nullCounts(record)).toEqual([64, [16, 10, 4, 4]]);
  expect(record?.nulls?.wrongImages.reason).toContain('stopped');
});
