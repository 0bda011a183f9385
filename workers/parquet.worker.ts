/** Entry of the worker that writes Parquet: builds the service and exposes it. No await before `expose`. */

import { expose } from 'comlink';
import { holdAliveLock } from './alive.ts';
import { ParquetService } from './parquet/service.ts';

holdAliveLock();
expose(new ParquetService());
