/** The figures of a run as rows of a table: name, meaning, how they are read and written. Pure. */

import { formatDifference, formatProbability } from '../../core/format.ts';
import type { Estimate, RunFigures, SetFigures } from './evaluate-types.ts';

/** A share of 0 … 1, a difference of shares, or an amount without an upper end. */
export type FigureKind = 'share' | 'difference' | 'amount';

export interface FigureRow {
  /** Also its handle, e.g. `support@4`. */
  readonly id: string;
  readonly group: string;
  readonly label: string;
  /** What it means, in a sentence. */
  readonly meaning: string;
  readonly kind: FigureKind;
  readonly read: (figures: SetFigures) => Estimate | undefined;
  /** What guessing gives, where there is such a level. */
  readonly chance?: (figures: SetFigures) => number | null;
}

const SINGLE: readonly (Omit<FigureRow, 'read'> & {
  readonly name: Exclude<keyof SetFigures, 'passAtK' | 'cover' | 'items' | 'blindItems'>;
})[] = [
  {
    id: 'accuracyAt1',
    name: 'accuracyAt1',
    group: 'Accuracy',
    label: 'A, greedy accuracy',
    meaning:
      'Share of items whose answer at temperature 0 is right: what the model says by default.',
    kind: 'share',
    chance: chanceAt1,
  },
  {
    id: 'sampleAccuracy',
    name: 'sampleAccuracy',
    group: 'Accuracy',
    label: 'sample accuracy',
    meaning: 'Mean share of right answers among the K samples of an item.',
    kind: 'share',
    chance: chanceAt1,
  },
  {
    id: 'majorityAccuracy',
    name: 'majorityAccuracy',
    group: 'Accuracy',
    label: 'majority accuracy',
    meaning: 'Share of items whose most frequent answer is right; ties share the credit.',
    kind: 'share',
    chance: chanceAt1,
  },
  {
    id: 'macroF1',
    name: 'macroF1',
    group: 'Accuracy',
    label: 'macro-F1, greedy',
    meaning:
      'F1 of the greedy answer, averaged over the classes that occur: rare classes weigh as much as common ones.',
    kind: 'share',
  },
  {
    id: 'imageSupport',
    name: 'imageSupport',
    group: 'The image',
    label: 'image support',
    meaning:
      'Share of items whose right answer comes clearly more often than by guessing and with wrong images.',
    kind: 'share',
  },
  {
    id: 'tooFewSamples',
    name: 'tooFewSamples',
    group: 'The image',
    label: 'too few samples to tell',
    meaning:
      'Share of items with so few samples that even all of them right would not exceed guessing.',
    kind: 'share',
  },
  {
    id: 'samplesForSupport',
    name: 'samplesForSupport',
    group: 'The image',
    label: 'samples that would tell',
    meaning: 'Mean number of samples, all right, that exceed guessing, of the items with too few.',
    kind: 'amount',
  },
  {
    id: 'pBlind',
    name: 'pBlind',
    group: 'The image',
    label: 'right with wrong images',
    meaning: 'Mean share of the right answer when images of other classes are shown instead.',
    kind: 'share',
    chance: chanceAt1,
  },
  {
    id: 'informativeSupport',
    name: 'informativeSupport',
    group: 'Support S',
    label: 'S at each item’s informative k',
    meaning:
      'Pass@k at the largest k at which guessing is right in at most 0.8 of the tries: where sets are compared.',
    kind: 'share',
  },
  {
    id: 'informativeGap',
    name: 'informativeGap',
    group: 'Gap G = S − A',
    label: 'G at each item’s informative k',
    meaning: 'What is in the support and not said first, at the informative k.',
    kind: 'difference',
  },
  {
    id: 'entropyNats',
    name: 'entropyNats',
    group: 'Spread',
    label: 'answer entropy, nats',
    meaning: 'How spread out the answers of an item are, from their counts (plug-in).',
    kind: 'amount',
  },
  {
    id: 'millerMadowNats',
    name: 'millerMadowNats',
    group: 'Spread',
    label: 'the same, Miller–Madow',
    meaning: 'Entropy with the correction for answers that so few samples have missed.',
    kind: 'amount',
  },
  {
    id: 'uniqueAnswers',
    name: 'uniqueAnswers',
    group: 'Spread',
    label: 'different answers',
    meaning: 'Mean number of different answers among the K samples of an item.',
    kind: 'amount',
  },
  {
    id: 'parsedAt1',
    name: 'parsedAt1',
    group: 'Format',
    label: 'greedy answer parsed',
    meaning: 'Share of items whose answer at temperature 0 can be read. A is this times the next.',
    kind: 'share',
  },
  {
    id: 'accuracyAmongParsed',
    name: 'accuracyAmongParsed',
    group: 'Format',
    label: 'right among parsed',
    meaning:
      'Share of right answers among the greedy answers that can be read: content, not format.',
    kind: 'share',
  },
  {
    id: 'unparsedShare',
    name: 'unparsedShare',
    group: 'Format',
    label: 'unparsed',
    meaning: 'Share of samples in which no answer could be read.',
    kind: 'share',
  },
  {
    id: 'formatFailure',
    name: 'formatFailure',
    group: 'Format',
    label: 'format failures',
    meaning: 'Share of items none of whose samples has an answer tag.',
    kind: 'share',
  },
];

