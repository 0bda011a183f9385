import { describe, expect, it } from 'vitest';
import {
  answerBounds,
  blindBounds,
  entropyBounds,
  imageSupportFromBounds,
  passAtKBounds,
  pCorrectBounds,
} from './answer-bounds.ts';
import { supportAtEpsilon } from './support.ts';
import type { Question } from './types.ts';

const CHOICE: Question = {
  text: 'Which cell is it?',
  options: ['basophil', 'eosinophil', 'platelet'],
  correctOptions: [1],
  referenceAnswer: null,
};
const FREE: Question = { ...CHOICE, options: [], correctOptions: [], referenceAnswer: 'Platelet' };

const masses = new Map<string | null, number>([
  ['B', 0.2],
  [null, 0.1],
  ['A', 0.5],
]);
const bounds = answerBounds(masses, CHOICE);

describe('answerBounds', () => {
  it('lists every option and unparsed, each from its mass to that plus the residual', () => {
    expect(bounds.residual).toBeCloseTo(0.2, 12);
    expect(bounds.answers.map(({ answer, lower }) => [answer, lower])).toEqual([
      ['A', 0.5],
      ['B', 0.2],
      [null, 0.1],
      ['C', 0],
    ]);
    for (const { lower, upper } of bounds.answers) expect(upper).toBeCloseTo(lower + 0.2, 12);
  });

  it('lists only what was seen for free-form', () => {
    expect(answerBounds(new Map([['platelet', 1]]), FREE)).toEqual({
      answers: [{ answer: 'platelet', lower: 1, upper: 1 }],
      residual: 0,
    });
  });

  it('takes a sum that rounding lifts above 1 for 1, and refuses what is no distribution', () => {
    const rounded = answerBounds(new Map([['A', 1 + 1e-14]]), CHOICE);
    expect(rounded).toMatchObject({ residual: 0, answers: [{ lower: 1, upper: 1 }, {}, {}] });
    expect(() => answerBounds(new Map([['A', 1.1]]), CHOICE)).toThrow(RangeError);
    expect(() => answerBounds(new Map([['A', -0.1]]), CHOICE)).toThrow(RangeError);
    expect(() => answerBounds(new Map([['A', NaN]]), CHOICE)).toThrow(RangeError);
  });
});

describe('pCorrectBounds', () => {
  it('adds the residual once, however many answers are right', () => {
    const either = { ...CHOICE, correctOptions: [0, 1] };
    expect(pCorrectBounds(bounds, CHOICE)?.lower).toBeCloseTo(0.2, 12);
    expect(pCorrectBounds(bounds, CHOICE)?.upper).toBeCloseTo(0.4, 12);
    expect(pCorrectBounds(bounds, either)?.lower).toBeCloseTo(0.7, 12);
    expect(pCorrectBounds(bounds, either)?.upper).toBeCloseTo(0.9, 12);
  });

  it('gives an answer that was not seen the residual', () => {
    const seen = answerBounds(new Map([['basophil', 0.75]]), FREE);
    expect(pCorrectBounds(seen, FREE)).toEqual({ lower: 0, upper: 0.25 });
  });

  it('is null without a marked truth, and unparsed is never right', () => {
    expect(pCorrectBounds(bounds, { ...CHOICE, correctOptions: [] })).toBeNull();
    expect(pCorrectBounds(answerBounds(new Map([[null, 1]]), CHOICE), CHOICE)?.upper).toBe(0);
  });

  it('decides support at ε with the rule that intervals have', () => {
    const pCorrect = { lower: 0.2, upper: 0.4 };
    expect(supportAtEpsilon(pCorrect, 0.2)).toBe('yes');
    expect(supportAtEpsilon(pCorrect, 0.3)).toBe('undecided');
    expect(supportAtEpsilon(pCorrect, 0.41)).toBe('no');
  });
});

