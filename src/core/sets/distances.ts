/**
 * How far apart two answer distributions are, from samples: Jensen–Shannon divergence with a
 * permutation null, because two draws from one distribution are apart as well.
 */
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { DrawFigures } from './item-figures.ts';
import type { Pair } from './pair-items.ts';
import { quantile } from './resampling.ts';
import { BOOTSTRAP_SEED } from './run-figures.ts';

const PERMUTATIONS = 200;
const UPPER = 0.95;

export interface SampledDistance {
  /** Mean Jensen–Shannon divergence over the items, nats (at most ln 2); plug-in, so too large. */
  readonly meanNats: number;
  /** The same when the two checkpoints' answers of each item are shuffled: mean and 95 % quantile. */
  readonly nullMeanNats: number;
  readonly nullUpperNats: number;
  /** Share of the shufflings, this one included, that are as far apart. */
  readonly pValue: number;
}

/** Jensen–Shannon divergence of two samples of answers, nats; 0 for equal shares, ln 2 for none in common. */
export function jensenShannonNats(a: readonly number[], b: readonly number[]): number {
  const [totalA, totalB] = [sum(a), sum(b)];
  if (totalA === 0 || totalB === 0) throw new RangeError('A distance needs samples on both sides.');
  let divergence = 0;
  for (let at = 0; at < Math.max(a.length, b.length); at += 1) {
    const [p, q] = [(a[at] ?? 0) / totalA, (b[at] ?? 0) / totalB];
    const middle = (p + q) / 2;
    if (p > 0) divergence += (p / 2) * Math.log(p / middle);
    if (q > 0) divergence += (q / 2) * Math.log(q / middle);
  }
  return Math.max(0, divergence);
}

/** @throws RangeError without pairs */
export function sampledDistance(pairs: readonly Pair[]): SampledDistance {
  if (pairs.length === 0) throw new RangeError('A distance needs items.');
  const tables = pairs.map(({ parent, child }) => aligned(parent.draw, child.draw));
  const meanOf = (each: readonly (readonly [readonly number[], readonly number[]])[]): number =>
    sum(each.map(([a, b]) => jensenShannonNats(a, b))) / each.length;
  const meanNats = meanOf(tables);
  const generator = xoroshiro128plus(BOOTSTRAP_SEED);
  const nulls = Array.from({ length: PERMUTATIONS }, () =>
    meanOf(tables.map(([a, b]) => dealt(a, b, (most) => uniformInt(generator, 0, most)))),
  );
  const asFar = nulls.filter((one) => one >= meanNats).length;
  return {
    meanNats,
    nullMeanNats: sum(nulls) / PERMUTATIONS,
    nullUpperNats: quantile(Float64Array.from(nulls).sort(), UPPER),
    pValue: (asFar + 1) / (PERMUTATIONS + 1),
  };
}

/** Counts of both draws over the answers that either gave, in one order. */
function aligned({ counts: a }: DrawFigures, { counts: b }: DrawFigures) {
  const answers = [...new Set([...a, ...b].map(([answer]) => answer))];
  const over = (counts: DrawFigures['counts']): number[] =>
    answers.map((answer) => counts.find(([own]) => own === answer)?.[1] ?? 0);
  return [over(a), over(b)] as const;
}

/** All answers of both put together and dealt again, as many to each as it had. */
function dealt(a: readonly number[], b: readonly number[], pick: (most: number) => number) {
  const cards = a.flatMap((count, answer) =>
    new Array<number>(count + (b[answer] ?? 0)).fill(answer),
  );
  const first = new Array<number>(a.length).fill(0);
  const wanted = sum(a);
  for (let place = 0; place < wanted; place += 1) {
    const from = place + pick(cards.length - 1 - place);
    const card = cards[from] ?? 0;
    cards[from] = cards[place] ?? 0;
    first[card] = (first[card] ?? 0) + 1;
  }
  return [first, a.map((count, at) => count + (b[at] ?? 0) - (first[at] ?? 0))] as const;
}

const sum = (values: readonly number[]): number =>
  values.reduce((total, value) => total + value, 0);
