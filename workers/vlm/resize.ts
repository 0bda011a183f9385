/**
 * Resizing as Pillow does it, because the checkpoints were trained on Pillow's pixels and a 28-pixel
 * image blown up by a canvas looks different. Follows `src/libImaging/Resample.c` for 8-bit RGB:
 * the filter's support grows with the shrink factor (antialiasing), coefficients are fixed-point
 * with 22 bits, the horizontal pass is rounded to 8 bits before the vertical one.
 */
import type { RgbImage } from '../../src/core/types.ts';

export type ResizeFilter = 'bilinear' | 'bicubic' | 'lanczos';

interface Kernel {
  readonly weight: (x: number) => number;
  /** Half width at scale 1, source pixels. */
  readonly support: number;
}

/** For each output position: the first source position and `counts` fixed-point coefficients. */
interface Coefficients {
  readonly firsts: Int32Array;
  readonly counts: Int32Array;
  /** Row `i` starts at `i · stride`. */
  readonly values: Int32Array;
  readonly stride: number;
}

const PRECISION_BITS = 32 - 8 - 2;
const ONE = 1 << PRECISION_BITS;
const HALF = 1 << (PRECISION_BITS - 1);
const BICUBIC_A = -0.5;

function bilinear(x: number): number {
  const distance = Math.abs(x);
  return distance < 1 ? 1 - distance : 0;
}

function bicubic(x: number): number {
  const d = Math.abs(x);
  if (d < 1) return ((BICUBIC_A + 2) * d - (BICUBIC_A + 3)) * d * d + 1;
  if (d < 2) return (((d - 5) * d + 8) * d - 4) * BICUBIC_A;
  return 0;
}

function sinc(x: number): number {
  if (x === 0) return 1;
  return Math.sin(x * Math.PI) / (x * Math.PI);
}

function lanczos(x: number): number {
  return x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0;
}

const KERNELS: Readonly<Record<ResizeFilter, Kernel>> = {
  bilinear: { weight: bilinear, support: 1 },
  bicubic: { weight: bicubic, support: 2 },
  lanczos: { weight: lanczos, support: 3 },
};

function precomputeCoefficients(inSize: number, outSize: number, kernel: Kernel): Coefficients {
  const scale = inSize / outSize;
  const filterScale = Math.max(scale, 1);
  const support = kernel.support * filterScale;
  const stride = Math.ceil(support) * 2 + 1;
  const firsts = new Int32Array(outSize);
  const counts = new Int32Array(outSize);
  const values = new Int32Array(outSize * stride);
  const weights = new Float64Array(stride);
  for (let out = 0; out < outSize; out++) {
    const center = (out + 0.5) * scale;
    const first = Math.max(0, Math.trunc(center - support + 0.5));
    const count = Math.min(inSize, Math.trunc(center + support + 0.5)) - first;
    let sum = 0;
    for (let i = 0; i < count; i++) {
      const weight = kernel.weight((i + first - center + 0.5) * (1 / filterScale));
      weights[i] = weight;
      sum += weight;
    }
    firsts[out] = first;
    counts[out] = count;
    for (let i = 0; i < count; i++) {
      const weight = weights[i] ?? 0;
      const fixed = (sum === 0 ? weight : weight / sum) * ONE;
      values[out * stride + i] = Math.trunc(fixed < 0 ? fixed - 0.5 : fixed + 0.5);
    }
  }
  return { firsts, counts, values, stride };
}

/**
 * One pass along one axis. A pixel at (line, position) starts at byte
 * `line · lineStep + position · positionStep`, in the source and in the target alike.
 */
function resamplePass(
  source: Uint8Array,
  target: Uint8Array,
  lines: number,
  steps: { sourceLine: number; targetLine: number; position: number },
  coefficients: Coefficients,
): void {
  const { firsts, counts, values, stride } = coefficients;
  for (let line = 0; line < lines; line++) {
    for (let out = 0; out < firsts.length; out++) {
      const count = counts[out] ?? 0;
      let from = line * steps.sourceLine + (firsts[out] ?? 0) * steps.position;
      let red = HALF;
      let green = HALF;
      let blue = HALF;
      for (let i = 0; i < count; i++, from += steps.position) {
        const coefficient = values[out * stride + i] ?? 0;
        red += (source[from] ?? 0) * coefficient;
        green += (source[from + 1] ?? 0) * coefficient;
        blue += (source[from + 2] ?? 0) * coefficient;
      }
      const to = line * steps.targetLine + out * steps.position;
      target[to] = clip8(red);
      target[to + 1] = clip8(green);
      target[to + 2] = clip8(blue);
    }
  }
}

function clip8(fixed: number): number {
  return Math.min(255, Math.max(0, fixed >> PRECISION_BITS));
}

function resizeColumns(image: RgbImage, width: number, kernel: Kernel): RgbImage {
  const { height } = image;
  const data = new Uint8Array(width * height * 3);
  const steps = { sourceLine: image.width * 3, targetLine: width * 3, position: 3 };
  const coefficients = precomputeCoefficients(image.width, width, kernel);
  resamplePass(image.data, data, height, steps, coefficients);
  return { width, height, data };
}

function resizeRows(image: RgbImage, height: number, kernel: Kernel): RgbImage {
  const { width } = image;
  const data = new Uint8Array(width * height * 3);
  const steps = { sourceLine: 3, targetLine: 3, position: width * 3 };
  const coefficients = precomputeCoefficients(image.height, height, kernel);
  resamplePass(image.data, data, width, steps, coefficients);
  return { width, height, data };
}

/**
 * Pillow's `Image.resize((width, height), filter)` for an RGB image; the result is always a copy.
 *
 * @throws RangeError for a size that is no positive integer, or data that do not fit the size
 */
export function resizeRgb(
  image: RgbImage,
  width: number,
  height: number,
  filter: ResizeFilter,
): RgbImage {
  for (const side of [width, height, image.width, image.height]) {
    if (!Number.isInteger(side) || side < 1) throw new RangeError(`${side} is no image side.`);
  }
  if (image.data.length !== image.width * image.height * 3) {
    throw new RangeError(`An RGB image of ${image.width} × ${image.height} has other data.`);
  }
  const kernel = KERNELS[filter];
  const wide = width === image.width ? image : resizeColumns(image, width, kernel);
  const done = height === image.height ? wide : resizeRows(wide, height, kernel);
  return done === image ? { width, height, data: image.data.slice() } : done;
}
