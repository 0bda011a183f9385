import { expect, test } from 'vitest';
import { pairedFigures } from './pair-figures.ts';
import { normalized, randomOf, simulatedPairs, simulatedParents } from './set-fixture.ts';

test('the child’s first answer against the parent’s vote, on the same resamples', () => {
  const random = randomOf(8);
  const pairs = simulatedPairs(
    simulatedParents(60, random),
    (item) => ({
      ...item,
      probabilities: normalized(
        item.probabilities.map((share, option) =>
          item.rightOptions.includes(option) ? share * 6 : share,
        ),
      ),
    }),
    random,
  );
  const { parent, child, beyondMajority } = pairedFigures(pairs, 400).all;
  const difference = (child.accuracyAt1.value ?? NaN) - (parent.majorityAccuracy.value ?? NaN);
  expect(beyondMajority.value).toBeCloseTo(difference, 12);
  expect(difference).toBeGreaterThan(0);
  // Paired: narrower than if the two were of different items.
  const width = (interval: typeof beyondMajority.interval): number =>
    (interval?.upper ?? NaN) - (interval?.lower ?? NaN);
  expect(width(beyondMajority.interval)).toBeGreaterThan(0);
  expect(width(beyondMajority.interval)).toBeLessThan(
    Math.hypot(width(child.accuracyAt1.interval), width(parent.majorityAccuracy.interval)),
  );
});
