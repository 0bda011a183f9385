/**
 * What crosses between the page and a checkpoint's worker. One worker holds one checkpoint;
 * every call carries a job id, because an `AbortSignal` cannot be posted: a signal on the page
 * becomes `cancel(jobId)` here.
 */

import type { AnswerBounds } from '../core/answer-bounds.ts';
import type { ReweightRefusal } from '../core/importance.ts';
import type { AnswerReading } from '../core/listed-answers.ts';
import type { FeatureTables } from '../core/probe/features.ts';
import type {
  PolicySettings,
  Question,
  RgbImage,
  Sample,
  SamplerSettings,
  TraceAnswers,
} from '../core/types.ts';
import type { FilesSource } from './folder.ts';
import type { HubSource } from './hub.ts';

export type DevicePreference = 'auto' | 'webgpu' | 'wasm';

/** A folder of ours that holds checkpoint folders, named by checkpoint, each with its manifest. */
export interface FolderSource {
  readonly kind: 'folder';
  /** Absolute URL with a trailing slash. */
  readonly modelsUrl: string;
}

export type CheckpointSource = FolderSource | HubSource | FilesSource;

export interface LoadRequest {
  readonly source: CheckpointSource;
  readonly checkpointId: string;
  /** Data type per session (`''` is the default of every session), e.g. `q4` or a table. */
  readonly dtype: string | Readonly<Record<string, string>>;
  readonly device: DevicePreference;
}

/** Sum over all files of a load, the runtime's own binary included. */
export interface LoadProgress {
  readonly loadedBytes: number;
  /** `null` until every size is known. */
  readonly totalBytes: number | null;
  readonly elapsedMs: number;
  /** Of the loaded bytes those that were in this browser already; absent where none were. */
  readonly keptBytes?: number;
  /** A hub asked to wait for so long; absent while bytes come. */
  readonly waitingMs?: number;
}

/** Comparison of numbers that this device computes with a reference. */
export interface SelfCheck {
  readonly passed: boolean;
  /** Largest difference, in the unit of the test; Infinity or NaN where the device gave no number. */
  readonly maxAbsError: number;
  /** Largest difference that passes, in the same unit. */
  readonly limit: number;
  readonly elapsedMs: number;
}

export type RungName = 'webgpu' | 'webgpu-without-subgroups' | 'wasm';

/** One rung of the ladder of devices, as it was tried. */
export interface RungReport {
  readonly rung: RungName;
  readonly outcome: 'runs' | 'failed' | 'unavailable';
  /** Why it was left for the next rung; empty where it runs. */
  readonly reason: string;
  /** Adapter name as the browser gives it; `null` on wasm or where there is none. */
  readonly adapter: string | null;
  readonly features: readonly string[];
  readonly limits: Readonly<Record<string, number>>;
  /** Known operators against stored numbers, error as a share; `null` where it did not come to it. */
  readonly operators: SelfCheck | null;
  /** The checkpoint's first token against stored or wasm's log-probabilities, nats. */
  readonly firstToken: SelfCheck | null;
  /** Milliseconds spent on the rung, loading included. */
  readonly elapsedMs: number;
}

export interface DeviceReport {
  readonly kind: 'webgpu' | 'wasm';
  /** Adapter name as the browser gives it; `null` on wasm. */
  readonly adapter: string | null;
  /** Which of the runtime's three binaries runs. */
  readonly binary: 'jspi' | 'asyncify' | 'cpu';
  /** Wasm threads (1 without cross-origin isolation). */
  readonly threads: number;
  /** The preference of the load: it decides which rungs were to be tried. */
  readonly asked: DevicePreference;
  /** First token of the rung that runs; `null` where there is no reference. */
  readonly selfCheck: SelfCheck | null;
  /** Every rung that was tried, in order; the last one runs. */
  readonly rungs: readonly RungReport[];
}

export interface LoadedCheckpoint {
  readonly checkpointId: string;
  readonly revision: string;
  /** Data types as loaded, e.g. `decoder_model_merged q4`. */
  readonly dtype: string;
  /** `null` for a model that only sees. */
  readonly vocabSize: number | null;
  readonly device: DeviceReport;
}