it('Pass@k bounds are those of p', () => {
  const { lower, upper } = passAtKBounds({ lower: 0.2, upper: 0.4 }, 3);
  expect(lower).toBeCloseTo(1 - 0.8 ** 3, 12);
  expect(upper).toBeCloseTo(1 - 0.6 ** 3, 12);
});

describe('entropyBounds', () => {
  const H = (...ps: number[]): number => ps.reduce((sum, p) => sum - (p ? p * Math.log(p) : 0), 0);

  it('puts the residual on the most probable answer, or levels out the least probable ones', () => {
    const entropy = entropyBounds(bounds, CHOICE);
    expect(entropy?.lower).toBeCloseTo(H(0.7, 0.2, 0.1), 12);
    // 0.2 lifts 0 and 0.1 to 0.15 each.
    expect(entropy?.upper).toBeCloseTo(H(0.5, 0.2, 0.15, 0.15), 12);
  });

  it('contains the entropy of every way to spread the residual', () => {
    const entropy = entropyBounds(bounds, CHOICE);
    for (let a = 0; a <= 10; a += 1) {
      for (let b = 0; a + b <= 10; b += 1) {
        for (let c = 0; a + b + c <= 10; c += 1) {
          const d = 10 - a - b - c;
          const own = H(0.5 + a / 50, 0.2 + b / 50, c / 50, 0.1 + d / 50);
          expect(own).toBeGreaterThanOrEqual((entropy?.lower ?? NaN) - 1e-12);
          expect(own).toBeLessThanOrEqual((entropy?.upper ?? NaN) + 1e-12);
        }
      }
    }
  });

  it('reaches the uniform distribution when nothing is explored, and is a point without residual', () => {
    const nothing = entropyBounds(answerBounds(new Map(), CHOICE), CHOICE);
    expect(nothing?.lower).toBe(0);
    expect(nothing?.upper).toBeCloseTo(Math.log(4), 12);
    const known = entropyBounds(
      answerBounds(
        new Map([
          ['A', 0.5],
          ['B', 0.5],
        ]),
        CHOICE,
      ),
      CHOICE,
    );
    expect(known?.lower).toBeCloseTo(Math.log(2), 12);
    expect(known?.upper).toBeCloseTo(Math.log(2), 12);
  });

  it('is null for free-form, where nothing bounds it', () => {
    expect(entropyBounds(answerBounds(new Map([['platelet', 0.9]]), FREE), FREE)).toBeNull();
  });
});

describe('support by the image', () => {
  const pBlind = blindBounds([
    { lower: 0.1, upper: 0.2 },
    { lower: 0.3, upper: 0.4 },
    { lower: 0, upper: 0.1 },
    { lower: 0.4, upper: 0.5 },
  ]);

  it('has the mean of the wrong images for pBlind, of at least four', () => {
    expect(pBlind.lower).toBeCloseTo(0.2, 12);
    expect(pBlind.upper).toBeCloseTo(0.3, 12);
    expect(() => blindBounds([{ lower: 0, upper: 1 }])).toThrow(RangeError);
  });

  it.each([
    [0.31, 0.4, null, 'yes'],
    [0.25, 0.4, null, 'undecided'],
    [0.1, 0.25, null, 'undecided'],
    [0.1, 0.2, null, 'no'],
    // Chance is above what the wrong images say.
    [0.31, 0.4, 1 / 3, 'undecided'],
    [0.34, 0.4, 1 / 3, 'yes'],
    [0.31, 1 / 3, 1 / 3, 'no'],
  ] as const)(
    'for P(correct) from %d to %d and chance %s is %s',
    (lower, upper, chance, verdict) => {
      expect(imageSupportFromBounds({ lower, upper }, chance, pBlind)).toBe(verdict);
    },
  );

  it('is null where the wrong images were not measured', () => {
    expect(imageSupportFromBounds({ lower: 1, upper: 1 }, 0.25, null)).toBeNull();
  });
});
