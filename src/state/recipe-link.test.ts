import { expect, test } from 'vitest';
import { PAPER_RULE } from '../core/sets/recipe.ts';
import { formatRecipeLink, parseRecipeLink } from './recipe-link.ts';

test('the address of Recipe brings back run, checkpoint and rule', () => {
  const link = { runId: 'r&1', checkpointId: 'tiny-rl', rule: { tau: 0.55, delta: 0.1, k: 8 } };
  expect(formatRecipeLink(link)).toBe(
    '#/recipe?run=r%261&checkpoint=tiny-rl&tau=0.55&delta=0.1&k=8',
  );
  expect(parseRecipeLink(formatRecipeLink(link))).toEqual(link);
  const bare = { runId: null, checkpointId: null, rule: PAPER_RULE };
  expect(formatRecipeLink(bare)).toBe('#/recipe?tau=0.7&delta=0.05');
  expect(parseRecipeLink(formatRecipeLink(bare))).toEqual(bare);
});

test.each(['#/recipe', '#/recipe?tau=7&delta=-1&k=0', '#/recipe?tau=&delta=x&k=1.5'])(
  'the rule of %s is the paper’s',
  (hash) => {
    expect(parseRecipeLink(hash).rule).toEqual(PAPER_RULE);
  },
);
