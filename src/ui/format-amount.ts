/** Amounts in words for progress lines: bytes, seconds, counts. */

/** A number stays with its unit. */
const NO_BREAK = '\u00a0';

const UNITS = ['B', 'kB', 'MB', 'GB'] as const;

/** Decimal bytes with two to three significant digits, e.g. `4.1 MB`, which does not break. */
export function formatBytes(sizeBytes: number): string {
  let value = sizeBytes;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 99.5 ? 0 : 1;
  return `${value.toFixed(digits)}${NO_BREAK}${UNITS[unit] ?? 'B'}`;
}

/** A span in seconds in plain words, e.g. `12 s`, `3 min`, `1.5 h`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  if (seconds < 99.5) return `${seconds.toFixed(0)} s`;
  if (seconds < 5400) return `${(seconds / 60).toFixed(0)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}

/** Whole numbers with thin grouping, e.g. `1,024`. */
export function formatCount(count: number): string {
  return Math.round(count).toLocaleString('en-US');
}
