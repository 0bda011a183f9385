/**
 * The worker's public half: one job at a time, cancel by job id, exactly one reply each. Finished
 * samples leave as events while the job runs, so that nothing is lost when it is stopped.
 */

import type { RgbImage, Sample } from '../../src/core/types.ts';
import { asNamedError, NamedError } from '../../src/protocol/errors.ts';
import type {
  AnswerEvent,
  AnswerReply,
  AnswerRequest,
  ExactEvent,
  ExactReply,
  ExactRequest,
  LoadedCheckpoint,
  LoadProgress,
  LoadRequest,
  ReweightReply,
  ReweightTarget,
  TokenAlternative,
  VlmService,
} from '../../src/protocol/vlm.ts';
import { ProgressMeter } from './checkpoint-files.ts';
import type { Prefill, VlmEngine } from './engine.ts';
import { ExactJobs } from './exact-job.ts';
import { loadCheckpoint, type Loaded } from './load.ts';
import { logSoftmax } from './policy.ts';
import { GREEDY_INDEX, sampleTree } from './sampler.ts';

/** Rows of one forward pass; above it the tree runs in waves. */
const MAX_ROWS = 256;
const FIRST_TOKENS_SENT = 64;
/** How long a device may take to report that it was lost, once its work has failed. */
const LOSS_REPORT_MS = 1000;

interface PrefillEntry {
  readonly image: RgbImage;
  readonly promptText: string;
  readonly prefill: Prefill;
}

export class CheckpointService implements VlmService {
  private loaded: Loaded | null = null;
  private lastPrefill: PrefillEntry | null = null;
  private lostReason: string | null = null;
  private readonly exactJobs = new ExactJobs();
  private readonly running = new Map<string, AbortController>();

  async load(
    jobId: string,
    request: LoadRequest,
    onProgress: (progress: LoadProgress) => void,
  ): Promise<LoadedCheckpoint> {
    return this.job(jobId, async (signal) => {
      await this.unload();
      const meter = new ProgressMeter(onProgress);
      try {
        const loaded = await loadCheckpoint(request, meter, signal);
        this.adopt(loaded);
        return loaded.checkpoint;
      } finally {
        meter.close();
      }
    });
  }

  async answer(
    jobId: string,
    request: AnswerRequest,
    onEvent: (event: AnswerEvent) => unknown,
  ): Promise<AnswerReply> {
    return this.job(jobId, async (signal) => {
      const { engine } = this.requireLoaded();
      const startedAt = performance.now();
      const prefill = await this.prefillOf(engine, request);
      const reply = await this.sample(engine, prefill, request, signal, onEvent);
      return {
        ...reply,
        promptTokens: prefill.cache.length,
        elapsedMs: performance.now() - startedAt,
        firstTokens: firstTokens(engine, prefill.logits),
      };
    });
  }

  async exact(
    jobId: string,
    request: ExactRequest,
    onEvent: (event: ExactEvent) => unknown,
  ): Promise<ExactReply> {
    return this.job(jobId, async (signal) => {
      const { engine } = this.requireLoaded();
      const startedAt = performance.now();
      const prefill = await this.prefillOf(engine, request);
      let delivered: unknown;
      try {
        return await this.exactJobs.run(engine, prefill, request, {
          maxRows: MAX_ROWS,
          elapsedMs: () => performance.now() - startedAt,
          onEvent: (event) => {
            delivered = onEvent(event);
          },
          goesOn: async () => {
            await nextMacrotask();
            if (this.lostReason !== null) throw this.deviceLost();
            return !signal.aborted;
          },
        });
      } catch (thrown) {
        if (await this.isDeviceLost()) throw this.deviceLost();
        throw samplingError(thrown, 'The bounds so far are kept; choose a larger ε.');
      } finally {
        await delivered;
      }
    });
  }

  reweightExact(target: ReweightTarget): Promise<ReweightReply> {
    return Promise.resolve(this.exactJobs.reweighted(target));
  }

  cancel(jobId: string): void {
    this.running.get(jobId)?.abort();
  }

