import { describe, expect, it } from 'vitest';
import { newcombeDifference } from './intervals.ts';
import { summarizeNulls } from './null-summary.ts';
import { answerTexts, BLOOD_QUESTION, nullsOf, recordOf } from './record-fixture.ts';
import { secondSeed } from './seed-null.ts';
import { blindEstimate, samplesPerWrongImage, wrongImageStreams } from './wrong-image.ts';

/** Four samples, c of them right. */
const four = (c: number) => [...answerTexts('B', c), ...answerTexts('D', 4 - c)];
const MAIN = [...answerTexts('B', 8), ...answerTexts('A', 8)];
const nulls = nullsOf(
  [...answerTexts('B', 4), ...answerTexts('C', 12)],
  four(0),
  four(1),
  four(4),
  four(0),
);

describe('what a run asks for', () => {
  it('has a second seed that is another one and stays in 32 bits', () => {
    expect(secondSeed(7)).toBe(1_000_010);
    expect(secondSeed(2 ** 32 - 1)).toBe(1_000_002);
  });

  it('asks each wrong image for a quarter of K, at least four', () => {
    expect([1, 16, 17, 64, 1024].map(samplesPerWrongImage)).toEqual([4, 4, 5, 16, 256]);
  });

  it('gives every wrong image streams of its own', () => {
    const ids = ['a/test/1', 'a/test/2'].map((id) => wrongImageStreams('a/test/0', id));
    expect(new Set([...ids, 'a/test/0', 'a/test/1', 'a/test/2']).size).toBe(5);
  });
});

describe('summarizeNulls', () => {
  it('counts the second seed and sets it against the first', () => {
    const summary = summarizeNulls(recordOf(MAIN, { nulls }));
    expect(summary?.secondSeed).toMatchObject({
      correctCount: 4,
      tally: { n: 16 },
      difference: newcombeDifference({ c: 8, n: 16 }, { c: 4, n: 16 }),
    });
    expect(summary?.secondSeed?.passAtK.map(({ k }) => k)).toEqual([1, 2, 4, 8, 16]);
  });

  it('takes the mean of the wrong images, and their curve only as far as each was asked', () => {
    const summary = summarizeNulls(recordOf(MAIN, { nulls }));
    const counts = [0, 1, 4, 0].map((c) => ({ c, n: 4 }));
    expect(summary?.wrongImages).toMatchObject({
      images: 4,
      correctCount: 5,
      tally: { n: 16 },
      pBlind: blindEstimate(counts),
    });
    // k = 2: 1 − C(3, 2) / C(4, 2) = 0.5 for one right of four; 0, 1 and 0 for the others.
    expect(summary?.wrongImages?.passAtK).toEqual([
      { k: 1, value: 0.3125 },
      { k: 2, value: 0.375 },
      { k: 4, value: 0.5 },
    ]);
  });

  it('estimates nothing from fewer than four images, and keeps what was answered', () => {
    const few = nullsOf([], four(1), four(2), four(0), []);
    const summary = summarizeNulls(recordOf(MAIN, { nulls: few }));
    expect(summary?.secondSeed).toBeNull();
    expect(summary?.wrongImages).toMatchObject({ images: 3, correctCount: 3, pBlind: null });
  });

  it('has the distributions only without a truth, and nothing where nothing was asked', () => {
    const question = { ...BLOOD_QUESTION, correctOptions: [] };
    const summary = summarizeNulls(recordOf(MAIN, { nulls, question }));
    expect(summary?.secondSeed).toMatchObject({
      correctCount: null,
      passAtK: [],
      difference: null,
    });
    expect(summary?.wrongImages).toMatchObject({ correctCount: null, passAtK: [], pBlind: null });
    expect(summary?.wrongImages?.tally.n).toBe(16);
    expect(summarizeNulls(recordOf(MAIN))).toBeNull();
    const none = { drawn: null, reason: 'No set.' };
    expect(
      summarizeNulls(recordOf(MAIN, { nulls: { secondSeed: none, wrongImages: none } })),
    ).toMatchObject({ wrongImages: null, wrongImagesReason: 'No set.' });
  });
});
