import { describe, expect, it } from 'vitest';
import { itemsToDecide, PAPER_RULE, recipeDecision, type RecipeDecision } from './recipe.ts';
import { runFigures } from './run-figures.ts';
import { randomOf, simulatedItem, type Random, type Simulated } from './set-fixture.ts';

const RESAMPLES = 500;
const TIMEOUT_MS = 120_000;

/** A model before an item of eight classes: P(right), P(the strongest wrong), the rest evenly. */
function model(id: number, right: number, wrong: number): Simulated {
  const place = id % 8;
  const rest = (1 - right - wrong) / 6;
  const probabilities = Array.from({ length: 8 }, (_, option) =>
    option === place ? right : option === (place + 1) % 8 ? wrong : rest,
  );
  return { id, n: 32, probabilities, rightOptions: [place] };
}

/** Is the item one of a share of them, spread evenly? */
const isAmong = (id: number, share: number): boolean =>
  Math.floor((id + 1) * share) > Math.floor(id * share);

const FOUND = 0.75;

/** Supported or not; A is far from τ. */
const ambiguous = (id: number, isFound = isAmong(id, FOUND)): Simulated =>
  isFound ? model(id, 0.47, 0.5) : model(id, 0, 0.8);

const SETS: Readonly<Record<string, (id: number) => Simulated>> = {
  ready: (id) => (id % 2 === 0 ? model(id, 0.6, 0.3) : model(id, 0.42, 0.5)),
  'not ready': (id) => (id % 6 === 0 ? model(id, 0.6, 0.3) : model(id, 0.03, 0.6)),
  sharp: (id) => (id % 20 === 7 ? model(id, 0.02, 0.95) : model(id, 0.97, 0.02)),
  'deterministic and 95 % right': (id) => (id % 20 === 7 ? model(id, 0, 1) : model(id, 1, 0)),
  ambiguous: (id) => ambiguous(id),
};

function decisionOf(
  items: readonly Simulated[],
  random: Random,
  rule = PAPER_RULE,
): RecipeDecision {
  const figures = runFigures(
    items.map((item) => simulatedItem(item, random)),
    RESAMPLES,
  ).datasets[0]?.figures;
  if (!figures) throw new Error('no dataset');
  return recipeDecision(figures, rule);
}

const setOf = (kind: (id: number) => Simulated, count: number): readonly Simulated[] =>
  Array.from({ length: count }, (_, id) => kind(id));

