/**
 * A model behind a server that speaks OpenAI's chat completions, or behind several that share the work.
 * Nothing is downloaded and nothing runs here: images go to the server, and answers come back with what
 * the server states of them.
 */

import { AS_SERVED, type Answerer } from '../../core/types.ts';
import { asNamedError, NamedError } from '../../protocol/errors.ts';
import type { ServedModel, ServerAddress, ServerCapabilities } from '../../protocol/server.ts';
import type {
  AnswerEvent,
  AnswerReply,
  AnswerRequest,
  DevicePreference,
  LoadProgress,
} from '../../protocol/vlm.ts';
import type {
  Ability,
  AnswerBackend,
  BackendCalls,
  CheckpointRow,
  ExactAnswers,
} from '../answer-backend.ts';
import { AnswerRun, type RunLimits } from './answer-run.ts';
import { AUTO_BOUNDS, AutoConcurrency } from './auto-concurrency.ts';
import { probeModel } from './capabilities.ts';
import type { ChatServer } from './chat-call.ts';
import { FixedConcurrency } from './concurrency.ts';
import { FoundCapabilities } from './found-capabilities.ts';
import { ListedExact } from './listed-exact.ts';
import { NO_FEATURES, NO_REWEIGHTING } from './not-served.ts';
import type { OriginGate } from './origin-gate.ts';
import { Replica } from './replica.ts';
import { Replicas } from './replicas.ts';
import { USUAL_RETRIES, type RetrySettings } from './retries.ts';
import { requireSampler } from './sampler-problem.ts';
import { commonModel } from './same-model.ts';
import { SERVER_WORDS } from './server-words.ts';
import { USUAL_PATIENCE, type PatienceMs } from './silence-watch.ts';

export interface RemoteSettings extends RunLimits {
  /** Requests that each server is asked at a time; `auto` finds how many keep it busy. */
  readonly concurrency: number | 'auto';
  readonly retries: RetrySettings;
  readonly patience: PatienceMs;
}

export const USUAL_SETTINGS: RemoteSettings = {
  concurrency: 'auto',
  answersAtOnce: 16,
  retries: USUAL_RETRIES,
  patience: USUAL_PATIENCE,
};

/** Items beyond those whose requests are in flight: some wait for a second try, some are being stored. */
const SPARE_ITEMS = 1.25;

const clock = (): number => performance.now();

export class RemoteBackend implements AnswerBackend {
  readonly device = null;
  /** Bounds from what is listed beside tokens, never the whole distribution. */
  readonly exact: Ability<ExactAnswers>;
  private readonly lists: ListedExact;
  private loaded: { readonly model: ServedModel; readonly found: FoundCapabilities } | null = null;
  private readonly addresses: readonly ServerAddress[];
  /** As it is named: all hosts, in one order whatever order they were given in. */
  private readonly address: ServerAddress;
  private replicas: Replicas;
  /** Requests that the last item took. */
  private requestsOfItem = 1;

  /**
   * @param modelId the model's name in requests
   * @param addresses one server, or several that serve the same weights
   * @param gate has to know the servers' origins, or every call throws `OriginRefused`
   */
  constructor(
    readonly checkpoint: CheckpointRow,
    private readonly modelId: string,
    addresses: ServerAddress | readonly ServerAddress[],
    private readonly gate: OriginGate,
    private readonly settings: RemoteSettings = USUAL_SETTINGS,
  ) {
    this.addresses = ('host' in addresses ? [addresses] : addresses).toSorted((a, b) =>
      a.host < b.host ? -1 : 1,
    );
    const [first] = this.addresses;
    if (!first) throw new NamedError('CheckpointMissing', 'No server was given.');
    this.address = { ...first, host: this.addresses.map(({ host }) => host).join(', ') };
    this.replicas = this.replicasOf(this.addresses, null);
    this.lists = new ListedExact(
      () => {
        const { model, found } = this.required();
        const { answersAtOnce } = this.settings;
        return { server: this.server, model: model.id, found, answersAtOnce };
      },
      () => this.loaded?.found ?? null,
      this.address.host,
    );
    this.exact = { calls: this.lists, reason: null };
  }

  /** Enough that requests wait for every server, before it is known how many an item takes. */
  get itemsAtOnce(): number {
    if (this.loaded === null) return 1;
    return Math.ceil((SPARE_ITEMS * this.replicas.limit) / this.requestsOfItem) + 1;
  }

