/** Tables of the charts over whole sets. Pure. */
import { estimateWords } from '../core/sets/estimate-words.ts';
import type { ChartTable } from './chart-table.ts';
import type { CoolingMark } from './cooling-layout.ts';
import type { DumbbellRow } from './dumbbell-layout.ts';
import type { GainDot } from './gain-dots.ts';
import type { LineagePoint } from './lineage-line.ts';
import { binWords, type Bin } from './support-histogram-layout.ts';

const chanceWords = (chance: number | null): string =>
  chance === null ? 'none' : chance.toFixed(2);

/** A row per set and side. */
export function dumbbellTable(rows: readonly DumbbellRow[]): ChartTable {
  return {
    columns: ['set', 'items', 'k', 'checkpoint', 'A', 'S_k', 'guessing'],
    rows: rows.flatMap(({ dataset, items, k, chance, sides }) =>
      sides.map((side) => [
        dataset,
        String(items),
        String(k),
        side.title,
        estimateWords(side.accuracy),
        estimateWords(side.support),
        chanceWords(chance),
      ]),
    ),
  };
}

/** A row per dot, from the lowest P(right) to the highest. */
export function gainTable(dots: readonly GainDot[]): ChartTable {
  return {
    columns: ['P(right) under the parent', 'gain', 'items'],
    rows: dots
      .toSorted((one, other) => one.parent - other.parent || one.gain - other.gain)
      .map((dot) => [dot.parent.toFixed(2), dot.gain.toFixed(2), String(dot.items)]),
  };
}

export interface HistogramRow {
  readonly title: string;
  /** Items in each bin, and as many as would be there if all were equally hard. */
  readonly counts: readonly number[];
  readonly even: readonly number[];
}

/** A row per bin. */
export function histogramTable(bins: readonly Bin[], rows: readonly HistogramRow[]): ChartTable {
  return {
    columns: [
      'right samples',
      ...rows.flatMap(({ title }) => [`${title}, items`, `${title}, if equally hard`]),
    ],
    rows: bins.map((bin, at) => [
      binWords(bin),
      ...rows.flatMap(({ counts, even }) => [String(counts[at] ?? 0), (even[at] ?? 0).toFixed(1)]),
    ]),
  };
}

/** A row per mark: the parent's, the coldest first, then the child's. */
export function coolingTable(
  parent: { readonly title: string; readonly marks: readonly CoolingMark[] },
  child: { readonly title: string; readonly mark: CoolingMark },
): ChartTable {
  return {
    columns: ['checkpoint', 'T', 'answer entropy, nats', 'right, share of answers'],
    rows: [
      ...parent.marks.map((mark) => ({ title: parent.title, mark })),
      { title: child.title, mark: child.mark },
    ].map(({ title, mark }) => [
      title,
      String(mark.temperature),
      mark.entropyNats.toFixed(3),
      mark.sampleAccuracy.toFixed(3),
    ]),
  };
}

/** A row per checkpoint. */
export function lineageTable(figure: string, points: readonly LineagePoint[]): ChartTable {
  return {
    columns: ['checkpoint', 'stage', figure, 'guessing'],
    rows: points.map(({ title, stage, estimate, chance }) => [
      title,
      stage,
      estimateWords(estimate),
      chanceWords(chance),
    ]),
  };
}
