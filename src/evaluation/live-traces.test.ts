import { expect, test } from 'vitest';
import { sampleOf, servedSampleOf } from '../core/record-fixture.ts';
import type { Sample, TraceAnswers } from '../core/types.ts';
import { LiveTraces } from './live-traces.ts';

const sample = (index: number, ...tokenIds: number[]): Sample => ({
  ...sampleOf('', index),
  tokenIds,
});
const trace = (
  traceTokens: number,
  sampleIndexes: readonly number[],
  belowFloorIndexes: readonly number[] = [],
  probability = 0.5,
): TraceAnswers => ({
  traceTokens,
  sampleIndexes,
  belowFloorIndexes,
  answers: [{ answer: 'A', probability }],
  unresolvedMass: 0.5,
});

test('a trace that comes again joins the earlier one, whose answers stay; a new one stands alone', () => {
  const before = [sample(0, 1, 2, 9), sample(1, 1, 3, 9)];
  const live = new LiveTraces([trace(2, [0]), trace(2, [1], [1])], before);
  live.add([trace(2, [2, 4], [4], 0.6), trace(3, [3])]);
  const later = [sample(2, 1, 2, 8), sample(3, 1, 2, 7, 9), sample(4, 1, 2, 6)];
  expect(live.all([...before, ...later])).toEqual([
    trace(2, [0, 2, 4], [4]),
    trace(2, [1], [1]),
    trace(3, [3]),
  ]);
  // A picture of the run does not change what it grows from.
  expect(live.all([...before, ...later])).toHaveLength(3);
});

test('a trace is known by any of its samples that is finished, and waits for one', () => {
  const before = [sample(0, 1, 2, 9)];
  const live = new LiveTraces([trace(2, [0])], before);
  live.add([trace(2, [1, 2], [1])]);
  expect(live.all(before)).toEqual([trace(2, [0]), trace(2, [1, 2], [1])]);
  expect(live.all([...before, sample(2, 1, 2, 8)])).toEqual([trace(2, [0, 1, 2], [1])]);
});

test('traces stand by their first sample, whichever was known first', () => {
  const live = new LiveTraces([], []);
  live.add([trace(1, [3]), trace(2, [0, 5])]);
  expect(live.all([])).toEqual([trace(2, [0, 5]), trace(1, [3])]);
});

test('of a server that states no ids the tokens’ texts tell traces apart, and words do not', () => {
  const served = (index: number, tokens: string | null, ...tokenTexts: string[]): Sample => {
    const one = servedSampleOf(tokenTexts.join(''), index);
    if (!one.served) throw new Error('not served');
    const missing = { ...one.served.missing, tokens };
    return { ...one, tokenTexts, served: { ...one.served, missing } };
  };
  const joinedFor = (tokens: string | null) => {
    const live = new LiveTraces([trace(2, [0])], [served(0, tokens, 'a', 'b', 'c')]);
    live.add([trace(2, [1]), trace(2, [2])]);
    return live.all([served(1, tokens, 'a', 'b', 'd'), served(2, tokens, 'ab', '', 'c')]);
  };
  expect(joinedFor(null)).toEqual([trace(2, [0, 1]), trace(2, [2])]);
  expect(joinedFor('It states none.')).toHaveLength(3);
});
