/** A checkpoint in a worker of its own; a dead worker or lost device is replaced on load. */

import { proxy } from 'comlink';
import type { Answerer } from '../core/types.ts';
import { asNamedError } from '../protocol/errors.ts';
import { downloadSize, parseManifest, type Manifest } from '../protocol/manifest.ts';
import type {
  AnswerEvent,
  AnswerReply,
  AnswerRequest,
  CheckpointSource,
  DevicePreference,
  DeviceReport,
  LoadedCheckpoint,
  LoadProgress,
  ExactReweightReply,
  ReweightReply,
  VlmService,
} from '../protocol/vlm.ts';
import type {
  Ability,
  AnswerBackend,
  BackendCalls,
  CheckpointRow,
  ExactAnswers,
  SampleReweighting,
  VisionFeatures,
} from './answer-backend.ts';
import { callStoppable, createWorkerLink, type WorkerLink } from './worker-link.ts';

/** A source that is opened at each load: a token may have been given meanwhile, or leave to read a folder. */
export interface SourceAtLoad {
  readonly kind: 'at-load';
  /** Its files, known beforehand. */
  readonly manifest: Manifest;
  /** @throws NamedError why there is none */
  readonly open: () => Promise<CheckpointSource>;
}

export class WorkerBackend implements AnswerBackend {
  /** A worker has one job at a time. */
  readonly itemsAtOnce = 1;
  private link: WorkerLink<VlmService> | null = null;
  private loaded: LoadedCheckpoint | null = null;

  constructor(
    readonly checkpoint: CheckpointRow,
    private readonly source: CheckpointSource | SourceAtLoad,
    private readonly makeWorker: (name: string) => Worker,
  ) {}

  get answerer(): Answerer | null {
    const { loaded, checkpoint } = this;
    if (loaded === null || this.link?.isDead !== false) return null;
    const { device } = loaded;
    return {
      checkpointId: checkpoint.id,
      revision: loaded.revision,
      stage: checkpoint.stage,
      dtype: loaded.dtype,
      device: device.adapter === null ? device.kind : `${device.kind} (${device.adapter})`,
    };
  }

  get device(): DeviceReport | null {
    return this.answerer === null ? null : (this.loaded?.device ?? null);
  }

  async sizeBytes(): Promise<number> {
    return downloadSize(await this.manifest(), this.checkpoint.dtype);
  }

  async revision(): Promise<string | null> {
    const { revision } = await this.manifest();
    // A folder is read through at its load.
    return revision === '' ? null : revision;
  }

  private async manifest(): Promise<Manifest> {
    const { source } = this;
    if (source.kind !== 'folder') return source.manifest;
    const address = new URL(`${this.checkpoint.id}/manifest.json`, source.modelsUrl);
    const response = await fetch(address);
    return parseManifest(await response.json().catch(() => null));
  }

  async load(
    preference: DevicePreference,
    { signal, onEvent }: BackendCalls<LoadProgress>,
  ): Promise<Answerer> {
    this.unload();
    // Before anything else waits: a browser asks for leave to read a folder only soon after a click.
    const source = this.source.kind === 'at-load' ? await this.source.open() : this.source;
    const link = createWorkerLink<VlmService>(this.makeWorker);
    this.link = link;
    const request = {
      source,
      checkpointId: this.checkpoint.id,
      dtype: this.checkpoint.dtype,
      device: preference,
    };
    try {
      this.loaded = await callStoppable(link, signal, (service, jobId) =>
        service.load(jobId, request, proxy(onEvent)),
      );
    } catch (thrown) {
      this.unload();
      throw asNamedError(thrown);
    }
    const { answerer } = this;
    if (answerer === null) throw await link.died;
    return answerer;
  }

  async answer(
    request: AnswerRequest,
    { signal, onEvent }: BackendCalls<AnswerEvent>,
  ): Promise<AnswerReply> {
    return this.ask((link) =>
      callStoppable(link, signal, (service, jobId) =>
        service.answer(jobId, request, proxy(onEvent)),
      ),
    );
  }

  readonly reweight: Ability<SampleReweighting> = {
    reason: null,
    calls: {
      weights: async (keptAs, target) => {
        const { link } = this;
        if (link === null) return { type: 'refused', reason: 'nothing-sampled' };
        // Async: comlink splits the reply's two shapes into two promises, which join here.
        return link.call(async (service): Promise<ReweightReply> =>
          service.reweight(keptAs, target),
        );
      },
    },
  };

  readonly exact: Ability<ExactAnswers> = {
    reason: null,
    calls: {
      from: 'model',
      refusal: () => null,
      bounds: (request, { signal, onEvent }) =>
        this.ask((link) =>
          callStoppable(link, signal, (service, jobId) =>
            service.exact(jobId, request, proxy(onEvent)),
          ),
        ),
      reweighted: async (keptAs, target) => {
        const { link } = this;
        if (link === null) return { bounds: null, reason: 'nothing-computed' };
        // Async: comlink splits the reply's two shapes into two promises, which join here.
        return link.call(async (service): Promise<ExactReweightReply> =>
          service.reweightExact(keptAs, target),
        );
      },
    },
  };

  readonly features: Ability<VisionFeatures> = {
    reason: null,
    calls: {
      of: (images, signal) =>
        this.ask((link) =>
          callStoppable(link, signal, (service, jobId) => service.features(jobId, images)),
        ),
    },
  };

  unload(): void {
    this.link?.terminate();
    this.link = null;
    this.loaded = null;
  }

  /** Asks the worker; one that died or lost its device is given up. */
  private async ask<Result>(
    use: (link: WorkerLink<VlmService>) => Promise<Result>,
  ): Promise<Result> {
    const link = this.link ?? createWorkerLink<VlmService>(this.makeWorker);
    this.link = link;
    try {
      return await use(link);
    } catch (thrown) {
      const error = asNamedError(thrown);
      if (error.name === 'WorkerDied' || error.name === 'DeviceLost') this.unload();
      throw error;
    }
  }
}
