/** Tries again what may pass, later each time, and as late as the server asks. */

import { NamedError } from '../../protocol/errors.ts';
import { pause } from '../../protocol/hub-request.ts';
import { ServerFault } from './server-fault.ts';

export interface RetrySettings {
  /** Requests for the same thing, the first included. */
  readonly attempts: number;
  /** Wait before the second, milliseconds; it doubles. */
  readonly firstWaitMs: number;
  readonly longestWaitMs: number;
}

export const USUAL_RETRIES: RetrySettings = {
  attempts: 6,
  firstWaitMs: 500,
  longestWaitMs: 120_000,
};

/**
 * What `attempt` resolves with. It is given the number of the try, from 0.
 *
 * @throws what the last try threw, or the first that cannot pass; `Cancelled` when stopped in a wait
 */
export async function withRetries<Result>(
  attempt: (number: number) => Promise<Result>,
  signal: AbortSignal,
  { attempts, firstWaitMs, longestWaitMs }: RetrySettings,
): Promise<Result> {
  for (let number = 0; ; number += 1) {
    try {
      return await attempt(number);
    } catch (thrown) {
      if (signal.aborted) throw new NamedError('Cancelled', 'The run was stopped.');
      if (!(thrown instanceof ServerFault) || !thrown.facts.isPassing) throw thrown;
      if (number + 1 >= attempts) throw thrown;
      const asked = thrown.facts.waitMs;
      if (asked !== null && asked > longestWaitMs) throw tooLong(thrown, asked);
      // Spread, so that requests that failed together do not come back together.
      const own = firstWaitMs * 2 ** number * (0.5 + Math.random() / 2);
      await pause(Math.min(longestWaitMs, Math.max(own, asked ?? 0)), signal);
    }
  }
}

function tooLong(fault: ServerFault, waitMs: number): NamedError {
  const minutes = String(Math.ceil(waitMs / 60_000));
  return new ServerFault(
    'NetworkFailed',
    `${fault.message} It asks to wait ${minutes} minutes: go on with the run then.`,
    { ...fault.facts, isPassing: false },
  );
}
