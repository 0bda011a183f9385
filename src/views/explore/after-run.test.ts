/** What the panels below a run say: Rao–Blackwell beside counting, and re-weighted answers. */

import { expect, test } from 'vitest';
import { answerBounds } from '../../core/answer-bounds.ts';
import { effectiveSampleSize, normalizedWeights } from '../../core/importance.ts';
import { answerTexts, recordOf } from '../../core/record-fixture.ts';
import type { ItemRecord, TraceAnswers } from '../../core/types.ts';
import type { ReweightAnswer } from '../../state/reweighting.svelte.ts';
import { estimateRow, missingWords } from './estimate-view.ts';
import { panelOf } from './result-panel.ts';
import { effectiveWords, reweightCaption, reweightRow } from './reweight-view.ts';

// B is right; samples 0 … 3 said B, 4 … 15 said A.
const record = recordOf([...answerTexts('B', 4), ...answerTexts('A', 12)]);

function traced(...traces: readonly [samples: readonly number[], b: number][]): ItemRecord {
  return {
    ...record,
    promptMode: 'think',
    answerDistributions: {
      branchFloor: 0.001,
      traces: traces.map(([sampleIndexes, b]): TraceAnswers => ({
        traceTokens: 4,
        sampleIndexes,
        belowFloorIndexes: [],
        answers: [
          { answer: 'B', probability: b },
          { answer: 'A', probability: 1 - b },
        ],
        unresolvedMass: 0,
      })),
    },
  };
}
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => from + at);

