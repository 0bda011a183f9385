/** The bench's worker: the app's own service, and beside it the peers on the same sessions. */

import { expose } from 'comlink';
import type { RgbImage } from '../../src/core/types.ts';
import { CheckpointService } from '../../workers/vlm/service.ts';
import type { TransformersEngine } from '../../workers/vlm/transformers-engine.ts';
import { installMeter, readMeter, startMeter } from './meter.ts';
import { generate } from './peers.ts';
import { replay } from './replay.ts';
import type { BenchTask, DecoderRun, MeterReading, PeerMeasurement } from './types.ts';

export class BenchService extends CheckpointService {
  /** `generate()` once for all rows, or once a row. */
  async runPeer(task: BenchTask, image: RgbImage, promptText: string): Promise<PeerMeasurement> {
    const engine = this.engine();
    startMeter();
    const startedAt = performance.now();
    let firstSampleMs: number | null = null;
    let tokens = 0;
    const inputs = await engine.promptInputs(image, promptText);
    const calls = task.method === 'each' ? task.k : 1;
    for (let call = 0; call < calls; call += 1) {
      tokens += await generate(engine, inputs, task.k / calls, task);
      firstSampleMs ??= performance.now() - startedAt;
    }
    return { firstSampleMs, samples: task.k, tokens, meter: readMeter() };
  }

  replay(runs: readonly DecoderRun[]): Promise<number> {
    return replay(this.engine(), runs);
  }

  startMeter(): void {
    startMeter();
  }

  readMeter(): MeterReading {
    return readMeter();
  }

  private engine(): TransformersEngine {
    // The service keeps it to itself; the bench compares on the very same sessions.
    const loaded = this['loaded'];
    if (!loaded) throw new Error('No checkpoint is loaded.');
    return loaded.engine;
  }
}

installMeter();
expose(new BenchService());
