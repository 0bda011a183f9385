/**
 * The paper's recipe as a decision with its uncertainty: sharpen with RL, bridge support with SFT
 * first, or neither is decided yet, and how many items would decide it.
 *
 * The paper thresholds S_k; on questions with few options guessing alone passes any threshold, so the
 * verdict rests on the share of items that are supported by the image, and the raw rule stands beside it.
 */
import { wilsonInterval, type Interval } from '../intervals.ts';
import type { Estimate } from './resampling.ts';
import type { SetFigures } from './run-figures.ts';

export interface RecipeRule {
  /** Support and accuracy from which on they count as there, 0 … 1. */
  readonly tau: number;
  /** Gap G below which there is nothing left to sharpen. */
  readonly delta: number;
  /** k of the gap and of the raw rule; `null` is each item's informative k. */
  readonly k: number | null;
}

export const PAPER_RULE: RecipeRule = { tau: 0.7, delta: 0.05, k: null };

export type RecipeVerdict = 'already sharp' | 'RL-ready' | 'bridge support' | 'undecided';

/** A figure against its threshold. */
export interface RecipeFigure {
  readonly value: number | null;
  readonly interval: Interval | null;
}

export interface RecipeDecision {
  readonly verdict: RecipeVerdict;
  readonly gap: RecipeFigure;
  readonly accuracyAt1: RecipeFigure;
  readonly imageSupport: RecipeFigure;
  /** The paper's own rule, S_k ≥ τ: RL, else SFT; `null` where S_k is not known. */
  readonly rawRule: 'RL' | 'SFT' | null;
  readonly rawSupport: RecipeFigure;
  /** Items that would decide it, at these shares; `null` when it is decided, or when none would. */
  readonly itemsNeeded: number | null;
  /** What is missing for a verdict, a sentence; empty when it is decided. */
  readonly missing: string;
}

type Side = 'above' | 'below' | 'open';

/** @param figures of one dataset */
export function recipeDecision(figures: SetFigures, rule: RecipeRule): RecipeDecision {
  const items = figures.items.value ?? 0;
  const point = rule.k === null ? null : figures.passAtK.find(({ k }) => k === rule.k);
  const gap = rule.k === null ? figures.informativeGap : (point?.gap ?? UNKNOWN);
  const rawSupport = rule.k === null ? figures.informativeSupport : (point?.support ?? UNKNOWN);
  const accuracyAt1 = asShare(figures.accuracyAt1, items);
  const imageSupport = asShare(figures.imageSupport, figures.blindItems.value ?? 0);
  const shared = {
    gap,
    accuracyAt1,
    imageSupport,
    rawSupport,
    rawRule: rawSupport.value === null ? null : rawSupport.value >= rule.tau ? 'RL' : 'SFT',
  } as const;
  const decide = (verdict: RecipeVerdict, missing = '', itemsNeeded: number | null = null) => ({
    ...shared,
    ...{ verdict, missing, itemsNeeded },
  });

  const gapSide = sideOf(gap, rule.delta);
  const accuracySide = sideOf(accuracyAt1, rule.tau);
  if (gapSide === 'below' && accuracySide === 'above') return decide('already sharp');
  if (imageSupport.value === null) {
    return decide('undecided', 'Image support was not measured: run again with the nulls.');
  }
  const supportSide = sideOf(imageSupport, rule.tau);
  if (supportSide === 'below') return decide('bridge support');
  const needed = (figure: RecipeFigure, threshold: number): number | null =>
    itemsToDecide(figure, threshold, items);
  if (supportSide === 'open') {
    return decide(
      'undecided',
      'Image support may lie on either side of τ.',
      needed(imageSupport, rule.tau),
    );
  }
  if (gapSide === 'above' || accuracySide === 'below') return decide('RL-ready');
  // Supported, and perhaps sharp already: whichever is open has to be known.
  const open = [
    gapSide === 'open' ? needed(gap, rule.delta) : 0,
    accuracySide === 'open' ? needed(accuracyAt1, rule.tau) : 0,
  ];
  return decide(
    'undecided',
    'Support is there; the gap and A do not say yet whether there is anything left to sharpen.',
    open.some((one) => one === null) ? null : Math.max(...open.map((one) => one ?? 0)),
  );
}

const UNKNOWN: Estimate = { value: null, interval: null };

/**
 * A share of items, with the wider of the bootstrap and Wilson's interval on each side: items that all
 * agree have no spread to resample, and are still no proof.
 */
function asShare({ value, interval }: Estimate, items: number): RecipeFigure {
  if (value === null || items === 0) return UNKNOWN;
  const wilson = wilsonInterval(Math.round(value * items), items);
  return {
    value,
    interval: {
      lower: Math.min(wilson.lower, interval?.lower ?? wilson.lower),
      upper: Math.max(wilson.upper, interval?.upper ?? wilson.upper),
    },
  };
}

function sideOf({ interval }: RecipeFigure, threshold: number): Side {
  if (interval === null) return 'open';
  if (interval.lower >= threshold) return 'above';
  return interval.upper < threshold ? 'below' : 'open';
}

/**
 * Items at which an interval of this shape no longer reaches the threshold: its half towards the
 * threshold shrinks with the square root of the number of items. `null` where value and threshold are
 * the same, or nothing is known.
 */
export function itemsToDecide(
  { value, interval }: RecipeFigure,
  threshold: number,
  items: number,
): number | null {
  if (value === null || interval === null || value === threshold) return null;
  const half = value > threshold ? value - interval.lower : interval.upper - value;
  return Math.ceil(items * (half / (value - threshold)) ** 2);
}
