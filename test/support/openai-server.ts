/**
 * A server on localhost that plays an OpenAI-compatible one: what it does, ignores and refuses is a
 * profile, faults come when they are told to, and every request is logged with what was sent for it.
 */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serverAddress, type ServerAddress } from '../../src/protocol/server.ts';
import { answersTo, count, extrasOf, refusalOf, shown, type Answer } from './openai-answers.ts';
import {
  TOY_MODEL,
  VLLM,
  type Fault,
  type LoggedChat,
  type ServerProfile,
} from './openai-profile.ts';

export class OpenAiServer {
  log: LoggedChat[] = [];
  profile: ServerProfile = VLLM;
  /** The fault of the chat request with this number, counted from the last `reset`. */
  faultAt: (number: number) => Fault | null = () => null;
  /** Milliseconds before the answers of a request that is the `inFlight`-th. */
  latencyMs: (inFlight: number) => number = () => 0;
  /** Whether the log has whole requests, images and all, or only their seeds. */
  logsAll = true;
  /** The most requests at a time since the last `reset`. */
  mostInFlight = 0;
  private inFlight = 0;
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
    this.latencyMs = () => 0;
    this.mostInFlight = 0;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.profile.allowsPages) {
      response.setHeader('Access-Control-Allow-Origin', '*');
      response.setHeader('Access-Control-Allow-Headers', '*, Authorization');
    }
    if (request.method === 'OPTIONS') {
      response.writeHead(this.profile.allowsPages ? 204 : 405).end();
      return;
    }
    const body = JSON.parse((await textOf(request)) || '{}') as Record<string, unknown>;
    const authorization = request.headers.authorization ?? null;
    const entry: LoggedChat = {
      id: `chatcmpl-${String(this.log.length + 1)}`,
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
    this.inFlight += 1;
    this.mostInFlight = Math.max(this.mostInFlight, this.inFlight);
    response.on('close', () => {
      this.inFlight -= 1;
      if (!this.logsAll) entry.body = { seed: body['seed'] };
    });
    const fault = this.faultAt(this.chats.length - 1);
    if (fault && this.failsAtOnce(fault, response, entry)) return;
    const refusal = refusalOf(this.profile, body);
    if (refusal !== null) {
      fail(response, entry, refusal.status, refusal.words);
      return;
    }
    const latencyMs = this.latencyMs(this.inFlight);
    if (latencyMs > 0) await new Promise((resolve) => setTimeout(resolve, latencyMs));
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

  private sendAnswers(response: ServerResponse, entry: LoggedChat, fault: Fault | null): void {
    const { body } = entry;
    const answers = answersTo(this.profile, body, () => (this.unseeded += 7919));
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
      ...extrasOf(this.profile, entry.body, tokens),
    }));
    const text = JSON.stringify({
      id: entry.id,
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
    const { id } = entry;
    const events: string[] = [];
    const ended = new Set<number>();
    const put = (choices: readonly object[], more: object = {}): void => {
      events.push(`data: ${JSON.stringify({ id, choices, ...more })}\n\n`);
    };
    for (const { index, tokens, finish } of answers) {
      if (fault?.type === 'cut' && entry.sent >= fault.after) {
        const half = tokens.slice(0, 1);
        put([
          { index, delta: { content: shown(half) }, ...extrasOf(this.profile, entry.body, half) },
        ]);
        response.write(events.join(''), () => breakOff(response));
        return;
      }
      for (const token of tokens) {
        put([
          {
            index,
            delta: { content: shown([token]) },
            ...extrasOf(this.profile, entry.body, [token]),
          },
        ]);
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
