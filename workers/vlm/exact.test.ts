/** The expansion against trees whose distribution is known: by hand, and from walking every text. */

import { expect, test } from 'vitest';
import type { Question } from '../../src/core/types.ts';
import { ToyEngine, toyLogits } from '../../test/support/toy-engine.ts';
import { AnswerTree, type AnswerMasses } from './answer-tree.ts';
import { expandExactly, type ExactOptions, type ExactProgress } from './exact.ts';
import { policyOf, type PolicySettings } from './policy.ts';

const OPEN: PolicySettings = { temperature: 1, topK: 0, topP: 1, minP: 0 };
const QUESTION: Question = {
  text: '',
  options: ['first', 'second', 'third'],
  correctOptions: [0],
  referenceAnswer: null,
};
/** Token 0 ends; `(A` and what like it is parsed from the first capital letter. */
const VOCABULARY = ['', '(A', '(B', '(C', ' no', '</answer>'];
const MAX_NEW_TOKENS = 5;
const WIDE = 2 ** 40;

const logitsOf = (prefix: readonly number[]) => toyLogits(prefix, VOCABULARY.length);

interface Run {
  readonly options?: Partial<ExactOptions>;
  readonly logitsOf?: (prefix: readonly number[]) => Float32Array;
  readonly given?: readonly number[];
  readonly logitsBytes?: number;
}

async function expand({ options, given = [], logitsBytes = WIDE, ...rest }: Run = {}) {
  const engine = new ToyEngine(VOCABULARY, rest.logitsOf ?? logitsOf);
  const prompt = await engine.prefill();
  const start = given.length > 0 ? await engine.extend(prompt.cache, given) : prompt;
  const maxNewTokens = options?.maxNewTokens ?? MAX_NEW_TOKENS;
  const tree = new AnswerTree(engine, {
    question: QUESTION,
    maxNewTokens,
    givenTokenIds: given,
    logitsBytes,
  });
  const heldBefore = engine.liveCaches;
  const result = await expandExactly(engine, start, tree, {
    policy: OPEN,
    maxNewTokens,
    epsilon: 0,
    nodeBudget: Infinity,
    maxRows: 256,
    memoryBytes: WIDE,
    onPass: () => Promise.resolve(true),
    ...options,
  });
  expect(engine.liveCaches).toBe(heldBefore);
  const ownBytes =
    engine.peakBytes - prompt.cache.sizeBytes - (given.length > 0 ? start.cache.sizeBytes : 0);
  return { engine, tree, ownBytes, ...result };
}

/** Walks every text from the definition: no heap, no cache, no tree. */
function walk(
  policy: PolicySettings,
  prefix: readonly number[] = [],
  mass = 1,
  masses: AnswerMasses = new Map(),
  maxNewTokens = MAX_NEW_TOKENS,
): AnswerMasses {
  const last = prefix.at(-1);
  if (last === 0 || last === 5 || prefix.length >= maxNewTokens) {
    const letter = prefix.find((id) => id >= 1 && id <= 3);
    const answer = letter === undefined ? null : 'ABC'.charAt(letter - 1);
    masses.set(answer, (masses.get(answer) ?? 0) + mass);
    return masses;
  }
  policyOf(logitsOf(prefix), policy).probabilities.forEach((p, id) => {
    if (p > 0) walk(policy, [...prefix, id], mass * p, masses, maxNewTokens);
  });
  return masses;
}

const sum = (masses: AnswerMasses): number => [...masses.values()].reduce((a, b) => a + b, 0);

function expectSame(masses: AnswerMasses | null, expected: AnswerMasses): void {
  expect(masses).not.toBeNull();
  expect(new Set(masses?.keys())).toEqual(new Set(expected.keys()));
  for (const [answer, mass] of expected) {
    expect(Math.abs((masses?.get(answer) ?? NaN) - mass)).toBeLessThan(1e-9);
  }
}

const POLICIES: readonly PolicySettings[] = [
  OPEN,
  { ...OPEN, temperature: 0.5 },
  { ...OPEN, temperature: 1.7 },
  { ...OPEN, topP: 0.7 },
  { ...OPEN, topK: 2 },
  { ...OPEN, minP: 0.3 },
  { temperature: 0.8, topK: 4, topP: 0.9, minP: 0.05 },
  { ...OPEN, temperature: 0 },
];

/**
 * By hand, two tokens long: the first is `(A`, ` no`, `(B` or the end, by e² : e : √e : 1. After `(A`
 * and `(B` the answer closes; after ` no` comes `(C` or `(A` by e : 1, which the limit ends.
 */
