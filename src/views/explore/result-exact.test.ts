import { expect, test } from 'vitest';
import { answerBounds } from '../../core/answer-bounds.ts';
import { answerTexts, BLOOD_QUESTION, recordOf } from '../../core/record-fixture.ts';
import type { Question } from '../../core/types.ts';
import { DEFAULT_EXACT, type CheckpointBounds } from '../../state/exact-bounds.svelte.ts';
import type { RunGroup } from '../../state/run-groups.ts';
import { withExact } from './result-exact.ts';
import { resultView } from './result-view.ts';

const ID = recordOf([]).answerer.checkpointId;

function groupOf(question: Question, texts: readonly string[]): RunGroup {
  const record = recordOf(texts, { question });
  const one = { record, image: null, origin: 'live' as const, createdAt: '', batch: 1 };
  return { key: '1', first: one, records: [one] };
}

function boundsOf(
  masses: readonly (readonly [string | null, number])[],
  changes: Partial<CheckpointBounds> = {},
): CheckpointBounds {
  const bounds = answerBounds(new Map(masses), BLOOD_QUESTION);
  return {
    checkpointId: ID,
    knobs: DEFAULT_EXACT,
    phase: 'epsilon',
    progress: { bounds, passes: 1, nodes: 1, leaves: 1, elapsedMs: 1 },
    error: null,
    ...changes,
  };
}

const group = groupOf(BLOOD_QUESTION, answerTexts('A', 16));
const view = resultView(group);
const of = (...bounds: readonly CheckpointBounds[]) => withExact(view, group, bounds);

test('bars get the bounds, and the right option that no sample said has its row and its mass', () => {
  const { bars, answers } = of(
    boundsOf([
      ['A', 0.75],
      ['B', 0.125],
      ['C', 0.125],
    ]),
  );
  expect(bars[0]?.exact?.residual).toBe(0);
  const truth = answers.find(({ correct }) => correct === true);
  expect(truth?.key).toBe('B');
  expect(bars[0]?.outcomes.find(({ answer }) => answer === 'B')?.count).toBe(0);
  expect(bars[0]?.exact?.answers.find(({ answer }) => answer === 'B')?.lower).toBe(0.125);
});

test('the curve is that of P(right), from its lower bound to the residual above it', () => {
  const { curves } = of(
    boundsOf([
      ['A', 0.25],
      ['B', 0.5],
    ]),
  );
  const [first, second] = curves[0]?.exact ?? [];
  expect(first).toEqual({ k: 1, lower: 0.5, upper: 0.75 });
  expect(second?.lower).toBeCloseTo(1 - 0.5 ** 2, 12);
  expect(second?.upper).toBeCloseTo(1 - 0.25 ** 2, 12);
  expect(curves[0]?.exact?.map(({ k }) => k)).toEqual(curves[0]?.points.map(({ k }) => k));
});

test('bounds that say nothing are not drawn, and the caption says why once they have ended', () => {
  const wide = boundsOf([['B', 0.03]], { phase: 'budget' });
  const ended = of(wide);
  expect([ended.bars[0]?.exact, ended.curves[0]?.exact]).toEqual([undefined, undefined]);
  expect(ended.facts.exact).toBe(`exact not drawn: too much unexplored (${ID} 0.97)`);
  expect(of({ ...wide, phase: 'running' }).facts.exact).toBe('');
  expect(of(boundsOf([], { progress: null, phase: 'waiting' })).facts.exact).toBe('');
});

test('bounds of another checkpoint are not this one’s; without a truth there is no curve', () => {
  const exact = boundsOf([['B', 1]]);
  expect(of({ ...exact, checkpointId: 'other' }).bars[0]?.exact).toBeUndefined();
  const truthless = groupOf({ ...BLOOD_QUESTION, correctOptions: [] }, answerTexts('A', 4));
  const shown = withExact(resultView(truthless), truthless, [exact]);
  expect(shown.bars[0]?.exact).toBeDefined();
  expect(shown.curves[0]?.exact).toBeUndefined();
});

test('the charts call bounds from a server’s lists bounded, drawn or not', () => {
  const listed = { reading: 'first-letter', alternatives: 20, answers: 16, caution: null } as const;
  const lists = (mass: number) => {
    const one = boundsOf([['B', mass]], { phase: 'listed' });
    return { ...one, progress: one.progress && { ...one.progress, listed } };
  };
  expect(of(lists(0.9)).facts.boundsName).toBe('bounded');
  expect(of(boundsOf([['B', 0.9]])).facts.boundsName).toBe('exact');
  expect(of(lists(0.1)).facts.exact).toBe(
    `bounds not drawn: too much outside the lists (${ID} 0.90)`,
  );
});
