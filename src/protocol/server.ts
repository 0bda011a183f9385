/**
 * A server that answers for a model through chat completions as OpenAI defined them: where it is, and
 * what it was found to take. Which of it a sample was asked with is kept with the sample (`ServedBy`).
 */

import { NamedError } from './errors.ts';

export interface ServerAddress {
  /** Address below which `models` and `chat/completions` lie, with a trailing slash. */
  readonly baseUrl: string;
  readonly origin: string;
  /** Host and port, as they are shown. */
  readonly host: string;
}

/**
 * Whether a server does what a request asks. `unknown` where it took the words and nothing showed whether
 * it minds them: such a thing is asked for, and given up when a request is refused for it.
 */
export interface Capability {
  readonly has: 'yes' | 'no' | 'unknown';
  /** One sentence for people: how that is known. */
  readonly reason: string;
}

/** Programs whose words beyond the standard are known. */
export type ServerKind = 'vllm' | 'sglang' | 'llama.cpp' | 'transformers' | 'other';

/**
 * What a server's log-probabilities are: of the model at T = 1, of the model at the request's
 * temperature, or something that its answers did not tell.
 */
export type LogProbKind = 'model' | 'tempered' | 'unknown';

export interface ServerCapabilities {
  readonly kind: ServerKind;
  /** Several different answers from one request, which share its prefill. */
  readonly n: Capability;
  /** The same seed draws the same answer, another one another. */
  readonly seed: Capability;
  readonly logProbs: Capability;
  readonly logProbKind: LogProbKind;
  /** The most alternatives that it listed for one token when it was asked for 20; 0 for none. */
  readonly topLogProbs: number;
  readonly topK: Capability;
  readonly minP: Capability;
  readonly streaming: Capability;
  /** Ids of the tokens it drew, beside their texts. */
  readonly tokenIds: Capability;
}

/** What `load` finds out. */
export interface ServedModel {
  /** The model's name in requests. */
  readonly id: string;
  /** Which weights, as far as the server states it. */
  readonly revision: string;
  readonly capabilities: ServerCapabilities;
}

const COMPLETIONS = /\/(?:v1\/?)?(?:chat\/completions|completions|models)?\/*$/;

/** The address in what a person typed or pasted; `null` where there is none. Without a scheme it is http. */
export function serverAddress(typed: string): ServerAddress | null {
  const text = typed.trim();
  const withScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  if (text === '' || !URL.canParse(withScheme)) return null;
  const { protocol, username, password, origin, host, pathname } = new URL(withScheme);
  if (!['http:', 'https:'].includes(protocol) || username !== '' || password !== '') return null;
  return { baseUrl: `${origin}${pathname.replace(COMPLETIONS, '')}/v1/`, origin, host };
}

/** A key that can be sent as a header: printable, without blanks. @throws NamedError `AccessDenied` */
export function serverKey(typed: string): string | null {
  const key = typed.trim();
  if (key === '') return null;
  if (/^[\x21-\x7e]+$/.test(key)) return key;
  throw new NamedError(
    'AccessDenied',
    'The key has blanks or other characters that no key has. Copy it again.',
  );
}

const LOOPBACK = /^(?:localhost|.+\.localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/** Whether a server runs on the machine that the page is on. */
export const isThisMachine = ({ origin }: ServerAddress): boolean =>
  LOOPBACK.test(new URL(origin).hostname);

/**
 * Why a page cannot reach a server whatever the server allows; `null` where it may. Browsers let a page
 * that came encrypted ask nothing without encryption, this machine excepted.
 *
 * @param pageUrl address of the page
 */
export function mixedContentProblem({ origin }: ServerAddress, pageUrl: string): string | null {
  const server = new URL(origin);
  const isSafe = server.protocol === 'https:' || LOOPBACK.test(server.hostname);
  if (isSafe || new URL(pageUrl).protocol !== 'https:') return null;
  return `This page came over https, so the browser lets it ask nothing of ${origin}. Give the server a certificate, reach it as localhost through a tunnel (ssh -L), or open this page over http.`;
}
