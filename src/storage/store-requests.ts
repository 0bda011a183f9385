/** Requests to IndexedDB: sent together, and failing by a name from the closed list. */

import { NamedError } from '../protocol/errors.ts';

/**
 * Sends requests and waits for them and their transaction. What cannot be cloned throws before it is a
 * request, and those before it would be committed: the transaction is aborted instead.
 */
export async function written(
  transaction: { readonly done: Promise<void>; abort: () => void },
  requests: readonly (() => Promise<unknown>)[],
): Promise<void> {
  const sent: Promise<unknown>[] = [transaction.done];
  try {
    for (const request of requests) sent.push(request());
  } catch (thrown) {
    transaction.abort();
    await Promise.allSettled(sent);
    throw thrown;
  }
  await Promise.all(sent);
}

export async function guarded<Value>(work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (thrown) {
    throw storageError(thrown);
  }
}

export function storageError(thrown: unknown): NamedError {
  if (thrown instanceof NamedError) return thrown;
  const { name, message } = thrown instanceof Error ? thrown : { name: '', message: '' };
  if (name === 'QuotaExceededError') {
    return new NamedError(
      'StorageFull',
      'The browser’s storage is full. What is finished is kept; delete a run or export it, then resume.',
      { cause: thrown },
    );
  }
  const detail = message === '' ? '' : ` (${message})`;
  return new NamedError(
    'StorageFailed',
    `The browser’s storage could not be used${detail}. Reload the page; in a private window runs cannot be kept.`,
    { cause: thrown },
  );
}