/** Asks for the answer distribution behind each trace (Rao–Blackwell), beside the samples. */
export interface AnswerDistributionRequest {
  /** What the parser needs to read the answers. */
  readonly question: Question;
  /** Continuations of a trace below this probability are not followed, 0 < floor ≤ 1. */
  readonly branchFloor: number;
}

export interface AnswerRequest {
  readonly image: RgbImage;
  /** The user turn, before the chat template. */
  readonly promptText: string;
  /** Identifies the random streams together with the run seed. */
  readonly itemId: string;
  readonly sampler: SamplerSettings;
  /** Also decode the T = 0 answer. */
  readonly greedy: boolean;
  /** Streams `firstIndex … k − 1` are drawn; above 0 it continues an earlier run. */
  readonly firstIndex: number;
  /** For think mode: in direct mode all samples share one trace, and the exact distribution is better. */
  readonly answerDistributions?: AnswerDistributionRequest;
  /**
   * Keeps the run's logits for `reweight` under this name, in place of those kept before. A request
   * without it leaves them as they are: it may come after the run that is to be re-weighted.
   */
  readonly keepAs?: string;
  /** `false` decodes every sample on a row of its own: the reference for tests and the bench. */
  readonly merge?: boolean;
}

export type AnswerEvent =
  /** The samples that a step finished; one message, because K may be 1,024. */
  | { readonly type: 'samples'; readonly samples: readonly Sample[] }
  | { readonly type: 'greedy'; readonly sample: Sample }
  /** Traces whose answers are all known; often later than the samples that have them. */
  | {
      readonly type: 'traces';
      readonly traces: readonly TraceAnswers[];
      /** Why there are none, a sentence; absent where there can be some. */
      readonly missing?: string;
    }
  | {
      readonly type: 'step';
      readonly step: number;
      /** Distinct prefixes in this forward pass. */
      readonly liveRows: number;
      /** Samples that are not finished yet. */
      readonly liveSamples: number;
    };

export interface TokenAlternative {
  readonly tokenId: number;
  readonly text: string;
  /** ln p under the raw model at T = 1, nats. */
  readonly logProb: number;
}

export interface AnswerReply {
  /** `false` when the job was cancelled: what was sent as events is kept. */
  readonly completed: boolean;
  /** 0 where a server does not count them. */
  readonly promptTokens: number;
  /**
   * Forward passes after the prefill, and the rows they computed together; of a server, which tells
   * neither, the requests that it answered and the answers in them.
   */
  readonly steps: number;
  readonly rows: number;
  /** Rows that one forward pass may have on this device, for this prompt and number of tokens. */
  readonly rowsLimit: number;
  /** Whether the tree outgrew it and was finished in waves; the answers are the same. */
  readonly inWaves: boolean;
  readonly elapsedMs: number;
  /** The most probable first tokens, most probable first. */
  readonly firstTokens: readonly TokenAlternative[];
}

export type ReweightReply =
  | {
      readonly type: 'weights';
      /** Finished samples of the last run that kept its tree, ascending; the arrays below are in this order. */
      readonly sampleIndexes: readonly number[];
      /** ln (P under the target / P as sampled) of the sample's tokens, nats; −Infinity where a filter drops one. */
      readonly logWeights: readonly number[];
      /** Normalised to sum 1; all 0 when the target says none of the samples. */
      readonly weights: readonly number[];
      readonly effectiveSampleSize: number;
      /** Bound of the error of a log weight, nats; 0 unless rows were shortened for memory. */
      readonly logWeightError: number;
    }
  | {
      /** Only a new run can tell. */
      readonly type: 'refused';
      readonly reason: ReweightRefusal | KeptRefusal;
    };

export type KeptRefusal =
  /** No finished sample in a kept tree since the load. */
  | 'nothing-sampled'
  /** What is kept is of another run, a later one. */
  | 'other-run-kept'
  /** The run's logits took more than the stated bytes, even shortened. */
  | 'rows-not-kept'
  /** Logits were shortened, and the cut of a filter lies in what was left out. */
  | 'cut-not-kept';

