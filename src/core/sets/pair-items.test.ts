import { describe, expect, it } from 'vitest';
import { answerTexts, BLOOD_QUESTION, nullsOf, recordOf, sampleOf } from '../record-fixture.ts';
import type { ItemRecord } from '../types.ts';
import type { ItemFigures } from './item-figures.ts';
import { pairItems, seedPairs } from './pair-items.ts';
import { figuresOf } from './set-fixture.ts';

const item = (itemId: string, changes: Partial<ItemRecord> = {}): ItemFigures =>
  figuresOf(recordOf(answerTexts('B', 4), { itemId, greedy: sampleOf('B'), ...changes }));

describe('pairItems', () => {
  it('pairs in the order of the parent what both sides have', () => {
    const parents = ['a', 'b', 'c', 'd'].map((id) => item(id));
    const children = ['e', 'd', 'b', 'f', 'g'].map((id) => item(id));
    const { pairs, unpairedParents, unpairedChildren } = pairItems(parents, children);
    expect(pairs.map(({ parent, child }) => [parent.itemId, child.itemId])).toEqual([
      ['b', 'b'],
      ['d', 'd'],
    ]);
    expect(pairs[0]?.child).toBe(children[2]);
    expect([unpairedParents, unpairedChildren]).toEqual([2, 3]);
  });

  it('pairs no item that was asked otherwise or shown otherwise', () => {
    const other = { question: { ...BLOOD_QUESTION, text: 'What is it?' } };
    const image = { ...recordOf([]).image, sha256: 'f'.repeat(64) };
    const children = [item('a', other), item('b', { image }), item('c', { promptMode: 'think' })];
    const result = pairItems(
      ['a', 'b', 'c'].map((id) => item(id)),
      children,
    );
    expect(result.pairs.map(({ parent }) => parent.itemId)).toEqual(['c']);
    expect([result.unpairedParents, result.unpairedChildren]).toEqual([2, 2]);
  });

  it('takes the first of doubles, on either side', () => {
    const [first, second] = [item('a', { samples: [sampleOf('A')] }), item('a')];
    const children = pairItems([item('a')], [first, second]);
    expect(children.pairs.map(({ child }) => child)).toEqual([first]);
    expect([children.unpairedParents, children.unpairedChildren]).toEqual([0, 1]);
    const parents = pairItems([first, second], [item('a')]);
    expect(parents.pairs.map(({ parent }) => parent)).toEqual([first]);
    expect([parents.unpairedParents, parents.unpairedChildren]).toEqual([1, 0]);
  });
});

describe('seedPairs', () => {
  it('pairs an item with itself under the second seed, where that was drawn', () => {
    const nulls = nullsOf(answerTexts('A', 4), ...Array.from({ length: 4 }, () => ['A']));
    const pairs = seedPairs([item('a'), item('b', { nulls })]);
    expect(pairs).toHaveLength(1);
    expect(pairs[0]).toMatchObject({
      parent: { itemId: 'b', greedyCorrect: true, draw: { c: 4 } },
      child: { itemId: 'b', greedyCorrect: true, draw: { c: 0, supportedByImage: false } },
    });
  });
});
