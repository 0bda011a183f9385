/**
 * The metrics of a run over many items (1-science.md, "Per run"), as figures of sums: one definition
 * for a single run, for both sides of a comparison and for the A/A null.
 */
import { Z_95 } from '../intervals.ts';
import { aboveChance, chancePassAtK, curveKs, informativeK, passAtK } from '../pass-at-k.ts';
import { combine, minus, quotient, type Columns } from './columns.ts';
import type { DrawFigures, ItemFigures } from './item-figures.ts';
import { macroF1 } from './macro-f1.ts';
import type { Statistic } from './stratum.ts';

/** What of an item a metric reads. */
export type MetricItem = Omit<ItemFigures, 'second'>;

/** The item as its second seed answered it; `null` when that was not drawn. The greedy answer is the same. */
export function secondSeedItem(item: ItemFigures): MetricItem | null {
  return item.second === null ? null : { ...item, draw: item.second };
}

/** P(right) at or above which an item counts as covered (arXiv 2510.08325). */
export const COVER_THRESHOLDS = [0.1, 0.25, 0.5, 0.75, 0.9] as const;

/** k at which support is compared where guessing sets no limit (free-form). */
export const FREE_FORM_K = 4;

/** All of it over the items with at least k samples. */
export interface SupportMetrics<Figure = Statistic> {
  readonly k: number;
  /** How many these are. */
  readonly items: Figure;
  /** S_k, mean unbiased Pass@k. */
  readonly support: Figure;
  /** Any of the first k samples right, as the released code prints it. */
  readonly empirical: Figure;
  /** Mean Pass@k of guessing; `null` with a free-form item. */
  readonly chance: Figure;
  /** G_k = S_k − A. */
  readonly gap: Figure;
  /** A / S_k. */
  readonly efficiency: Figure;
  /** (S_k − chance) / (1 − chance); `null` above a mean chance of 0.5. */
  readonly aboveChance: Figure;
}

/** As figures of sums, or as whatever was made of each. */
export interface SetMetrics<Figure = Statistic> {
  readonly items: Figure;
  /** A: share of items whose T = 0 answer is right. */
  readonly accuracyAt1: Figure;
  /**
   * Share of items whose T = 0 answer parses, and A among those: A is their product, so that a gain in
   * A splits into format and content.
   */
  readonly parsedAt1: Figure;
  readonly accuracyAmongParsed: Figure;
  /** Mean c / n. */
  readonly sampleAccuracy: Figure;
  /** k = 1, 2, 4 … and the most samples that an item has. */
  readonly passAtK: readonly SupportMetrics<Figure>[];
  /** S and G at each item's own informative k: where support is compared across sets. */
  readonly informativeSupport: Figure;
  readonly informativeGap: Figure;
  /** Share of items with p̂ ≥ threshold. */
  readonly cover: readonly { readonly threshold: number; readonly share: Figure }[];
  /** Share of items that are supported by the image, of those with the wrong-image null. */
  readonly imageSupport: Figure;
  /** Number of items with the wrong-image null. */
  readonly blindItems: Figure;
  /**
   * Share of items with so few samples that even all of them right would not exceed guessing, and the
   * mean number that would: their image support is not known to be missing.
   */
  readonly tooFewSamples: Figure;
  readonly samplesForSupport: Figure;
  readonly majorityAccuracy: Figure;
  /** Plug-in and Miller–Madow, nats. */
  readonly entropyNats: Figure;
  readonly millerMadowNats: Figure;
  readonly uniqueAnswers: Figure;
  readonly unparsedShare: Figure;
  readonly formatFailure: Figure;
  /** Mean P(right) with a wrong image. */
  readonly pBlind: Figure;
  /**
   * Macro-F1 of the greedy answer over the classes that are the truth of some item. `null` where an
   * item has several right options.
   */
  readonly macroF1: Figure;
}

/**
 * The k at which an item's support is compared with others': the informative one, or all its samples
 * where it has fewer.
 *
 * @param samples the fewest that a side of the comparison has
 */
export function comparedK({ options, rightOptions, draw }: MetricItem, samples = draw.n): number {
  const k = options === 0 ? FREE_FORM_K : (informativeK(options, rightOptions) ?? FREE_FORM_K);
  return Math.min(Math.max(1, k), samples);
}

/**
 * Registers the columns of all metrics.
 *
 * @param most the largest k of the curve; at most the samples of the item that has most
 * @param read the item of a row: a row may hold both sides of a comparison
 * @param beside the other side of the comparison: a figure counts the rows where both sides have it,
 *   so that a difference is one of the same items at the same k
 */
