/** The probes from features to figures. What they are given has been checked (`checkSets`, `validate…`). */
import { classifierFigures, type ClassifierFigures } from './classifier-figures.ts';
import { seededDraws, type ProbeDraws } from './draws.ts';
import { largestAt, type ProbeSets } from './features.ts';
import { classProbabilities, trainLinearProbe, type EpochReport } from './linear-probe.ts';
import { nearestNeighbours } from './neighbours.ts';
import type { LinearProbeSettings } from './settings.ts';
import type { ProbeStep } from './steps.ts';

export interface LinearProbeResult {
  readonly settings: LinearProbeSettings;
  readonly epochs: readonly EpochReport[];
  /** From 1. */
  readonly chosenEpoch: number;
  readonly chosenBy: 'val' | 'last';
  /** On test, of the chosen epoch: no other is looked at there. */
  readonly figures: ClassifierFigures;
  /** Per test image. */
  readonly said: Int32Array;
  /** Probability of each class, test images · classes, row-major: what it says among fewer classes. */
  readonly scores: Float64Array;
}

export interface NeighbourResult {
  readonly k: number;
  /** On test; val takes no part, since nothing is chosen. The scores of the AUC are the shares of the votes. */
  readonly figures: ClassifierFigures;
  /** Per test image. */
  readonly said: Int32Array;
}

export function* linearProbeStudy(
  sets: ProbeSets,
  settings: LinearProbeSettings,
  draws: ProbeDraws = seededDraws(settings.seed),
): Generator<ProbeStep, LinearProbeResult> {
  const { head, ...trained } = yield* trainLinearProbe(sets, settings, draws);
  const { classes, test } = sets;
  const scores = classProbabilities(head, test.features);
  const said = test.labels.map((_, image) => largestAt(scores, image * classes, classes));
  const figures = yield* classifierFigures({ classes, labels: test.labels, said, scores });
  return { settings, ...trained, figures, said, scores };
}

export function* neighbourStudy(
  { classes, train, test }: ProbeSets,
  k: number,
): Generator<ProbeStep, NeighbourResult> {
  const { said, votes } = yield* nearestNeighbours(train, test.features, classes, k);
  const classified = { classes, labels: test.labels, said, scores: votes };
  return { k, said, figures: yield* classifierFigures(classified) };
}
