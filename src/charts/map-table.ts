/** The map of features as rows: what its frames show in colour and place, image by image. Pure. */
import type { ChartTable } from './chart-table.ts';

export interface MapRows {
  /** x and y in turns, in the plane. */
  readonly points: Float32Array;
  /** Of each image: its class, the probe's, and the answer of a run, where it was asked. */
  readonly truth: readonly string[];
  readonly probe: readonly string[];
  readonly answer: readonly (string | null)[];
  readonly picked: ReadonlySet<number>;
}

/** A row per image; the column of answers only where one was asked. */
export function mapTable({ points, truth, probe, answer, picked }: MapRows): ChartTable {
  const hasAnswers = answer.some((one) => one !== null);
  return {
    columns: [
      ...['image', 'truth', 'probe'],
      ...(hasAnswers ? ['answer'] : []),
      ...['first direction', 'second direction', 'picked'],
    ],
    rows: truth.map((name, image) => [
      ...[String(image + 1), name, probe[image] ?? '?'],
      ...(hasAnswers ? [answer[image] ?? 'not asked'] : []),
      (points[2 * image] ?? 0).toFixed(2),
      (points[2 * image + 1] ?? 0).toFixed(2),
      picked.has(image) ? 'yes' : 'no',
    ]),
  };
}
