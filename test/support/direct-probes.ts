/** The probes on the spot, without a worker. */

import { seeingChange, seeOrSay } from '../../src/core/probe/see-or-say.ts';
import { linearProbeStudy, neighbourStudy } from '../../src/core/probe/studies.ts';
import { principalPlane } from '../../src/core/probe/principal-plane.ts';
import type { ProbeStep } from '../../src/core/probe/steps.ts';
import type { ProbeBackend } from '../../src/protocol/probe.ts';

function run<Result>(work: Generator<ProbeStep, Result>): Promise<Result> {
  for (;;) {
    const next = work.next();
    if (next.done === true) return Promise.resolve(next.value);
  }
}

export const DIRECT_PROBES: ProbeBackend = {
  linearProbe: (sets, settings) => run(linearProbeStudy(sets, settings)),
  neighbours: (sets, k) => run(neighbourStudy(sets, k)),
  plane: (features) => run(principalPlane(features)),
  seeOrSay: (lists) => Promise.resolve(lists.map((items) => seeOrSay(items, 50))),
  seeingChanges: (lists) => Promise.resolve(lists.map((images) => seeingChange(images, 50))),
};
