/** Items of the gain scatter, those at one place as one dot. Pure. */

export interface GainItem {
  /** P(right) under the parent, 0 … 1. */
  readonly parent: number;
  /** What the child adds, −1 … 1. */
  readonly gain: number;
}

export interface GainDot extends GainItem {
  readonly items: number;
  /** Pixels; its area goes with the items. */
  readonly radius: number;
}

const LARGEST = 12;
const SMALLEST = 2;

/** The largest first, so that small ones are drawn on top. */
export function gainDots(items: readonly GainItem[]): readonly GainDot[] {
  const places = new Map<
    string,
    { readonly parent: number; readonly gain: number; items: number }
  >();
  for (const { parent, gain } of items) {
    const key = `${parent.toFixed(6)} ${gain.toFixed(6)}`;
    const place = places.get(key) ?? { parent, gain, items: 0 };
    place.items += 1;
    places.set(key, place);
  }
  const all = [...places.values()];
  const most = Math.max(1, ...all.map((place) => place.items));
  // A set without coincidences has small dots all the same.
  const unit = Math.min(LARGEST / Math.sqrt(most), 3);
  return all
    .map((place) => ({ ...place, radius: Math.max(SMALLEST, unit * Math.sqrt(place.items)) }))
    .sort((a, b) => b.items - a.items);
}
