import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { BUILT_IN_CHECKPOINTS } from './checkpoints.ts';

interface Recipe {
  readonly kind: string;
  readonly parent: string;
  readonly on?: readonly string[];
}

const recipeOf = (id: string): Recipe =>
  JSON.parse(
    readFileSync(new URL(`../../recipes/train/configs/${id}.json`, import.meta.url), 'utf8'),
  ) as Recipe;

test('stage, and the sets that RL was run on, are those of the recipes', () => {
  for (const { id, stage, rlOn } of BUILT_IN_CHECKPOINTS) {
    const { kind, on = [] } = recipeOf(id);
    expect(kind, id).toBe(stage === 'rl' ? 'grpo' : 'sft');
    expect([...(rlOn ?? [])].sort(), id).toEqual(kind === 'grpo' ? [...on].sort() : []);
  }
  expect(BUILT_IN_CHECKPOINTS.find(({ id }) => id === 'tiny-rl-one')?.rlOn).toEqual([
    'organamnist',
  ]);
});

test('the parent of an RL run is the one of its recipe', () => {
  for (const { id, stage, parent } of BUILT_IN_CHECKPOINTS) {
    if (stage === 'rl') expect(parent, id).toBe(recipeOf(id).parent);
  }
});