describe('recipeDecision', () => {
  it.each([
    ['RL-ready', 'ready', 120],
    ['bridge support', 'not ready', 120],
    ['already sharp', 'sharp', 120],
    ['already sharp', 'deterministic and 95 % right', 120],
    ['undecided', 'ambiguous', 60],
  ] as const)('is %s for a set that is %s', (verdict, name, count) => {
    const kind = SETS[name] ?? ambiguous;
    for (let seed = 1; seed <= 5; seed += 1) {
      const decision = decisionOf(setOf(kind, count), randomOf(seed));
      expect(decision.verdict, JSON.stringify(decision)).toBe(verdict);
      expect(decision.missing === '').toBe(verdict !== 'undecided');
      expect(decision.itemsNeeded === null).toBe(verdict !== 'undecided');
    }
  });

  it('names a sample size that decides an undecided set of the same shares', () => {
    const first = decisionOf(setOf(ambiguous, 60), randomOf(1));
    const needed = first.itemsNeeded ?? 0;
    expect(needed).toBeGreaterThan(60);
    expect(needed).toBeLessThan(5000);
    const then = decisionOf(setOf(ambiguous, needed), randomOf(2));
    expect(then.verdict, JSON.stringify({ first, then })).toBe('RL-ready');
  });

  it(
    'names one that decides four draws in five, when the share is the true one',
    () => {
      // Drawn at random, so that the share is only about that; a far τ, so that sets are small.
      const rule = { ...PAPER_RULE, tau: 0.65 };
      const needed = decisionOf(setOf(ambiguous, 60), randomOf(1), rule).itemsNeeded ?? 0;
      const verdicts = Array.from({ length: 20 }, (_, draw) => {
        const random = randomOf(100 + draw);
        const items = setOf((id) => ambiguous(id, random() < FOUND), needed);
        return decisionOf(items, random, rule).verdict;
      });
      const decided = verdicts.filter((verdict) => verdict === 'RL-ready').length;
      expect(decided).toBeGreaterThanOrEqual(13);
      expect(decided).toBeLessThan(20);
    },
    TIMEOUT_MS,
  );

  it('asks for nulls where image support was not measured', () => {
    const items = setOf(ambiguous, 60).map((item) => simulatedItem(item, randomOf(1)));
    const blindless = items.map((item) => ({
      ...item,
      draw: { ...item.draw, supportedByImage: null },
    }));
    const decision = recipeDecision(runFigures(blindless, RESAMPLES).all, PAPER_RULE);
    expect(decision).toMatchObject({ verdict: 'undecided', itemsNeeded: null, rawRule: 'RL' });
    expect(decision.missing).toMatch(/nulls/u);
  });

  it('asks for samples where guessing is right so often that no item could show support', () => {
    // "Which is it not": seven of eight are right, and it always is. 16 of 16 ≥ .806 < 7/8.
    const items = Array.from({ length: 60 }, (_, id): Simulated => {
      const right = [0, 1, 2, 3, 4, 5, 6, 7].filter((option) => option !== id % 8);
      const probabilities = [0, 0, 0, 0, 0, 0, 0, 0]
        .with((id + 1) % 8, 0.6)
        .with((id + 2) % 8, 0.4);
      return { id, n: 16, probabilities, rightOptions: right };
    });
    // Not sharp by a margin that is out of reach, so that support has to decide.
    const rule = { ...PAPER_RULE, delta: -1 };
    const few = decisionOf(items, randomOf(1), rule);
    expect(few).toMatchObject({ verdict: 'undecided', samplesNeeded: 27 });
    expect(few.imageSupport.value).toBe(0);
    expect(few.missing).toMatch(/guessing/u);
    const enough = items.map((item) => ({ ...item, n: 64 }));
    expect(decisionOf(enough, randomOf(1), rule).verdict).not.toBe('bridge support');
  });

  it('is not RL-ready while it may be sharp already, and says what would tell', () => {
    // Always supported; the greedy answer is right in four of five items.
    const nearly = (id: number): Simulated =>
      isAmong(id, 0.8) ? model(id, 0.9, 0.05) : model(id, 0.45, 0.5);
    const rule = { tau: 0.75, delta: 0.3, k: null };
    const decision = decisionOf(setOf(nearly, 60), randomOf(3), rule);
    expect(decision.verdict).toBe('undecided');
    expect(decision.missing).toMatch(/sharpen/u);
    const needed = decision.itemsNeeded ?? 0;
    expect(needed).toBeGreaterThan(60);
    expect(decisionOf(setOf(nearly, needed), randomOf(4), rule).verdict).toBe('already sharp');
    // A gap that is surely there leaves something to sharpen, whatever A is.
    expect(decisionOf(setOf(nearly, 60), randomOf(3), { ...rule, delta: 0.02 }).verdict).toBe(
      'RL-ready',
    );
  });

  it('names as many items as the slowest of the open questions needs', () => {
    // 17 of 20 items are supported, and 15 right.
    const items = Array.from({ length: 20 }, (_, id) =>
      id < 15 ? model(id, 0.9, 0.05) : id < 17 ? model(id, 0.47, 0.5) : model(id, 0, 0.8),
    ).map((item) => simulatedItem(item, randomOf(3)));
    const figures = runFigures(items, RESAMPLES).all;
    const at = (tau: number) => recipeDecision(figures, { tau, delta: 0.5, k: null });
    const decision = at(0.7);
    const forSupport = itemsToDecide(decision.imageSupport, 0.7, 20) ?? NaN;
    const forAccuracy = itemsToDecide(decision.accuracyAt1, 0.7, 20) ?? NaN;
    expect(forAccuracy).toBeGreaterThan(forSupport);
    expect(decision).toMatchObject({ verdict: 'undecided', itemsNeeded: forAccuracy });
    // Where A is likelier too low, that has to be known too: it is RL-ready only if not sharp.
    const low = at(0.8);
    const lowAccuracy = itemsToDecide(low.accuracyAt1, 0.8, 20) ?? NaN;
    const lowSupport = itemsToDecide(low.imageSupport, 0.8, 20) ?? NaN;
    expect(low.itemsNeeded).toBe(Math.max(lowAccuracy, lowSupport));
    // Where support is likelier missing, sharpness need not be known.
    const missing = at(0.87);
    expect(missing.verdict).toBe('undecided');
    expect(missing.itemsNeeded).toBe(itemsToDecide(missing.imageSupport, 0.87, 20));
  });

  it('takes G and the raw rule at the k that was asked for', () => {
    const items = setOf(SETS.ready ?? ambiguous, 60);
    const figures = runFigures(
      items.map((item) => simulatedItem(item, randomOf(1))),
      RESAMPLES,
    ).all;
    const at = (k: number | null, tau = 0.7) => recipeDecision(figures, { ...PAPER_RULE, tau, k });
    expect(at(2).gap).toEqual(figures.passAtK[1]?.gap);
    expect(at(2).rawSupport).toEqual(figures.passAtK[1]?.support);
    expect(at(null).gap).toEqual(figures.informativeGap);
    expect(at(1).rawRule).toBe('SFT');
    expect(at(16).rawRule).toBe('RL');
    // A k of which there are no samples: the rest still decides.
    expect(at(64)).toMatchObject({ rawRule: null, gap: { value: null }, verdict: 'RL-ready' });
  });

  it('does not take items that all agree for proof', () => {
    // Eight of eight right: the bootstrap says 1 for certain, Wilson .68.
    const decision = decisionOf(
      setOf((id) => model(id, 1, 0), 8),
      randomOf(1),
    );
    expect(decision.accuracyAt1).toMatchObject({ value: 1, interval: { upper: 1 } });
    expect(decision.accuracyAt1.interval?.lower).toBeCloseTo(0.676, 3);
    expect(decision.verdict).toBe('undecided');
  });
});

describe('itemsToDecide', () => {
  it('is (half / distance)² of the items, and 2.04 times that for four draws of five', () => {
    const interval = { lower: 0.6, upper: 0.9 };
    const power = (1 + 0.841621 / 1.959964) ** 2;
    expect(itemsToDecide({ value: 0.8, interval }, 0.7, 50)).toBe(Math.ceil(50 * 4 * power));
    // Towards the threshold the upper half counts.
    expect(itemsToDecide({ value: 0.7, interval }, 0.8, 50)).toBe(Math.ceil(50 * 4 * power));
  });

  it('is null where no number of items would decide', () => {
    const interval = { lower: 0.6, upper: 0.9 };
    expect(itemsToDecide({ value: 0.7, interval }, 0.7, 50)).toBeNull();
    expect(itemsToDecide({ value: null, interval: null }, 0.7, 50)).toBeNull();
    expect(itemsToDecide({ value: 0.8, interval: null }, 0.7, 50)).toBeNull();
  });
});
