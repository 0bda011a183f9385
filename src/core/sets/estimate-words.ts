/** Estimates as people read them: the value with its 95 % interval. */
import { formatDifference } from '../format.ts';
import type { Interval } from '../intervals.ts';

interface Shown {
  readonly value: number | null;
  readonly interval: Interval | null;
}

const NONE = '–';

function words({ value, interval }: Shown, format: (value: number) => string): string {
  if (value === null) return NONE;
  if (interval === null) return format(value);
  return `${format(value)} (${format(interval.lower)} to ${format(interval.upper)})`;
}

/** `0.69 (0.61 to 0.76)`, below 0 with a sign, never `−0.00`; `–` where there is none. */
export function estimateWords(estimate: Shown): string {
  return words(estimate, (value) => formatDifference(value).replace('+', ''));
}

/** `+0.12 (+0.05 to +0.19)`; `–` where there is none. */
export function changeWords(estimate: Shown): string {
  return words(estimate, formatDifference);
}
