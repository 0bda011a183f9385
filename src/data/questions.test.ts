import { describe, expect, it } from 'vitest';
import { validateQuestion } from '../core/validate.ts';
import type { Question } from '../core/types.ts';
import { MEDMNIST, medmnistSet } from './medmnist.ts';
import {
  buildQuestion,
  kindOfQuestion,
  QUESTION_KINDS,
  type QuestionSettings,
} from './questions.ts';

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

/** The class that a yes-or-no question asks about. */
function namedIn(question: Question): string {
  const name = /Is it: (.+)\?$/.exec(question.text)?.[1];
  if (name === undefined) throw new Error(`No class is named in: ${question.text}`);
  return name;
}

const rightTexts = (question: Question) =>
  question.correctOptions.map((at) => question.options[at]);

describe('yes or no', () => {
  const yesNo = (change: Partial<QuestionSettings> = {}) => settings({ kind: 'yes-no', ...change });

  it('names a class and offers yes and no, one of them right, for every class of every set', () => {
    for (const set of MEDMNIST) {
      set.labels.forEach((name, label) => {
        const question = ask(set.id, [label], yesNo({ index: label }));
        const named = namedIn(question);
        expect(set.labels).toContain(named);
        expect(question.text).toBe(`${set.questionText} Is it: ${named}?`);
        expect(question.options.toSorted()).toEqual(['no', 'yes']);
        expect(rightTexts(question)).toEqual([named === name ? 'yes' : 'no']);
        expect(question.referenceAnswer).toBeNull();
      });
    }
  });

  it('is right with yes half of the time, in either place, and names wrong classes equally', () => {
    const rounds = 4000;
    const right = { yes: 0, no: 0 };
    const places = new Map<string, number>();
    const wrong = new Map<string, number>();
    for (let index = 0; index < rounds; index++) {
      const question = ask('bloodmnist', 3, yesNo({ index }));
      const word = rightTexts(question)[0] === 'yes' ? 'yes' : 'no';
      right[word] += 1;
      const place = `${word} at ${String(question.correctOptions[0])}`;
      places.set(place, (places.get(place) ?? 0) + 1);
      if (word === 'no') {
        const named = namedIn(question);
        wrong.set(named, (wrong.get(named) ?? 0) + 1);
      }
    }
    // within 5 standard deviations of a fair draw
    expect(Math.abs(right.yes - rounds / 2)).toBeLessThan(158);
    expect(places.size).toBe(4);
    for (const count of places.values()) expect(Math.abs(count - rounds / 4)).toBeLessThan(137);
    expect(wrong.size).toBe(7);
    for (const count of wrong.values()) {
      expect(Math.abs(count - right.no / 7)).toBeLessThan(79);
    }
  });

  it('asks about findings that are present as often as about absent ones', () => {
    const { labels } = medmnistSet('chestmnist');
    const present = [0, 2, 3];
    let yes = 0;
    const named = new Set<string>();
    for (let index = 0; index < 1000; index++) {
      const question = ask('chestmnist', present, yesNo({ index }));
      const name = namedIn(question);
      const isPresent = present.some((at) => labels[at] === name);
      expect(rightTexts(question)).toEqual([isPresent ? 'yes' : 'no']);
      yes += isPresent ? 1 : 0;
      named.add(name);
    }
    expect(Math.abs(yes - 500)).toBeLessThan(80);
    expect(named.size).toBe(14);
  });

  it('can be asked of a chest X-ray with no finding, and with every one', () => {
    const all = Array.from({ length: 14 }, (_, i) => i);
    for (let index = 0; index < 20; index++) {
      expect(rightTexts(ask('chestmnist', [], yesNo({ index })))).toEqual(['no']);
      expect(rightTexts(ask('chestmnist', all, yesNo({ index })))).toEqual(['yes']);
    }
  });
});

describe('which is it not', () => {
  const not = (change: Partial<QuestionSettings> = {}) => settings({ kind: 'not', ...change });

  it('offers what "which is it" offers, everything but the truth being right', () => {
    for (const set of MEDMNIST) {
      set.labels.forEach((name, label) => {
        const question = ask(set.id, [label], not({ index: label }));
        expect(question.text).toBe(`${set.questionText} Choose one that it is not.`);
        expect(question.options).toEqual(ask(set.id, [label], settings({ index: label })).options);
        expect(question.options).toHaveLength(Math.min(4, set.labels.length));
        expect(rightTexts(question)).toEqual(question.options.filter((option) => option !== name));
        expect(question.correctOptions).toHaveLength(question.options.length - 1);
        expect(validateQuestion(question)).toEqual([]);
      });
    }
  });

  it('has one present finding among absent ones of a chest X-ray', () => {
    const { labels } = medmnistSet('chestmnist');
    const present = [0, 2, 3].map((at) => labels[at]);
    for (let index = 0; index < 100; index++) {
      const question = ask('chestmnist', [0, 2, 3], not({ index }));
      expect(question.correctOptions).toHaveLength(3);
      for (const option of rightTexts(question)) expect(present).not.toContain(option);
    }
  });
});

it('is a function of dataset, index, seed and kind, and every question is valid', () => {
  for (const kind of QUESTION_KINDS) {
    const first = ask('bloodmnist', 3, settings({ kind }));
    expect(ask('bloodmnist', 3, settings({ kind }))).toEqual(first);
    expect(validateQuestion(first)).toEqual([]);
    expect(kindOfQuestion(first)).toBe(kind);
    if (kind === 'free-form') continue;
    const drawn = Array.from({ length: 20 }, (_, seed) =>
      JSON.stringify(ask('bloodmnist', 3, settings({ kind, seed }))),
    );
    expect(new Set(drawn).size).toBeGreaterThan(kind === 'yes-no' ? 5 : 10);
  }
});

it('asks as it always did: the question of the recorded run that ships with the page', () => {
  const question = ask('bloodmnist', 3, settings({ index: 303, seed: 0 }));
  expect(question.options).toEqual(['monocyte', 'immature granulocyte', 'basophil', 'platelet']);
  expect(question.correctOptions).toEqual([1]);
});

describe('images that no question fits', () => {
  it('says why for a chest X-ray without finding', () => {
    for (const kind of ['options', 'not', 'free-form'] as const) {
      const outcome = buildQuestion('chestmnist', [], settings({ kind }));
      expect(outcome.question).toBeNull();
      expect(outcome.reason).toContain('none of the 14 findings');
    }
  });

  it('says why where all findings are present, or several for a free-form answer', () => {
    const all = Array.from({ length: 14 }, (_, i) => i);
    for (const kind of ['options', 'not'] as const) {
      const outcome = buildQuestion('chestmnist', all, settings({ kind }));
      expect(outcome.reason).toContain('every finding');
    }
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
