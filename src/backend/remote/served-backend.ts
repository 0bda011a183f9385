/**
 * The backend of a checkpoint that servers answer for. What speaks to them (`remote-backend.ts`) is
 * fetched when it is first loaded: a page without servers does without it.
 */

import type { Answerer } from '../../core/types.ts';
import { NamedError } from '../../protocol/errors.ts';
import {
  serverAddress,
  type ServerAddress,
  type ServerCapabilities,
} from '../../protocol/server.ts';
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
import { NO_FEATURES, NO_REWEIGHTING } from './not-served.ts';
import type { OriginGate } from './origin-gate.ts';
import type { RemoteBackend } from './remote-backend.ts';

export interface ServedOrigin {
  /** Addresses, as `ServerAddress.baseUrl`: several are replicas of one model. */
  readonly servers: readonly string[];
  /** The model's name in requests. */
  readonly model: string;
  /** Requests to each server at a time. */
  readonly concurrency: number | 'auto';
}

const NOT_ASKED = 'The server was not asked yet: load it.';

export class ServedBackend implements AnswerBackend {
  readonly device = null;
  readonly reweight = NO_REWEIGHTING;
  readonly features = NO_FEATURES;
  private readonly addresses: readonly ServerAddress[];
  private remote: RemoteBackend | null = null;

  /**
   * @param gate has to know the servers' origins, or every call throws `OriginRefused`
   * @throws NamedError `CheckpointInvalid` where no address is one
   */
  constructor(
    readonly checkpoint: CheckpointRow,
    private readonly origin: ServedOrigin,
    private readonly gate: OriginGate,
  ) {
    this.addresses = origin.servers.flatMap((server) => serverAddress(server) ?? []);
    if (this.addresses.length > 0) return;
    throw new NamedError('CheckpointInvalid', `${checkpoint.id} has no server: add it again.`);
  }

  get answerer(): Answerer | null {
    return this.remote?.answerer ?? null;
  }
  get capabilities(): ServerCapabilities | null {
    return this.remote?.capabilities ?? null;
  }
  get itemsAtOnce(): number {
    return this.remote?.itemsAtOnce ?? 1;
  }
  /** Bounds from what is listed beside tokens, never the whole distribution. */
  get exact(): Ability<ExactAnswers> {
    return this.remote?.exact ?? { calls: null, reason: NOT_ASKED };
  }

  revision(): Promise<string | null> {
    return this.remote?.revision() ?? Promise.resolve(null);
  }

  /** Nothing is fetched of the model. */
  sizeBytes(): Promise<number> {
    return Promise.resolve(0);
  }

  async load(device: DevicePreference, calls: BackendCalls<LoadProgress>): Promise<Answerer> {
    const { RemoteBackend, USUAL_SETTINGS } = await import('./remote-backend.ts');
    const { checkpoint, addresses, gate } = this;
    const { model, concurrency } = this.origin;
    const settings = { ...USUAL_SETTINGS, concurrency };
    this.remote ??= new RemoteBackend(checkpoint, model, addresses, gate, settings);
    return this.remote.load(device, calls);
  }

  async answer(request: AnswerRequest, calls: BackendCalls<AnswerEvent>): Promise<AnswerReply> {
    if (this.remote === null) throw new NamedError('NotLoaded', NOT_ASKED);
    return this.remote.answer(request, calls);
  }

  unload(): void {
    this.remote?.unload();
  }
}
