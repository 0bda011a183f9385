/** A run over sets as it stands in the controls, and what it would cost. */

import { MOST_SHARDS, ownCount, parseShard, shardWords, type Shard } from '../core/sets/shard.ts';
import type { PromptMode, QuestionKind } from '../core/types.ts';
import type { FieldProblem } from '../core/validate.ts';
import { MIN_WRONG_IMAGES } from '../core/wrong-image.ts';
import type { PlanRequest } from '../evaluation/plan-run.ts';
import { samplesOfItem } from '../evaluation/asked-run.ts';
import type { CheckpointChoice } from './checkpoint-choice.svelte.ts';
import type { LabelledCollection } from './image-gallery.svelte.ts';
import { SamplerDraft } from './sampler-draft.svelte.ts';
import { hostsOf } from './served-hosts.ts';
import type { SetDraft } from './set-draft.svelte.ts';

const DEFAULT_ITEMS_PER_SET = 10;
const MOST_ITEMS_PER_SET = 100_000;

/** What starting would do, before anything is loaded. */
export interface RunCost {
  /** Items, and records: one per item and checkpoint. */
  readonly items: number;
  readonly records: number;
  /** Samples to draw, nulls included. */
  readonly samples: number;
}

export class EvaluationDraft {
  readonly sampler = new SamplerDraft();
  #checkpointIds = $state.raw<readonly string[]>([]);
  #itemsPerSet = $state(DEFAULT_ITEMS_PER_SET);
  #kind = $state<QuestionKind>('options');
  #mode = $state<PromptMode>('think');
  #hint = $state('');
  #nulls = $state(true);
  #name = $state('');
  #shardText = $state<string | null>(null);

  /** Items that the sets give, for all shards together. */
  readonly plannedItems = $derived.by<number>(() =>
    this.sets.reduce(
      (sum, { images }) => sum + Math.min(images.length, Math.max(0, this.#itemsPerSet)),
      0,
    ),
  );

  readonly cost = $derived.by<RunCost>(() => {
    const items = ownCount(this.plannedItems, this.shard ?? undefined);
    const records = items * this.#checkpointIds.length;
    const asked = { sampler: this.sampler.settings, nulls: this.#nulls };
    return { items, records, samples: records * samplesOfItem(asked, MIN_WRONG_IMAGES) };
  });

  readonly problems = $derived.by<readonly FieldProblem[]>(() => [
    ...this.setDraft.problems,
    ...(this.#checkpointIds.length === 0
      ? [{ field: 'checkpoints', message: 'Choose at least one checkpoint.' }]
      : []),
    ...(isItemCount(this.#itemsPerSet)
      ? []
      : [
          {
            field: 'itemsPerSet',
            message: `Items per set must be a whole number from 1 to ${String(MOST_ITEMS_PER_SET)}.`,
          },
        ]),
    ...this.#shardProblems(),
    ...(this.#mode === 'hinted' && this.#hint.trim() === ''
      ? [{ field: 'hint', message: 'A hinted run needs a hint.' }]
      : []),
    ...this.sampler.problems,
  ]);

  constructor(
    readonly setDraft: SetDraft,
    readonly checkpoints: CheckpointChoice,
  ) {
    this.#checkpointIds = checkpoints.chosenIds;
  }

  /** Those that are chosen. */
  get sets(): readonly LabelledCollection[] {
    return this.setDraft.chosen;
  }
  /** In the order of the table. */
  get checkpointIds(): readonly string[] {
    return this.checkpoints.slots.map(({ id }) => id).filter((id) => this.hasCheckpoint(id));
  }
  /** Hosts that the run would send images to; empty where all of it runs in this browser. */
  get hosts(): readonly string[] {
    return hostsOf(this.checkpoints.slots.filter(({ id }) => this.hasCheckpoint(id)));
  }
  get itemsPerSet(): number {
    return this.#itemsPerSet;
  }
  get kind(): QuestionKind {
    return this.#kind;
  }
  get mode(): PromptMode {
    return this.#mode;
  }
  get hint(): string {
    return this.#hint;
  }
  get nulls(): boolean {
    return this.#nulls;
  }
  /** As typed; empty for the name that the settings give. */
  get name(): string {
    return this.#name;
  }
  /** As the address has it; `null` for the whole plan. */
  get shardText(): string | null {
    return this.#shardText;
  }
  /** The part of the plan that the run answers; `null` for all of it, or where the text is none. */
  get shard(): Shard | null {
    return this.#shardText === null ? null : parseShard(this.#shardText);
  }
  /** What the run is called unless it is given a name. */
  get defaultName(): string {
    const { sets } = this;
    const what = sets.length === 1 ? (sets[0]?.name ?? '') : `${String(sets.length)} sets`;
    return `${this.checkpointIds.join(', ')} on ${what}, K = ${String(this.sampler.settings.k)}`;
  }

  hasCheckpoint(id: string): boolean {
    return this.#checkpointIds.includes(id);
  }
  toggleCheckpoint(id: string): void {
    this.#checkpointIds = this.hasCheckpoint(id)
      ? this.#checkpointIds.filter((one) => one !== id)
      : [...this.#checkpointIds, id];
  }
  /** Asks these by the study's sampler, with reasoning. */
  usePaperLineage(ids: readonly string[]): void {
    this.#checkpointIds = ids;
    this.#mode = 'think';
    this.sampler.usePaper({ isServed: true });
  }
  setItemsPerSet(count: number): void {
    this.#itemsPerSet = count;
  }
  setKind(kind: QuestionKind): void {
    this.#kind = kind;
  }
  setMode(mode: PromptMode): void {
    this.#mode = mode;
  }
  setHint(hint: string): void {
    this.#hint = hint;
  }
  setNulls(wanted: boolean): void {
    this.#nulls = wanted;
  }
  /** @param text such as `3/16`; `null` for the whole plan */
  setShard(text: string | null): void {
    this.#shardText = text;
  }
  setName(name: string): void {
    this.#name = name;
  }

  /** What is planned; `null` while something is missing. */
  request(): PlanRequest | null {
    if (this.problems.length > 0) return null;
    const name = this.#name.trim();
    const { shard } = this;
    return {
      name: name === '' ? this.defaultName : name,
      sets: this.sets,
      itemsPerSet: this.#itemsPerSet,
      kind: this.#kind,
      ...(shard && { shard }),
      settings: {
        checkpointIds: this.checkpointIds,
        promptMode: this.#mode,
        hint: this.#mode === 'hinted' ? this.#hint : null,
        sampler: this.sampler.settings,
        nulls: this.#nulls,
      },
    };
  }

  #shardProblems(): readonly FieldProblem[] {
    const { shardText, shard, plannedItems } = this;
    if (shardText === null) return [];
    const field = 'shard';
    if (shard === null) {
      const message = `“${shardText}” is no shard: it is two whole numbers such as 3/16, the third of sixteen; at most ${String(MOST_SHARDS)}.`;
      return [{ field, message }];
    }
    if (plannedItems === 0 || ownCount(plannedItems, shard) > 0) return [];
    const message = `The plan has ${String(plannedItems)} items: none is left for ${shardWords(shard)}.`;
    return [{ field, message }];
  }
}

function isItemCount(count: number): boolean {
  return Number.isInteger(count) && count >= 1 && count <= MOST_ITEMS_PER_SET;
}
