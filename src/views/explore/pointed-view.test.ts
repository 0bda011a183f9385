import { expect, test } from 'vitest';
import { answerTexts, recordOf, servedSampleOf } from '../../core/record-fixture.ts';
import type { ItemRecord, Stage } from '../../core/types.ts';
import { groupRecords, type RunGroup } from '../../state/run-groups.ts';
import { pointedAt, shownToken } from './pointed-view.ts';

function record(checkpointId: string, stage: Stage, texts: readonly string[]): ItemRecord {
  return recordOf(texts, { answerer: { ...recordOf([]).answerer, checkpointId, stage } });
}

function groupOf(...records: readonly ItemRecord[]): RunGroup {
  const [group] = groupRecords(
    records.map((one) => ({
      ...{ record: one, image: null, origin: 'live' as const, batch: 1 },
      createdAt: '2026-11-24T00:00:00.000Z',
    })),
  );
  if (!group) throw new Error('There is no record.');
  return group;
}

const base = record('tiny-base', 'base', [...answerTexts('A', 12), ...answerTexts('B', 4)]);
const rl = record('tiny-rl', 'rl', answerTexts('B', 16));
const both = groupOf(base, rl);

test('an answer: its count, share and log-probabilities, and the same of the others', () => {
  const { lit, readout } = pointedAt(both, {
    ...{ kind: 'answer', checkpointId: 'tiny-base', answer: 'B' },
  });
  expect([...(lit.get('tiny-base') ?? [])]).toEqual([12, 13, 14, 15]);
  expect(lit.get('tiny-rl')?.size).toBe(16);
  expect(readout.title).toBe('tiny-base');
  expect(readout.label).toBe('eosinophil');
  expect(readout.facts[0]).toBe('4 of 16 samples (0.25)');
  expect(readout.facts[1]).toMatch(/^log p −\d+\.\d\d( to −\d+\.\d\d each)?$/);
  expect(readout.others).toEqual(['tiny-rl 16 of 16']);
});

test('an answer that nobody gave has no log-probability', () => {
  const { readout } = pointedAt(both, {
    ...{ kind: 'answer', checkpointId: 'tiny-rl', answer: 'C' },
  });
  expect(readout.facts).toEqual(['0 of 16 samples (0)']);
});

test('a sample: its answer, tokens and log-probability', () => {
  const { lit, readout } = pointedAt(both, {
    ...{ kind: 'sample', checkpointId: 'tiny-base', index: 12 },
  });
  expect([...(lit.get('tiny-base') ?? [])]).toEqual([12]);
  expect(readout.label).toBe('#12 → eosinophil');
  expect(readout.facts.join(' ')).toMatch(/1 of 16 samples \d+ tokens log p −/);
  expect(readout.others).toEqual(['tiny-rl 16 of 16']);
});

test('a point of Pass@k: its value for all checkpoints, and who is right', () => {
  const { readout } = pointedAt(both, { kind: 'pass', k: 1 });
  expect(readout.label).toBe('k = 1');
  expect(readout.facts.join()).toBe('a right one among 1: tiny-base 0.25 · tiny-rl 1');
  expect(readout.others.join()).toBe('right: tiny-base 4 of 16 · tiny-rl 16 of 16');
});

test('a token of a server that states none of its probabilities says only counts', () => {
  const served = { ...base, samples: [servedSampleOf('it is <answer>B</answer>')] };
  const { readout } = pointedAt(groupOf(served), {
    ...{ kind: 'token', checkpointId: 'tiny-base', index: 0, place: 1 },
  });
  expect(readout.label).toBe('is');
  expect(readout.facts).toEqual(['1 of 1 that come here draw it (1)']);
});

test('tokens without ink are written out', () => {
  expect([' word', '\n', '  ', ''].map(shownToken)).toEqual(['word', '\\n', '␣␣', '∅']);
});
