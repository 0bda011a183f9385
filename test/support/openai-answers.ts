/** What the scripted server makes of a request: a refusal, or answers of its toy and what goes with them. */

import { TOY_MODEL, type Doing, type ServerProfile } from './openai-profile.ts';
import { drawToy, END, uniformsOf, type ToyAsk, type ToyToken } from './served-toy.ts';

export type Body = Readonly<Record<string, unknown>>;

export interface Refusal {
  readonly status: number;
  readonly words: string;
}

export interface Answer {
  readonly index: number;
  readonly tokens: readonly ToyToken[];
  readonly finish: string;
}

const TRANSFORMERS_WORDS: ReadonlySet<string> = new Set([
  ...['model', 'messages', 'max_tokens', 'temperature', 'top_p', 'seed', 'stream', 'stop', 'n'],
  ...['logprobs', 'top_logprobs', 'generation_config'],
]);

/** Why the server refuses a request, in its words; `null` where it takes it. */
export function refusalOf(profile: ServerProfile, body: Body): Refusal | null {
  const unexpected = Object.keys(body).filter((word) => !TRANSFORMERS_WORDS.has(word));
  if (profile.isTransformers && unexpected.length > 0) {
    const names = unexpected.join("', '");
    return { status: 422, words: `Unexpected fields in the request: {'${names}'}` };
  }
  const words = wordsAgainst(profile, body);
  return words === null ? null : { status: 400, words };
}

function wordsAgainst(profile: ServerProfile, body: Body): string | null {
  const words: readonly (readonly [string, Doing])[] = [
    ['n', profile.n],
    ['seed', profile.seed],
    ['logprobs', profile.logprobs],
    ['top_k', profile.topK],
    ['min_p', profile.minP],
    ['return_token_ids', profile.tokenIds],
  ];
  for (const [word, doing] of words) {
    if (doing === 'refuses' && word in body) return `Unrecognized request argument: ${word}`;
  }
  if (profile.stream === 'refuses' && body['stream'] === true) return 'No streams here.';
  if (numberOf(body, 'top_logprobs', 0) > profile.mostListed) return 'top_logprobs is too large';
  if (body['model'] !== TOY_MODEL) return `The model ${String(body['model'])} does not exist.`;
  if (!profile.takesImages && JSON.stringify(body).includes('image_url')) {
    return 'This model does not support image input.';
  }
  return null;
}

/** @param fresh a seed that was not there before, for a request without one */
export function answersTo(profile: ServerProfile, asked: Body, fresh: () => number): Answer[] {
  const config = asked['generation_config'];
  const body = {
    ...asked,
    ...(typeof config === 'string' && (JSON.parse(config) as Record<string, unknown>)),
  };
  // Without a generation config that says otherwise, this one is greedy.
  const isGreedy = profile.neverVaries || (profile.isTransformers && body['do_sample'] !== true);
  const does = (doing: Doing) => doing === 'does';
  const knobs = {
    temperature: isGreedy ? 0 : numberOf(body, 'temperature', 1),
    topK: does(profile.topK) ? Math.max(0, numberOf(body, 'top_k', 0)) : 0,
    topP: numberOf(body, 'top_p', 1),
    minP: does(profile.minP) ? numberOf(body, 'min_p', 0) : 0,
    maxTokens: numberOf(body, 'max_tokens', 16),
  };
  const ask = askOf(JSON.stringify(body['messages']));
  const n = does(profile.n) ? numberOf(body, 'n', 1) : 1;
  return Array.from({ length: n }, (_, index) => {
    const seed = does(profile.seed) && 'seed' in body ? numberOf(body, 'seed', 0) + index : fresh();
    const drawn = drawToy(ask, knobs, uniformsOf(seed));
    const closed = drawn.findIndex(({ text }) => text === '</answer>');
    const tokens =
      profile.stops && 'stop' in body && closed >= 0 ? drawn.slice(0, closed + 1) : drawn;
    const isWhole = tokens.at(-1)?.text === END || closed >= 0;
    return { index, tokens, finish: isWhole ? 'stop' : 'length' };
  });
}

function askOf(messages: string): ToyAsk {
  if (messages.includes('random words')) return 'probe';
  return messages.includes('<think>') ? 'think' : 'direct';
}

/** As vLLM does it: a drawn token that is none of the most probable has the last one's place. */
function listedBeside(token: ToyToken, top: number): ToyToken['listed'] {
  const most = token.listed.slice(0, top);
  const isThere = top === 0 || most.some(({ text }) => text === token.text);
  return isThere ? most : [token, ...most.slice(0, -1)];
}

/** Fields of a choice, or of a part of one, that the request asked for. */
export function extrasOf(profile: ServerProfile, body: Body, tokens: readonly ToyToken[]) {
  const { logprobs, logProbsOf, tokenIds } = profile;
  const kind = logProbsOf === 'model' ? 'logProb' : 'tempered';
  const top = numberOf(body, 'top_logprobs', 0);
  const entry = (token: ToyToken['listed'][number]) => ({
    token: token.text,
    logprob: token[kind],
    bytes: [...new TextEncoder().encode(token.text)],
  });
  return {
    ...(body['logprobs'] === true &&
      logprobs === 'does' && {
        logprobs: {
          content: tokens.map((token) => ({
            ...entry(token),
            top_logprobs: listedBeside(token, top).map(entry),
          })),
        },
      }),
    ...(body['return_token_ids'] === true &&
      tokenIds === 'does' && { token_ids: tokens.map(({ id }) => id) }),
  };
}

export const shown = (tokens: readonly ToyToken[]): string =>
  tokens.map(({ text }) => (text === END ? '' : text)).join('');

export const count = (answers: readonly Answer[]): number =>
  answers.reduce((sum, { tokens }) => sum + tokens.length, 0);

export function numberOf(body: Body, name: string, usual: number): number {
  const value = body[name];
  return typeof value === 'number' ? value : usual;
}
