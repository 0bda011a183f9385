/**
 * See or say: what the probes say of the images that the open run asked about, beside its answers; and what
 * each step of training changed in what is seen.
 */

import type { SeenByBoth, SeeOrSay } from '../core/probe/see-or-say.ts';
import type { Estimate } from '../core/sets/resampling.ts';
import type { DatasetId } from '../data/medmnist.ts';
import { joinAnswers, rowsByImage, type JoinedItem } from '../evaluation/join-answers.ts';
import type { VisionResult } from '../evaluation/vision-study.ts';
import { asNamedError, type NamedError } from '../protocol/errors.ts';
import type { ProbeBackend } from '../protocol/probe.ts';
import type { CheckpointChoice } from './checkpoint-choice.svelte.ts';
import type { SetResults } from './set-results.svelte.ts';
import type { VisionJob } from './vision-job.svelte.ts';

/** One checkpoint on one set. */
export interface Joined {
  readonly result: VisionResult;
  /** In the order of the run; empty where the run asked nothing about these images. */
  readonly items: readonly JoinedItem[];
  /** The same set under the checkpoint that it was trained from; `null` where that was not studied. */
  readonly parent: VisionResult | null;
}

interface Worked {
  readonly of: Joined;
  readonly seeOrSay: SeeOrSay | null;
  readonly change: Estimate | null;
}

export class Seeing {
  #worked = $state.raw<readonly Worked[]>([]);
  #error = $state.raw<NamedError | null>(null);

  readonly #byImage = $derived.by(() => rowsByImage(this.results.rows));

  readonly joined = $derived.by<readonly Joined[]>(() =>
    this.job.results.map((result) => ({
      result,
      items: joinAnswers(result, this.results.rows, this.#byImage),
      parent: this.#parentOf(result),
    })),
  );

  constructor(
    private readonly job: VisionJob,
    private readonly results: SetResults,
    private readonly checkpoints: CheckpointChoice,
    private readonly probes: Pick<ProbeBackend, 'seeOrSay' | 'seeingChanges'>,
  ) {}

  get error(): NamedError | null {
    return this.#error;
  }

  joinedOf(checkpointId: string, dataset: DatasetId): Joined | null {
    return (
      this.joined.find(
        ({ result }) => result.checkpointId === checkpointId && result.dataset === dataset,
      ) ?? null
    );
  }

  /** `null` without answers, and until it is worked out. */
  seeOrSayOf(checkpointId: string, dataset: DatasetId): SeeOrSay | null {
    return this.#of(checkpointId, dataset)?.seeOrSay ?? null;
  }

  /** Of what the probe tells right, against the parent's; `null` without a parent, and until it is worked out. */
  changeOf(checkpointId: string, dataset: DatasetId): Estimate | null {
    return this.#of(checkpointId, dataset)?.change ?? null;
  }

  /** Works out the intervals of what is joined now, and of nothing twice. */
  async settle(joined: readonly Joined[]): Promise<void> {
    const open = joined.filter((one) => !this.#worked.some(({ of }) => of === one));
    if (open.length === 0) return;
    try {
      const [figures, changes] = await Promise.all([
        this.probes.seeOrSay(open.map(({ items }) => items)),
        this.probes.seeingChanges(open.map(seenByBoth)),
      ]);
      const added = open.map((of, at) => ({
        of,
        seeOrSay: figures[at] ?? null,
        change: changes[at] ?? null,
      }));
      const current = this.joined;
      this.#worked = [...this.#worked, ...added].filter(({ of }) => current.includes(of));
      this.#error = null;
    } catch (thrown) {
      this.#error = asNamedError(thrown);
    }
  }

  /** What was worked out last stays until it is worked out anew. */
  #of(checkpointId: string, dataset: DatasetId): Worked | undefined {
    return this.#worked.findLast(
      ({ of: { result } }) => result.checkpointId === checkpointId && result.dataset === dataset,
    );
  }

  #parentOf({ checkpointId, dataset }: VisionResult): VisionResult | null {
    const parent = this.checkpoints.find(checkpointId)?.row.parent ?? null;
    return parent === null ? null : this.job.resultOf(parent, dataset);
  }
}

/** The same test images, each told by the probe of either; empty without a parent. */
function seenByBoth({ result, parent }: Joined): readonly SeenByBoth[] {
  if (parent === null || parent.kind !== result.kind) return [];
  const places = new Map(parent.sha256s.map((sha256, place) => [sha256, place]));
  return result.sha256s.flatMap((sha256, image) => {
    const place = places.get(sha256);
    if (place === undefined) return [];
    return [
      {
        parent: parent.linear.said[place] === parent.labels[place],
        child: result.linear.said[image] === result.labels[image],
      },
    ];
  });
}