  private async sample(
    engine: VlmEngine,
    prefill: Prefill,
    request: AnswerRequest,
    signal: AbortSignal,
    onEvent: (event: AnswerEvent) => unknown,
  ): Promise<{ completed: boolean; steps: number; rows: number }> {
    let cost = { steps: 0, rows: 0 };
    // Events and replies take different ports: the last event must have arrived before the reply.
    let delivered: unknown;
    const send = (event: AnswerEvent): void => {
      delivered = onEvent(event);
    };
    let finished: Sample[] = [];
    const sendFinished = (): void => {
      if (finished.length > 0) send({ type: 'samples', samples: finished });
      finished = [];
    };
    try {
      cost = await sampleTree(engine, prefill, request, {
        maxRows: MAX_ROWS,
        onSample: (sample) => {
          if (sample.index !== GREEDY_INDEX) finished.push(sample);
          else send({ type: 'greedy', sample: { ...sample, index: 0 } });
        },
        onStep: async ({ step, liveRows, liveSamples }) => {
          sendFinished();
          send({ type: 'step', step, liveRows, liveSamples });
          cost = { steps: step, rows: cost.rows + liveRows };
          await nextMacrotask();
          if (this.lostReason !== null) throw this.deviceLost();
          if (signal.aborted) throw new NamedError('Cancelled', 'The run was stopped.');
        },
      });
      return { completed: true, ...cost };
    } catch (thrown) {
      const wasStopped = asNamedError(thrown).name === 'Cancelled';
      if (!wasStopped && (await this.isDeviceLost())) throw this.deviceLost();
      if (signal.aborted) return { completed: false, ...cost };
      throw samplingError(thrown);
    } finally {
      sendFinished();
      await delivered;
    }
  }

  /** The last prompt's prefill is kept: another K, seed or temperature never encodes again. */
  private async prefillOf(
    engine: VlmEngine,
    request: Pick<AnswerRequest, 'image' | 'promptText'>,
  ): Promise<Prefill> {
    const { image, promptText } = request;
    const last = this.lastPrefill;
    if (last && last.promptText === promptText && sameImage(last.image, image)) return last.prefill;
    if (last) engine.release(last.prefill.cache);
    this.lastPrefill = null;
    try {
      const prefill = await engine.prefill(image, promptText);
      this.lastPrefill = { image, promptText, prefill };
      return prefill;
    } catch (thrown) {
      if (await this.isDeviceLost()) throw this.deviceLost();
      throw samplingError(thrown);
    }
  }

  /** Runs one job; a second one waits for nobody and is refused. */
  private async job<T>(jobId: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    if (this.running.size > 0) {
      throw new NamedError('Internal', 'The checkpoint is busy with another job.');
    }
    const controller = new AbortController();
    this.running.set(jobId, controller);
    try {
      return await work(controller.signal);
    } catch (thrown) {
      throw asNamedError(thrown);
    } finally {
      this.running.delete(jobId);
    }
  }

  private adopt(loaded: Loaded): void {
    this.loaded = loaded;
    this.lostReason = null;
    void loaded.gpu?.device.lost.then((info) => {
      if (this.loaded === loaded) this.lostReason = info.message || info.reason;
    });
  }

  private async unload(): Promise<void> {
    const { loaded } = this;
    this.loaded = null;
    this.lastPrefill = null;
    this.exactJobs.forget();
    this.lostReason = null;
    await loaded?.engine.dispose().catch(() => undefined);
    loaded?.gpu?.device.destroy();
  }

  private requireLoaded(): Loaded {
    if (this.lostReason !== null) throw this.deviceLost();
    if (this.loaded) return this.loaded;
    throw new NamedError('NotLoaded', 'No checkpoint is loaded. Load one, then run again.');
  }

  /** After an error: a lost device fails its running work first and reports the loss a little later. */
  private async isDeviceLost(): Promise<boolean> {
    const lost = this.loaded?.gpu?.device.lost;
    if (!lost) return false;
    const patience = new Promise((resolve) => setTimeout(resolve, LOSS_REPORT_MS));
    await Promise.race([lost, patience]);
    return this.lostReason !== null;
  }

  private deviceLost(): NamedError {
    return new NamedError(
      'DeviceLost',
      'The graphics device was lost. Finished samples are kept; Run loads the checkpoint again.',
    );
  }
}

/** Lets `cancel` messages in: awaiting only promises would never leave the microtask queue. */
function nextMacrotask(): Promise<void> {
  return new Promise((resolve) => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => {
      channel.port1.close();
      resolve();
    };
    channel.port2.postMessage(null);
  });
}

function samplingError(
  thrown: unknown,
  advice = 'Finished samples are kept; choose a smaller K or fewer tokens.',
): NamedError {
  const error = asNamedError(thrown);
  if (error.name === 'Internal' && /memory|bad_alloc|allocation/i.test(error.message)) {
    return new NamedError('OutOfMemory', `The device ran out of memory. ${advice}`, {
      cause: thrown,
    });
  }
  return error;
}

function sameImage(a: RgbImage, b: RgbImage): boolean {
  return (
    a.width === b.width &&
    a.height === b.height &&
    a.data.length === b.data.length &&
    a.data.every((value, i) => value === b.data[i])
  );
}

function firstTokens(engine: VlmEngine, logits: Float32Array): TokenAlternative[] {
  return [...logSoftmax(logits).entries()]
    .sort(([, a], [, b]) => b - a)
    .slice(0, FIRST_TOKENS_SENT)
    .map(([tokenId, logProb]) => ({ tokenId, text: engine.decode([tokenId]), logProb }));
}
