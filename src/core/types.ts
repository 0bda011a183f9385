/**
 * The plain data that every room shares: a question, a sampler, a sample, an item.
 *
 * Nothing here knows of the DOM, of workers or of storage. All arrays are read-only so that a
 * record can be kept in `$state.raw`, posted to a worker and written to a file as it is.
 */

export type PromptMode = 'think' | 'direct' | 'hinted';

/** Every knob of the sampler. Nothing is taken from a checkpoint's own generation config. */
export interface SamplerSettings {
  /** Number of samples K, 1 … 1024. */
  readonly k: number;
  /** Softmax temperature ≥ 0; 0 is greedy. */
  readonly temperature: number;
  /** Keep the `topK` most probable tokens; 0 is off. */
  readonly topK: number;
  /** Smallest set of tokens whose mass reaches `topP` (0 < topP ≤ 1; 1 is off). */
  readonly topP: number;
  /** Drop tokens below `minP` times the largest probability (0 ≤ minP < 1; 0 is off). */
  readonly minP: number;
  /** Hard limit on generated tokens per sample. */
  readonly maxNewTokens: number;
  /** Run seed, an unsigned 32-bit integer. */
  readonly seed: number;
}

/** What turns logits into the distribution of the next token. */
export type PolicySettings = Pick<SamplerSettings, 'temperature' | 'topK' | 'topP' | 'minP'>;

/** Which of these is it, is it this one, which of these is it not, or what is it called. */
export type QuestionKind = 'options' | 'yes-no' | 'not' | 'free-form';

/** What else than the normalised reference counts as right in a free-form answer. */
export type Grading =
  /** These too, compared as the reference is. */
  | { readonly by: 'synonyms'; readonly accepted: readonly string[] }
  /** A regular expression with the flags `iu`, tried on the normalised answer. */
  | { readonly by: 'pattern'; readonly source: string };

export interface Question {
  readonly text: string;
  /** Option texts in the order shown (A, B, …); empty for a free-form question. */
  readonly options: readonly string[];
  /** Indexes of the right options; empty when no truth is marked. */
  readonly correctOptions: readonly number[];
  /** The right answer of a free-form question; `null` when not known or not free-form. */
  readonly referenceAnswer: string | null;
  /** Absent where only the normalised reference is right. */
  readonly grading?: Grading;
}

/** Which rule of the parser found the answer; the order is the order in which they are tried. */
export type AnswerRule =
  'answer-tag' | 'unclosed-answer-tag' | 'answer-colon' | 'capital-letter' | 'unparsed';

export interface ParsedAnswer {
  readonly rule: AnswerRule;
  /**
   * An option letter (`'A'`…) for multiple choice, the normalised text for free-form,
   * `null` when no rule found an answer.
   */
  readonly answer: string | null;
}

/** Why a sample ended: the text closed `</answer>`, an end-of-sequence token, the token limit. */
export type FinishReason = 'answer-closed' | 'end-of-sequence' | 'length';

/** One sampled answer. Arrays run over the generated tokens. */
export interface Sample {
  /**
   * Stream index i: the sample is a function of (run seed, item id, i) and the distribution.
   * 0 for the greedy answer, which draws from no stream.
   */
  readonly index: number;
  /** `null` where a server did not state them. */
  readonly tokenIds: readonly number[] | null;
  /**
   * The text that each token added; concatenated they give `text`. Where a server did not state its
   * tokens (`served.missing.tokens`) the words of the text, each with the blanks before it.
   */
  readonly tokenTexts: readonly string[];
  /**
   * ln p of each drawn token under the policy as sampled (temperature and filters), nats. `null` where a
   * server did not state it.
   */
  readonly logProbs: readonly number[] | null;
  /** ln p of each drawn token under the raw model at T = 1, nats. `null` where a server did not state it. */
  readonly modelLogProbs: readonly number[] | null;
  readonly text: string;
  readonly finishReason: FinishReason;
  /** Absent for a sample that a worker drew. */
  readonly served?: ServedBy;
}

/** A sample that a worker drew, which knows all of it. */
export interface DrawnSample extends Sample {
  readonly tokenIds: readonly number[];
  readonly logProbs: readonly number[];
  readonly modelLogProbs: readonly number[];
}

/** How a server was asked for a sample, and what it did not say of it. */
export interface ServedBy {
  /**
   * One request for several answers, a request of its own with a seed, one without, which nobody can
   * draw again, or the greedy one, which draws nothing.
   */
  readonly path: 'several' | 'seeded' | 'unseeded' | 'greedy';
  /** The request's fields without the messages, as JSON. */
  readonly sent: string;
  /** The server's name for its reply; `null` where it gave none. */
  readonly replyId: string | null;
  /** Which of the reply's answers it was. */
  readonly choice: number;
  /** Tokens as the server counted them; `null` where it did not for this answer alone. */
  readonly tokenCount: number | null;
  readonly missing: ServedGaps;
}

