/** Where images stand on a map of features, and which of them a rectangle holds. Pure; pixels of the page. */

export interface MapPlaces {
  /** Centres of the images, x and y in turns. */
  readonly centres: Float32Array;
  readonly width: number;
  readonly height: number;
}

export interface Rectangle {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/**
 * Both axes have one scale, so that distances on the map are those in the plane.
 *
 * @param points x and y in turns, in the features' unit; y upwards
 * @param margin kept free on every side
 */
export function placeImages(
  points: Float32Array,
  width: number,
  height: number,
  margin: number,
): MapPlaces {
  let [left, right, low, high] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let at = 0; at + 1 < points.length; at += 2) {
    left = Math.min(left, points[at] ?? 0);
    right = Math.max(right, points[at] ?? 0);
    low = Math.min(low, points[at + 1] ?? 0);
    high = Math.max(high, points[at + 1] ?? 0);
  }
  const scale = Math.min(
    (width - 2 * margin) / (right - left || 1),
    (height - 2 * margin) / (high - low || 1),
  );
  const centres = new Float32Array(points.length);
  for (let at = 0; at + 1 < points.length; at += 2) {
    centres[at] = width / 2 + ((points[at] ?? 0) - (left + right) / 2) * scale;
    centres[at + 1] = height / 2 - ((points[at + 1] ?? 0) - (low + high) / 2) * scale;
  }
  return { centres, width, height };
}

/** From one corner to the other, in whatever direction it was drawn. */
export const rectangleOf = (x0: number, y0: number, x1: number, y1: number): Rectangle => ({
  left: Math.min(x0, x1),
  top: Math.min(y0, y1),
  right: Math.max(x0, x1),
  bottom: Math.max(y0, y1),
});

/** Places of the images whose centre is inside. */
export function imagesInside({ centres }: MapPlaces, area: Rectangle): readonly number[] {
  const inside: number[] = [];
  for (let image = 0; 2 * image < centres.length; image += 1) {
    const [x, y] = [centres[2 * image] ?? NaN, centres[2 * image + 1] ?? NaN];
    if (x >= area.left && x <= area.right && y >= area.top && y <= area.bottom) inside.push(image);
  }
  return inside;
}

/** The image under a point: the one drawn last of those whose square of this side holds it; `null` for none. */
export function imageAt({ centres }: MapPlaces, x: number, y: number, side: number): number | null {
  for (let image = centres.length / 2 - 1; image >= 0; image -= 1) {
    const dx = Math.abs((centres[2 * image] ?? NaN) - x);
    const dy = Math.abs((centres[2 * image + 1] ?? NaN) - y);
    if (dx <= side / 2 && dy <= side / 2) return image;
  }
  return null;
}

/** Side of an image on the map: smaller where there are many. */
export const sideOf = (images: number): number =>
  Math.round(Math.min(32, Math.max(10, 420 / Math.sqrt(Math.max(1, images)))));

/** Hue of a class, degrees: far apart for neighbours in the list. Letters say the same. */
export const hueOf = (label: number): number => (label * 137.5 + 20) % 360;

/** Letter of a class. */
export const letterOf = (label: number): string => String.fromCharCode(65 + label);
