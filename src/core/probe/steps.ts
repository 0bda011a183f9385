/** Long work as generators: whoever runs one decides how long between two steps, and may end it there. */
import type { EpochReport } from './linear-probe.ts';

export interface ProbeStep {
  readonly stage: 'training' | 'comparing' | 'plane' | 'intervals';
  /** Parts of the stage that are done, and in all. */
  readonly done: number;
  readonly total: number;
  /** With the step that ends an epoch of a training. */
  readonly epoch: EpochReport | null;
}
