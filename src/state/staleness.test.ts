import { expect, test } from 'vitest';
import { answerTexts, nullsOf, recordOf } from '../core/record-fixture.ts';
import type { ItemRecord } from '../core/types.ts';
import { groupRecords } from './run-groups.ts';
import { stalenessOf } from './staleness.ts';

const { image: source, question, promptMode, sampler } = recordOf([]);
const image = { width: 2, height: 3, data: new Uint8Array(18) };
const item = { image, source, question, promptMode, hint: null, sampler, nulls: false };

function staleness(changes: Partial<ItemRecord>, asked: Partial<typeof item> = {}): string {
  const record = recordOf(answerTexts('B', 2), changes);
  const [group] = groupRecords([
    { record, image, origin: 'imported', createdAt: '2026-11-24T00:00:00.000Z', batch: 1 },
  ]);
  if (!group) throw new Error('There is no record.');
  return stalenessOf(group, { ...item, ...asked }, ['tiny-sft'], () => true, null);
}

test('a result of the same settings is not stale', () => {
  expect(staleness({})).toBe('');
  expect(staleness({ nulls: nullsOf(['B']) }, { nulls: true })).toBe('');
});

test('nulls that are missing or not wanted make it stale', () => {
  expect(staleness({}, { nulls: true })).toContain('press Run');
  expect(staleness({ nulls: nullsOf(['B']) })).toContain('press Run');
});

test('another seed makes it stale', () => {
  expect(staleness({}, { sampler: { ...sampler, seed: 1 } })).toContain('press Run');
});

test('a run that goes on says how many samples it draws', () => {
  const record = recordOf(answerTexts('B', 2));
  const one = { record, image, origin: 'live', createdAt: '', batch: 1 } as const;
  const [group] = groupRecords([one]);
  const words = (records: readonly (typeof one)[]) =>
    group && stalenessOf(group, item, [], () => true, { runId: 'run-1', records, more: 48 });
  expect(words([one])).toBe('K was raised: press Run to draw 48 more.');
  expect(words([one, one])).toBe('K was raised: press Run to draw 48 more of each checkpoint.');
});

test('a stored run of more checkpoints than can be chosen is not stale for that', () => {
  const stored = (ids: readonly string[]) => {
    const records = ids.map((checkpointId) => {
      const record = recordOf(answerTexts('B', 2));
      const answerer = { ...record.answerer, checkpointId };
      return {
        record: { ...record, answerer },
        image,
        origin: 'stored',
        createdAt: '',
        batch: 1,
      } as const;
    });
    const [group] = groupRecords(records);
    return group && stalenessOf(group, item, ['a', 'b', 'c', 'd'], () => true, null);
  };
  expect(stored(['a', 'b', 'c', 'd', 'e', 'f'])).toBe('');
  expect(stored(['a', 'b', 'c', 'e'])).toContain('d is not in this result yet');
});
