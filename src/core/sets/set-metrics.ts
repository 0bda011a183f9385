/**
 * The metrics of a run over many items (1-science.md, "Per run"), as figures of sums: one definition
 * for a single run, for both sides of a comparison and for the A/A null.
 */
import { aboveChance, chancePassAtK, curveKs, informativeK, passAtK } from '../pass-at-k.ts';
import { at, combine, minus, quotient, type Columns } from './columns.ts';
import type { DrawFigures, ItemFigures } from './item-figures.ts';
import type { Statistic } from './resampling.ts';

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

export interface SupportMetrics<Figure = Statistic> {
  readonly k: number;
  /** S_k, mean unbiased Pass@k; over the items with at least k samples. */
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
   * Macro-F1 of the greedy answer over the classes that are the truth of some item of `classes`; a
   * class that a resample lacks is left out there. `null` with several right options.
   */
  readonly macroF1: Figure;
}

/** The k at which an item's support is compared with others'. */
export function comparedK({ options, rightOptions, draw }: MetricItem): number {
  const k = options === 0 ? FREE_FORM_K : (informativeK(options, rightOptions) ?? FREE_FORM_K);
  return Math.min(Math.max(1, k), draw.n);
}

/**
 * Registers the columns of all metrics.
 *
 * @param items all items, to know which k and which classes there are
 * @param read the item of a row: a row may hold both sides of a comparison
 */
export function setMetrics<Row>(
  columns: Columns<Row>,
  items: readonly MetricItem[],
  read: (row: Row) => MetricItem,
): SetMetrics {
  const mean = (value: (item: MetricItem) => number | null): Statistic =>
    columns.mean((row) => value(read(row)));
  const ofDraw = (value: (draw: DrawFigures) => number | null): Statistic =>
    mean(({ draw }) => value(draw));
  const accuracyAt1 = mean(({ greedyCorrect }) => Number(greedyCorrect));
  const informativeSupport = mean((item) => passAtK(item.draw.n, item.draw.c, comparedK(item)));
  const most = items.reduce((largest, { draw }) => Math.max(largest, draw.n), 0);
  return {
    items: columns.count,
    accuracyAt1,
    sampleAccuracy: ofDraw(({ n, c }) => c / n),
    passAtK: curveKs(most).map((k) => supportMetrics(k, columns, read, accuracyAt1)),
    informativeSupport,
    informativeGap: minus(informativeSupport, accuracyAt1),
    cover: COVER_THRESHOLDS.map((threshold) => ({
      threshold,
      share: ofDraw(({ n, c }) => Number(c / n >= threshold)),
    })),
    imageSupport: ofDraw(({ supportedByImage }) =>
      supportedByImage === null ? null : Number(supportedByImage),
    ),
    blindItems: blindItems(columns, read),
    majorityAccuracy: ofDraw(({ majorityCorrect }) => majorityCorrect),
    entropyNats: ofDraw(({ entropyNats }) => entropyNats),
    millerMadowNats: ofDraw(({ millerMadowNats }) => millerMadowNats),
    uniqueAnswers: ofDraw(({ counts }) => counts.filter(([answer]) => answer !== null).length),
    unparsedShare: ofDraw(({ n, counts }) => unparsed(counts) / n),
    formatFailure: ofDraw(({ formatFailure }) => Number(formatFailure)),
    pBlind: mean(({ pBlind }) => pBlind),
    macroF1: macroF1(columns, items, read),
  };
}

function supportMetrics<Row>(
  k: number,
  columns: Columns<Row>,
  read: (row: Row) => MetricItem,
  accuracyAt1: Statistic,
): SupportMetrics {
  const support = columns.mean((row) => passAtK(read(row).draw.n, read(row).draw.c, k));
  const chance = columns.meanOfAll((row) =>
    chancePassAtK(read(row).rightOptions, read(row).options, k),
  );
  return {
    k,
    support,
    empirical: columns.mean((row) => {
      const { n, firstRight } = read(row).draw;
      return n < k ? null : Number(firstRight !== null && firstRight < k);
    }),
    chance,
    gap: minus(support, accuracyAt1),
    efficiency: combine(accuracyAt1, support, quotient),
    aboveChance: combine(support, chance, aboveChance),
  };
}

function blindItems<Row>(columns: Columns<Row>, read: (row: Row) => MetricItem): Statistic {
  const column = columns.add((row) => Number(read(row).draw.supportedByImage !== null));
  return (sums) => at(sums, column);
}

function unparsed(counts: DrawFigures['counts']): number {
  return counts.find(([answer]) => answer === null)?.[1] ?? 0;
}

function macroF1<Row>(
  columns: Columns<Row>,
  items: readonly MetricItem[],
  read: (row: Row) => MetricItem,
): Statistic {
  if (items.some(({ rightOptions }) => rightOptions > 1)) return () => null;
  const key = (item: MetricItem): string => `${item.dataset} ${item.rightLabel}`;
  const classes = [...new Map(items.map((item) => [key(item), item])).values()];
  const scores = classes.map((one): Statistic => {
    const isTrue = (item: MetricItem): boolean => key(item) === key(one);
    const isSaid = (item: MetricItem): boolean =>
      item.dataset === one.dataset && item.greedyLabel === one.rightLabel;
    const both = columns.add((row) => Number(isTrue(read(row)) && isSaid(read(row))));
    const either = columns.add((row) => Number(isTrue(read(row))) + Number(isSaid(read(row))));
    return (sums) => quotient(2 * at(sums, both), at(sums, either));
  });
  return (sums) => {
    const present = scores.map((score) => score(sums)).filter((score) => score !== null);
    return quotient(
      present.reduce((sum, score) => sum + score, 0),
      present.length,
    );
  };
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
