/**
 * Whether the page has what a step of a lesson names. Asked when the lesson is opened: in class, at the
 * step, it is too late. Pure.
 */
import type { JsonPath } from './json-place.ts';
import { nearestName } from './lesson-spelling.ts';

/** What a lesson can name on this page, now. */
export interface LessonStock {
  /** Indexes of the test images that ship with the page, by set; empty where they did not load. */
  readonly shipped: ReadonlyMap<string, readonly number[]>;
  /** Whether the gallery has a test image: it ships with the page, or an open file holds it. */
  readonly hasImage: (dataset: string, index: number) => boolean;
  /** Checkpoints that can answer: built in, or added in this browser. */
  readonly checkpoints: readonly string[];
}

/** The part of a step that names what the page may not have. */
interface NamedByStep {
  readonly image: { readonly dataset: string; readonly index: number };
  readonly checkpoints: readonly string[];
}

/** What is wrong with a part of the file, and which part. */
export interface LessonFault {
  readonly path: JsonPath;
  readonly message: string;
}

/** How many images are offered in place of one that is not there. */
const OFFERED = 3;

/** What a step names and the page has not; `null` where it has all of it. */
export function stockFault(step: NamedByStep, stock: LessonStock): LessonFault | null {
  return imageFault(step, stock) ?? checkpointFault(step, stock);
}

function imageFault({ image }: NamedByStep, stock: LessonStock): LessonFault | null {
  const { dataset, index } = image;
  if (stock.shipped.size === 0) {
    const message = 'the images that ship with the page did not load: open the lesson again';
    return { path: ['image'], message };
  }
  if (stock.hasImage(dataset, index)) return null;
  const shipped = stock.shipped.get(dataset);
  const file = `${dataset}.npz`;
  if (!shipped) {
    const message = `no images of ${dataset} ship with the page; open ${file} in the gallery, then the lesson again`;
    return { path: ['image', 'dataset'], message };
  }
  const near = nearest(index, shipped).join(', ');
  const message = `${dataset} ${String(index)} is not among the ${String(shipped.length)} images that ship with the page; near it are ${near}. Or open ${file} in the gallery, then the lesson again`;
  return { path: ['image', 'index'], message };
}

const nearest = (wanted: number, indexes: readonly number[]): readonly number[] =>
  indexes
    .toSorted((a, b) => Math.abs(a - wanted) - Math.abs(b - wanted))
    .slice(0, OFFERED)
    .sort((a, b) => a - b);

function checkpointFault({ checkpoints }: NamedByStep, stock: LessonStock): LessonFault | null {
  const at = checkpoints.findIndex((id) => !stock.checkpoints.includes(id));
  const id = checkpoints[at];
  if (id === undefined) return null;
  const meant = nearestName(id, stock.checkpoints);
  const unknown = `"${id}" is neither built in nor a checkpoint that was added in this browser`;
  const message =
    meant === null
      ? `${unknown}; add it under Models with that name, then open the lesson again`
      : `${unknown}: did you mean ${meant}?`;
  return { path: ['checkpoints', at], message };
}
