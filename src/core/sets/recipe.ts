/**
 * The paper's recipe as a decision with its uncertainty: sharpen with RL, bridge support with SFT
 * first, or neither is decided yet, and how many items would decide it.
 *
 * The paper thresholds S_k; on questions with few options guessing alone passes any threshold, so the
 * verdict rests on the share of items that are supported by the image, and the raw rule stands beside it.
 */
import { wilsonInterval, Z_95, type Interval } from '../intervals.ts';
import { UNKNOWN, type Estimate } from './resampling.ts';
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
  /**
   * Items, in all, that would decide it four times in five if the shares stay as they are; `null` when it is
   * decided, or when no number of items would.
   */
  readonly itemsNeeded: number | null;
  /** Samples per item that are needed before image support can be seen at all; else `null`. */
  readonly samplesNeeded: number | null;
  /** What is missing for a verdict, a sentence; empty when it is decided. */
  readonly missing: string;
}

type Side = 'above' | 'below' | 'open';

const MISSING = {
  nulls: 'Image support was not measured: run again with the nulls.',
  samples: 'With so few samples even an item that is always right does not exceed guessing.',
  support: 'Image support may lie on either side of τ.',
  sharpness: 'Support is there, but G and A do not say yet whether anything is left to sharpen.',
} as const;

/**
 * In this order: already sharp, RL-ready, bridge support, else undecided. Where support is there and
 * sharpness is open, it is not RL-ready yet: there may be nothing left for RL.
 *
 * @param figures of one dataset
 */
export function recipeDecision(figures: SetFigures, rule: RecipeRule): RecipeDecision {
  const items = figures.items.value ?? 0;
  const point = rule.k === null ? null : figures.passAtK.find(({ k }) => k === rule.k);
  const gap = rule.k === null ? figures.informativeGap : (point?.gap ?? UNKNOWN);
  const rawSupport = rule.k === null ? figures.informativeSupport : (point?.support ?? UNKNOWN);
  const accuracyAt1 = asShare(figures.accuracyAt1, items);
  const imageSupport = asShare(figures.imageSupport, figures.blindItems.value ?? 0);
  const sharpness = sharpnessOf(gap, accuracyAt1, rule, items);
  const decided = (verdict: RecipeVerdict): RecipeDecision => ({
    ...{ verdict, gap, accuracyAt1, imageSupport, rawSupport },
    rawRule: rawSupport.value === null ? null : rawSupport.value >= rule.tau ? 'RL' : 'SFT',
    ...{ itemsNeeded: null, samplesNeeded: null, missing: '' },
  });
  const undecided = (
    missing: keyof typeof MISSING,
    needed: Partial<Pick<RecipeDecision, 'itemsNeeded' | 'samplesNeeded'>> = {},
  ): RecipeDecision => ({ ...decided('undecided'), missing: MISSING[missing], ...needed });

  if (sharpness.isSharp === true) return decided('already sharp');
  if (imageSupport.value === null) return undecided('nulls');
  const side = sideOf(imageSupport, rule.tau);
  if (side === 'below') {
    // Items that could not show support with these samples may have it.
    if (imageSupport.value + (figures.tooFewSamples.value ?? 0) < rule.tau) {
      return decided('bridge support');
    }
    return undecided('samples', {
      samplesNeeded: Math.ceil(figures.samplesForSupport.value ?? 0),
    });
  }
  if (side === 'open') {
    const forSupport = itemsToDecide(imageSupport, rule.tau, items);
    const isLikelyThere = imageSupport.value > rule.tau;
    return undecided('support', {
      itemsNeeded: isLikelyThere ? largest(forSupport, sharpness.itemsNeeded) : forSupport,
    });
  }
  if (sharpness.isSharp === false) return decided('RL-ready');
  return undecided('sharpness', { itemsNeeded: sharpness.itemsNeeded });
}

/** G below δ and A at least τ; `null` while the intervals leave it open. */
function sharpnessOf(
  gap: RecipeFigure,
  accuracyAt1: RecipeFigure,
  { delta, tau }: RecipeRule,
  items: number,
): { readonly isSharp: boolean | null; readonly itemsNeeded: number | null } {
  const [gapSide, accuracySide] = [sideOf(gap, delta), sideOf(accuracyAt1, tau)];
  if (gapSide === 'above' || accuracySide === 'below') return { isSharp: false, itemsNeeded: 0 };
  if (gapSide === 'below' && accuracySide === 'above') return { isSharp: true, itemsNeeded: 0 };
  const forGap = gapSide === 'open' ? itemsToDecide(gap, delta, items) : 0;
  const forAccuracy = accuracySide === 'open' ? itemsToDecide(accuracyAt1, tau, items) : 0;
  const isGapLarge = gap.value !== null && gap.value > delta;
  const isAccuracyLow = accuracyAt1.value !== null && accuracyAt1.value < tau;
  // Sharp needs both; not sharp only one.
  if (!isGapLarge && !isAccuracyLow) {
    return { isSharp: null, itemsNeeded: largest(forGap, forAccuracy) };
  }
  const refuting = [isGapLarge ? forGap : null, isAccuracyLow ? forAccuracy : null];
  const known = refuting.filter((one) => one !== null);
  return { isSharp: null, itemsNeeded: known.length === 0 ? null : Math.min(...known) };
}

/** `null` where one of them is. */
function largest(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : Math.max(a, b);
}

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

/** Normal quantile of 0.8. */
const Z_POWER = 0.841621;

/**
 * Items, in all, at which an interval of this shape excludes the threshold in four draws of five, if
 * the value is the true one. Its half towards the threshold, 1.96 standard errors now, shrinks with
 * the square root of the number of items; at just 1.96 of them every second draw would miss.
 *
 * @returns `null` where value and threshold are the same, or nothing is known
 */
export function itemsToDecide(
  { value, interval }: RecipeFigure,
  threshold: number,
  items: number,
): number | null {
  if (value === null || interval === null || value === threshold) return null;
  const half = value > threshold ? value - interval.lower : interval.upper - value;
  const needed = half * (1 + Z_POWER / Z_95);
  return Math.ceil(items * (needed / (value - threshold)) ** 2);
}
