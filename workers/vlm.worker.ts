/** Entry of a checkpoint's worker: builds the service and exposes it. No await before `expose`. */

import { expose } from 'comlink';
import { holdAliveLock } from './alive.ts';
import { CheckpointService } from './vlm/service.ts';

holdAliveLock();
expose(new CheckpointService());
