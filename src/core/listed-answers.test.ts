import { expect, test } from 'vitest';
import { drawToy, END, LETTERS, uniformsOf } from '../../test/support/served-toy.ts';
import { boundOf } from './answer-bounds.ts';
import { listedAnswerBounds, type ListedAnswer } from './listed-answers.ts';
import { BLOOD_QUESTION } from './record-fixture.ts';

const PLAIN = { temperature: 1, topK: 0, topP: 1, minP: 0 };

/** Answers of the toy, of which so many alternatives are listed. */
function answersOf(count: number, listed: number, temperature = 1): ListedAnswer[] {
  const knobs = { ...PLAIN, temperature, maxTokens: 8 };
  return Array.from({ length: count }, (_, seed) =>
    drawToy('direct', knobs, uniformsOf(seed + 1)).map(({ text, listed: all }) => ({
      text,
      added: text === END ? '' : text,
      listed: all.slice(0, listed),
    })),
  );
}

/** P(answer): both openings lead to a letter; `(` and `Neither` parse to none. */
const truth = new Map(LETTERS.slice(0, 4));

test('whole texts give certain bounds, exact once every text was drawn', () => {
  const some = listedAnswerBounds(answersOf(4, 6), PLAIN, BLOOD_QUESTION, 'whole-text');
  const many = listedAnswerBounds(answersOf(600, 6), PLAIN, BLOOD_QUESTION, 'whole-text');
  for (const [letter, p] of truth) {
    for (const bounds of [some, many]) {
      expect(boundOf(bounds, letter).lower).toBeLessThanOrEqual(p + 1e-12);
      expect(boundOf(bounds, letter).upper).toBeGreaterThanOrEqual(p - 1e-12);
    }
    expect(boundOf(many, letter).lower).toBeCloseTo(p, 12);
  }
  expect(some.residual).toBeGreaterThan(0.01);
  expect(many.residual).toBeCloseTo(0, 9);
});

test('first letters give the options from one answer, with what is not listed as residual', () => {
  const one = answersOf(1, 3);
  const bounds = listedAnswerBounds(one, PLAIN, BLOOD_QUESTION, 'first-letter');
  // P(<answer>) is 0.9; D is not among the three that are listed.
  expect(boundOf(bounds, 'A').lower).toBeCloseTo(0.9 * 0.5, 12);
  expect(boundOf(bounds, 'B').lower).toBeCloseTo(0.9 * 0.3, 12);
  expect(boundOf(bounds, 'C').lower).toBeCloseTo(0.9 * 0.12, 12);
  expect(boundOf(bounds, 'D').lower).toBe(0);
  expect(bounds.residual).toBeCloseTo(1 - 0.9 * 0.92, 12);
  for (const [letter, p] of truth) expect(boundOf(bounds, letter).upper).toBeGreaterThan(p);
});

test('answers drawn hot bound the cool policy too', () => {
  const cool = { temperature: 0.5, topK: 0, topP: 0.95, minP: 0 };
  const bounds = listedAnswerBounds(answersOf(50, 6, 2), cool, BLOOD_QUESTION, 'first-letter');
  // p² of A, B and C reach 0.95 before D; so does `<answer>` alone.
  const sum = 0.5 ** 2 + 0.3 ** 2;
  expect(boundOf(bounds, 'A').lower).toBeCloseTo(0.5 ** 2 / sum, 9);
  expect(boundOf(bounds, 'C').lower).toBe(0);
  expect(bounds.residual).toBeCloseTo(0, 9);
});

test('the same answer counts once', () => {
  const [answer] = answersOf(1, 6);
  if (!answer) throw new Error('no answer');
  for (const reading of ['whole-text', 'first-letter'] as const) {
    expect(listedAnswerBounds([answer, answer], PLAIN, BLOOD_QUESTION, reading)).toEqual(
      listedAnswerBounds([answer], PLAIN, BLOOD_QUESTION, reading),
    );
  }
});

test('a drawn token that is not listed adds nothing', () => {
  const listed = [{ text: '<answer>A', logProb: -0.1 }];
  const answer = [{ text: '<answer>D', added: '<answer>D', listed }];
  const bounds = listedAnswerBounds([answer], PLAIN, BLOOD_QUESTION, 'whole-text');
  expect(bounds.residual).toBe(1);
});