function handMade(prefix: readonly number[]): Float32Array {
  const never = -1e30;
  const table: Record<string, readonly number[]> = {
    '': [0, 2, 0.5, never, 1, never],
    '4': [never, 0, never, 1, never, never],
  };
  return Float32Array.from(table[prefix.join()] ?? [never, never, never, never, never, 0]);
}
const { E } = Math;
const FIRST = E ** 2 + E + Math.sqrt(E) + 1;

test('a tree made by hand has the distribution worked out by hand', async () => {
  const { masses, status, nodes, leaves } = await expand({
    logitsOf: handMade,
    options: { maxNewTokens: 2 },
  });
  const expected = new Map<string | null, number>([
    ['A', (E ** 2 + E / (E + 1)) / FIRST],
    ['B', Math.sqrt(E) / FIRST],
    ['C', (E * E) / (E + 1) / FIRST],
    [null, 1 / FIRST],
  ]);
  expectSame(masses, expected);
  expect({ status, nodes, leaves }).toEqual({ status: 'epsilon', nodes: 3, leaves: 5 });
});

test('best first: row by row a budget is spent on the most probable prefixes', async () => {
  const answersAfter = async (nodeBudget: number) => {
    const options = { maxNewTokens: 3, maxRows: 1, nodeBudget };
    const { masses } = await expand({ logitsOf: handMade, options });
    return [...masses.keys()];
  };
  // `(A` (e²), ` no` (e), then ` no(C` (e² / (e + 1)) before `(B` (√e); the end comes last, and free.
  expect(await answersAfter(1)).toEqual(['A']);
  expect(await answersAfter(2)).toEqual(['A']);
  expect(await answersAfter(3)).toEqual(['A', 'C']);
  expect(await answersAfter(4)).toEqual(['A', 'C', 'B', null]);
});

test.each(POLICIES)(
  'the whole tree has the distribution of every text, with %j',
  async (policy) => {
    const { masses, status } = await expand({ options: { policy } });
    expectSame(masses, walk(policy));
    expect(status).toBe('epsilon');
  },
);

test('greedy is one answer for certain', async () => {
  const { masses, nodes } = await expand({ options: { policy: { ...OPEN, temperature: 0 } } });
  expect([...masses.values()]).toEqual([1]);
  expect(nodes).toBeLessThan(MAX_NEW_TOKENS);
});

test.each([0.3, 0.05, 1e-3])(
  'ends below ε = %d, with bounds that hold the truth',
  async (epsilon) => {
    const truth = walk(OPEN);
    let least = 0;
    const { masses, status } = await expand({
      options: {
        epsilon,
        onPass: ({ masses: now }) => {
          const explored = sum(now);
          expect(explored).toBeGreaterThanOrEqual(least);
          expect(explored).toBeLessThanOrEqual(1 - epsilon);
          least = explored;
          return Promise.resolve(true);
        },
      },
    });
    const residual = 1 - sum(masses);
    expect(status).toBe('epsilon');
    expect(residual).toBeLessThan(epsilon);
    for (const [answer, mass] of truth) {
      const lower = masses.get(answer) ?? 0;
      expect(lower).toBeLessThanOrEqual(mass + 1e-12);
      expect(mass).toBeLessThanOrEqual(lower + residual + 1e-12);
    }
  },
);

test.each([0.1, 0.01])(
  'for ε = %d passes of many rows run no node that one row would not',
  async (epsilon) => {
    const alone = await expand({ options: { epsilon, maxRows: 1 } });
    const together = await expand({ options: { epsilon } });
    expect(together.nodes).toBeLessThanOrEqual(alone.nodes);
    expect(together.passes).toBeLessThan(alone.passes / 2);
    expect(Math.max(...alone.engine.calls.map(({ rows }) => rows))).toBe(1);
  },
);

test('the budget limits the prefixes that are run, and what they ended is still found', async () => {
  for (const nodeBudget of [0, 1, 7, 40]) {
    const { engine, nodes, status } = await expand({ options: { nodeBudget, epsilon: 1e-6 } });
    expect({ nodes, status }).toEqual({ nodes: nodeBudget, status: 'budget' });
    expect(engine.calls.reduce((rows, call) => rows + call.rows, 0)).toBe(nodeBudget);
  }
  // One node, `(A`; its only child closes the answer and costs nothing.
  const one = await expand({ logitsOf: handMade, options: { nodeBudget: 1, maxNewTokens: 3 } });
  expectSame(one.masses, new Map([['A', E ** 2 / FIRST]]));
});

