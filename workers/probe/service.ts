/** The probe worker's public half: checks what it is given, runs it in slices, one reply each. */

import { checkSets, featuresProblem } from '../../src/core/probe/check-sets.ts';
import type { FeatureMatrix, ProbeSets } from '../../src/core/probe/features.ts';
import { principalPlane, type PrincipalPlane } from '../../src/core/probe/principal-plane.ts';
import {
  seeingChange,
  seeOrSay,
  type SeenAndSaid,
  type SeenByBoth,
  type SeeOrSay,
} from '../../src/core/probe/see-or-say.ts';
import {
  validateLinearProbe,
  validateNeighbours,
  type LinearProbeSettings,
} from '../../src/core/probe/settings.ts';
import type { ProbeStep } from '../../src/core/probe/steps.ts';
import {
  linearProbeStudy,
  neighbourStudy,
  type LinearProbeResult,
  type NeighbourResult,
} from '../../src/core/probe/studies.ts';
import type { Estimate } from '../../src/core/sets/resampling.ts';
import { asNamedError, NamedError } from '../../src/protocol/errors.ts';
import type { ProbeListener, ProbeService } from '../../src/protocol/probe.ts';
import { runInSlices } from './slices.ts';

export class FeatureProbeService implements ProbeService {
  private readonly running = new Map<string, AbortController>();

  linearProbe(
    jobId: string,
    sets: ProbeSets,
    settings: LinearProbeSettings,
    onStep: ProbeListener,
  ): Promise<LinearProbeResult> {
    return this.job(jobId, onStep, () => {
      refuse([...checkSets(sets), ...validateLinearProbe(settings)]);
      return linearProbeStudy(sets, settings);
    });
  }

  neighbours(
    jobId: string,
    sets: ProbeSets,
    k: number,
    onStep: ProbeListener,
  ): Promise<NeighbourResult> {
    return this.job(jobId, onStep, () => {
      refuse([...checkSets(sets), ...validateNeighbours(k, sets.train.features.rows)]);
      return neighbourStudy(sets, k);
    });
  }

  plane(jobId: string, features: FeatureMatrix, onStep: ProbeListener): Promise<PrincipalPlane> {
    return this.job(jobId, onStep, () => {
      const message = featuresProblem(features, 'images');
      refuse(message === null ? [] : [{ message }]);
      return principalPlane(features);
    });
  }

  seeOrSay(lists: readonly (readonly SeenAndSaid[])[]): Promise<readonly (SeeOrSay | null)[]> {
    return Promise.resolve(lists.map((items) => seeOrSay(items)));
  }

  seeingChanges(lists: readonly (readonly SeenByBoth[])[]): Promise<readonly (Estimate | null)[]> {
    return Promise.resolve(lists.map((images) => seeingChange(images)));
  }

  cancel(jobId: string): Promise<void> {
    this.running.get(jobId)?.abort();
    return Promise.resolve();
  }

  private async job<Result>(
    jobId: string,
    onStep: ProbeListener,
    begin: () => Generator<ProbeStep, Result>,
  ): Promise<Result> {
    const controller = new AbortController();
    this.running.set(jobId, controller);
    try {
      return await runInSlices(begin(), controller.signal, onStep);
    } catch (thrown) {
      throw asNamedError(thrown);
    } finally {
      this.running.delete(jobId);
    }
  }
}

/** @throws NamedError `ProbeInvalid` with all that is wrong */
function refuse(problems: readonly { readonly message: string }[]): void {
  if (problems.length === 0) return;
  throw new NamedError('ProbeInvalid', problems.map(({ message }) => message).join(' '));
}