test('traces that leave the letter open tell more than the letters', () => {
  const row = estimateRow(traced([range(0, 8), 0.5], [range(8, 16), 0.2]));
  expect(row?.sampled).toMatch(/^0\.25 \(/);
  expect(row?.raoBlackwell).toMatch(/^0\.35 \(/);
  // the variance of 0.5 and 0.2 is 0.0225, that of counting at 0.35 is 0.2275
  expect(row?.gain).toBe('each sample tells as much as 10 plain ones');
  expect(row?.votes).toContain('16 of 16 samples');
  expect(row?.sampledPassAtK).toBe('1');
  expect(row?.passAtK).toBe('>0.99');
});

test('traces that decide the answer, or all say the same, are called so', () => {
  expect(estimateRow(traced([range(0, 4), 1], [range(4, 16), 0]))?.gain).toContain(
    'decide the answer',
  );
  expect(estimateRow(traced([range(0, 16), 0.3]))?.gain).toContain('more than 16 plain ones');
  expect(estimateRow(traced([range(0, 16), 0]))?.gain).toContain('all traces agree');
});

test('no traces or no truth, no estimate', () => {
  expect(estimateRow(record)).toBeNull();
  const open = traced([range(0, 16), 0.3]);
  expect(estimateRow({ ...open, question: { ...open.question, correctOptions: [] } })).toBeNull();
});

/** Samples that said B weigh e^`more` times the others. */
function weighted(more: number): ReweightAnswer {
  const sampleIndexes = range(0, 16);
  const logWeights = sampleIndexes.map((index) => (index < 4 ? more : 0));
  const weights = normalizedWeights(logWeights);
  return {
    type: 'weights',
    sampleIndexes,
    logWeights,
    weights,
    effectiveSampleSize: effectiveSampleSize(weights),
    logWeightError: 0,
  };
}

test('answers and right ones count by their weight; the sampled shares stay', () => {
  const row = reweightRow(panelOf(record), weighted(Math.log(3)));
  expect(row.sampledRight).toBe(0.25);
  expect(row.right?.probability).toBeCloseTo(0.5);
  expect(row.effectiveSampleSize).toBeCloseTo(12);
  expect(row.problem).toBeNull();
  const b = row.series.outcomes.find(({ answer }) => answer === 'B');
  expect(b?.sampled).toBe(0.25);
  expect(b?.weighted?.probability).toBeCloseTo(0.5);
  const sum = row.series.outcomes.reduce((all, one) => all + (one.weighted?.probability ?? 0), 0);
  expect(sum).toBeCloseTo(1);
});

test('a few samples with all the weight, and a refusal, ask for a new run', () => {
  const few: ReweightAnswer = {
    ...weighted(0),
    type: 'weights',
    sampleIndexes: [0, 4, 5, 6, 7],
    logWeights: [0, -9, -9, -9, -9],
    weights: [1, 0, 0, 0, 0],
    effectiveSampleSize: 1,
    logWeightError: 0,
  };
  expect(reweightRow(panelOf(record), few).problem).toContain('worth 1.0 of 5');
  const refused = reweightRow(panelOf(record), { type: 'refused', reason: 'wider-filters' });
  expect(refused.problem).toContain('filters dropped');
  expect(refused.effectiveSampleSize).toBeNull();
  expect(refused.series.outcomes.every((one) => one.weighted === null)).toBe(true);
  expect(reweightRow(panelOf(record), undefined).problem).toBeNull();
});

const exactly = (...masses: readonly (readonly [string, number])[]) => ({
  bounds: answerBounds(new Map(masses), record.question),
  reason: null,
});

test('the exact distribution stands beside the weights, with what is unexplored', () => {
  const row = reweightRow(panelOf(record), weighted(0), exactly(['B', 0.25], ['A', 0.749]));
  expect(row.exact?.right).toEqual({ lower: 0.25, upper: expect.closeTo(0.251) as number });
  expect(row.exact?.rightWords).toBe('0.25');
  expect(row.exact?.openWords).toBe('0.0010 unexplored');
  expect(row.series.exact).toBe(row.exact?.bounds);
  expect([row.problem, row.exactProblem]).toEqual([null, null]);
  const whole = reweightRow(panelOf(record), weighted(0), exactly(['B', 0.25], ['A', 0.75]));
  expect(whole.exact?.openWords).toBe('all explored');
  expect(reweightRow(panelOf(record), weighted(0)).exact).toBeNull();
});

test('where the samples cannot tell, sharp exact probabilities still hold, wide ones do not claim to', () => {
  const refused = { type: 'refused', reason: 'wider-filters' } as const;
  const sharp = reweightRow(panelOf(record), refused, exactly(['B', 0.25], ['A', 0.749]));
  expect(sharp.problem).toMatch(/filters dropped.*exact probabilities still hold/);
  expect(sharp.series.exact).toBeDefined();
  const wide = reweightRow(panelOf(record), refused, exactly(['B', 0.1]));
  expect(wide.problem).not.toContain('exact');
  expect(wide.series.exact).toBeUndefined();
  expect(wide.exact?.rightWords).toBe('0.10–1');
  expect(wide.exact?.openWords).toBe('0.90 unexplored, too much to draw');
  const caption = reweightCaption(record, { temperature: 1, topP: 1 }, [sharp]).join(' · ');
  expect(caption).not.toContain('re-weighted');
});

test('a tree that is not at hand says why', () => {
  const of = (reason: 'nothing-computed' | 'other-run-kept' | 'logits-not-kept') =>
    reweightRow(panelOf(record), weighted(0), { bounds: null, reason }).exactProblem;
  expect(of('nothing-computed')).toContain('not at hand any more');
  expect(of('other-run-kept')).toContain('an earlier one');
  expect(of('logits-not-kept')).toContain('memory');
  const failed = { bounds: null, reason: 'failed', message: 'gone' } as const;
  expect(reweightRow(panelOf(record), weighted(0), failed)).toMatchObject({
    exact: null,
    exactProblem: 'gone',
  });
});

test('the caption says what it is re-weighted to and from', () => {
  const rows = [reweightRow(panelOf(record), weighted(0))];
  const caption = reweightCaption(record, { temperature: 1.2, topP: 0.8 }, rows).join(' · ');
  expect(caption).toContain('T = 1.2, top-p = 0.8');
  expect(caption).toContain('T = 0.7, top-p = 0.9');
  expect(caption).toContain('n = 16');
  expect([15.97, 16, 3.97].map(effectiveWords)).toEqual(['15', '16', '3.9']);
});

test('bounds from a server’s lists are not called exact there either', () => {
  const failed = { type: 'failed', message: 'A server keeps no logits.' } as const;
  const row = reweightRow(panelOf(record), failed, exactly(['B', 0.25], ['A', 0.7]), true);
  expect(row.problem).toBe(
    'A server keeps no logits. The bounds still hold: they need no samples.',
  );
  expect(row.exact).toMatchObject({ name: 'bounded', openWords: '0.050 outside the lists' });
  const gone = { bounds: null, reason: 'nothing-computed' } as const;
  expect(reweightRow(panelOf(record), failed, gone, true).exactProblem).toContain('server listed');
});

test('a server that gave no answers behind its traces is said to count only', () => {
  const base = traced();
  const missing = 'It lists none.';
  const distributions = { branchFloor: 0.001, traces: [], missing };
  const one = { ...base, answerDistributions: distributions };
  expect(estimateRow(one)).toBeNull();
  expect(missingWords(one)?.words).toBe(
    'tiny-sft: counted only, no Rao–Blackwell estimate. It lists none.',
  );
  expect(missingWords(base)).toBeNull();
});
