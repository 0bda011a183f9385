/**
 * What crosses between the page and the worker that runs the probes, and what the page asks of it.
 * The worker gets a copy of the features, so that the page keeps its own: 5,000 images of 256 features
 * are 5.1 MB on either side, and the worker needs about 2 MB more (a batch of 1,024 in float64, or the
 * covariance). The copies go when the job ends.
 */
import type { FeatureMatrix, ProbeSets } from '../core/probe/features.ts';
import type { PrincipalPlane } from '../core/probe/principal-plane.ts';
import type { SeenAndSaid, SeenByBoth, SeeOrSay } from '../core/probe/see-or-say.ts';
import type { LinearProbeSettings } from '../core/probe/settings.ts';
import type { ProbeStep } from '../core/probe/steps.ts';
import type { LinearProbeResult, NeighbourResult } from '../core/probe/studies.ts';
import type { Estimate } from '../core/sets/resampling.ts';

export type ProbeListener = (step: ProbeStep) => void;

/** Jobs run in slices, several at once in turns. Throws ProbeInvalid or Cancelled. */
export interface ProbeService {
  linearProbe(
    jobId: string,
    sets: ProbeSets,
    settings: LinearProbeSettings,
    onStep: ProbeListener,
  ): Promise<LinearProbeResult>;
  neighbours(
    jobId: string,
    sets: ProbeSets,
    k: number,
    onStep: ProbeListener,
  ): Promise<NeighbourResult>;
  plane(jobId: string, features: FeatureMatrix, onStep: ProbeListener): Promise<PrincipalPlane>;
  /** What probe and answers say of the same items, a list of items at a time; `null` for an empty one. */
  seeOrSay(lists: readonly (readonly SeenAndSaid[])[]): Promise<readonly (SeeOrSay | null)[]>;
  /** What a step of training changed in what the tower sees; `null` for an empty list. */
  seeingChanges(lists: readonly (readonly SeenByBoth[])[]): Promise<readonly (Estimate | null)[]>;
  /** Stops a job; it then throws Cancelled. An unknown or finished job is ignored. */
  cancel(jobId: string): Promise<void>;
}

export interface ProbeCalls {
  readonly signal: AbortSignal;
  /** Told every epoch of a training, and about twenty times a second how far the work is. */
  readonly onStep: ProbeListener;
}

/** Probes beside the page. */
export interface ProbeBackend {
  /**
   * Trains on train, chooses the epoch on val, reports on test.
   *
   * @throws NamedError `ProbeInvalid` for features, labels or settings that it cannot take, with what
   *   to do; `Cancelled` when it was stopped; `WorkerDied`
   */
  linearProbe(
    sets: ProbeSets,
    settings: LinearProbeSettings,
    calls: ProbeCalls,
  ): Promise<LinearProbeResult>;
  /** Test images by their k nearest training images. @throws as `linearProbe` */
  neighbours(sets: ProbeSets, k: number, calls: ProbeCalls): Promise<NeighbourResult>;
  /** What probe and answers say of the same items, a list of items at a time; `null` for an empty one. */
  seeOrSay(lists: readonly (readonly SeenAndSaid[])[]): Promise<readonly (SeeOrSay | null)[]>;
  /** What a step of training changed in what the tower sees; `null` for an empty list. */
  seeingChanges(lists: readonly (readonly SeenByBoth[])[]): Promise<readonly (Estimate | null)[]>;
  /** The features in two dimensions. @throws as `linearProbe` */
  plane(features: FeatureMatrix, calls: ProbeCalls): Promise<PrincipalPlane>;
}
