/** Entry of the worker that draws the figures of sets: builds the service and exposes it. No await before `expose`. */

import { expose } from 'comlink';
import { holdAliveLock } from './alive.ts';
import { SetFigureService } from './figures/service.ts';

holdAliveLock();
expose(new SetFigureService());
