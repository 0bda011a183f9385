import { describe, expect, it } from 'vitest';
import {
  answerTexts,
  BLOOD_QUESTION,
  FREE_FORM_QUESTION,
  recordOf,
  sampleOf,
} from './record-fixture.ts';
import { tallyAnswers } from './tally.ts';
import { wilsonInterval } from './intervals.ts';

const counts = (texts: readonly string[], question = BLOOD_QUESTION) =>
  tallyAnswers(recordOf(texts).samples, question).outcomes.map((o) => [o.label, o.count]);

describe('tallyAnswers', () => {
  it('lists every option by count, ties in the order of the options', () => {
    expect(counts([...answerTexts('D', 2), ...answerTexts('B', 3)])).toEqual([
      ['eosinophil', 3],
      ['neutrophil', 2],
      ['basophil', 0],
      ['monocyte', 0],
    ]);
  });

  it('keeps unparsed apart, listed only when it occurs', () => {
    expect(counts(['hm', 'hm', '<answer>A</answer>'])[0]).toEqual(['unparsed', 2]);
    expect(counts([]).map(([label]) => label)).not.toContain('unparsed');
  });

  it('gives share, interval, truth and the samples of an outcome', () => {
    const samples = [sampleOf('B', 3), sampleOf('hm', 5), sampleOf('B', 9), sampleOf('C', 11)];
    const { n, answers, outcomes } = tallyAnswers(samples, BLOOD_QUESTION);
    expect(n).toBe(4);
    expect(answers.map(({ answer }) => answer)).toEqual(['B', null, 'B', 'C']);
    expect(outcomes[0]).toEqual({
      answer: 'B',
      label: 'eosinophil',
      count: 2,
      share: 0.5,
      interval: wilsonInterval(2, 4),
      correct: true,
      sampleIndexes: [3, 9],
    });
    expect(outcomes.find(({ answer }) => answer === null)).toMatchObject({
      correct: false,
      sampleIndexes: [5],
    });
    expect(outcomes.reduce((sum, { share }) => sum + share, 0)).toBe(1);
  });

  it('counts free-form answers after normalising', () => {
    const texts = ['<answer>Liver</answer>', '<answer>liver.</answer>', '<answer>Left kidney'];
    const { outcomes } = tallyAnswers(recordOf(texts).samples, FREE_FORM_QUESTION);
    expect(outcomes.map((o) => [o.answer, o.count, o.correct])).toEqual([
      ['liver', 2, false],
      ['left kidney', 1, true],
    ]);
  });

  it('knows no right and wrong without a truth', () => {
    const question = { ...BLOOD_QUESTION, correctOptions: [] };
    const { outcomes } = tallyAnswers(recordOf(['hm', 'A']).samples, question);
    expect(outcomes.map(({ correct }) => correct)).toEqual([null, null, null, null, null]);
  });

  it('has zero shares and open intervals before the first sample', () => {
    const { outcomes } = tallyAnswers([], BLOOD_QUESTION);
    expect(outcomes).toHaveLength(4);
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({ share: 0, interval: { lower: 0, upper: 1 } });
    }
  });
});
