import { expect, test } from 'vitest';
import { BLOOD_QUESTION, recordOf, SAMPLER } from '../core/record-fixture.ts';
import { BRANCH_FLOOR } from '../core/rao-blackwell.ts';
import { NamedError } from '../protocol/errors.ts';
import { FakeBackend } from '../../test/support/fake-backend.ts';
import { CheckpointChoice } from './checkpoint-choice.svelte.ts';
import type { RunItem } from '../evaluation/live-record.ts';
import { RunResults } from './run-results.svelte.ts';
import { RunSession } from './run-session.svelte.ts';

const item: RunItem = {
  image: { width: 2, height: 3, data: new Uint8Array(18) },
  source: recordOf([]).image,
  question: BLOOD_QUESTION,
  promptMode: 'direct',
  hint: null,
  sampler: SAMPLER,
  nulls: false,
};

const noImages = () => Promise.resolve({ images: null, reason: 'No set.' } as const);

function make(chosen: readonly string[]) {
  const base = new FakeBackend('base', 'base');
  const sft = new FakeBackend('sft', 'sft', 'base');
  const rl = new FakeBackend('rl', 'rl', 'sft');
  const choice = new CheckpointChoice([base, sft, rl], chosen);
  const results = new RunResults();
  const session = new RunSession(
    choice,
    results,
    (callback) => {
      callback();
    },
    () => '2026-11-24T00:00:00.000Z',
  );
  const shown = () =>
    results.shown?.records.map(({ record }) => [
      record.answerer.checkpointId,
      record.samples.length,
    ]);
  return { base, sft, rl, choice, results, session, shown };
}

test('one run asks every chosen checkpoint the same, with shared streams', async () => {
  const { results, session, base, sft, rl, shown } = make(['base', 'rl']);
  await session.run(item, 'auto', noImages);
  expect(session.status).toBe('done');
  expect(shown()).toEqual([
    ['base', 16],
    ['rl', 16],
  ]);
  expect(new Set(results.shown?.records.map(({ record }) => record.runId)).size).toBe(1);
  expect(base.requests).toEqual(rl.requests);
  expect(sft.requests).toEqual([]);
  await session.run(item, 'auto', noImages);
  expect(base.loads).toBe(1);
  expect(results.groups).toHaveLength(2);
  expect(results.shownIndex).toBe(1);
});

test('think mode asks for the answers behind each trace and keeps them; direct mode does not', async () => {
  const { results, session, base } = make(['base']);
  const kept = () => results.shown?.first.record.answerDistributions;
  await session.run(item, 'auto', noImages);
  expect(kept()).toBeUndefined();
  await session.run({ ...item, promptMode: 'think' }, 'auto', noImages);
  const asked = base.requests.map(({ answerDistributions }) => answerDistributions);
  expect(asked).toEqual([undefined, { question: item.question, branchFloor: BRANCH_FLOOR }]);
  expect(kept()?.branchFloor).toBe(BRANCH_FLOOR);
  expect(kept()?.traces.map(({ sampleIndexes }) => sampleIndexes.slice(0, 2))).toEqual([
    [0, 2],
    [1, 3],
  ]);
});

test('a stop keeps what is finished and asks nobody else', async () => {
  const { session, sft, rl, shown } = make(['base', 'sft', 'rl']);
  sft.onHalf = () => {
    session.stop();
  };
  await session.run(item, 'auto', noImages);
  expect(session.status).toBe('stopped');
  expect(shown()).toEqual([
    ['base', 16],
    ['sft', 8],
  ]);
  expect(rl.requests).toEqual([]);
  expect(session.plan?.checkpointIds).toEqual(['base', 'sft', 'rl']);
});

test('a stop between two checkpoints is a stop', async () => {
  const { session, base, sft } = make(['base', 'sft']);
  const load = sft.load.bind(sft);
  sft.load = (preference, calls) => {
    session.stop();
    return load(preference, calls);
  };
  await session.run(item, 'auto', noImages);
  expect(session.status).toBe('stopped');
  expect(session.failures).toEqual([]);
  expect(base.requests).toHaveLength(1);
  expect(sft.requests).toHaveLength(0);
});

test('a checkpoint that fails is named at its own row; the others go on', async () => {
  const { session, base, sft, choice, shown } = make(['base', 'sft', 'rl']);
  base.loadError = new NamedError('NetworkFailed', 'no network');
  sft.answerError = new NamedError('WorkerDied', 'gone');
  await session.run(item, 'auto', noImages);
  expect(session.status).toBe('error');
  expect(session.failures.map(({ checkpointId, error }) => [checkpointId, error.name])).toEqual([
    ['base', 'NetworkFailed'],
    ['sft', 'WorkerDied'],
  ]);
  expect(choice.find('base')?.error?.message).toBe('no network');
  expect(choice.find('sft')?.answerer).toBeNull();
  expect(choice.find('rl')?.error).toBeNull();
  expect(shown()).toEqual([
    ['sft', 8],
    ['rl', 16],
  ]);
  await session.run(item, 'auto', noImages);
  expect(session.status).toBe('done');
  expect(session.failures).toEqual([]);
  expect(choice.find('base')?.error).toBeNull();
});

test('Load takes the checkpoints that are not there yet', async () => {
  const { session, choice, base, sft } = make(['base', 'sft']);
  await session.load(choice.chosen, 'auto');
  await session.load(choice.chosen, 'auto');
  expect([base.loads, sft.loads, session.status]).toEqual([1, 1, 'idle']);
});

test('settle waits for the end of what it stops', async () => {
  const { session } = make(['base', 'sft']);
  const run = session.run(item, 'auto', noImages);
  expect(session.isBusy).toBe(true);
  await session.settle();
  expect(session.isBusy).toBe(false);
  await run;
});

test('records of a file are grouped; nothing that was there is lost', async () => {
  const { results, session, shown } = make(['base']);
  await session.run(item, 'auto', noImages);
  const of = (checkpointId: string, itemId = 'bloodmnist/test/0') => ({
    record: recordOf(['x'], { itemId, answerer: { ...recordOf([]).answerer, checkpointId } }),
    image: null,
    origin: 'imported' as const,
    createdAt: '',
  });
  session.add([of('base'), of('rl'), of('base', 'bloodmnist/test/1'), of('base')]);
  expect(shown()).toEqual([
    ['base', 1],
    ['rl', 1],
  ]);
  expect(results.groups.map(({ records }) => records.length)).toEqual([1, 2, 1, 1]);
  session.show(0);
  expect(shown()).toEqual([['base', 16]]);
});
