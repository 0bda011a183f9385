/**
 * The worker's public half: one job at a time, cancel by job id, exactly one reply each. Finished
 * samples leave as events while the job runs, so that nothing is lost when it is stopped.
 */

import type { FeatureTables } from '../../src/core/probe/features.ts';
import type {
  PolicySettings,
  RgbImage,
  Sample,
  SamplerSettings,
  TraceAnswers,
} from '../../src/core/types.ts';
import { asNamedError, NamedError } from '../../src/protocol/errors.ts';
import type {
  AnswerEvent,
  AnswerReply,
  AnswerRequest,
  ExactEvent,
  ExactReply,
  ExactRequest,
  ExactReweightReply,
  LoadedCheckpoint,
  LoadProgress,
  LoadRequest,
  ReweightReply,
  TokenAlternative,
  VlmService,
} from '../../src/protocol/vlm.ts';
import { ProgressMeter } from './checkpoint-files.ts';
import type { Prefill, VlmEngine } from './engine.ts';
import { ExactJobs } from './exact-job.ts';
import { continues, sameImage, type KeptRun } from './kept-run.ts';
import { KeptTree } from './kept-tree.ts';
import { loadCheckpoint, requireAnswering, type Loaded, type LoadedAny } from './load.ts';
import { rowsThatFit, type MemoryLimits } from './memory-plan.ts';
import { logSoftmax } from './policy.ts';
import { RecentCache } from './recent-cache.ts';
import { GREEDY_INDEX, sampleTree } from './sampler.ts';
import { samplingError } from './sampling-error.ts';
import { TransformersEngine } from './transformers-engine.ts';

const FIRST_TOKENS_SENT = 64;
/** How long a device may take to report that it was lost, once its work has failed. */
const LOSS_REPORT_MS = 1000;

/** Prefills kept for another K, seed or temperature and for coming back to an item. */
const PREFILLS_LIMIT_BYTES = 128 * 2 ** 20;

type PromptKey = Pick<AnswerRequest, 'image' | 'promptText'>;

export class CheckpointService implements VlmService {
  /** @param forcedLimits instead of what the device allows: for tests of runs in waves */
  constructor(private readonly forcedLimits: MemoryLimits | null = null) {}

