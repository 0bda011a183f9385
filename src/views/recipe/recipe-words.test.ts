import { describe, expect, test } from 'vitest';
import { PAPER_RULE, recipeDecision, type RecipeDecision } from '../../core/sets/recipe.ts';
import { rlSet } from '../../core/sets/rl-set.ts';
import { runFigures } from '../../core/sets/run-figures.ts';
import { randomOf, simulatedItem } from '../../core/sets/set-fixture.ts';
import { kWords, leftOutWords, neededWords, noSftWords, rawRuleWords } from './recipe-words.ts';

const random = randomOf(2);
const items = Array.from({ length: 12 }, (_, id) =>
  simulatedItem({ id, probabilities: [0.5, 0.2, 0.2, 0.1], rightOptions: [id % 4] }, random),
);
const decision = recipeDecision(runFigures(items, 200).all, PAPER_RULE);

describe('what would decide it', () => {
  const undecided = (change: Partial<RecipeDecision>): RecipeDecision => ({
    ...decision,
    ...{ verdict: 'undecided', itemsNeeded: null, samplesNeeded: null, missing: 'Open.' },
    ...change,
  });

  test('says how many items are missing and how many samples', () => {
    expect(neededWords(undecided({ itemsNeeded: 50 }), 12)).toBe(
      'Open. Needs about 38 more items, 50 in all.',
    );
    expect(neededWords(undecided({ samplesNeeded: 11 }), 12)).toBe(
      'Open. Needs at least 11 samples per item.',
    );
    expect(neededWords(undecided({}), 12)).toBe('Open.');
  });

  test('a set that has fewer items cannot decide it', () => {
    const needed = undecided({ itemsNeeded: 2044 });
    expect(neededWords(needed, 40, 'breastmnist')).toBe(
      'Open. Needs about 2044 items, more than the set has (156 test images): this set cannot decide it.',
    );
    expect(neededWords(needed, 40, 'bloodmnist')).toBe(
      'Open. Needs about 2004 more items, 2044 in all.',
    );
  });

  test('is nothing where it is decided', () => {
    expect(neededWords({ ...undecided({}), verdict: 'RL-ready' }, 12)).toBe('');
  });

  test('the raw rule and the k', () => {
    expect(rawRuleWords({ ...decision, rawRule: 'RL' })).toBe('S ≥ τ: RL');
    expect(rawRuleWords({ ...decision, rawRule: null })).toBe('not known');
    expect([kWords(PAPER_RULE), kWords({ ...PAPER_RULE, k: 8 })]).toEqual([
      'informative k',
      'k = 8',
    ]);
  });
});

test('test items are refused, and so are those without a split or without a difference', () => {
  const of = (split: 'train' | 'test' | null, c: number) => {
    const [item] = items;
    if (!item) throw new Error('There are items.');
    const figures = { ...item, split, draw: { ...item.draw, n: 16, c } };
    const question = { text: '', options: [], correctOptions: [], referenceAnswer: 'a' };
    return { figures, question, index: 0, imagePath: '' };
  };
  const set = rlSet(
    [of('test', 4), of(null, 4), of('train', 16), of('train', 0), of('train', 4)],
    null,
  );
  expect(set.chosen.length).toBe(1);
  expect(leftOutWords(set).map((line) => line.slice(0, 30))).toEqual([
    '1 item of a test split: a mode',
    '1 item of unknown split, which',
    '1 item that it always gets rig',
    '1 item that it never gets righ',
  ]);
  expect(leftOutWords(rlSet([of('train', 4)], null))).toEqual([]);
  expect(noSftWords(set)).toBe('');
  expect(noSftWords(rlSet([of('test', 0)], null))).toMatch(/this run has test images only/);
  expect(noSftWords(rlSet([of('test', 0), of('train', 4)], null))).toMatch(/none is never right/);
});