/** The exact distribution of answers of a policy, with bounds. */
export interface ExactRequest {
  readonly image: RgbImage;
  /** The user turn, before the chat template. */
  readonly promptText: string;
  /** What the parser needs to read an answer. */
  readonly question: Question;
  /** The policy; `maxNewTokens` limits the whole answer, a given beginning included. */
  readonly sampler: Omit<SamplerSettings, 'k' | 'seed'>;
  /** Ends when the unexplored probability is below it, 0 ≤ ε ≤ 1; 0 asks for the whole tree. */
  readonly epsilon: number;
  /** Prefixes that may be run through the model. */
  readonly nodeBudget: number;
  /**
   * How the answer is taken to begin; the distribution is then that of what follows, read together
   * with it. As token ids, or as a text, which is tokenized anew: a text that was sampled can have
   * had other tokens, and then what follows can differ. `null` for the whole answer.
   */
  readonly prefix: string | readonly number[] | null;
  /**
   * Keeps the tree for `reweightExact` under this name, in place of the one kept before, from the start
   * of the job. A request without it keeps nothing and leaves what is kept: it may be of an edited trace.
   */
  readonly keepAs?: string;
}

/** What bounds were read from where a server was asked, which does not give out the whole distribution. */
export interface ListedSource {
  /** Of the letter behind `<answer>` alone, or of whole texts. */
  readonly reading: AnswerReading;
  /** Tokens that it lists for a place, the most probable ones. */
  readonly alternatives: number;
  /** Answers that were drawn to be read. */
  readonly answers: number;
  /** In what the bounds may not be those of its samples, a sentence; `null` for nothing. */
  readonly caution: string | null;
}

export interface ExactProgress {
  readonly bounds: AnswerBounds;
  /** Absent where the bounds are of the model's own distribution. */
  readonly listed?: ListedSource;
  /** Forward passes after the prompt (and the given beginning); of a server the requests. */
  readonly passes: number;
  /** Prefixes run through the model in those passes, one row each; of a server the drawn tokens. */
  readonly nodes: number;
  /** Ended texts found. */
  readonly leaves: number;
  readonly elapsedMs: number;
}

/** After every pass; bounds only tighten. */
export type ExactEvent = ExactProgress & { readonly type: 'bounds' };

/**
 * Why it ended: the residual is below ε (or the tree is complete), the node budget is spent, it was
 * stopped, all that is left had no room in memory, or more answers of a server would tell nothing new.
 */
export type ExactStatus = 'epsilon' | 'budget' | 'stopped' | 'memory' | 'listed';

export interface ExactReply extends ExactProgress {
  readonly status: ExactStatus;
  /** Tokens of the given beginning, as they were used. */
  readonly prefixTokenIds: readonly number[];
}

export type ExactReweightReply =
  | { readonly bounds: AnswerBounds; readonly reason: null }
  | { readonly bounds: null; readonly reason: ExactKeptRefusal };

export type ExactKeptRefusal =
  /** No tree was kept since the load. */
  | 'nothing-computed'
  /** What is kept is of another run, a later one. */
  | 'other-run-kept'
  /** The tree's logits took more than the stated bytes. */
  | 'logits-not-kept';

export interface VlmService {
  load(
    jobId: string,
    request: LoadRequest,
    onProgress: (progress: LoadProgress) => void,
  ): Promise<LoadedCheckpoint>;
  answer(
    jobId: string,
    request: AnswerRequest,
    onEvent: (event: AnswerEvent) => void,
  ): Promise<AnswerReply>;
  /**
   * What the samples of the run that was kept under this name say of another policy; milliseconds, no
   * forward pass, also while a job runs.
   */
  reweight(keptAs: string, target: PolicySettings): Promise<ReweightReply>;
  /** A stopped job resolves with status `stopped` and what it has. */
  exact(
    jobId: string,
    request: ExactRequest,
    onEvent: (event: ExactEvent) => void,
  ): Promise<ExactReply>;
  /**
   * Bounds of the `exact` that was kept under this name under another policy, whatever its own was: from
   * its tree, without the model, also while a job runs.
   */
  reweightExact(keptAs: string, target: PolicySettings): Promise<ExactReweightReply>;
  /**
   * Pooled outputs of the vision tower, a row an image, in one forward pass where the images are of one
   * size. Images of one call are in memory together, as pixels and as tokens: a few dozen at a time.
   */
  features(jobId: string, images: readonly RgbImage[]): Promise<FeatureTables>;
  cancel(jobId: string): void;
}
