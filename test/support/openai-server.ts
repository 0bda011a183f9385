/**
 * A server on localhost that plays an OpenAI-compatible one: what it does, ignores and refuses is a
 * profile, faults come when they are told to, and every request is logged with what was sent for it.
 */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serverAddress, type ServerAddress } from '../../src/protocol/server.ts';
import { drawToy, END, uniformsOf, type ToyToken } from './served-toy.ts';

type Doing = 'does' | 'ignores' | 'refuses';

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
  readonly path: string;
  readonly authorization: string | null;
  readonly body: Readonly<Record<string, unknown>>;
  /** Answers that were sent to their end; two with one index are one. */
  sent: number;
  status: number;
}

interface Answer {
  readonly index: number;
  readonly tokens: readonly ToyToken[];
  readonly finish: string;
}

const TRANSFORMERS_WORDS: ReadonlySet<string> = new Set([
  ...['model', 'messages', 'max_tokens', 'temperature', 'top_p', 'seed', 'stream', 'stop', 'n'],
  ...['logprobs', 'top_logprobs', 'generation_config'],
]);

export const TOY_MODEL = 'toy-7b';

export class OpenAiServer {
  log: LoggedChat[] = [];
  profile: ServerProfile = VLLM;
  /** The fault of the chat request with this number, counted from the last `reset`. */
  faultAt: (number: number) => Fault | null = () => null;
  private unseeded = 1;
  private readonly server: Server;

  private constructor() {
    this.server = createServer((request, response) => {
      this.answer(request, response).catch(() => {
        response.destroy();
      });
    });
  }

  static async start(): Promise<OpenAiServer> {
    const one = new OpenAiServer();
    await new Promise<void>((resolve) => one.server.listen(0, '127.0.0.1', resolve));
    return one;
  }

  get address(): ServerAddress {
    const { port } = this.server.address() as AddressInfo;
    const address = serverAddress(`127.0.0.1:${String(port)}`);
    if (address === null) throw new Error('The scripted server has no address.');
    return address;
  }

  /** Chat requests that came since the last `reset`. */
  get chats(): readonly LoggedChat[] {
    return this.log.filter(({ path }) => path === '/v1/chat/completions');
  }

  reset(profile: Partial<ServerProfile> = {}): void {
    this.log = [];
    this.profile = { ...VLLM, ...profile };
    this.faultAt = () => null;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = JSON.parse((await textOf(request)) || '{}') as Record<string, unknown>;
    const authorization = request.headers.authorization ?? null;
    const entry: LoggedChat = {
      path: request.url ?? '',
      authorization,
      body,
      sent: 0,
      status: 200,
    };
    this.log.push(entry);
    const { key, owner } = this.profile;
    if (key !== null && authorization !== `Bearer ${key}`) {
      // As careless servers do, it repeats what it was given.
      const message = `Incorrect API key provided: ${authorization ?? 'none'}`;
      fail(response, entry, 401, message);
      return;
    }
    if (entry.path === '/v1/models' && !this.profile.listsModels) {
      fail(response, entry, 500, 'Cache directory not found');
      return;
    }
    if (entry.path === '/v1/models') {
      json(response, { data: [{ id: TOY_MODEL, owned_by: owner, root: '/models/toy' }] });
      return;
    }
    const fault = this.faultAt(this.chats.length - 1);
    if (fault && this.failsAtOnce(fault, response, entry)) return;
    const unexpected = Object.keys(body).filter((word) => !TRANSFORMERS_WORDS.has(word));
    if (this.profile.isTransformers && unexpected.length > 0) {
      fail(
        response,
        entry,
        422,
        `Unexpected fields in the request: {'${unexpected.join("', '")}'}`,
      );
      return;
    }
    const refusal = this.refusal(body);
    if (refusal !== null) {
      fail(response, entry, 400, refusal);
      return;
    }
    this.sendAnswers(response, entry, fault);
  }

  private failsAtOnce(fault: Fault, response: ServerResponse, entry: LoggedChat): boolean {
    if (fault.type === 'status') {
      const { status, retryAfter, words = 'told to fail' } = fault;
      if (retryAfter !== undefined) response.setHeader('Retry-After', retryAfter);
      fail(response, entry, status, words);
    } else if (fault.type === 'redirect') {
      entry.status = 307;
      response.writeHead(307, { Location: fault.to }).end();
    } else if (fault.type === 'malformed') {
      response.setHeader('Content-Type', 'application/json');
      response.end('{"id": "x", "choices": [{"index": 0, "mess');
    } else if (fault.type === 'page') {
      response.setHeader('Content-Type', 'text/html');
      response.end('<!doctype html><title>Gateway</title>');
    } else if (fault.type === 'loris') {
      response.setHeader('Content-Type', 'text/event-stream');
      const drip = setInterval(() => response.write('d'), 5);
      response.on('close', () => {
        clearInterval(drip);
      });
    } else if (fault.type === 'huge') {
      this.sendHuge(response, fault.bytes);
    } else return fault.type === 'silent';
    return true;
  }

  private sendHuge(response: ServerResponse, bytes: number): void {
    response.setHeader('Content-Type', 'application/json');
    response.write('{"choices":[{"index":0,"finish_reason":"stop","message":{"content":"');
    for (let left = bytes; left > 0; left -= 65_536) response.write('x'.repeat(65_536));
    response.end('"}}]}');
  }

