/**
 * The page's half of a worker: calls that cannot hang. A comlink call to a dead worker stays
 * pending for ever, so every call races the worker's `error` event, its death (seen through a Web
 * Lock that the worker holds, since a crash fires no event) and `terminate()`.
 */

import { releaseProxy, wrap, type Remote } from 'comlink';
import { NamedError } from '../protocol/errors.ts';

export interface WorkerLink<Service> {
  /** Runs `use` on the service; rejects with `WorkerDied` when the worker ends first. */
  call<Result>(use: (service: Remote<Service>) => Promise<Result>): Promise<Result>;
  /** Resolves with the reason when the worker is gone. */
  readonly died: Promise<NamedError>;
  readonly isDead: boolean;
  terminate(): void;
}

/** Starts a worker. `makeWorker` must give it the name that it receives (the alive lock). */
export function createWorkerLink<Service>(
  makeWorker: (name: string) => Worker,
): WorkerLink<Service> {
  const name = `supportlens-worker-${crypto.randomUUID()}`;
  const worker = makeWorker(name);
  const service = wrap<Service>(worker);
  let isDead = false;
  let declareDead: (error: NamedError) => void = () => undefined;
  const died = new Promise<NamedError>((resolve) => {
    declareDead = (error) => {
      isDead = true;
      resolve(error);
    };
  });
  const rejectOnDeath = died.then((error) => Promise.reject(error));
  rejectOnDeath.catch(() => undefined);

  worker.addEventListener('error', (event) => {
    event.preventDefault();
    worker.terminate();
    declareDead(
      new NamedError('WorkerDied', `The worker stopped with an error: ${event.message}.`),
    );
  });
  watchAliveLock(name, (reason) => {
    declareDead(new NamedError('WorkerDied', reason));
  });

  return {
    call: (use) => Promise.race([use(service), rejectOnDeath]),
    died,
    get isDead() {
      return isDead;
    },
    terminate() {
      if (isDead) return;
      declareDead(new NamedError('Cancelled', 'The worker was unloaded.'));
      service[releaseProxy]();
      worker.terminate();
    },
  };
}

/** A service with calls that can be stopped by the id that they were given. */
export interface StoppableService {
  cancel(jobId: string): unknown;
}

/** A call under an id of its own, in which the signal becomes `cancel(jobId)`. */
export async function callStoppable<Service extends StoppableService, Result>(
  link: WorkerLink<Service>,
  signal: AbortSignal,
  start: (service: Remote<Service>, jobId: string) => Promise<Result>,
): Promise<Result> {
  const jobId = crypto.randomUUID();
  const cancel = (): void => {
    link
      // What is remote of a type that is not known yet cannot be worked out by the compiler.
      .call((service) => (service as unknown as Remote<StoppableService>).cancel(jobId))
      .catch(() => undefined);
  };
  signal.addEventListener('abort', cancel, { once: true });
  try {
    return await link.call((service) => {
      const reply = start(service, jobId);
      if (signal.aborted) cancel();
      return reply;
    });
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}

/**
 * Calls back with the reason when the worker has let go of its lock, or never took it: a worker that
 * ended before it could is told apart from one that is still being downloaded by a long wait only.
 */
function watchAliveLock(name: string, onGone: (reason: string) => void): void {
  if (!('locks' in navigator)) return;
  const startedAt = performance.now();
  const waitUntilHeld = async (): Promise<void> => {
    const { held } = await navigator.locks.query();
    if (held?.some((lock) => lock.name === name)) {
      await navigator.locks.request(name, () => {
        onGone('The worker was ended, by the browser or for lack of memory.');
      });
    } else if (performance.now() - startedAt > START_LIMIT_MS) {
      onGone('The worker did not start.');
    } else setTimeout(() => void waitUntilHeld(), HELD_POLL_MS);
  };
  void waitUntilHeld();
}

const HELD_POLL_MS = 200;
const START_LIMIT_MS = 60_000;