  get answerer(): Answerer | null {
    if (this.loaded === null) return null;
    const { id, stage } = this.checkpoint;
    return {
      checkpointId: id,
      revision: this.loaded.model.revision,
      stage,
      dtype: AS_SERVED,
      device: `server (${this.address.host})`,
    };
  }

  /** What the server does, as far as it is known by now; `null` before it is loaded. */
  get capabilities(): ServerCapabilities | null {
    return this.loaded?.found.all ?? null;
  }

  revision(): Promise<string | null> {
    return Promise.resolve(this.loaded?.model.revision ?? null);
  }

  sizeBytes(): Promise<number> {
    return Promise.resolve(0);
  }

  /** Looks for the model and finds out what the server does. The device preference is for this machine. */
  async load(
    _: DevicePreference,
    { signal, onEvent }: BackendCalls<LoadProgress>,
  ): Promise<Answerer> {
    this.unload();
    const startedAt = performance.now();
    onEvent({ loadedBytes: 0, totalBytes: 0, elapsedMs: 0 });
    const model = await this.probe(signal).catch((thrown: unknown) => {
      throw signal.aborted
        ? new NamedError('Cancelled', 'Loading was cancelled.')
        : asNamedError(thrown);
    });
    const { mostAtOnce } = SERVER_WORDS[model.capabilities.kind];
    this.replicas = this.replicasOf(this.addresses, mostAtOnce);
    this.loaded = { model, found: new FoundCapabilities(model.capabilities) };
    onEvent({ loadedBytes: 0, totalBytes: 0, elapsedMs: performance.now() - startedAt });
    const { answerer } = this;
    if (answerer === null) throw new NamedError('NotLoaded', 'The server was removed meanwhile.');
    return answerer;
  }

  /** @throws NamedError `CheckpointInvalid` where not all serve the same, or why one did not answer */
  private async probe(signal: AbortSignal): Promise<ServedModel> {
    const found = await Promise.all(
      this.addresses.map(async (address) => {
        const server = { ...this.server, address, replicas: this.replicasOf([address], 1) };
        return { host: address.host, model: await probeModel(server, this.modelId, signal) };
      }),
    );
    return commonModel(found);
  }

  private replicasOf(addresses: readonly ServerAddress[], mostAtOnce: number | null): Replicas {
    const { concurrency } = this.settings;
    const most = mostAtOnce ?? AUTO_BOUNDS.most;
    return new Replicas(
      addresses.map((address) => {
        const control =
          concurrency === 'auto'
            ? new AutoConcurrency(clock, { ...AUTO_BOUNDS, most })
            : new FixedConcurrency(Math.min(concurrency, mostAtOnce ?? Infinity));
        return new Replica(address, control, clock);
      }),
    );
  }

  async answer(
    request: AnswerRequest,
    { signal, onEvent }: BackendCalls<AnswerEvent>,
  ): Promise<AnswerReply> {
    const { server, settings } = this;
    const { model, found } = this.required();
    requireSampler(request.sampler, found.all, this.address.host);
    const startedAt = performance.now();
    const run = new AnswerRun(server, model.id, found, request, settings, {
      signal,
      onSample: (sample) => {
        onEvent({ type: 'samples', samples: [sample] });
      },
      onGreedy: (sample) => {
        onEvent({ type: 'greedy', sample });
      },
      onTraces: onEvent,
    });
    let completed = true;
    try {
      await run.all();
    } catch (thrown) {
      if (!signal.aborted) throw asNamedError(thrown);
      completed = false;
    }
    const { promptTokens, requests, answers } = run.counts;
    this.requestsOfItem = Math.max(1, run.jobs);
    return {
      completed: completed && !signal.aborted,
      promptTokens,
      steps: requests,
      rows: answers,
      rowsLimit: this.replicas.limit * settings.answersAtOnce,
      inWaves: false,
      elapsedMs: performance.now() - startedAt,
      firstTokens: [],
    };
  }

  readonly reweight = NO_REWEIGHTING;
  readonly features = NO_FEATURES;

  unload(): void {
    this.loaded = null;
    this.lists.forget();
  }

  private required(): NonNullable<typeof this.loaded> {
    if (this.loaded !== null) return this.loaded;
    throw new NamedError('NotLoaded', 'The server was not asked yet: load it.');
  }

  private get server(): ChatServer {
    const { gate, address, replicas, settings } = this;
    const { patience, retries } = settings;
    return { gate, address, replicas, patience, retries };
  }
}
