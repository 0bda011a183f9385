import { expect, test } from 'vitest';
import { answerTexts, nullsOf, recordOf, sampleOf } from '../../core/record-fixture.ts';
import { itemFigures } from '../../core/sets/item-figures.ts';
import type { ItemRow } from './evaluate-types.ts';
import { itemQuestion, itemTitle, itemTruth, listItems, type ListChoice } from './item-list.ts';

/** Right samples of four by checkpoint, the greedy answer, and of four with wrong images. */
function row(
  place: number,
  right: Readonly<Record<string, number>>,
  { greedy = 'A', blind = 0, dataset = 'bloodmnist' } = {},
): ItemRow {
  const { image, question } = recordOf([]);
  const source = { ...image, dataset, index: 10 + place };
  const figures = Object.entries(right).map(([id, c]) => {
    const texts = [...answerTexts('B', c), ...answerTexts('A', 4 - c)];
    const wrong = [...answerTexts('B', blind), ...answerTexts('C', 4 - blind)];
    const record = recordOf(texts, {
      image: source,
      greedy: sampleOf(`<answer>${greedy}</answer>`),
      nulls: nullsOf(texts, wrong, wrong, wrong, wrong),
    });
    const own = itemFigures(record);
    if (!own) throw new Error('The fixture has a truth.');
    return [id, own] as const;
  });
  return {
    place,
    item: { itemId: String(place), image: source, question },
    figures: Object.fromEntries(figures),
  };
}

const ROWS = [
  row(0, { base: 2, sft: 4 }, { greedy: 'B' }),
  row(1, { base: 0, sft: 1 }, { blind: 1 }),
  row(2, { base: 4 }),
  row(3, { base: 1, sft: 0 }, { blind: 3, dataset: 'pathmnist' }),
  row(4, {}),
];
const CHOICE: ListChoice = {
  scope: 'all',
  difficulty: 'any',
  sort: 'place',
  judge: 'sft',
  checkpointIds: ['base', 'sft'],
};
const places = (change: Partial<ListChoice>) =>
  listItems(ROWS, { ...CHOICE, ...change }).map(({ place }) => place);

test.each<[ListChoice['sort'], readonly number[]]>([
  ['place', [0, 1, 2, 3, 4]],
  ['hardest', [3, 1, 0, 2, 4]],
  ['easiest', [0, 1, 3, 2, 4]],
  ['wrong-image', [3, 1, 0, 2, 4]],
  ['differing', [0, 1, 3, 2, 4]],
])('sorted by %s, items that lack it come last', (sort, expected) => {
  expect(places({ sort })).toEqual(expected);
});

test.each<[ListChoice['difficulty'], readonly number[]]>([
  ['any', [0, 1, 2, 3, 4]],
  ['never', [3]],
  ['sometimes', [1]],
  ['always', [0]],
  ['hidden', [1]],
  ['greedy-wrong', [1, 3]],
])('%s: those that the judge answered so', (difficulty, expected) => {
  expect(places({ difficulty })).toEqual(expected);
});

test('a data set is a filter, the mean over sets is none; another judge sees otherwise', () => {
  expect(places({ scope: 'pathmnist' })).toEqual([3]);
  expect(places({ scope: 'macro' })).toHaveLength(5);
  expect(places({ judge: 'base', difficulty: 'always' })).toEqual([2]);
});

test('an item is named by its set and row, and by its right answer', () => {
  const [first] = ROWS;
  if (!first) throw new Error('There is a first row.');
  expect(itemTitle(first)).toBe('BloodMNIST 10');
  expect(itemTruth(first)).toBe('eosinophil');
  const { question } = first.item;
  const not = {
    ...first,
    item: { ...first.item, question: { ...question, correctOptions: [0, 2, 3] } },
  };
  expect(itemTruth(not)).toBe('any but eosinophil');
});

test('another split than the usual one is in the name, and a set with questions of its own tells them', () => {
  const [first] = ROWS;
  if (!first) throw new Error('There is a first row.');
  const { item } = first;
  const shown = (image: Partial<typeof item.image>): ItemRow => ({
    ...first,
    item: { ...item, image: { ...item.image, ...image } },
  });
  expect(itemTitle(shown({ split: 'val' }))).toBe('BloodMNIST validation 10');
  expect(itemTitle(shown({ split: 'train', index: null }))).toBe('BloodMNIST training');
  expect(itemQuestion(first)).toBe('');
  const slake = shown({ dataset: 'SLAKE', split: null });
  expect(itemTitle(slake)).toBe('SLAKE 10');
  expect(itemQuestion(slake)).toBe(item.question.text);
  const unmarked = {
    ...slake,
    item: { ...slake.item, question: { ...item.question, correctOptions: [] } },
  };
  expect(itemTruth(unmarked)).toBe('not known');
});
