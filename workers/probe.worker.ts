/** Entry of the worker that runs the probes: builds the service and exposes it. No await before `expose`. */

import { expose } from 'comlink';
import { holdAliveLock } from './alive.ts';
import { FeatureProbeService } from './probe/service.ts';

holdAliveLock();
expose(new FeatureProbeService());
