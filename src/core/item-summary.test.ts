import { describe, expect, it } from 'vitest';
import { summarizeItem } from './item-summary.ts';
import { wilsonInterval } from './intervals.ts';
import {
  answerTexts,
  BLOOD_QUESTION,
  FREE_FORM_QUESTION,
  nullsOf,
  recordOf,
  SAMPLER,
  sampleOf,
} from './record-fixture.ts';

const ELEVEN_FOUR_ONE = [...answerTexts('D', 4), ...answerTexts('B', 11), ...answerTexts('A', 1)];
const majority = (texts: readonly string[]) => summarizeItem(recordOf(texts)).majorityCorrect;

describe('summarizeItem', () => {
  it('gives the per-item table', () => {
    const summary = summarizeItem(
      recordOf(ELEVEN_FOUR_ONE, { greedy: sampleOf('<answer>B</answer>') }),
    );
    expect(summary).toMatchObject({
      n: 16,
      k: 16,
      greedyAnswer: { rule: 'answer-tag', answer: 'B' },
      greedyCorrect: true,
      correctCount: 11,
      sampleAccuracy: 11 / 16,
      pCorrect: wilsonInterval(11, 16),
      uniqueAnswers: 3,
      unparsedShare: 0,
      formatFailure: false,
      majorityCorrect: 1,
    });
    expect(summary.entropy?.plugInNats).toBeCloseTo(0.7774621319109288, 12);
    expect(summary.support).toMatchObject({ seen: true, atK: 1, chance: 0.25 });
  });

  it('draws the Pass@k curve: unbiased, empirical in sample order, chance', () => {
    const { passAtK } = summarizeItem(recordOf(ELEVEN_FOUR_ONE));
    expect(passAtK.map(({ k }) => k)).toEqual([1, 2, 4, 8, 16]);
    expect(passAtK.map(({ empirical }) => empirical)).toEqual([false, false, false, true, true]);
    expect(passAtK[0]?.unbiased).toBeCloseTo(11 / 16, 12);
    // 1 − C(5, 2) / C(16, 2) = 1 − 10 / 120
    expect(passAtK[1]?.unbiased).toBeCloseTo(1 - 10 / 120, 12);
    expect(passAtK[1]?.chance).toBeCloseTo(1 - 0.75 ** 2, 12);
  });

  it('has null for all that needs a truth when there is none', () => {
    const question = { ...BLOOD_QUESTION, correctOptions: [] };
    const summary = summarizeItem(recordOf(ELEVEN_FOUR_ONE, { question, greedy: sampleOf('B') }));
    expect(summary).toMatchObject({
      greedyCorrect: null,
      correctCount: null,
      sampleAccuracy: null,
      pCorrect: null,
      majorityCorrect: null,
      support: null,
      uniqueAnswers: 3,
      greedyAnswer: { answer: 'B' },
    });
    expect(summary.passAtK[4]).toEqual({ k: 16, unbiased: null, empirical: null, chance: null });
    expect(summary.entropy?.plugInNats).toBeGreaterThan(0.7);
  });

  it('has null for all that needs a sample before the first one', () => {
    expect(summarizeItem(recordOf([]))).toMatchObject({
      n: 0,
      greedyAnswer: null,
      greedyCorrect: null,
      correctCount: 0,
      sampleAccuracy: null,
      passAtK: [],
      entropy: null,
      uniqueAnswers: 0,
      unparsedShare: null,
      formatFailure: null,
      majorityCorrect: null,
    });
  });

  it('counts a format failure only when no sample has a tag', () => {
    expect(summarizeItem(recordOf(['B', 'hm'])).formatFailure).toBe(true);
    expect(summarizeItem(recordOf(['B', '<answer>Z</answer>'])).formatFailure).toBe(false);
    expect(summarizeItem(recordOf(['B', 'hm', 'hm', 'C'])).unparsedShare).toBe(0.5);
  });

  it('shares the credit of a tied majority; unparsed has no vote', () => {
    expect(majority(['B', 'A'])).toBe(0.5);
    expect(majority(['B', 'A', 'C'])).toBeCloseTo(1 / 3, 12);
    expect(majority(['B', 'A', 'A'])).toBe(0);
    expect(majority(['hm', 'hm', 'hm', 'B'])).toBe(1);
    expect(majority(['hm'])).toBe(0);
  });

  it('has no chance level for free-form', () => {
    const summary = summarizeItem(
      recordOf(['<answer>liver</answer>', '<answer>left kidney</answer>'], {
        question: FREE_FORM_QUESTION,
        nulls: nullsOf([], ['liver'], ['spleen'], ['liver'], ['liver']),
      }),
    );
    expect(summary.passAtK.map(({ chance }) => chance)).toEqual([null, null]);
    expect(summary.correctCount).toBe(1);
    expect(summary.entropy?.normalized).toBeNull();
    expect(summary.support).toMatchObject({ chance: null, supportedByImage: true });
  });

  it('keeps the K asked for when the run was stopped', () => {
    const summary = summarizeItem(recordOf(answerTexts('B', 5), { sampler: { ...SAMPLER, k: 8 } }));
    expect(summary).toMatchObject({ n: 5, k: 8, support: { atK: null, seen: true } });
    expect(summary.passAtK.map(({ k }) => k)).toEqual([1, 2, 4, 5]);
  });
});
