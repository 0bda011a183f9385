/** What went wrong with one request to a server, and whether the same request may be sent again. */

import { NamedError, type ErrorName } from '../../protocol/errors.ts';

export interface FaultFacts {
  /** Whether it may pass: too many requests, a server that fails, a cut. */
  readonly isPassing: boolean;
  /** Milliseconds that the server asked to wait; `null` where it did not. */
  readonly waitMs: number | null;
  /** HTTP status; `null` where there was none. */
  readonly status: number | null;
  /** The server's own words, redacted; empty where it said nothing. */
  readonly words: string;
}

const PLAIN: FaultFacts = { isPassing: false, waitMs: null, status: null, words: '' };

export class ServerFault extends NamedError {
  readonly facts: FaultFacts;

  constructor(name: ErrorName, message: string, facts: Partial<FaultFacts> = {}) {
    super(name, message);
    this.facts = { ...PLAIN, ...facts };
  }
}

/** Something came that is no answer; mostly a proxy's page, which a second request does not get. */
export function invalidReply(host: string, what: string): ServerFault {
  const message = `${host} answered with ${what}. Check that the address is that of an OpenAI-compatible server.`;
  return new ServerFault('ReplyInvalid', message, { isPassing: true });
}