export function setMetrics<Row>(
  columns: Columns<Row>,
  most: number,
  read: (row: Row) => MetricItem,
  beside: (row: Row) => MetricItem = read,
): SetMetrics {
  const mean = (value: (item: MetricItem) => number | null): Statistic =>
    columns.mean((row) => (value(beside(row)) === null ? null : value(read(row))));
  const ofDraw = (value: (draw: DrawFigures) => number | null): Statistic =>
    mean(({ draw }) => value(draw));
  const samplesOf = (row: Row): number => Math.min(read(row).draw.n, beside(row).draw.n);
  const accuracyAt1 = mean(({ greedyCorrect }) => Number(greedyCorrect));
  const parsedAt1 = mean(({ greedyLabel }) => Number(greedyLabel !== null));
  const informativeSupport = columns.mean((row) => {
    const { draw } = read(row);
    return passAtK(draw.n, draw.c, comparedK(read(row), samplesOf(row)));
  });
  return {
    items: columns.total(() => 1),
    accuracyAt1,
    parsedAt1,
    accuracyAmongParsed: combine(accuracyAt1, parsedAt1, quotient),
    sampleAccuracy: ofDraw(({ n, c }) => c / n),
    passAtK: curveKs(most).map((k) =>
      supportMetrics(k, columns, (row) => (samplesOf(row) < k ? null : read(row))),
    ),
    informativeSupport,
    informativeGap: minus(informativeSupport, accuracyAt1),
    cover: COVER_THRESHOLDS.map((threshold) => ({
      threshold,
      share: ofDraw(({ n, c }) => Number(c / n >= threshold)),
    })),
    imageSupport: ofDraw(({ supportedByImage }) =>
      supportedByImage === null ? null : Number(supportedByImage),
    ),
    blindItems: columns.total((row) =>
      Number([read(row), beside(row)].every(({ draw }) => draw.supportedByImage !== null)),
    ),
    tooFewSamples: mean((item) => Number(hasTooFewSamples(item))),
    samplesForSupport: mean((item) => (hasTooFewSamples(item) ? samplesForSupport(item) : null)),
    majorityAccuracy: ofDraw(({ majorityCorrect }) => majorityCorrect),
    entropyNats: ofDraw(({ entropyNats }) => entropyNats),
    millerMadowNats: ofDraw(({ millerMadowNats }) => millerMadowNats),
    uniqueAnswers: ofDraw(({ counts }) => counts.filter(([answer]) => answer !== null).length),
    unparsedShare: ofDraw(({ n, counts }) => unparsed(counts) / n),
    formatFailure: ofDraw(({ formatFailure }) => Number(formatFailure)),
    pBlind: mean(({ pBlind }) => pBlind),
    macroF1: macroF1(columns, (row) => {
      const { rightOptions, rightLabel, greedyLabel } = read(row);
      return rightOptions > 1 ? null : { truth: rightLabel, said: greedyLabel };
    }),
  };
}

/** @param read the item of a row, `null` when it has fewer than k samples */
function supportMetrics<Row>(
  k: number,
  columns: Columns<Row>,
  read: (row: Row) => MetricItem | null,
): SupportMetrics {
  const mean = (value: (item: MetricItem) => number | null): Statistic =>
    columns.mean((row) => {
      const item = read(row);
      return item && value(item);
    });
  const chanceOf = ({ rightOptions, options }: MetricItem): number | null =>
    chancePassAtK(rightOptions, options, k);
  const isWithoutChance = (item: MetricItem | null): boolean =>
    item !== null && chanceOf(item) === null;
  const accuracyAt1 = mean(({ greedyCorrect }) => Number(greedyCorrect));
  const support = mean(({ draw }) => passAtK(draw.n, draw.c, k));
  const knownChance = mean(chanceOf);
  const unknownChances = columns.total((row) => Number(isWithoutChance(read(row))));
  const chance: Statistic = (sums) => (unknownChances(sums) === 0 ? knownChance(sums) : null);
  return {
    k,
    items: columns.total((row) => Number(read(row) !== null)),
    support,
    empirical: mean(({ draw }) => Number(draw.firstRight !== null && draw.firstRight < k)),
    chance,
    gap: minus(support, accuracyAt1),
    efficiency: combine(accuracyAt1, support, quotient),
    aboveChance: combine(support, chance, aboveChance),
  };
}

/**
 * Fewest samples that, all right, exceed guessing: Wilson's lower bound of n of n is n / (n + z²), and
 * has to exceed r / m. Free-form has no r / m. `null` where every option is right.
 */
export function samplesForSupport({ rightOptions, options }: MetricItem): number | null {
  if (options > 0 && rightOptions === options) return null;
  return Math.floor((Z_95 ** 2 * rightOptions) / Math.max(1, options - rightOptions)) + 1;
}

function hasTooFewSamples(item: MetricItem): boolean {
  return item.draw.n < (samplesForSupport(item) ?? 0);
}

function unparsed(counts: DrawFigures['counts']): number {
  return counts.find(([answer]) => answer === null)?.[1] ?? 0;
}

/** The same table with something made of every figure, and of the same figure of another table. */
export function zipMetrics<A, B>(
  one: SetMetrics<A>,
  other: SetMetrics<A>,
  make: (figure: A, other: A) => B,
): SetMetrics<B> {
  const zip = <Name extends string>(
    a: Readonly<Record<Name, A>>,
    b: Readonly<Record<Name, A>>,
    names: readonly Name[],
  ): Record<Name, B> =>
    Object.fromEntries(names.map((name) => [name, make(a[name], b[name])])) as Record<Name, B>;
  const { passAtK: curve, cover, ...single } = one;
  return {
    ...zip(single, other, Object.keys(single) as (keyof typeof single)[]),
    passAtK: curve.flatMap(({ k, ...figures }) => {
      const match = other.passAtK.find((point) => point.k === k);
      const names = Object.keys(figures) as (keyof typeof figures)[];
      return match ? [{ k, ...zip(figures, match, names) }] : [];
    }),
    cover: cover.flatMap(({ threshold, share }) => {
      const match = other.cover.find((point) => point.threshold === threshold);
      return match ? [{ threshold, share: make(share, match.share) }] : [];
    }),
  };
}

/** The same table with something made of every figure. */
export function mapMetrics<A, B>(metrics: SetMetrics<A>, make: (figure: A) => B): SetMetrics<B> {
  return zipMetrics(metrics, metrics, make);
}
