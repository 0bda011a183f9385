import { describe, expect, it } from 'vitest';
import type { Question } from '../core/types.ts';
import { MEDMNIST, medmnistSet } from './medmnist.ts';
import { buildQuestion, type QuestionSettings } from './questions.ts';

const settings = (change: Partial<QuestionSettings> = {}): QuestionSettings => ({
  kind: 'options',
  index: 0,
  seed: 1,
  ...change,
});

function ask(...args: Parameters<typeof buildQuestion>): Question {
  const outcome = buildQuestion(...args);
  if (outcome.question === null) throw new Error(outcome.reason);
  return outcome.question;
}

describe('multiple choice', () => {
  it('has the truth once among four different options, for every class of every set', () => {
    for (const set of MEDMNIST) {
      set.labels.forEach((name, label) => {
        const question = ask(set.id, [label], settings({ index: label }));
        expect(question.options).toHaveLength(Math.min(4, set.labels.length));
        expect(new Set(question.options).size).toBe(question.options.length);
        expect(question.correctOptions.map((at) => question.options[at])).toEqual([name]);
        expect(question.referenceAnswer).toBeNull();
        expect(question.text).toBe(set.questionText);
      });
    }
  });

  it('is a function of dataset, index and seed', () => {
    const first = ask('bloodmnist', 3, settings());
    expect(ask('bloodmnist', 3, settings())).toEqual(first);
    const others = Array.from({ length: 20 }, (_, i) =>
      ask('bloodmnist', 3, settings({ index: i })),
    );
    expect(new Set(others.map((question) => question.options.join())).size).toBeGreaterThan(10);
    const seeds = Array.from({ length: 20 }, (_, i) => ask('bloodmnist', 3, settings({ seed: i })));
    expect(new Set(seeds.map((question) => question.options.join())).size).toBeGreaterThan(10);
  });

  it('puts the truth everywhere equally often, and every wrong class too', () => {
    const places = [0, 0, 0, 0];
    const wrong = new Map<string, number>();
    const rounds = 4000;
    for (let index = 0; index < rounds; index++) {
      const question = ask('bloodmnist', 3, settings({ index }));
      question.options.forEach((option, at) => {
        if (question.correctOptions.includes(at)) places[at] = (places[at] ?? 0) + 1;
        else wrong.set(option, (wrong.get(option) ?? 0) + 1);
      });
    }
    // within 5 standard deviations of a fair draw
    for (const count of places) expect(Math.abs(count - rounds / 4)).toBeLessThan(140);
    expect(wrong.size).toBe(7);
    for (const count of wrong.values())
      expect(Math.abs(count - (rounds * 3) / 7)).toBeLessThan(160);
  });

  it('gives as many options as asked, at most one per class', () => {
    expect(ask('organamnist', 0, settings({ optionCount: 8 })).options).toHaveLength(8);
    expect(ask('organamnist', 0, settings({ optionCount: 26 })).options).toHaveLength(11);
    expect(ask('octmnist', 0, settings({ optionCount: 2 })).options).toHaveLength(2);
    for (const optionCount of [0, 1, 2.5, 27, Number.NaN]) {
      expect(() => ask('octmnist', 0, settings({ optionCount }))).toThrow(RangeError);
    }
  });

  it('offers one finding that is present and only wrong ones that are absent', () => {
    const { labels } = medmnistSet('chestmnist');
    const present = [0, 2, 3];
    const presentNames = present.map((index) => labels[index]);
    const truths = new Set<string | undefined>();
    for (let index = 0; index < 200; index++) {
      const question = ask('chestmnist', present, settings({ index }));
      const right = question.options.filter((option) => presentNames.includes(option));
      expect(right).toHaveLength(1);
      expect(question.correctOptions.map((at) => question.options[at])).toEqual(right);
      truths.add(right[0]);
    }
    expect(truths.size).toBe(3);
  });
});

describe('images that no question fits', () => {
  it('says why for a chest X-ray without finding, in both kinds', () => {
    for (const kind of ['options', 'free-form'] as const) {
      const outcome = buildQuestion('chestmnist', [], settings({ kind }));
      expect(outcome.question).toBeNull();
      expect(outcome.reason).toContain('none of the 14 findings');
    }
  });

  it('says why where all findings are present, or several for a free-form answer', () => {
    const all = Array.from({ length: 14 }, (_, i) => i);
    expect(buildQuestion('chestmnist', all, settings()).reason).toContain('every finding');
    const two = buildQuestion('chestmnist', [1, 2], settings({ kind: 'free-form' }));
    expect(two.reason).toContain('several findings');
  });

  it('refuses a label that the set does not have', () => {
    expect(() => buildQuestion('breastmnist', 2, settings())).toThrow('BreastMNIST has no class 2');
    expect(() => buildQuestion('breastmnist', -1, settings())).toThrow(RangeError);
    expect(() => buildQuestion('breastmnist', [0, 1], settings())).toThrow('one class');
    expect(() => buildQuestion('breastmnist', [], settings())).toThrow('one class');
  });
});

it('asks free-form for the class name', () => {
  expect(ask('retinamnist', 4, settings({ kind: 'free-form' }))).toEqual({
    text: medmnistSet('retinamnist').questionText,
    options: [],
    correctOptions: [],
    referenceAnswer: 'grade 4',
  });
});
