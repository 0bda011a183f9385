/**
 * The control "the parent at a lower temperature": which temperature makes the parent's answers as sharp
 * as the child's. Every point is a measured one; this only says which to measure next
 * (docs/decisions/0017). Pure.
 */
import type { Estimate } from './resampling.ts';
import type { MetricItem } from './set-metrics.ts';

/** A checkpoint at one temperature, over the items of a comparison. */
export interface CooledPoint {
  readonly temperature: number;
  /** Mean plug-in answer entropy, nats. */
  readonly entropyNats: number;
  /** Mean c / n. */
  readonly sampleAccuracy: number;
}

export type CoolingState =
  /** The parent at its own temperature is as sharp as the child, or sharper: there is nothing to cool. */
  | { readonly kind: 'not-sharper' }
  | { readonly kind: 'matched'; readonly point: CooledPoint }
  /** The temperature that is wanted lies between these two; `next` is the one to measure. */
  | {
      readonly kind: 'open';
      readonly next: number;
      readonly between: readonly [colder: number, warmer: number];
    }
  /** The temperatures on both sides of the child's entropy are measured, with none between them. */
  | { readonly kind: 'unreachable'; readonly nearest: CooledPoint };

/** Temperatures are tried in steps of this size: more digits say no more. */
const TEMPERATURE_STEP = 0.01;
/** Entropies that are closer count as equal, nats. */
const ENTROPY_TOLERANCE_NATS = 0.02;
/** As closer than this share of the interval's half width: it then adds 3 % to the uncertainty. */
const TOLERANCE_SHARE = 0.25;
/** A line may point at an end of the bracket again and again: the next point keeps off the ends. */
const MARGIN = 0.1;

/** @throws RangeError without items */
export function cooledPoint(temperature: number, items: readonly MetricItem[]): CooledPoint {
  return {
    temperature,
    entropyNats: mean(items, ({ draw }) => draw.entropyNats),
    sampleAccuracy: mean(items, ({ draw }) => draw.c / draw.n),
  };
}

/** The end of the cooling, T = 0, where every sample is the greedy answer. @throws RangeError without items */
export function coldestPoint(items: readonly MetricItem[]): CooledPoint {
  const sampleAccuracy = mean(items, ({ greedyCorrect }) => Number(greedyCorrect));
  return { temperature: 0, entropyNats: 0, sampleAccuracy };
}

/** How far from the child's entropy still counts as equal, nats. */
export function matchTolerance({ interval }: Estimate): number {
  if (interval === null) return ENTROPY_TOLERANCE_NATS;
  const half = (interval.upper - interval.lower) / 2;
  return Math.max(ENTROPY_TOLERANCE_NATS, TOLERANCE_SHARE * half);
}

/**
 * Where the search stands. The next temperature is the mean of where two straight lines meet the child's
 * entropy: through the two points round it, and through the two nearest to it. The curve bends, and the
 * two err on different sides.
 *
 * @param own the parent as it was asked
 * @param cooled the parent at temperatures below that, in any order
 * @param entropyNats the child's
 */
export function coolingState(
  own: CooledPoint,
  cooled: readonly CooledPoint[],
  entropyNats: number,
  toleranceNats: number,
): CoolingState {
  const distance = (point: Sharpness): number => Math.abs(point.entropyNats - entropyNats);
  if (own.entropyNats - entropyNats <= toleranceNats) return { kind: 'not-sharper' };
  const [nearest] = cooled.toSorted((a, b) => distance(a) - distance(b));
  if (nearest && distance(nearest) <= toleranceNats) return { kind: 'matched', point: nearest };
  const byTemperature = [...cooled, own].sort((a, b) => a.temperature - b.temperature);
  const warmer = byTemperature.find((point) => point.entropyNats > entropyNats) ?? own;
  const colder =
    byTemperature.findLast(({ temperature }) => temperature < warmer.temperature) ?? COLDEST;
  const width = warmer.temperature - colder.temperature;
  if (width < 1.5 * TEMPERATURE_STEP) return { kind: 'unreachable', nearest: nearest ?? own };
  const across = meeting(colder, warmer, entropyNats) ?? colder.temperature + width / 2;
  const [one = colder, other = warmer] = [...byTemperature, COLDEST].sort(
    (a, b) => distance(a) - distance(b),
  );
  const near = meeting(one, other, entropyNats) ?? across;
  const isInside = near > colder.temperature && near < warmer.temperature;
  const wanted = isInside ? (across + near) / 2 : across;
  const kept = Math.min(
    Math.max(wanted, colder.temperature + MARGIN * width),
    warmer.temperature - MARGIN * width,
  );
  // Rounding must not fall back onto an end.
  const next = Math.min(
    Math.max(rounded(kept), rounded(colder.temperature + TEMPERATURE_STEP)),
    rounded(warmer.temperature - TEMPERATURE_STEP),
  );
  return { kind: 'open', next, between: [colder.temperature, warmer.temperature] };
}

type Sharpness = Pick<CooledPoint, 'temperature' | 'entropyNats'>;

/** Every answer is the greedy one. */
const COLDEST: Sharpness = { temperature: 0, entropyNats: 0 };

/** Where the line through two points has this entropy; `null` where it does not rise. */
function meeting(one: Sharpness, other: Sharpness, entropyNats: number): number | null {
  const rise = other.entropyNats - one.entropyNats;
  const run = other.temperature - one.temperature;
  if (rise * run <= 0) return null;
  return one.temperature + (run * (entropyNats - one.entropyNats)) / rise;
}

const rounded = (temperature: number): number =>
  Math.round(temperature / TEMPERATURE_STEP) / Math.round(1 / TEMPERATURE_STEP);

function mean(items: readonly MetricItem[], value: (item: MetricItem) => number): number {
  if (items.length === 0) throw new RangeError('A point needs items.');
  return items.reduce((sum, item) => sum + value(item), 0) / items.length;
}
