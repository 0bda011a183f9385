import { expect, test } from 'vitest';
import { recordOf } from '../../core/record-fixture.ts';
import { PAPER_RULE, recipeDecision } from '../../core/sets/recipe.ts';
import { runFigures } from '../../core/sets/run-figures.ts';
import { randomOf, simulatedItem } from '../../core/sets/set-fixture.ts';
import { setRun } from '../../storage/set-run-fixture.ts';
import { flowPicture } from './flow-picture.ts';
import { flowSteps } from './flow-steps.ts';
import { recipeFacts } from './recipe-caption.ts';

const random = randomOf(2);
const items = Array.from({ length: 12 }, (_, id) =>
  simulatedItem({ id, probabilities: [0.5, 0.2, 0.2, 0.1], rightOptions: [id % 4] }, random),
);
const figures = runFigures(items, 200);
const decision = recipeDecision(figures.all, PAPER_RULE);
const decisions = [
  { dataset: 'a <b>', items: 12, decision: { ...decision, verdict: 'RL-ready' as const } },
  { dataset: 'c', items: 12, decision: { ...decision, verdict: 'undecided' as const } },
];
const steps = flowSteps(PAPER_RULE, decisions);
const palette = {
  ...{ page: '#ffffff', surface: '#fefefe', ink: '#111111' },
  ...{ inkSoft: '#555555', line: '#cccccc', lineStrong: '#888888' },
};

test('each set ends at its verdict', () => {
  expect(steps.map(({ verdict, sets }) => [verdict, sets])).toEqual([
    ['already sharp', []],
    ['RL-ready', ['a <b>']],
    ['bridge support', []],
    ['undecided', ['c']],
  ]);
});

test('the picture has every word of the steps, and what holds a set has a heavy frame', () => {
  const { markup, width, height } = flowPicture(steps, palette);
  const words = [...markup.matchAll(/<text[^>]*>([^<]*)<\/text>/g)]
    .map(([, text]) => text)
    .join(' ');
  for (const { question, condition, title, advice } of steps) {
    for (const text of [question, condition, title, advice]) {
      expect(words).toContain(text.replaceAll('<', '&lt;').replaceAll('>', '&gt;'));
    }
  }
  expect(words).toContain('a &lt;b&gt;');
  expect(words.match(/no set/g)).toHaveLength(2);
  expect(words.match(/no →/g)).toHaveLength(3);
  expect(markup.match(/stroke="#111111" stroke-width="2"/g)).toHaveLength(2);
  for (const [, x = '', wide = ''] of markup.matchAll(/<rect x="(\d+)" y="\d+" width="(\d+)"/g)) {
    expect(Number(x) + Number(wide)).toBeLessThanOrEqual(width);
  }
  for (const [, y = ''] of markup.matchAll(/<text x="[\d.]+" y="([\d.]+)"/g)) {
    expect(Number(y)).toBeLessThan(height);
  }
});

test('its caption states the run, the rule and the checkpoint; without a run it is of none', async () => {
  const {
    newRun: { run },
  } = await setRun(2);
  const { answerer } = recordOf([]);
  const checkpoint = { checkpointId: 'tiny-sft', items: 12, figures };
  const board = { checkpoint, rule: PAPER_RULE, decisions };
  const { line, full, name } = recipeFacts({
    ...board,
    results: { run: { ...run, answerers: { 'tiny-sft': answerer } } },
  });
  expect(line).toContain('n = 12 items, K = 3');
  expect(name).toBe('Both, "K = 3" tiny-sft');
  expect(full).toEqual([
    'Run “Both, "K = 3"”: a <b> 12 items, c 12 items',
    `Rule: τ = ${String(PAPER_RULE.tau)}, δ = ${String(PAPER_RULE.delta)}, informative k`,
    'Checkpoint: tiny-sft (SFT) abc123, q4',
    'Sampler: K = 3, T 0.7, top-p 0.9, top-k off, min-p off, at most 2048 tokens, seed 123; prompt mode direct',
    'Device: wasm',
    'Nulls: a second seed and wrong images were asked for',
    'Intervals: 95 %, bootstrap over items within each set, 2,000 resamples; a verdict is given where they are sure',
  ]);
  expect(recipeFacts({ ...board, results: { run: null } }).full).toEqual([]);
});
