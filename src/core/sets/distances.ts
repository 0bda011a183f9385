/**
 * How far apart two answer distributions are, from samples: Jensen–Shannon divergence with a
 * permutation null, because two draws from one distribution are apart as well.
 */
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { DrawFigures } from './item-figures.ts';
import type { Pair } from './pair-items.ts';
import { randomBelow, type RandomGenerator } from './random-below.ts';
import { quantile } from './resampling.ts';
import { BOOTSTRAP_SEED } from './run-figures.ts';

const PERMUTATIONS = 200;
const UPPER = 0.95;
/** Divergences nearer than this are the same one, added up in another order. */
const ROUNDING_NATS = 1e-12;

/** Samples by answer. */
type Counts = readonly number[] | Uint32Array;

export interface SampledDistance {
  /** Mean Jensen–Shannon divergence over the items, nats (at most ln 2); plug-in, so too large. */
  readonly meanNats: number;
  /** The same when the two checkpoints' answers of each item are shuffled: mean and 95 % quantile. */
  readonly nullMeanNats: number;
  readonly nullUpperNats: number;
  /** Share of the shufflings, this one included, that are as far apart. */
  readonly pValue: number;
}

/**
 * Jensen–Shannon divergence of two samples of answers, nats; 0 for equal shares, ln 2 for none in
 * common.
 *
 * @throws RangeError when a side has no samples
 */
export function jensenShannonNats(a: Counts, b: Counts): number {
  const [totalA, totalB] = [sum(a), sum(b)];
  if (totalA === 0 || totalB === 0) throw new RangeError('A distance needs samples on both sides.');
  let divergence = 0;
  for (let at = 0; at < Math.max(a.length, b.length); at += 1) {
    const p = (a[at] ?? 0) / totalA;
    const q = (b[at] ?? 0) / totalB;
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
  const meanNats = sum(tables.map(([a, b]) => jensenShannonNats(a, b))) / pairs.length;
  const generator = xoroshiro128plus(BOOTSTRAP_SEED);
  // An item with one answer on both sides is at 0 however it is dealt.
  const decks = tables.filter(([a]) => a.length > 1).map(([a, b]) => new Deck(a, b));
  const nulls = Float64Array.from({ length: PERMUTATIONS }, () => {
    let total = 0;
    for (const deck of decks) total += deck.dealtNats(generator);
    return total / pairs.length;
  }).sort();
  const asFar = nulls.filter((one) => one >= meanNats - ROUNDING_NATS).length;
  return {
    meanNats,
    nullMeanNats: sum(nulls) / PERMUTATIONS,
    nullUpperNats: quantile(nulls, UPPER),
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

/** All answers of both sides to one item, to be dealt again, as many to each as it had. */
class Deck {
  /** Place of the answer of each card; its order is whatever the last deal left. */
  private readonly cards: Uint32Array;
  private readonly all: Uint32Array;
  private readonly first: Uint32Array;
  private readonly second: Uint32Array;
  private readonly firstSize: number;

  constructor(a: readonly number[], b: readonly number[]) {
    this.all = Uint32Array.from(a, (count, answer) => count + (b[answer] ?? 0));
    this.cards = Uint32Array.from(
      [...this.all].flatMap((count, answer) => new Array<number>(count).fill(answer)),
    );
    this.first = new Uint32Array(a.length);
    this.second = new Uint32Array(a.length);
    this.firstSize = sum(a);
  }

  /** The divergence after another deal. */
  dealtNats(generator: RandomGenerator): number {
    const { cards, all, first, second, firstSize } = this;
    first.fill(0);
    for (let place = 0; place < firstSize; place += 1) {
      const from = place + randomBelow(cards.length - place, generator);
      const card = cards[from] ?? 0;
      cards[from] = cards[place] ?? 0;
      cards[place] = card;
      first[card] = (first[card] ?? 0) + 1;
    }
    for (let answer = 0; answer < all.length; answer += 1) {
      second[answer] = (all[answer] ?? 0) - (first[answer] ?? 0);
    }
    return jensenShannonNats(first, second);
  }
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
