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

/** What a step changed in what the probe tells right, and what a seed of the probe alone changes. */
export interface SeeingChange extends Estimate {
  readonly bySeed: number;
}

interface WorkedChange {
  readonly of: Step;
  readonly value: SeeingChange | null;
}

/** By what it was worked out from, so that answers that come in change only what they change. */
interface Worked<Value> {
  readonly key: string;
  readonly value: Value | null;
}

export class Seeing {
  #seeOrSay = $state.raw<readonly Worked<SeeOrSay>[]>([]);
  #changes = $state.raw<readonly WorkedChange[]>([]);
  #isSettling = false;
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
    const joined = this.joinedOf(checkpointId, dataset);
    if (joined === null || joined.items.length === 0) return null;
    const name = nameOf(joined);
    // While answers come in, what was worked out last stays.
    const own = this.#seeOrSay.filter(({ key }) => key.startsWith(name));
    return (own.find(({ key }) => key === keyOf(joined)) ?? own.at(-1))?.value ?? null;
  }

  /** Of what the probe tells right, against the parent's; `null` without a parent, and until it is worked out. */
  changeOf(checkpointId: string, dataset: DatasetId): SeeingChange | null {
    const joined = this.joinedOf(checkpointId, dataset);
    return this.#changes.find(({ of }) => joined !== null && isSameStep(of, joined))?.value ?? null;
  }

  /** Works out what is missing, one after the other; called again while it works, it does nothing. */
  async settle(): Promise<void> {
    if (this.#isSettling) return;
    this.#isSettling = true;
    try {
      while (await this.#settleOnce());
      this.#error = null;
    } catch (thrown) {
      this.#error = asNamedError(thrown);
    } finally {
      this.#isSettling = false;
    }
  }

  /** @returns whether anything was missing */
  async #settleOnce(): Promise<boolean> {
    const { joined } = this;
    const asked = joined.filter(
      (one) => one.items.length > 0 && !this.#seeOrSay.some(({ key }) => key === keyOf(one)),
    );
    const steps = joined.filter(
      (one) => one.parent !== null && !this.#changes.some(({ of }) => isSameStep(of, one)),
    );
    if (asked.length === 0 && steps.length === 0) return false;
    const [figures, changes] = await Promise.all([
      this.probes.seeOrSay(asked.map(({ items }) => items)),
      this.probes.seeingChanges(steps.map(seenByBoth)),
    ]);
    const fresh = asked.map((one, at) => ({ key: keyOf(one), value: figures[at] ?? null }));
    const isFresh = (key: string): boolean => asked.some((one) => key.startsWith(nameOf(one)));
    this.#seeOrSay = [...this.#seeOrSay.filter(({ key }) => !isFresh(key)), ...fresh];
    this.#changes = [
      ...this.#changes.filter(({ of }) => joined.some((one) => isSameStep(of, one))),
      ...steps.map((of, at) => {
        const change = changes[at] ?? null;
        return { of, value: change && { ...change, bySeed: seedChange(of) } };
      }),
    ];
    return true;
  }

  #parentOf({ checkpointId, dataset }: VisionResult): VisionResult | null {
    const parent = this.checkpoints.find(checkpointId)?.row.parent ?? null;
    return parent === null ? null : this.job.resultOf(parent, dataset);
  }
}

type Step = Pick<Joined, 'result' | 'parent'>;

const isSameStep = (a: Step, b: Step): boolean => a.result === b.result && a.parent === b.parent;

/**
 * What another seed of the probe alone changes, of parent or child, whichever is more: the interval of a
 * change is over images and knows nothing of it.
 */
const seedChange = ({ result, parent }: Step): number =>
  Math.max(bySeed(result), parent === null ? 0 : bySeed(parent));

function bySeed({ labels, linear, secondSeed }: VisionResult): number {
  const right = (said: Int32Array): number =>
    labels.filter((label, image) => label === said[image]).length;
  return Math.abs(right(linear.said) - right(secondSeed)) / Math.max(1, labels.length);
}

const nameOf = ({ result: { checkpointId, dataset } }: Joined): string =>
  `${checkpointId} ${dataset} `;

/** Who, about what, and of each item whether it is seen and said. */
const keyOf = (joined: Joined): string =>
  nameOf(joined) +
  joined.items.map(({ sees, says }) => String(2 * Number(sees) + Number(says))).join('');

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