const CURVE: readonly {
  readonly name: Exclude<keyof SetFigures['passAtK'][number], 'k' | 'items'>;
  readonly group: string;
  readonly label: (k: number) => string;
  readonly meaning: string;
  readonly kind: FigureKind;
}[] = [
  {
    name: 'support',
    group: 'Support S',
    label: (k) => `S at k = ${String(k)}`,
    meaning:
      'Pass@k: the chance that a right answer is among k samples, unbiased, mean over items.',
    kind: 'share',
  },
  {
    name: 'chance',
    group: 'Guessing',
    label: (k) => `guessing at k = ${String(k)}`,
    meaning: 'What k blind guesses would reach. Free-form questions have no such level.',
    kind: 'share',
  },
  {
    name: 'aboveChance',
    group: 'Guessing',
    label: (k) => `above chance at k = ${String(k)}`,
    meaning:
      '(S − chance) / (1 − chance): 0 is guessing, 1 is always. Not given where guessing is right in more than half.',
    kind: 'difference',
  },
  {
    name: 'empirical',
    group: 'Support S',
    label: (k) => `any of the first ${String(k)}`,
    meaning:
      'Share of items with a right answer among the first k samples: what the released code prints.',
    kind: 'share',
  },
  {
    name: 'gap',
    group: 'Gap G = S − A',
    label: (k) => `G at k = ${String(k)}`,
    meaning: 'What is in the support at k and is not said first.',
    kind: 'difference',
  },
  {
    name: 'efficiency',
    group: 'Efficiency A / S',
    label: (k) => `A / S at k = ${String(k)}`,
    meaning: 'How much of the support at k the greedy answer already has.',
    kind: 'amount',
  },
];

/** The order of the groups in the table. */
export const FIGURE_GROUPS = [
  'Accuracy',
  'The image',
  'Support S',
  'Gap G = S − A',
  'Efficiency A / S',
  'Guessing',
  'Coverage',
  'Spread',
  'Format',
] as const;

function chanceAt1({ passAtK }: SetFigures): number | null {
  return passAtK.find(({ k }) => k === 1)?.chance.value ?? null;
}

/** All rows that these figures have, group by group. */
export function figureRows(figures: SetFigures): readonly FigureRow[] {
  const single = SINGLE.map(({ name, ...row }): FigureRow => ({
    ...row,
    read: (one) => one[name],
  }));
  const curve = CURVE.flatMap(({ name, group, label, meaning, kind }) =>
    figures.passAtK.map(({ k }): FigureRow => {
      const pointOf = (one: SetFigures) => one.passAtK.find((point) => point.k === k);
      return {
        id: `${name}@${String(k)}`,
        group,
        label: label(k),
        meaning,
        kind,
        read: (one) => pointOf(one)?.[name],
        ...(name === 'support' && { chance: (one) => pointOf(one)?.chance.value ?? null }),
      };
    }),
  );
  const cover = figures.cover.map(({ threshold }): FigureRow => ({
    id: `cover@${String(threshold)}`,
    group: 'Coverage',
    label: `right in at least ${String(Math.round(threshold * 100))} %`,
    meaning: 'Share of items whose samples are right at least so often (cover@t).',
    kind: 'share',
    read: (one) => one.cover.find((point) => point.threshold === threshold)?.share,
  }));
  const all = [...single, ...curve, ...cover];
  return FIGURE_GROUPS.flatMap((group) => all.filter((row) => row.group === group));
}

/** The figures of all items, of the unweighted mean over sets, or of one set. */
export function figuresAt(figures: RunFigures, scope: string): SetFigures | undefined {
  if (scope === 'all') return figures.all;
  if (scope === 'macro') return figures.macro;
  return figures.datasets.find(({ dataset }) => dataset === scope)?.figures;
}

const ALL_ALIKE = 'all alike';

/** Whether resampling could tell nothing, since all items are alike. */
export const isAllAlike = ({ interval }: Estimate): boolean =>
  interval !== null && interval.lower === interval.upper;

/** Rounding of sums must not leave 0 … 1. */
const share = (value: number): string => formatProbability(Math.min(1, Math.max(0, value)));

/** Two significant digits; differences two decimals with their sign. */
export function figureValue(value: number, kind: FigureKind): string {
  if (kind === 'share') return share(value);
  if (kind === 'difference') return formatDifference(value);
  return value === 0 ? '0' : value.toPrecision(2);
}

/** `0.62 (0.55–0.69)`; `–` where it is not defined. */
export function figureWords(estimate: Estimate | undefined, kind: FigureKind): string {
  if (!estimate || estimate.value === null) return '–';
  const value = figureValue(estimate.value, kind);
  const interval = intervalWords(estimate, kind);
  return interval === '' ? value : `${value} (${interval})`;
}

/**
 * `0.55–0.69`, and `−0.05 to 0.11` where there are signs; empty without an interval. Items that are all
 * alike give an interval without width, which says nothing of items that were not asked.
 */
export function intervalWords({ interval }: Estimate, kind: FigureKind): string {
  if (interval === null) return '';
  if (interval.lower === interval.upper) return ALL_ALIKE;
  const [lower, upper] = [interval.lower, interval.upper].map((end) => figureValue(end, kind));
  return `${lower ?? ''}${kind === 'difference' ? ' to ' : '–'}${upper ?? ''}`;
}
