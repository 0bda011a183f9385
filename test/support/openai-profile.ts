/** What the scripted server does, how it fails when it is told to, and what it writes down. */

export type Doing = 'does' | 'ignores' | 'refuses';

export interface ServerProfile {
  readonly owner: string;
  readonly n: Doing;
  readonly seed: Doing;
  readonly logprobs: Doing;
  readonly topK: Doing;
  readonly minP: Doing;
  readonly stream: Doing;
  readonly tokenIds: Doing;
  /** The most that `top_logprobs` may be. */
  readonly mostListed: number;
  readonly logProbsOf: 'model' | 'tempered';
  /** Whether the text goes on to its end where a stop string stands. */
  readonly stops: boolean;
  readonly takesImages: boolean;
  /** Refuses every word but its own, and takes its knobs as a generation config, as `transformers serve`. */
  readonly isTransformers: boolean;
  readonly listsModels: boolean;
  /** Greedy whatever is asked. */
  readonly neverVaries: boolean;
  /** Whether pages of other origins may read its answers. */
  readonly allowsPages: boolean;
  /** `null` lets everybody in. */
  readonly key: string | null;
}

export const VLLM: ServerProfile = {
  owner: 'vllm',
  ...{ n: 'does', seed: 'does', logprobs: 'does', topK: 'does', minP: 'does', stream: 'does' },
  tokenIds: 'does',
  mostListed: 20,
  logProbsOf: 'model',
  stops: true,
  takesImages: true,
  isTransformers: false,
  listsModels: true,
  neverVaries: false,
  allowsPages: true,
  key: null,
};

export type Fault =
  | {
      readonly type: 'status';
      readonly status: number;
      readonly retryAfter?: string;
      readonly words?: string;
    }
  /** The connection breaks after so many whole answers. */
  | { readonly type: 'cut'; readonly after: number }
  | { readonly type: 'silent' }
  /** A byte every few milliseconds, and never an answer. */
  | { readonly type: 'loris' }
  | { readonly type: 'malformed' }
  | { readonly type: 'page' }
  /** Answer 0 comes in place of the last one as well. */
  | { readonly type: 'duplicate' }
  | { readonly type: 'huge'; readonly bytes: number }
  | { readonly type: 'filtered' }
  | { readonly type: 'error-event' }
  | { readonly type: 'redirect'; readonly to: string };

export interface LoggedChat {
  /** Of the reply. */
  readonly id: string;
  readonly path: string;
  readonly authorization: string | null;
  body: Readonly<Record<string, unknown>>;
  /** Answers that were sent to their end; two with one index are one. */
  sent: number;
  status: number;
}

export const TOY_MODEL = 'toy-7b';
