/**
 * Whatever answers a question about an image: a checkpoint in a worker, a recorded run, a server.
 * Long calls take `{signal, onEvent}`; cancel is cooperative and keeps what was finished.
 */

import type { FeatureTables } from '../core/probe/features.ts';
import type { Answerer, PolicySettings, PromptMode, RgbImage } from '../core/types.ts';
import type { ServerCapabilities } from '../protocol/server.ts';
import type {
  AnswerEvent,
  AnswerReply,
  AnswerRequest,
  DevicePreference,
  DeviceReport,
  ExactEvent,
  ExactReply,
  ExactRequest,
  ExactReweightReply,
  LoadProgress,
  ReweightReply,
} from '../protocol/vlm.ts';

export interface BackendCalls<Event> {
  readonly signal: AbortSignal;
  readonly onEvent: (event: Event) => void;
}

/** What is known of a checkpoint before it is loaded. */
export interface CheckpointRow {
  readonly id: string;
  readonly name: string;
  readonly stage: Answerer['stage'];
  /** The row that it was trained from; `null` for a start from scratch. */
  readonly parent: string | null;
  /** One sentence for people. */
  readonly about: string;
  readonly license: string;
  /** Address of its card where that is not in its built-in folder; `null` for one without a card. */
  readonly cardUrl?: string | null;
  /** Data type per session, as transformers.js takes it. */
  readonly dtype: Readonly<Record<string, string>>;
  /**
   * The data sets in its training; asked about others it says what it has never learned. `null` where
   * that is not known.
   */
  readonly trainedOn: readonly string[] | null;
  /**
   * The data sets that the questions of its own RL run were about (`on` in
   * `recipes/train/configs/<id>.json`): the rows of the transfer map. Empty where its own step was no RL,
   * `null` where that is not known.
   */
  readonly rlOn: readonly string[] | null;
  /** Hosts that images are sent to; absent for one that runs in this browser. */
  readonly servedBy?: readonly string[];
}

/** What not every backend can do; `null` comes with the reason. */
export type Ability<Calls> =
  | { readonly calls: Calls; readonly reason: null }
  | { readonly calls: null; readonly reason: string };

/** What is to be bounded, as far as it decides whether it can be. */
export interface ExactWish {
  readonly promptMode: PromptMode;
  /** Whether what follows a given beginning is asked for. */
  readonly isContinued: boolean;
}

/** The distribution of answers with bounds, which needs the model or a server that lists some of it. */
export interface ExactAnswers {
  /** Where the bounds come from: the model's whole distribution, or what a server lists of it. */
  readonly from: 'model' | 'lists';
  /** Why this cannot be bounded, in a sentence, before anything is asked; `null` where it can. */
  refusal(wish: ExactWish): string | null;
  /** Needs a loaded checkpoint. A stopped run resolves with status `stopped`. */
  bounds(request: ExactRequest, calls: BackendCalls<ExactEvent>): Promise<ExactReply>;
  /** Bounds of the request that had this `keepAs` under another policy, without the model. */
  reweighted(keptAs: string, target: PolicySettings): Promise<ExactReweightReply>;
}

/** What samples say of another policy, which needs the logits they were drawn from: a recorded run has none. */
export interface SampleReweighting {
  /** Weights of the samples of the run whose request had this `keepAs`; without the model. */
  weights(keptAs: string, target: PolicySettings): Promise<ReweightReply>;
}

/** Features of images, which need the model's graphs: a server gives none. */
export interface VisionFeatures {
  /** Needs a loaded checkpoint. A row an image; a few dozen images at a time. */
  of(images: readonly RgbImage[], signal: AbortSignal): Promise<FeatureTables>;
}

export interface AnswerBackend {
  readonly checkpoint: CheckpointRow;
  /**
   * Which weights a load would bring, as `Answerer.revision` says it of a loaded one; `null` where only a
   * load tells. Throws what asking a server for it throws.
   */
  revision(): Promise<string | null>;
  /** Bytes that `load` would fetch for the checkpoint's own files, uncompressed. */
  sizeBytes(): Promise<number>;
  /** `null` while nothing is loaded. */
  readonly answerer: Answerer | null;
  readonly device: DeviceReport | null;
  /** What the server was found to do; `null` before it is loaded, absent for what runs in this browser. */
  readonly capabilities?: ServerCapabilities | null;
  /** How many items a run may ask at a time; may change while it runs. */
  readonly itemsAtOnce: number;
  load(preference: DevicePreference, calls: BackendCalls<LoadProgress>): Promise<Answerer>;
  /** Needs a loaded checkpoint. A stopped run resolves with `completed: false`. */
  answer(request: AnswerRequest, calls: BackendCalls<AnswerEvent>): Promise<AnswerReply>;
  readonly exact: Ability<ExactAnswers>;
  readonly reweight: Ability<SampleReweighting>;
  readonly features: Ability<VisionFeatures>;
  unload(): void;
}
