/** Recipe: the paper's decision for each set of the open run, with the user's τ, δ and k. */

import {
  PAPER_RULE,
  recipeDecision,
  type RecipeDecision,
  type RecipeRule,
} from '../core/sets/recipe.ts';
import { rlSet, rlSetLine, type RlCandidate, type RlSet } from '../core/sets/rl-set.ts';
import type { ImageSource } from '../core/types.ts';
import { formatRecipeLink, parseRecipeLink } from './recipe-link.ts';
import type { RunShelf } from './run-shelf.svelte.ts';
import type { CheckpointFigures, SetResults } from './set-results.svelte.ts';

export interface DatasetDecision {
  readonly dataset: string;
  readonly items: number;
  readonly decision: RecipeDecision;
}

export class RecipeBoard {
  #rule = $state.raw<RecipeRule>(PAPER_RULE);
  #checkpointId = $state<string | null>(null);

  /** The checkpoint that is decided about: the chosen one, else the first that has answered. */
  readonly checkpoint = $derived.by<CheckpointFigures | null>(() => {
    const { figures } = this.results;
    return figures.find((one) => one.checkpointId === this.#checkpointId) ?? figures[0] ?? null;
  });

  readonly decisions = $derived.by<readonly DatasetDecision[]>(() =>
    (this.checkpoint?.figures.datasets ?? []).map(({ dataset, figures }) => ({
      dataset,
      items: figures.items.value ?? 0,
      decision: recipeDecision(figures, this.#rule),
    })),
  );

  /** The k that there are figures for. */
  readonly ks = $derived.by<readonly number[]>(() =>
    (this.checkpoint?.figures.all.passAtK ?? []).map(({ k }) => k),
  );

  /** Items of the open run that RL could learn from under this checkpoint. */
  readonly rlSet = $derived.by<RlSet>(() => rlSet(this.#candidates(), null));

  constructor(
    readonly results: SetResults,
    readonly shelf: RunShelf,
  ) {}

  /** The address of what is shown. */
  get link(): string {
    return formatRecipeLink({
      runId: this.results.runId,
      checkpointId: this.results.runId === null ? null : this.#checkpointId,
      rule: this.#rule,
    });
  }

  /** Takes rule and checkpoint from the address and opens its run; without one the open run stays. */
  async follow(hash: string): Promise<void> {
    const { runId, checkpointId, rule } = parseRecipeLink(hash);
    this.#rule = rule;
    this.#checkpointId = checkpointId;
    if (!this.shelf.isOpen) await this.shelf.open();
    if (runId !== null && runId !== this.results.runId && this.shelf.find(runId)) {
      await this.results.open(runId);
    }
  }

  /** The RL set as JSONL. */
  rlSetText(): string {
    return linesOf(this.rlSet.chosen);
  }

  /** The items that need SFT first, as JSONL. */
  sftSetText(): string {
    return linesOf(this.rlSet.needsSft);
  }

  #candidates(): readonly RlCandidate[] {
    const id = this.checkpoint?.checkpointId;
    if (id === undefined) return [];
    return this.results.rows.flatMap(({ item: { image, question }, figures: byCheckpoint }) => {
      const figures = byCheckpoint[id];
      return figures
        ? [{ figures, question, index: image.index, imagePath: imagePathOf(image) }]
        : [];
    });
  }

  get rule(): RecipeRule {
    return this.#rule;
  }

  change(change: Partial<RecipeRule>): void {
    this.#rule = { ...this.#rule, ...change };
  }

  choose(checkpointId: string): void {
    this.#checkpointId = checkpointId;
  }
}

const linesOf = (candidates: readonly RlCandidate[]): string =>
  candidates.map((candidate) => `${rlSetLine(candidate)}\n`).join('');

/** Where the file says that the image lies: `images/bloodmnist/train-12.png`. */
function imagePathOf({ dataset, split, index, name }: ImageSource): string {
  const file = index === null ? name : `${split ?? 'unknown'}-${String(index)}.png`;
  return `images/${dataset ?? 'own'}/${file}`;
}
