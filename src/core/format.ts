/** Numbers as people read them: two significant digits, never more certain than they are. */

const roundUp = (value: number): number => {
  const unit = 10 ** (Math.floor(Math.log10(value)) - 1);
  // The hair taken off keeps 0.20 / 0.01 = 20.000000000000004 from becoming 0.21.
  return Math.ceil(value / unit - 1e-9) * unit;
};

/**
 * A probability in two significant digits: `0.69`, `0.050`, `0.0037`. Only 0 and 1 themselves
 * read `0` and `1`; what would round to 1 reads `>0.99`, below 0.00001 `<0.00001`.
 */
export function formatProbability(value: number): string {
  if (!(value >= 0 && value <= 1)) {
    throw new RangeError(`A probability is a number from 0 to 1, not ${value}.`);
  }
  if (value === 0 || value === 1) return String(value);
  if (value >= 0.995) return '>0.99';
  return value < 1e-5 ? '<0.00001' : value.toPrecision(2);
}

/** A difference of two probabilities in two decimals with its sign: `+0.31`, `−0.06`, `0.00`. */
export function formatDifference(value: number): string {
  const size = Math.abs(value).toFixed(2);
  return Number(size) === 0 ? size : `${value > 0 ? '+' : '−'}${size}`;
}

/** As `formatProbability`, rounded up: "below 0.20" stays true for an upper bound of 0.1936. */
export function formatUpperBound(value: number): string {
  return value > 0 && value < 0.99 ? formatProbability(roundUp(value)) : formatProbability(value);
}
