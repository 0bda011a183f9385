/** Which samples the list shows: all, those with an answer, or those of a band of the river. */

import type { BarSelection } from '../../charts/bar-series.ts';
import type { RiverSelection } from '../../charts/river-selection.ts';
import type { PointTarget } from '../../core/pointing.ts';
import type { SampleRow } from './explore-types.ts';

export type SampleFilter =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'answer';
      readonly selected: BarSelection;
      readonly label: string;
      readonly indexes: readonly number[];
    }
  | { readonly kind: 'band'; readonly selected: RiverSelection };

export const NO_FILTER: SampleFilter = { kind: 'none' };

/** Words for the filter's chip; `null` when off. */
export function filterWords(filter: SampleFilter): string | null {
  if (filter.kind === 'none') return null;
  return filter.kind === 'answer' ? filter.label : filter.selected.label;
}

/** What is pinned by it; `null` when off. */
export function filterTarget(filter: SampleFilter): PointTarget | null {
  if (filter.kind === 'none') return null;
  if (filter.kind === 'band') return filter.selected.target;
  const { series, answer } = filter.selected;
  return { kind: 'answer', checkpointId: series, answer };
}

/** The checkpoint whose samples are shown. */
const checkpointOf = (filter: Exclude<SampleFilter, { kind: 'none' }>): string =>
  filter.kind === 'answer' ? filter.selected.series : filter.selected.river;

export function filterRows(rows: readonly SampleRow[], filter: SampleFilter): readonly SampleRow[] {
  if (filter.kind === 'none') return rows;
  const indexes = new Set(
    filter.kind === 'answer' ? filter.indexes : filter.selected.sampleIndexes,
  );
  const id = checkpointOf(filter);
  return rows.filter(({ index, checkpoint }) => checkpoint === id && indexes.has(index));
}
