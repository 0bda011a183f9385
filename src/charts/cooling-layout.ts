/** Where the marks of the cooling chart stand: sharpness to the left, right answers up. Pure. */
import type { Interval } from '../core/intervals.ts';

export interface CoolingMark {
  readonly temperature: number;
  readonly entropyNats: number;
  readonly sampleAccuracy: number;
}

export interface CoolingScales {
  readonly xMax: number;
  readonly xTicks: readonly number[];
  readonly yMin: number;
  readonly yMax: number;
  readonly yTicks: readonly number[];
}

/** A tenth of the whole is the finest step of the vertical axis. */
const STEP = 0.1;

/** Axes that hold the parent's curve and the child with its interval; entropies begin at 0. */
export function coolingScales(
  curve: readonly CoolingMark[],
  child: CoolingMark,
  interval: Interval | null,
): CoolingScales {
  const entropies = [...curve, child].map(({ entropyNats }) => entropyNats);
  const shares = [...curve, child].map(({ sampleAccuracy }) => sampleAccuracy);
  const ends = interval === null ? [] : [interval.lower, interval.upper];
  const low = Math.max(0, Math.floor(Math.min(...shares, ...ends) / STEP - 1e-9));
  const high = Math.min(1 / STEP, Math.ceil(Math.max(...shares, ...ends) / STEP + 1e-9));
  const stride = high - low > 4 ? 2 : 1;
  const ticks = Array.from({ length: high - low + 1 }, (_, at) => low + at);
  const xStep = tickStep(Math.max(0.1, ...entropies));
  const xCount = Math.ceil(Math.max(0.1, ...entropies) / xStep - 1e-9);
  return {
    xMax: tidy(xCount * xStep),
    xTicks: Array.from({ length: xCount + 1 }, (_, at) => tidy(at * xStep)),
    yMin: tidy(low * STEP),
    yMax: tidy(high * STEP),
    yTicks: ticks.filter((tick) => (tick - low) % stride === 0).map((tick) => tidy(tick * STEP)),
  };
}

/** Two to five ticks up to this. */
function tickStep(most: number): number {
  return [0.05, 0.1, 0.2, 0.5, 1].find((step) => most / step <= 5) ?? 1;
}

const tidy = (value: number): number => Number(value.toFixed(6));

/** Right answers on the straight lines between the parent's marks at this entropy; beyond its ends the end. */
export function shareOnLine(curve: readonly CoolingMark[], entropyNats: number): number {
  const marks = curve.toSorted((a, b) => a.entropyNats - b.entropyNats);
  const above = marks.find((mark) => mark.entropyNats >= entropyNats) ?? marks.at(-1);
  const below = marks.findLast((mark) => mark.entropyNats <= entropyNats) ?? marks[0];
  if (!above || !below) return 0;
  const width = above.entropyNats - below.entropyNats;
  const part = width > 0 ? (entropyNats - below.entropyNats) / width : 0;
  return below.sampleAccuracy + part * (above.sampleAccuracy - below.sampleAccuracy);
}

/**
 * The parent's temperatures that are named beside their marks: T = 0, as it was asked, and the one that
 * is compared. The others crowd round that one and stand in the table.
 */
export function namedMarks(
  curve: readonly CoolingMark[],
  compared: CoolingMark | null,
): readonly CoolingMark[] {
  return curve.filter(
    (mark, at) => at === 0 || at === curve.length - 1 || mark.temperature === compared?.temperature,
  );
}
