/** Rows of the transfer map as the chart takes them, and what is said beside it. Pure. */
import { factsLine, type ChartFacts } from '../../charts/chart-facts.ts';
import type { TransferColumn, TransferLine } from '../../charts/transfer-layout.ts';
import { transferCells, type TransferMeasure } from '../../core/sets/transfer.ts';
import type { ComparisonStep } from '../../state/comparison.svelte.ts';
import { datasetModality, datasetName } from '../../state/dataset-names.ts';
import type { TransferRow } from '../../state/transfer-map.svelte.ts';
import { sideTitle } from './side-view.ts';
import { distinctSides, stepsCaption } from './step-caption.ts';

export function transferLines(
  rows: readonly TransferRow[],
  measure: TransferMeasure,
): readonly TransferLine[] {
  const sides = distinctSides(rows.map(({ step }) => step));
  return rows.map(({ step: { parent, child, comparison }, rlOn }) => {
    const parentTitle = sideTitle(parent, sides);
    return {
      id: `${child.runId} ${child.checkpointId} ${parent.runId} ${parent.checkpointId}`,
      child: child.checkpointId,
      title: `${parentTitle} → ${sideTitle(child, sides)}`,
      parent: parentTitle,
      stage: child.answerer.stage,
      about: rlOnWords(rlOn),
      own: rlOn ?? [],
      cells: comparison && transferCells(comparison, measure),
    };
  });
}

/** `RL on OrganAMNIST, Abdominal CT`; of more than two sets their number, which the outlines name. */
export function rlOnWords(rlOn: readonly string[] | null): string {
  if (rlOn === null) return 'which sets its RL saw is not known';
  const [only] = rlOn;
  if (only !== undefined && rlOn.length === 1) {
    return `RL on ${[datasetName(only), datasetModality(only)].filter((part) => part !== '').join(', ')}`;
  }
  return rlOn.length > 2
    ? `RL on ${String(rlOn.length)} sets`
    : `RL on ${rlOn.map(datasetName).join(' and ')}`;
}

/** The sets that any row was asked about, in the order in which they come. */
export function transferColumns(lines: readonly TransferLine[]): readonly TransferColumn[] {
  const datasets = lines.flatMap(({ cells }) => (cells ?? []).map(({ dataset }) => dataset));
  return [...new Set(datasets)].map((dataset) => {
    const title = datasetName(dataset);
    return {
      ...{ dataset, title, about: datasetModality(dataset) },
      shortTitle: title.replace(/MNIST$/u, ''),
    };
  });
}

export function transferFacts(rows: readonly TransferRow[]): ChartFacts {
  const steps = rows.map(({ step }) => step);
  const sides = distinctSides(steps);
  const lines = new Set(
    sides.map(({ run: { settings }, answerer }) =>
      factsLine({
        ...{ samples: [], sampler: settings.sampler, promptMode: settings.promptMode },
        ...{ checkpoints: [], devices: [answerer.device] },
      }).replace(/^n = 0, /u, ''),
    ),
  );
  const seen = rows.flatMap(({ step: { child }, rlOn }) =>
    rlOn === null
      ? []
      : [`RL of ${child.checkpointId} was run on: ${rlOn.map(datasetName).join(', ')}`],
  );
  return {
    line: [...lines].join(' / '),
    full: [...stepsCaption(steps), ...new Set(seen)],
    name: 'transfer',
  };
}

/** Why a compared RL checkpoint is no row. */
export function leftOutWords({ parent, child }: ComparisonStep): string {
  return (
    `${parent.checkpointId} → ${child.checkpointId} is not in the map: ${child.checkpointId} was not trained ` +
    `straight from ${parent.checkpointId}, so what differs is not its RL alone.`
  );
}

export interface MeasureChoice {
  readonly value: TransferMeasure;
  readonly label: string;
}

/** @param rows whose K names the last choice where they agree on it */
export function measureChoices(rows: readonly TransferRow[]): readonly MeasureChoice[] {
  const ks = new Set(
    rows.flatMap(({ step: { parent, child } }) =>
      [parent, child].map(({ run }) => run.settings.sampler.k),
    ),
  );
  const [k] = ks;
  return [
    { value: 'accuracy', label: 'ΔA' },
    { value: 'informative', label: 'ΔS, informative k' },
    { value: 'support', label: `ΔS, k = ${ks.size === 1 ? String(k) : 'K'}` },
  ];
}
