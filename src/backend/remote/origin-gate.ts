/**
 * The one way out to servers. It knows the origins that the user added and refuses every other, also
 * where a server sends a request on; a key goes to its own origin only, as a header, and out of every
 * text that comes back. Nothing else in the app may call `fetch` with an image or a key.
 */

import { NamedError } from '../../protocol/errors.ts';
import { retryAfterMs } from '../../protocol/hub-request.ts';
import { serverKey, type ServerAddress } from '../../protocol/server.ts';
import { ServerFault } from './server-fault.ts';

export interface GateRequest {
  /** Below the server's address: `models`, `chat/completions`. */
  readonly path: string;
  /** Sent as JSON by POST; `null` for a GET. */
  readonly body: object | null;
  readonly signal: AbortSignal;
}

/** Of a server's own words so many characters are shown. */
const WORDS_SHOWN = 240;
/** Of an error's body so much is read, bytes. */
const WORDS_READ = 16_384;
const REDACTED = '[key]';

export class OriginGate {
  /** Key by origin; `null` for a server that wants none. */
  private readonly keys = new Map<string, string | null>();

  /** Lets requests to a server pass. @throws NamedError `AccessDenied` for a key that is none */
  add({ origin }: ServerAddress, key: string | null): void {
    this.keys.set(origin, key === null ? null : serverKey(key));
  }

  /** Forgets a server and its key. */
  remove({ origin }: ServerAddress): void {
    this.keys.delete(origin);
  }

  has({ origin }: ServerAddress): boolean {
    return this.keys.has(origin);
  }

  /** The text without any key: also where a server repeats one escaped. */
  redacted(text: string): string {
    let clean = text;
    for (const key of this.keys.values()) {
      if (key === null) continue;
      for (const form of [key, encodeURIComponent(key), JSON.stringify(key).slice(1, -1)]) {
        clean = clean.split(form).join(REDACTED);
      }
    }
    return clean;
  }

  /**
   * The accepted answer, its body unread.
   *
   * @throws NamedError `OriginRefused`, `Cancelled`; ServerFault for what the server or the way to it
   *   did not do
   */
  async request(address: ServerAddress, { path, body, signal }: GateRequest): Promise<Response> {
    const url = new URL(path, address.baseUrl);
    const key = this.keys.get(url.origin);
    if (key === undefined) {
      throw new NamedError(
        'OriginRefused',
        `Nothing is sent to ${url.origin}: it is not among the servers that were added. Add it first.`,
      );
    }
    const headers: Record<string, string> = {
      ...(key !== null && { Authorization: `Bearer ${key}` }),
      ...(body !== null && { 'Content-Type': 'application/json' }),
    };
    const response = await fetch(url, {
      method: body === null ? 'GET' : 'POST',
      headers,
      body: body === null ? null : JSON.stringify(body),
      signal,
      redirect: 'manual',
      credentials: 'omit',
      cache: 'no-store',
      referrerPolicy: 'no-referrer',
    }).catch((thrown: unknown) => {
      throw this.unreached(address, thrown, signal);
    });
    if (response.ok) return response;
    throw await this.fault(address, response, key !== null);
  }

  /** A browser tells a page nothing of why a request failed. */
  unreached({ host, origin }: ServerAddress, thrown: unknown, signal: AbortSignal): NamedError {
    if (signal.aborted) return new NamedError('Cancelled', 'The run was stopped.');
    if (thrown instanceof NamedError) return thrown;
    const said = this.redacted(thrown instanceof Error ? thrown.message : String(thrown));
    return new ServerFault(
      'NetworkFailed',
      `${host} could not be reached, or the connection broke off. If it runs, it may not allow this page (vLLM: --allowed-origins, transformers serve: --enable-cors), or the browser does not trust its certificate: open ${origin} in a tab to see.`,
      { isPassing: true, words: said.slice(0, WORDS_SHOWN) },
    );
  }

  private async fault(
    { host, origin }: ServerAddress,
    response: Response,
    hadKey: boolean,
  ): Promise<NamedError> {
    const { status } = response;
    if (response.type === 'opaqueredirect' || (status >= 300 && status < 400)) {
      await response.body?.cancel();
      return new NamedError(
        'OriginRefused',
        `${origin} sends requests on to another address, and nothing is sent there unasked. Add the address that it sends to.`,
      );
    }
    const words = this.redacted(errorWords(await beginningOf(response))).slice(0, WORDS_SHOWN);
    const said = words === '' ? '' : ` It says: ${words}`;
    const facts = { status, words };
    if (status === 401 || status === 403) {
      const why = hadKey ? 'did not take the key' : 'wants a key';
      const message = `${host} ${why}. Check that it is whole and of this server.${said}`;
      return new ServerFault('AccessDenied', message, facts);
    }
    if (status === 404) {
      return new ServerFault('CheckpointMissing', `${host} has no such model or address.${said}`, {
        ...facts,
      });
    }
    const waitMs = response.headers.has('retry-after')
      ? retryAfterMs(response.headers.get('retry-after'), Date.now())
      : null;
    if (status === 429 || status === 408 || status >= 500) {
      const what = status === 429 ? 'asks to wait: too many requests' : `fails (${String(status)})`;
      return new ServerFault('NetworkFailed', `${host} ${what}.${said}`, {
        ...facts,
        waitMs,
        isPassing: true,
      });
    }
    const message = `${host} refused the request (${String(status)}).${said}`;
    return new ServerFault('RequestRefused', message, facts);
  }
}

/** The first bytes of a body as text; what is longer is left. */
async function beginningOf(response: Response): Promise<string> {
  const reader = response.body?.getReader();
  if (!reader) return '';
  const decoder = new TextDecoder();
  let text = '';
  try {
    while (text.length < WORDS_READ) {
      const { done, value } = await reader.read();
      if (done) break;
      text += decoder.decode(value, { stream: true });
    }
  } catch {
    // What was said before the cut is all there is.
  }
  await reader.cancel().catch(() => undefined);
  return text;
}

/** The sentence in an error's body: `error.message`, `error`, `message` or `detail`; else the text itself. */
function errorWords(body: string): string {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return body.startsWith('<') ? '' : body.trim();
  }
  const field = (value: unknown, name: string): unknown =>
    typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
  const error = field(parsed, 'error');
  const said = [field(error, 'message'), error, field(parsed, 'message'), field(parsed, 'detail')];
  const words = said.find((value) => value !== undefined && value !== null) ?? '';
  return typeof words === 'string' ? words : JSON.stringify(words);
}
