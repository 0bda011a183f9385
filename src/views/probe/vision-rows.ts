/** The rows of the table: per set, each studied checkpoint with what its probe and its answers say. Pure. */

import type { SeeOrSay } from '../../core/probe/see-or-say.ts';
import type { Estimate } from '../../core/sets/resampling.ts';
import type { Stage } from '../../core/types.ts';
import { datasetLabels } from '../../state/dataset-names.ts';
import type { ProbeBoard } from '../../state/probe-board.svelte.ts';
import type { SeeingChange } from '../../state/seeing.svelte.ts';
import type { PublishedClassifiers } from '../../state/published.svelte.ts';

type VisionResult = NonNullable<ProbeBoard['focus']>;

export interface VisionRow {
  readonly result: VisionResult;
  readonly stage: Stage;
  /** It has no language: it answers nothing. */
  readonly seesOnly: boolean;
  readonly change: SeeingChange | null;
  readonly seeOrSay: SeeOrSay | null;
  /** Of the open run; `null` where it did not ask this checkpoint. */
  readonly answers: {
    readonly items: number;
    readonly accuracyAt1: Estimate;
    readonly support: Estimate;
    readonly gap: Estimate;
    readonly chance: number | null;
    readonly k: number;
  } | null;
}

export interface VisionBlock {
  readonly dataset: VisionResult['dataset'];
  readonly classes: number;
  readonly published: PublishedClassifiers | null;
  /** Images of the first row; all checkpoints are tested on the same. */
  readonly images: VisionResult['images'];
  /** Share of the test images that are of their commonest class. */
  readonly commonest: number;
  readonly origin: string;
  readonly rows: readonly VisionRow[];
}

/** The largest k up to this one that every item has samples for is shown. */
const MOST_K = 16;

export function visionBlocks(board: ProbeBoard): readonly VisionBlock[] {
  const { job, plan } = board;
  const datasets = [...new Set(job.results.map(({ dataset }) => dataset))];
  return datasets.map((dataset) => {
    const own = job.results.filter((result) => result.dataset === dataset);
    const ordered = plan.candidates.flatMap(({ id }) =>
      own.filter((result) => result.checkpointId === id),
    );
    const [first] = ordered;
    return {
      dataset,
      classes: datasetLabels(dataset).length,
      published: board.publishedOf(dataset),
      images: first?.images ?? { train: 0, val: 0, test: 0 },
      commonest: first ? shareOfCommonest(first.labels) : 0,
      origin: job.imagesOf(dataset)?.attribution ?? '',
      rows: ordered.map((result) => rowOf(board, result)),
    };
  });
}

function rowOf(board: ProbeBoard, result: VisionResult): VisionRow {
  const { checkpointId, dataset } = result;
  const slot = board.plan.candidates.find(({ id }) => id === checkpointId);
  const figures = board.figuresOf(checkpointId, dataset);
  const items = figures?.items.value ?? 0;
  const curve = figures?.passAtK.filter(
    (point) => point.items.value === items && point.k <= MOST_K,
  );
  const point = curve?.at(-1);
  return {
    result,
    stage: slot?.row.stage ?? 'other',
    seesOnly: slot?.kind === 'vision',
    change: board.seeing.changeOf(checkpointId, dataset),
    seeOrSay: board.seeing.seeOrSayOf(checkpointId, dataset),
    answers:
      figures && point
        ? {
            items,
            accuracyAt1: figures.accuracyAt1,
            support: point.support,
            gap: point.gap,
            chance: curve?.[0]?.chance.value ?? null,
            k: point.k,
          }
        : null,
  };
}

/** What saying the same of every image is right on. */
export function shareOfCommonest(labels: Int32Array): number {
  const counts = new Map<number, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  return Math.max(0, ...counts.values()) / Math.max(1, labels.length);
}