test('a stop keeps what there is; an error leaves no cache behind', async () => {
  let passes = 0;
  const progress: ExactProgress[] = [];
  const stopped = await expand({
    options: {
      maxRows: 2,
      onPass: (now) => {
        progress.push({ ...now, masses: new Map(now.masses) });
        passes += 1;
        return Promise.resolve(passes <= 20);
      },
    },
  });
  expect(stopped.status).toBe('stopped');
  expect(passes).toBe(21);
  expect(stopped).toMatchObject(progress.at(-1) ?? {});
  expect(sum(stopped.masses)).toBeGreaterThan(0);

  const engine = new ToyEngine(VOCABULARY, (prefix) =>
    prefix.length === 3 ? Float32Array.from(VOCABULARY, () => NaN) : logitsOf(prefix),
  );
  const start = await engine.prefill();
  const tree = new AnswerTree(engine, {
    question: QUESTION,
    maxNewTokens: 5,
    givenTokenIds: [],
    logitsBytes: WIDE,
  });
  const failing = expandExactly(engine, start, tree, {
    policy: OPEN,
    maxNewTokens: 5,
    epsilon: 0,
    nodeBudget: Infinity,
    maxRows: 4,
    memoryBytes: WIDE,
    onPass: () => Promise.resolve(true),
  });
  await expect(failing).rejects.toThrow(/not numbers/);
  expect(engine.liveCaches).toBe(1);
});

test('memory is bounded: what has no room stays unexplored, and the bounds stay right', async () => {
  const truth = walk(OPEN);
  const whole = await expand();
  const memoryBytes = whole.ownBytes / 8;
  const tight = await expand({ options: { memoryBytes } });
  expect(tight.ownBytes).toBeLessThanOrEqual(memoryBytes);
  expect(tight.status).toBe('memory');
  const residual = 1 - sum(tight.masses);
  expect(residual).toBeGreaterThan(0);
  expect(residual).toBeLessThan(1);
  for (const [answer, mass] of truth) {
    const lower = tight.masses.get(answer) ?? 0;
    expect(lower).toBeLessThanOrEqual(mass + 1e-12);
    expect(mass).toBeLessThanOrEqual(lower + residual + 1e-12);
  }
  const none = await expand({ options: { memoryBytes: 1 } });
  expect(none).toMatchObject({ status: 'memory', nodes: 0 });
});

test.each(POLICIES)('a whole tree re-weighted to %j is a new expansion', async (policy) => {
  const { tree, engine } = await expand();
  const calls = engine.calls.length;
  expectSame(tree.reweighted(policy), walk(policy));
  expect(engine.calls).toHaveLength(calls);
});

test('a tree that was cut short gives bounds under another policy; its own policy changes nothing', async () => {
  const { tree, masses } = await expand({ options: { epsilon: 0.05 } });
  expectSame(tree.reweighted(OPEN), masses);
  for (const policy of POLICIES) {
    const reweighted = tree.reweighted(policy) ?? new Map<string | null, number>();
    const residual = 1 - sum(reweighted);
    for (const [answer, mass] of walk(policy)) {
      const lower = reweighted.get(answer) ?? 0;
      expect(lower).toBeLessThanOrEqual(mass + 1e-12);
      expect(mass).toBeLessThanOrEqual(lower + residual + 1e-12);
    }
  }
});

test('filters that the tree was made with are no part of its logits: what they hid is residual', async () => {
  const { tree } = await expand({ options: { policy: { ...OPEN, topK: 2 } } });
  const masses = tree.reweighted(OPEN) ?? new Map<string | null, number>();
  expect(sum(masses)).toBeLessThan(0.9);
  for (const [answer, mass] of masses) {
    expect(mass).toBeLessThanOrEqual((walk(OPEN).get(answer) ?? 0) + 1e-12);
  }
});

test('logits above their budget are not kept, and nothing is re-weighted', async () => {
  const rowBytes = VOCABULARY.length * 4;
  const { tree, masses } = await expand({ logitsBytes: rowBytes * 10 });
  expect(tree.reweighted(OPEN)).toBeNull();
  expectSame(masses, walk(OPEN));
});

test.each([[[1]], [[4, 4]], [[4, 2, 4]]])(
  'after the tokens %j it is the distribution of what follows',
  async (given) => {
    const { masses } = await expand({ given });
    expectSame(masses, walk(OPEN, given));
  },
);

test.each([[[4, 5]], [[2, 0]], [[4, 4, 3, 4, 4]], [[4, 4, 3, 4, 4, 1]]])(
  'a beginning that has ended, %j, is its own answer',
  async (given) => {
    const { masses, passes, status } = await expand({ given });
    expectSame(masses, walk(OPEN, given));
    expect({ passes, status }).toEqual({ passes: 0, status: 'epsilon' });
  },
);
