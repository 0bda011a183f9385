/** The bench's worker: the app's own service, and beside it the peers in the same runtime. */

import { expose } from 'comlink';
import type { RgbImage } from '../../src/core/types.ts';
import type { LoadRequest } from '../../src/protocol/vlm.ts';
import { requireAnswering, type Loaded } from '../../workers/vlm/load.ts';
import { CheckpointService } from '../../workers/vlm/service.ts';
import { installMeter, readMeter, startMeter } from './meter.ts';
import { generate, loadPeer, type GeneratingModel } from './peers.ts';
import { replay } from './replay.ts';
import type { BenchTask, DecoderRun, MeterReading, PeerMeasurement } from './types.ts';

export class BenchService extends CheckpointService {
  private peer: GeneratingModel | null = null;

  /** After the checkpoint itself was loaded, from the same files. */
  async loadPeer(request: LoadRequest): Promise<void> {
    this.peer = await loadPeer(request, this.current().gpu?.device ?? null);
  }

  /** `generate()` once for all rows, or once a row. */
  async runPeer(task: BenchTask, image: RgbImage, promptText: string): Promise<PeerMeasurement> {
    const { engine } = this.current();
    const { peer } = this;
    if (!peer) throw new Error('The peer is not loaded.');
    startMeter();
    const startedAt = performance.now();
    let firstSampleMs: number | null = null;
    let tokens = 0;
    const inputs = await engine.promptInputs(image, promptText);
    const calls = task.method === 'each' ? task.k : 1;
    for (let call = 0; call < calls; call += 1) {
      tokens += await generate(peer, engine, inputs, task.k / calls, task);
      firstSampleMs ??= performance.now() - startedAt;
    }
    return { firstSampleMs, samples: task.k, tokens, meter: readMeter() };
  }

  replay(runs: readonly DecoderRun[]): Promise<number> {
    return replay(this.current().engine, runs);
  }

  startMeter(): void {
    startMeter();
  }

  readMeter(): MeterReading {
    return readMeter();
  }

  private current(): Loaded {
    // The service keeps it to itself; the bench looks below it.
    const loaded = this['loaded'];
    if (!loaded) throw new Error('No checkpoint is loaded.');
    return requireAnswering(loaded);
  }
}

installMeter();
expose(new BenchService());