  private refusal(body: Readonly<Record<string, unknown>>): string | null {
    const { profile } = this;
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

  private answersTo(asked: Readonly<Record<string, unknown>>): Answer[] {
    const { profile } = this;
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
    const isProbe = JSON.stringify(body['messages']).includes('random words');
    const n = does(profile.n) ? numberOf(body, 'n', 1) : 1;
    return Array.from({ length: n }, (_, index) => {
      const seed =
        does(profile.seed) && 'seed' in body
          ? numberOf(body, 'seed', 0) + index
          : (this.unseeded += 7919);
      const drawn = drawToy(isProbe, knobs, uniformsOf(seed));
      const closed = drawn.findIndex(({ text }) => text === '</answer>');
      const tokens =
        profile.stops && 'stop' in body && closed >= 0 ? drawn.slice(0, closed + 1) : drawn;
      const isWhole = tokens.at(-1)?.text === END || closed >= 0;
      return { index, tokens, finish: isWhole ? 'stop' : 'length' };
    });
  }

  private sendAnswers(response: ServerResponse, entry: LoggedChat, fault: Fault | null): void {
    const { body } = entry;
    const answers = this.answersTo(body);
    if (fault?.type === 'duplicate' && answers.length > 1) {
      const [first, last] = [answers[0], answers.at(-1)];
      if (first && last) answers[answers.length - 1] = { ...last, index: first.index };
    }
    if (fault?.type === 'filtered') {
      answers.splice(
        0,
        1,
        ...answers.slice(0, 1).map((one) => ({ ...one, finish: 'content_filter' })),
      );
    }
    const streams = body['stream'] === true && this.profile.stream === 'does';
    if (streams) this.sendStream(response, entry, answers, fault);
    else this.sendWhole(response, entry, answers, fault);
  }

  private sendWhole(
    response: ServerResponse,
    entry: LoggedChat,
    answers: readonly Answer[],
    fault: Fault | null,
  ): void {
    const choices = answers.map(({ index, tokens, finish }) => ({
      index,
      finish_reason: finish,
      message: { role: 'assistant', content: shown(tokens) },
      ...this.extras(entry.body, tokens),
    }));
    const text = JSON.stringify({
      id: `chatcmpl-${String(this.log.length)}`,
      choices,
      usage: { prompt_tokens: 300, completion_tokens: count(answers) },
    });
    if (fault?.type === 'cut') {
      response.setHeader('Content-Type', 'application/json');
      response.write(text.slice(0, text.length / 2), () => breakOff(response));
      return;
    }
    entry.sent = new Set(answers.map(({ index }) => index)).size;
    response.setHeader('Content-Type', 'application/json');
    response.end(text);
  }

  /** Answer after answer, a token an event, as if the first were the fastest. */
  private sendStream(
    response: ServerResponse,
    entry: LoggedChat,
    answers: readonly Answer[],
    fault: Fault | null,
  ): void {
    response.setHeader('Content-Type', 'text/event-stream');
    const id = `chatcmpl-${String(this.log.length)}`;
    const events: string[] = [];
    const ended = new Set<number>();
    const put = (choices: readonly object[], more: object = {}): void => {
      events.push(`data: ${JSON.stringify({ id, choices, ...more })}\n\n`);
    };
    for (const { index, tokens, finish } of answers) {
      if (fault?.type === 'cut' && entry.sent >= fault.after) {
        const half = tokens.slice(0, 1);
        put([{ index, delta: { content: shown(half) }, ...this.extras(entry.body, half) }]);
        response.write(events.join(''), () => breakOff(response));
        return;
      }
      for (const token of tokens) {
        put([{ index, delta: { content: shown([token]) }, ...this.extras(entry.body, [token]) }]);
      }
      put([{ index, delta: {}, finish_reason: finish }]);
      ended.add(index);
      entry.sent = ended.size;
    }
    if (fault?.type === 'error-event') {
      response.end(`data: ${JSON.stringify({ error: { message: 'CUDA out of memory' } })}\n\n`);
      entry.sent = 0;
      return;
    }
    put([], { usage: { prompt_tokens: 300, completion_tokens: count(answers) } });
    response.end(`${events.join('')}data: [DONE]\n\n`);
  }

  private extras(body: Readonly<Record<string, unknown>>, tokens: readonly ToyToken[]) {
    const { logprobs, logProbsOf, tokenIds } = this.profile;
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
              top_logprobs: token.listed.slice(0, top).map(entry),
            })),
          },
        }),
      ...(body['return_token_ids'] === true &&
        tokenIds === 'does' && { token_ids: tokens.map(({ id }) => id) }),
    };
  }
}

const shown = (tokens: readonly ToyToken[]): string =>
  tokens.map(({ text }) => (text === END ? '' : text)).join('');

const count = (answers: readonly Answer[]): number =>
  answers.reduce((sum, { tokens }) => sum + tokens.length, 0);

function numberOf(body: Readonly<Record<string, unknown>>, name: string, usual: number): number {
  const value = body[name];
  return typeof value === 'number' ? value : usual;
}

/** `fetch` drops what it had not given out when a connection breaks: what was written shall be read first. */
function breakOff(response: ServerResponse): void {
  setTimeout(() => response.destroy(), 100);
}

function json(response: ServerResponse, value: object): void {
  response.setHeader('Content-Type', 'application/json');
  response.end(JSON.stringify(value));
}

function fail(response: ServerResponse, entry: LoggedChat, status: number, message: string): void {
  entry.status = status;
  response.statusCode = status;
  json(response, { error: { message } });
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const piece of request) text += String(piece);
  return text;
}
