/**
 * The page's half of `workers/probe.worker.ts`. A job that is stopped ends at its next slice and
 * leaves the worker as it is; a worker that died is replaced by the next job.
 */

import { proxy, type Remote } from 'comlink';
import type { FeatureMatrix, ProbeSets } from '../core/probe/features.ts';
import type { PrincipalPlane } from '../core/probe/principal-plane.ts';
import type { SeenAndSaid, SeenByBoth, SeeOrSay } from '../core/probe/see-or-say.ts';
import type { LinearProbeSettings } from '../core/probe/settings.ts';
import type { LinearProbeResult, NeighbourResult } from '../core/probe/studies.ts';
import type { Estimate } from '../core/sets/resampling.ts';
import { asNamedError, NamedError } from '../protocol/errors.ts';
import type { ProbeBackend, ProbeCalls, ProbeService } from '../protocol/probe.ts';
import { callStoppable, createWorkerLink, type WorkerLink } from './worker-link.ts';

export class ProbeWorker implements ProbeBackend {
  #link: WorkerLink<ProbeService> | null = null;

  /** @param makeWorker makes the worker under the name that it is given */
  constructor(private readonly makeWorker: (name: string) => Worker) {}

  linearProbe(
    sets: ProbeSets,
    settings: LinearProbeSettings,
    { signal, onStep }: ProbeCalls,
  ): Promise<LinearProbeResult> {
    return this.#job(signal, (service, jobId) =>
      service.linearProbe(jobId, sets, settings, proxy(onStep)),
    );
  }

  neighbours(sets: ProbeSets, k: number, { signal, onStep }: ProbeCalls): Promise<NeighbourResult> {
    return this.#job(signal, (service, jobId) => service.neighbours(jobId, sets, k, proxy(onStep)));
  }

  plane(features: FeatureMatrix, { signal, onStep }: ProbeCalls): Promise<PrincipalPlane> {
    return this.#job(signal, (service, jobId) => service.plane(jobId, features, proxy(onStep)));
  }

  async seeOrSay(
    lists: readonly (readonly SeenAndSaid[])[],
  ): Promise<readonly (SeeOrSay | null)[]> {
    return this.#alive().call((service) => service.seeOrSay(lists));
  }

  async seeingChanges(
    lists: readonly (readonly SeenByBoth[])[],
  ): Promise<readonly (Estimate | null)[]> {
    return this.#alive().call((service) => service.seeingChanges(lists));
  }

  #alive(): WorkerLink<ProbeService> {
    if (this.#link === null || this.#link.isDead) this.#link = createWorkerLink(this.makeWorker);
    return this.#link;
  }

  async #job<Result>(
    signal: AbortSignal,
    ask: (service: Remote<ProbeService>, jobId: string) => Promise<Result>,
  ): Promise<Result> {
    if (signal.aborted) throw new NamedError('Cancelled', 'The probe was stopped.');
    try {
      return await callStoppable(this.#alive(), signal, ask);
    } catch (thrown) {
      throw asNamedError(thrown);
    }
  }
}
