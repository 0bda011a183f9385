/**
 * One request to a hub, and in words what went wrong. The token goes to the hub's own origin only: a
 * browser takes it off when it is redirected to another one, where the large files lie. No error names it.
 */

import { NamedError } from './errors.ts';
import { hubPage, type HubPlace } from './hub.ts';

export interface HubRequestOptions {
  readonly place: Pick<HubPlace, 'endpoint' | 'repository'>;
  readonly token: string | null;
  readonly signal: AbortSignal;
  /** A look-up keeps no files: what went wrong is told without them. */
  readonly isLookup?: boolean;
  /** Milliseconds that a server may be silent. */
  readonly stallMs?: number;
  /** The hub asked to wait; called with 0 when the wait is over. */
  readonly onWait?: (milliseconds: number) => void;
}

export const STALL_MS = 30_000;
/** Longer waits are told, not waited for. */
const LONGEST_WAIT_MS = 120_000;
/** Where a hub says that it is too much without saying for how long. */
const USUAL_WAIT_MS = 10_000;

/**
 * The answer to a GET, its body unread. Waits once where the hub asks for it. Throws `Cancelled`,
 * `AccessDenied`, `CheckpointMissing`, or `NetworkFailed`, which may be tried again.
 */
export async function hubRequest(
  address: string,
  name: string,
  options: HubRequestOptions,
): Promise<Response> {
  const first = await ask(address, name, options);
  if (first.status !== 429) return accepted(first, name, options);
  const waitMs = retryAfterMs(first.headers.get('retry-after'), Date.now());
  await first.body?.cancel();
  if (waitMs > LONGEST_WAIT_MS)
    throw tooMany(`for ${String(Math.ceil(waitMs / 60_000))} minutes`, options.isLookup);
  options.onWait?.(waitMs);
  await pause(waitMs, options.signal);
  options.onWait?.(0);
  const second = await ask(address, name, options);
  if (second.status === 429) throw tooMany('again', options.isLookup);
  return accepted(second, name, options);
}

/** Awaits the next sign of a server. Throws `NetworkFailed` when none comes in `stallMs`. */
export async function notStalled<T>(
  next: Promise<T>,
  name: string,
  { stallMs = STALL_MS, isLookup = false }: Pick<HubRequestOptions, 'stallMs' | 'isLookup'>,
): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(
        new NamedError(
          'NetworkFailed',
          `Nothing of ${name} came for ${String(Math.round(stallMs / 1000))} seconds. ${adviceOf(isLookup)} to go on.`,
        ),
      );
    }, stallMs);
  });
  try {
    return await Promise.race([next, silence]);
  } finally {
    clearTimeout(timer);
  }
}

/** What is there already, and what to do. */
const adviceOf = (isLookup: boolean): string =>
  isLookup ? 'Nothing was fetched: try again' : 'Files that are complete are kept: load it again';

/** What a look-up says whose hub does not answer. */
function notReached(endpoint: string, thrown: unknown): NamedError {
  return new NamedError(
    'NetworkFailed',
    `${new URL(endpoint).host} could not be reached, and nothing was fetched. Check the connection, and the hub’s address if it is not the usual one; then try again.`,
    { cause: thrown },
  );
}

/** What a failed `fetch` or a body that broke off means. */
export function hubNetworkError(
  name: string,
  thrown: unknown,
  { signal, isLookup = false, place }: Pick<HubRequestOptions, 'signal' | 'isLookup' | 'place'>,
): NamedError {
  if (signal.aborted) return new NamedError('Cancelled', 'Loading was cancelled.');
  if (thrown instanceof NamedError) return thrown;
  if (isLookup) return notReached(place.endpoint, thrown);
  return new NamedError(
    'NetworkFailed',
    `The download of ${name} broke off. Files that are complete are kept: check the connection and load it again to go on.`,
    { cause: thrown },
  );
}

/** `Retry-After` as milliseconds: seconds or a date. */
export function retryAfterMs(header: string | null, nowMs: number): number {
  const text = header?.trim() ?? '';
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  const at = text === '' ? NaN : Date.parse(text);
  return Number.isNaN(at) ? USUAL_WAIT_MS : Math.max(0, at - nowMs);
}

async function ask(address: string, name: string, options: HubRequestOptions): Promise<Response> {
  const { place, token, signal } = options;
  const isOwn = new URL(address).origin === new URL(place.endpoint).origin;
  const headers: Record<string, string> =
    token !== null && isOwn ? { Authorization: `Bearer ${token}` } : {};
  const stop = new AbortController();
  const both = AbortSignal.any([signal, stop.signal]);
  try {
    // The hub's cookies are nobody's business here, and what is kept is kept by us.
    const request = { headers, signal: both, credentials: 'omit', cache: 'no-store' } as const;
    return await notStalled(fetch(address, request), name, options);
  } catch (thrown) {
    stop.abort();
    throw hubNetworkError(name, thrown, options);
  }
}

async function accepted(
  response: Response,
  name: string,
  { place, token, isLookup = false }: HubRequestOptions,
): Promise<Response> {
  if (response.ok) return response;
  const { status } = response;
  await response.body?.cancel();
  if (status === 401 || status === 403) throw denied(status, place, token !== null);
  if (status === 404) {
    throw new NamedError(
      'CheckpointMissing',
      `The hub has no ${name} of ${place.repository}. Check the name of the repository.`,
    );
  }
  throw new NamedError(
    'NetworkFailed',
    `The hub answered ${String(status)} for ${name}. ${adviceOf(isLookup)}.`,
  );
}

function denied(status: 401 | 403, place: HubRequestOptions['place'], hadToken: boolean) {
  const { repository } = place;
  if (!hadToken) {
    return new NamedError(
      'AccessDenied',
      `The hub does not show ${repository} to everyone, or there is none of this name. If its terms must be accepted, accept them at ${hubPage(place)} and give a token.`,
    );
  }
  return new NamedError(
    'AccessDenied',
    status === 401
      ? `The hub did not take the token for ${repository}. Check that it is whole and not expired.`
      : `The token is not allowed to read ${repository}. Accept its terms at ${hubPage(place)}, or give a token that may read it.`,
  );
}

const tooMany = (howLong: string, isLookup = false): NamedError =>
  new NamedError(
    'NetworkFailed',
    `The hub asks to wait ${howLong}: too many requests came from here. ${adviceOf(isLookup)} later.`,
  );

/** Waits. Throws `Cancelled` when the signal comes first. */
export function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(new NamedError('Cancelled', 'Loading was cancelled.'));
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, milliseconds);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}
