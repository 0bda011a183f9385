/**
 * The distribution of the next token under a policy, from the few most probable tokens that a server
 * lists: what is certain of each of them whatever the unlisted ones are. Filters mostly make it exact,
 * because they drop what was not listed; without them the unlisted mass bounds it.
 */

import type { Interval } from './intervals.ts';
import type { PolicySettings } from './types.ts';

export interface ListedToken {
  readonly text: string;
  /** ln p under the model at T = 1, nats. */
  readonly logProb: number;
}

export interface ListedPolicy {
  /** P(token | prefix) under the policy, in the order given; a dropped token has 0. */
  readonly probabilities: readonly Interval[];
}

/** More tokens than any model has: the bound of what can hide in the unlisted mass. */
const LARGEST_VOCABULARY = 1_000_000;
/** Rounding of a server's float32 in a sum of probabilities. */
const ROUNDING = 1e-6;

/** Σ p^(1/T) of the tokens that are not listed lies between. */
function unlistedWeight(mass: number, smallest: number, temperature: number): Interval {
  if (mass <= ROUNDING) return { lower: 0, upper: 0 };
  const power = 1 / temperature;
  // None of them is more probable than the least listed: as few as can be have that probability.
  const gathered = mass * smallest ** (power - 1);
  const scattered = LARGEST_VOCABULARY * (mass / LARGEST_VOCABULARY) ** power;
  return temperature > 1
    ? { lower: gathered, upper: Math.max(gathered, scattered) }
    : { lower: Math.min(gathered, scattered), upper: gathered };
}

/**
 * Temperature, then top-k, top-p, min-p, as `workers/vlm/policy.ts` applies them.
 *
 * @param listed distinct tokens; the least probable of them is at least as probable as any other token
 *   of the model
 * @param settings T = 0 gives all to the most probable
 * @throws RangeError when nothing is listed, or the probabilities exceed 1 by more than rounding
 */
export function listedPolicy(
  listed: readonly ListedToken[],
  settings: PolicySettings,
): ListedPolicy {
  const order = [...listed.keys()].sort(
    (a, b) => (listed[b]?.logProb ?? 0) - (listed[a]?.logProb ?? 0),
  );
  const [first] = order;
  if (first === undefined) throw new RangeError('No token is listed.');
  if (settings.temperature === 0) {
    return { probabilities: listed.map((_, at) => exactly(at === first ? 1 : 0)) };
  }
  const models = order.map((at) => Math.exp(listed[at]?.logProb ?? -Infinity));
  const sum = models.reduce((total, p) => total + p, 0);
  if (sum > 1 + 1e-3) throw new RangeError(`The listed probabilities add up to ${String(sum)}.`);
  const { temperature, topK, topP, minP } = settings;
  const weights = models.map((p) => p ** (1 / temperature));
  const least = models.at(-1) ?? 0;
  let unlisted = unlistedWeight(Math.max(0, 1 - sum), least, temperature);
  let kept = weights.length;
  if (topK > 0) {
    // Of the unlisted so many are kept, none of more weight than the least listed.
    const more = Math.max(0, topK - kept);
    unlisted = { lower: 0, upper: Math.min(unlisted.upper, more * (weights.at(-1) ?? 0)) };
    kept = Math.min(kept, topK);
  }
  const bounds = afterTopP(weights.slice(0, kept), unlisted, topP);
  const ranked = afterMinP(bounds, weights, minP);
  const probabilities = new Array<Interval>(listed.length).fill(exactly(0));
  ranked.forEach((bound, rank) => {
    probabilities[order[rank] ?? 0] = bound;
  });
  return { probabilities };
}

const exactly = (value: number): Interval => ({ lower: value, upper: value });

/** Ranked weights that may be kept, how many are kept at least, and what else may be. */
interface Kept {
  readonly weights: readonly number[];
  readonly atLeast: number;
  readonly unlisted: Interval;
}

/** The smallest set that reaches `topP`: where it ends depends on the whole, which has bounds. */
function afterTopP(weights: readonly number[], unlisted: Interval, topP: number): Kept {
  if (topP >= 1) return { weights, atLeast: weights.length, unlisted };
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const endFor = (whole: number): number => {
    let mass = 0;
    for (const [rank, weight] of weights.entries()) {
      mass += weight;
      if (mass >= topP * whole) return rank + 1;
    }
    return Infinity;
  };
  const shortest = endFor(sum + unlisted.lower);
  const longest = endFor(sum + unlisted.upper);
  return {
    weights: weights.slice(0, longest),
    atLeast: Math.min(shortest, weights.length),
    unlisted: longest === Infinity ? { lower: 0, upper: unlisted.upper } : exactly(0),
  };
}

function afterMinP(
  { weights, atLeast, unlisted }: Kept,
  all: readonly number[],
  minP: number,
): readonly Interval[] {
  const floor = minP * (weights[0] ?? 0);
  const above = weights.filter((weight) => weight >= floor);
  const rest =
    (all.at(-1) ?? 0) < floor ? exactly(0) : minP > 0 ? { ...unlisted, lower: 0 } : unlisted;
  const sums: number[] = [];
  for (const weight of above) sums.push((sums.at(-1) ?? 0) + weight);
  const most = (sums.at(-1) ?? 0) + rest.upper;
  const surely = Math.min(atLeast, above.length);
  return above.map((weight, rank) => {
    // The set ends at this token at the earliest, and where it surely goes on, not before.
    const fewest =
      (sums[Math.max(rank + 1, surely) - 1] ?? weight) + (surely < above.length ? 0 : rest.lower);
    return { lower: rank < surely ? weight / most : 0, upper: Math.min(1, weight / fewest) };
  });
}