  private loaded: LoadedAny | null = null;
  private keptRun: KeptRun | null = null;
  private readonly prefills = new RecentCache<PromptKey, Prefill>(
    PREFILLS_LIMIT_BYTES,
    (asked, stored) =>
      asked.promptText === stored.promptText && sameImage(asked.image, stored.image),
    ({ cache }) => this.answering?.release(cache),
  );
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
      const { engine } = this.requireAnswering();
      const startedAt = performance.now();
      const prefill = await this.prefillOf(request);
      const reply = await this.sample(engine, prefill, request, signal, onEvent);
      return {
        ...reply,
        promptTokens: prefill.cache.length,
        elapsedMs: performance.now() - startedAt,
        firstTokens: firstTokens(engine, prefill.logits),
      };
    });
  }

  reweight(keptAs: string, target: PolicySettings): Promise<ReweightReply> {
    return Promise.resolve(this.reweighted(keptAs, target));
  }

  private reweighted(keptAs: string, target: PolicySettings): ReweightReply {
    if (this.keptRun === null) return { type: 'refused', reason: 'nothing-sampled' };
    const { request, tree } = this.keptRun;
    if (request.keepAs !== keptAs) return { type: 'refused', reason: 'other-run-kept' };
    return tree.reweight(target);
  }

  async exact(
    jobId: string,
    request: ExactRequest,
    onEvent: (event: ExactEvent) => unknown,
  ): Promise<ExactReply> {
    return this.job(jobId, async (signal) => {
      const { engine } = this.requireAnswering();
      const startedAt = performance.now();
      const prefill = await this.prefillOf(request);
      let delivered: unknown;
      try {
        return await this.exactJobs.run(engine, prefill, request, {
          maxRows: this.rowsLimit(prefill, request),
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

  reweightExact(keptAs: string, target: PolicySettings): Promise<ExactReweightReply> {
    return Promise.resolve(this.exactJobs.reweighted(keptAs, target));
  }

  features(jobId: string, images: readonly RgbImage[]): Promise<FeatureTables> {
    return this.job(jobId, async () => {
      const { engine } = this.requireLoaded();
      try {
        return await engine.features(images);
      } catch (thrown) {
        if (await this.isDeviceLost()) throw this.deviceLost();
        throw samplingError(thrown, 'What was encoded is kept; take smaller images.');
      }
    });
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
  ): Promise<Pick<AnswerReply, 'completed' | 'steps' | 'rows' | 'rowsLimit' | 'inWaves'>> {
    let cost = { steps: 0, rows: 0 };
    let longest = 0;
    const rowsLimit = this.rowsLimit(prefill, request);
    const keep = this.keptTreeOf(request);
    // Events and replies take different ports: the last event must have arrived before the reply.
    let delivered: unknown;
    const send = (event: AnswerEvent): void => {
      delivered = onEvent(event);
    };
    let finished: Sample[] = [];
    let traces: TraceAnswers[] = [];
    const sendFinished = (): void => {
      if (finished.length > 0) send({ type: 'samples', samples: finished });
      if (traces.length > 0) send({ type: 'traces', traces });
      finished = [];
      traces = [];
    };
    try {
      cost = await sampleTree(engine, prefill, request, {
        maxRows: rowsLimit,
        merge: request.merge ?? true,
        ...(keep && { keep }),
        onSample: (sample) => {
          longest = Math.max(longest, sample.tokenIds.length);
          if (sample.index !== GREEDY_INDEX) finished.push(sample);
          else send({ type: 'greedy', sample: { ...sample, index: 0 } });
        },
        onTrace: (trace) => traces.push(trace),
        onStep: async ({ step, liveRows, liveSamples }) => {
          sendFinished();
          await nextMacrotask();
          if (this.lostReason !== null) throw this.deviceLost();
          if (signal.aborted) throw new NamedError('Cancelled', 'The run was stopped.');
          // Only passes that are made are told and counted.
          send({ type: 'step', step, liveRows, liveSamples });
          cost = { steps: step, rows: cost.rows + liveRows };
        },
      });
      // In one wave there is one step for every token after the first.
      return { completed: true, ...cost, rowsLimit, inWaves: cost.steps >= longest };
    } catch (thrown) {
      const wasStopped = asNamedError(thrown).name === 'Cancelled';
      if (!wasStopped && (await this.isDeviceLost())) throw this.deviceLost();
      if (signal.aborted) return { completed: false, ...cost, rowsLimit, inWaves: false };
      throw samplingError(thrown);
    } finally {
      sendFinished();
      await delivered;
    }
  }

  /**
   * A run with a higher K goes on with the tree of the run that it continues. Where that is gone it
   * keeps nothing: the later samples alone would pass for the whole run.
   */
  private keptTreeOf(request: AnswerRequest): KeptTree | null {
    if (request.keepAs === undefined) return null;
    const last = this.keptRun;
    const earlier = last && continues(last, request) ? last.tree : null;
    if (request.firstIndex > 0 && earlier === null) return null;
    const tree = earlier ?? new KeptTree(request.sampler);
    this.keptRun = { request, tree };
    return tree;
  }

  /** Throws `OutOfMemory` when not even one row fits. */
  private rowsLimit(
    prefill: Prefill,
    { sampler }: { readonly sampler: Pick<SamplerSettings, 'maxNewTokens'> },
  ): number {
    const { engine, limits, checkpoint } = this.requireAnswering();
    const length = prefill.cache.length + sampler.maxNewTokens;
    const need = { ...engine.memory, length, vocabSize: engine.vocabSize };
    const rows = rowsThatFit(need, this.forcedLimits ?? limits, checkpoint.device.kind);
    if (rows >= 1) return rows;
    throw new NamedError(
      'OutOfMemory',
      `One answer of ${String(length)} tokens does not fit this device. Choose fewer tokens.`,
    );
  }

  /** An image and prompt that was run before is not encoded again. */
  private async prefillOf({ image, promptText }: PromptKey): Promise<Prefill> {
    const { engine } = this.requireAnswering();
    const known = this.prefills.get({ image, promptText });
    if (known) return known;
    try {
      const prefill = await engine.prefill(image, promptText);
      const sizeBytes =
        engine.memory.positionBytes * prefill.cache.length + prefill.logits.byteLength;
      this.prefills.add({ image, promptText }, prefill, sizeBytes);
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

  private adopt(loaded: LoadedAny): void {
    this.loaded = loaded;
    this.lostReason = null;
    void loaded.gpu?.device.lost.then((info) => {
      if (this.loaded === loaded) this.lostReason = info.message || info.reason;
    });
  }

  private async unload(): Promise<void> {
    const { loaded } = this;
    this.loaded = null;
    this.keptRun = null;
    this.prefills.forget();
    this.exactJobs.forget();
    this.lostReason = null;
    await loaded?.engine.dispose().catch(() => undefined);
    loaded?.gpu?.device.destroy();
  }

  private requireLoaded(): LoadedAny {
    if (this.lostReason !== null) throw this.deviceLost();
    if (this.loaded) return this.loaded;
    throw new NamedError('NotLoaded', 'No checkpoint is loaded. Load one, then run again.');
  }

  /** `null` where nothing is loaded, and for a model that only sees. */
  private get answering(): TransformersEngine | null {
    const engine = this.loaded?.engine;
    return engine instanceof TransformersEngine ? engine : null;
  }

  private requireAnswering(): Loaded {
    return requireAnswering(this.requireLoaded());
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

function firstTokens(engine: VlmEngine, logits: Float32Array): TokenAlternative[] {
  return [...logSoftmax(logits).entries()]
    .sort(([, a], [, b]) => b - a)
    .slice(0, FIRST_TOKENS_SENT)
    .map(([tokenId, logProb]) => ({ tokenId, text: engine.decode([tokenId]), logProb }));
}
