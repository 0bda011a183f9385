/** Entry of the data worker: builds the service and exposes it. No await before `expose`. */

import { expose } from 'comlink';
import { holdAliveLock } from './alive.ts';
import { ImageDataService } from './data/service.ts';

holdAliveLock();
expose(new ImageDataService());
