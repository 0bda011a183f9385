/** What a saved picture of Evaluate states of its run, line by line. Pure. */

import {
  checkpointLine,
  deviceLine,
  intervalLine,
  nullsLine,
  samplerInFull,
} from '../../charts/caption-lines.ts';
import { runTitle } from '../../core/sets/shard.ts';
import { datasetName } from '../../state/dataset-names.ts';
import type { StoredRun } from './evaluate-types.ts';
import type { RunSeries } from './set-view.ts';

/** @param series the checkpoints that are shown, with the items that count */
export function setCaption(
  run: StoredRun,
  series: readonly Pick<RunSeries, 'id' | 'items'>[],
): readonly string[] {
  const answerers = series.flatMap(({ id }) => run.answerers[id] ?? []);
  const { sampler, promptMode, nulls } = run.settings;
  return [
    `Run “${runTitle(run)}”: ${run.shard ? 'a part of ' : ''}${datasetsWords(run.datasets)}`,
    `${checkpointLine(answerers)}; ${countsWords(series)}`,
    `Sampler: ${samplerInFull(sampler)}; prompt mode ${promptMode}`,
    deviceLine(answerers),
    nullsLine(nulls),
    intervalLine(),
  ];
}

/** `BloodMNIST 20 items, BreastMNIST 20 items`. */
export const datasetsWords = (datasets: StoredRun['datasets']): string =>
  datasets.map(({ dataset, items }) => `${datasetName(dataset)} ${itemsWords(items)}`).join(', ');

const itemsWords = (items: number): string => `${String(items)} ${items === 1 ? 'item' : 'items'}`;

/** While a run goes on its checkpoints have answered differently many. */
function countsWords(series: readonly Pick<RunSeries, 'id' | 'items'>[]): string {
  const counts = new Set(series.map(({ items }) => items.length));
  if (counts.size === 1) return `n = ${itemsWords(series[0]?.items.length ?? 0)}`;
  return `n = ${series.map(({ id, items }) => `${itemsWords(items.length)} (${id})`).join(', ')}`;
}
