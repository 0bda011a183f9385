import { expect, test } from 'vitest';
import { ANSWER_DISTRIBUTIONS, recordOf, sampleOf } from '../core/record-fixture.ts';
import { LiveRecord } from './live-record.ts';

const ASKED = { answerDistributions: { branchFloor: 0.001, traces: [] } };

test('a record keeps why there are no traces, until there are some', () => {
  const live = new LiveRecord(recordOf([], ASKED));
  expect(live.snapshot(0).answerDistributions).toEqual(ASKED.answerDistributions);
  live.addTraces([], 'It lists none.');
  const without = live.snapshot(0);
  expect(without.answerDistributions).toEqual({
    ...{ branchFloor: 0.001, traces: [], missing: 'It lists none.' },
  });
  // It goes on, and now there are.
  const later = new LiveRecord(without);
  expect(later.snapshot(0).answerDistributions?.missing).toBe('It lists none.');
  later.addSamples([sampleOf('x <answer>B</answer>')]);
  later.addTraces(ANSWER_DISTRIBUTIONS.traces);
  expect(later.snapshot(0).answerDistributions).toEqual(ANSWER_DISTRIBUTIONS);
});
