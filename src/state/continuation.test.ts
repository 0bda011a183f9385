import { expect, test } from 'vitest';
import { answerTexts, nullsOf, recordOf } from '../core/record-fixture.ts';
import type { ItemRecord } from '../core/types.ts';
import { continuationOf } from './continuation.ts';
import type { RunItem } from '../evaluation/live-record.ts';
import { groupRecords, type SessionRecord } from './run-groups.ts';

const { answerer, image: source, question, promptMode, sampler } = recordOf([]);
const image = { width: 2, height: 3, data: new Uint8Array(18) };
const item: RunItem = { image, source, question, promptMode, hint: null, sampler, nulls: false };
const raised = (k: number): RunItem => ({ ...item, sampler: { ...sampler, k } });

function shown(changes: Partial<ItemRecord> = {}, one: Partial<SessionRecord> = {}) {
  const record = recordOf(answerTexts('B', sampler.k), changes);
  const live = { record, image, origin: 'live', createdAt: '', batch: 1, isWhole: true } as const;
  const [group] = groupRecords([{ ...live, ...one }]);
  if (!group) throw new Error('There is no record.');
  return group;
}

test('a larger K goes on with the shown run', () => {
  const group = shown();
  expect(continuationOf(group, raised(64), [answerer])).toEqual({
    runId: 'run-1',
    records: group.records,
    more: 48,
  });
  const withNulls = shown({ nulls: nullsOf(['B']) });
  expect(continuationOf(withNulls, { ...raised(17), nulls: true }, [answerer])?.more).toBe(1);
});

test.each([
  ['the same K', item],
  ['a smaller K', raised(8)],
  ['another seed', { ...item, sampler: { ...sampler, k: 64, seed: 1 } }],
  ['another temperature', { ...item, sampler: { ...sampler, k: 64, temperature: 1 } }],
  ['other filters', { ...item, sampler: { ...sampler, k: 64, topP: 1 } }],
  ['another token limit', { ...item, sampler: { ...sampler, k: 64, maxNewTokens: 8 } }],
  ['another question', { ...raised(64), question: { ...question, text: 'Which one?' } }],
  ['another truth', { ...raised(64), question: { ...question, correctOptions: [2] } }],
  ['another mode', { ...raised(64), promptMode: 'think' as const }],
  ['nulls', { ...raised(64), nulls: true }],
  ['another image', { ...raised(64), source: { ...source, index: 1 } }],
  [
    'other pixels of the same row',
    { ...raised(64), source: { ...source, sha256: 'f'.repeat(64) } },
  ],
])('%s begins anew', (_, asked) => {
  expect(continuationOf(shown(), asked, [answerer])).toBeNull();
});

test('another hint begins anew, and only where it is asked', () => {
  const group = shown({ promptMode: 'hinted', hint: 'round' });
  const asked = (hint: string): RunItem => ({ ...raised(64), promptMode: 'hinted', hint });
  expect(continuationOf(group, asked('round'), [answerer])).not.toBeNull();
  expect(continuationOf(group, asked('square'), [answerer])).toBeNull();
  expect(continuationOf(shown(), { ...raised(64), hint: 'square' }, [answerer])).not.toBeNull();
});

test.each([
  ['recorded', { origin: 'recorded' }],
  ['imported', { origin: 'imported' }],
  ['stopped', { isWhole: false }],
] as const)('a result that is %s begins anew', (_, one) => {
  expect(continuationOf(shown({}, one), raised(64), [answerer])).toBeNull();
});

test('one of several that was stopped lets none go on', () => {
  const second = recordOf(['B'], { answerer: { ...answerer, checkpointId: 'tiny-rl' } });
  const { first } = shown();
  const group = (isWhole: boolean) =>
    groupRecords([first, { ...first, record: second, isWhole }])[0] ?? null;
  const loaded = [answerer, second.answerer];
  expect(continuationOf(group(true), raised(64), loaded)?.records).toHaveLength(2);
  expect(continuationOf(group(false), raised(64), loaded)).toBeNull();
});

test.each([
  ['nothing is loaded', [null]],
  ['another checkpoint', [{ ...answerer, checkpointId: 'tiny-rl' }]],
  ['other weights', [{ ...answerer, revision: 'def' }]],
  ['another data type', [{ ...answerer, dtype: 'fp32' }]],
  ['another device', [{ ...answerer, device: 'webgpu' }]],
  ['one more checkpoint', [answerer, { ...answerer, checkpointId: 'tiny-rl' }]],
  ['no checkpoint', []],
])('%s: begins anew', (_, loaded) => {
  expect(continuationOf(shown(), raised(64), loaded)).toBeNull();
});

test('without a result or an image there is nothing to go on with', () => {
  expect(continuationOf(null, raised(64), [answerer])).toBeNull();
  expect(continuationOf(shown(), null, [answerer])).toBeNull();
});
