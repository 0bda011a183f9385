/** The checkpoints of a lineage as points of its lines. Pure. */
import type { LineagePoint } from '../../charts/lineage-line.ts';
import { INFORMATIVE_CHANCE } from '../../core/pass-at-k.ts';
import type { Estimate } from '../../core/sets/resampling.ts';
import type { SetFigures } from '../../core/sets/run-figures.ts';
import { FREE_FORM_K } from '../../core/sets/set-metrics.ts';
import type { ComparisonStep, SideFacts } from '../../state/comparison.svelte.ts';
import { sideTitle } from './side-view.ts';

export interface LineageStage {
  readonly side: SideFacts;
  readonly figures: SetFigures;
  /** Was it trained from the one before it, as far as is known? */
  readonly isJoined: boolean;
}

/** @param isTrained whether the child of a step comes from its parent, `false` only where it is known not to */
export function lineageStages(
  steps: readonly ComparisonStep[],
  isTrained: (step: ComparisonStep) => boolean,
): readonly LineageStage[] {
  return steps.flatMap((step, at): LineageStage[] => {
    if (step.comparison === null) return [];
    const { parent, child } = step.comparison.paired.all;
    // The child of the step before is this one's parent, unless that step has no figures.
    const isFirst = (steps[at - 1]?.comparison ?? null) === null;
    return [
      ...(isFirst ? [{ side: step.parent, figures: parent, isJoined: false }] : []),
      { side: step.child, figures: child, isJoined: isTrained(step) },
    ];
  });
}

const pointAt = (figures: SetFigures, k: number) =>
  figures.passAtK.find((point) => point.k === k && point.items.value === figures.items.value);

/** The largest k that all items of all stages have and at which guessing leaves support room to show; else 1. */
export function lineageK(stages: readonly LineageStage[]): number {
  const ks = (stages[0]?.figures.passAtK ?? []).map(({ k }) => k);
  const isFit = (figures: SetFigures, k: number): boolean => {
    const point = pointAt(figures, k);
    if (!point) return false;
    const { value } = point.chance;
    return value === null ? k <= FREE_FORM_K : value <= INFORMATIVE_CHANCE;
  };
  return ks.findLast((k) => stages.every(({ figures }) => isFit(figures, k))) ?? 1;
}

export interface LineageFigure {
  readonly estimate: Estimate;
  /** What guessing alone gives; `null` where there is no such level. */
  readonly chance: number | null;
}

const MISSING: Estimate = { value: null, interval: null };

/** A, beside one guess. */
export const accuracyOf = (figures: SetFigures): LineageFigure => ({
  estimate: figures.accuracyAt1,
  chance: pointAt(figures, 1)?.chance.value ?? null,
});

/** S_k, beside k guesses. */
export const supportOf = (figures: SetFigures, k: number): LineageFigure => {
  const point = pointAt(figures, k);
  return { estimate: point?.support ?? MISSING, chance: point?.chance.value ?? null };
};

export const entropyOf = (figures: SetFigures): LineageFigure => ({
  estimate: figures.entropyNats,
  chance: null,
});

export function lineagePoints(
  stages: readonly LineageStage[],
  read: (figures: SetFigures) => LineageFigure,
): readonly LineagePoint[] {
  const sides = stages.map(({ side }) => side);
  return stages.map(({ side, figures, isJoined }) => ({
    title: sideTitle(side, sides),
    stage: side.answerer.stage,
    isJoined,
    ...read(figures),
  }));
}