/** One sentence for each thing that is not known of a sample; `null` for what is. */
export interface ServedGaps {
  readonly tokens: string | null;
  readonly tokenIds: string | null;
  readonly logProbs: string | null;
  readonly modelLogProbs: string | null;
}

/**
 * What one trace (the tokens up to and with `<answer>`) makes of the question, under the policy as
 * sampled: every continuation is followed while its probability given the trace stays at or above
 * `branchFloor`, drawn or not. Of a server the options' letters that it lists there are followed.
 */
export interface TraceAnswers {
  /** Length of the trace, tokens. */
  readonly traceTokens: number;
  /** `Sample.index` of the samples with this trace, ascending. */
  readonly sampleIndexes: readonly number[];
  /** Those of them that drew a continuation below the floor; ascending, mostly none. */
  readonly belowFloorIndexes: readonly number[];
  /** P(answer, followed | trace) by parsed answer, largest first; the sum is 1 − `unresolvedMass`. */
  readonly answers: readonly TraceAnswer[];
  /** Probability, given the trace, of what was not followed. */
  readonly unresolvedMass: number;
}

export interface TraceAnswer {
  /** As in `ParsedAnswer`; `null` is unparsed. */
  readonly answer: string | null;
  readonly probability: number;
}

/** The answer distributions behind the samples of one record. */
export interface AnswerDistributions {
  readonly branchFloor: number;
  /** A sample that is in none (no `<answer>`, or stopped) has only its realised outcome. */
  readonly traces: readonly TraceAnswers[];
  /** Why a server gave none, a sentence; absent where there are some, and of a worker. */
  readonly missing?: string;
}

/** `Answerer.dtype` of a model behind a server, which states none. */
export const AS_SERVED = 'as served';

/** What answers: enough to know later exactly which weights on which device. */
export interface Answerer {
  readonly checkpointId: string;
  /** Content hash or hub revision of the weights. */
  readonly revision: string;
  readonly stage: Stage;
  /** Data type per session, e.g. `q4`. */
  readonly dtype: string;
  /** `wasm` or `webgpu`, with the adapter's name where there is one. */
  readonly device: string;
}

export type Stage = 'base' | 'sft' | 'rl' | 'other';
export type Split = 'train' | 'val' | 'test';

/** Where an image comes from. `dataset` is a MedMNIST id or the name of a VQA set, `null` for a single file. */
export interface ImageSource {
  readonly dataset: string | null;
  readonly split: Split | null;
  /** Row in the split of the published file; number of the item in a VQA set. */
  readonly index: number | null;
  /** Name shown to people, e.g. a file name. */
  readonly name: string;
  readonly width: number;
  readonly height: number;
  /** SHA-256 of the RGB bytes, hex. */
  readonly sha256: string;
}

/** 8-bit RGB pixels, row-major, `data.length = width · height · 3`. */
export interface RgbImage {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** What was drawn of a null, and why something of it is missing. */
export interface NullPart<Draw> {
  /** `null` when there is nothing of it. */
  readonly drawn: Draw | null;
  /** A sentence; `null` when the null is whole. */
  readonly reason: string | null;
}

/** The A/A null: the same checkpoint asked the same again, with another seed. */
export interface SecondSeedDraw {
  /** `secondSeed(sampler.seed)`, unsigned 32 bit. */
  readonly seed: number;
  /** K when it is whole; sorted by index. */
  readonly samples: readonly Sample[];
}

/** Answers to the item's question when the model is shown another image. */
export interface WrongImageDraw {
  readonly image: ImageSource;
  readonly samples: readonly Sample[];
}

/** The wrong-image null: images of the same set and split and of another class. */
export interface WrongImagesDraw {
  /** How many such images were there to choose from. */
  readonly atHand: number;
  /** Samples asked for, per image. */
  readonly samplesPerImage: number;
  readonly images: readonly WrongImageDraw[];
}

/** What differs by chance alone, and what the prompt gives without seeing. */
export interface ItemNulls {
  readonly secondSeed: NullPart<SecondSeedDraw>;
  readonly wrongImages: NullPart<WrongImagesDraw>;
}

/** All answers of one checkpoint to one item, as sampled and as stored. */
export interface ItemRecord {
  readonly runId: string;
  readonly itemId: string;
  readonly answerer: Answerer;
  readonly image: ImageSource;
  readonly question: Question;
  readonly promptMode: PromptMode;
  readonly promptVersion: string;
  /** The user's hint in `hinted` mode, else `null`. */
  readonly hint: string | null;
  /** The user turn as sent, before the chat template. */
  readonly promptText: string;
  readonly sampler: SamplerSettings;
  /** The T = 0 answer; `null` while it is not known. */
  readonly greedy: Sample | null;
  /** Finished samples, sorted by index; fewer than K when the run was stopped. */
  readonly samples: readonly Sample[];
  /** Sampling time, milliseconds; model loading not included. */
  readonly elapsedMs: number;
  /** There when the run asked for them. */
  readonly answerDistributions?: AnswerDistributions;
  /** Absent when the run was not asked for them. */
  readonly nulls?: ItemNulls;
}
