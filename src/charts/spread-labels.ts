/** Places labels near their points without overlap, in the points' order. Positions in px. */
export function spreadLabels(
  wanted: readonly number[],
  pitch: number,
  low: number,
  high: number,
): readonly number[] {
  const order = wanted.map((_, at) => at).sort((a, b) => (wanted[a] ?? 0) - (wanted[b] ?? 0));
  const out = [...wanted];
  let floor = low;
  for (const at of order) {
    out[at] = Math.max(floor, wanted[at] ?? 0);
    floor = (out[at] ?? 0) + pitch;
  }
  let ceiling = high;
  for (const at of [...order].reverse()) {
    out[at] = Math.min(ceiling, out[at] ?? 0);
    ceiling = (out[at] ?? 0) - pitch;
  }
  return out;
}
