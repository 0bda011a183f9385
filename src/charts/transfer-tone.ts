/** Colours of the transfer map: two hues that colour-blind eyes tell apart, from faint to full. Pure. */

/** A change of no strength still shows that it counts. */
const FAINTEST = 30;

/**
 * A CSS colour.
 *
 * @param strength 0 … 1 of the scale
 */
export function toneOf(direction: string, strength: number): string {
  const hue = direction === 'up' ? '--rise' : '--fall';
  const share = FAINTEST + (100 - FAINTEST) * strength;
  return `color-mix(in oklab, var(${hue}) ${share.toFixed(0)}%, var(--page))`;
}
