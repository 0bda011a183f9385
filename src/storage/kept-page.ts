/**
 * The page itself in this browser: registers the service worker and tells what becomes of it. The
 * browser's own interface, because the few events that count here need no library.
 */

import { TAKE_OVER } from '../protocol/offline.ts';

export interface KeptPageEvents {
  /** The files are being fetched for the first time. */
  readonly onkeeping: () => void;
  /** The page works without network from now on. */
  readonly onkept: () => void;
  /** Nothing is kept, e.g. for want of space; the page works with network. */
  readonly onfailed: () => void;
  /** A new version is complete and waits. */
  readonly onwaiting: () => void;
  /** Another version answers since: some other tab asked for it. */
  readonly onreplaced: () => void;
  /** The service worker answers this page, which was opened without it. */
  readonly onjoined: () => void;
}

/** Least time between two looks for a new version while a page stays open. */
const LOOK_EVERY_MS = 60 * 60 * 1000;

export class KeptPage {
  private registration: ServiceWorkerRegistration | null = null;
  private lookedAt = performance.now();

  /** @param scriptUrl of the service worker; what lies beside and below it is its own */
  constructor(private readonly scriptUrl: string) {}

  /** Where the browser keeps nothing (http, private windows, by choice), `onfailed` is all that happens. */
  async start(events: KeptPageEvents): Promise<void> {
    if (!('serviceWorker' in navigator) || savesData()) {
      events.onfailed();
      return;
    }
    const container = navigator.serviceWorker;
    let isAnswered = container.controller !== null;
    container.addEventListener('controllerchange', () => {
      if (isAnswered) events.onreplaced();
      else events.onjoined();
      isAnswered = true;
    });
    try {
      this.registration = await container.register(this.scriptUrl);
      this.watch(this.registration, events);
    } catch {
      events.onfailed();
    }
  }

  private watch(registration: ServiceWorkerRegistration, events: KeptPageEvents): void {
    const { active, installing, waiting } = registration;
    if (active) events.onkept();
    if (waiting && active) events.onwaiting();
    if (installing) this.follow(installing, registration, events);
    registration.addEventListener('updatefound', () => {
      if (registration.installing) this.follow(registration.installing, registration, events);
    });
    document.addEventListener('visibilitychange', () => {
      this.look(registration);
    });
  }

  private follow(
    worker: ServiceWorker,
    registration: ServiceWorkerRegistration,
    { onkeeping, onkept, onfailed, onwaiting }: KeptPageEvents,
  ): void {
    const isFirst = registration.active === null;
    if (isFirst) onkeeping();
    worker.addEventListener('statechange', () => {
      if (worker.state === 'installed' && !isFirst) onwaiting();
      else if (worker.state === 'activated') onkept();
      else if (worker.state === 'redundant' && isFirst && registration.active === null) onfailed();
    });
  }

  /** Browsers look by themselves when the page is opened; a lecture's tab may be open for days. */
  private look(registration: ServiceWorkerRegistration): void {
    if (document.visibilityState !== 'visible') return;
    if (performance.now() - this.lookedAt < LOOK_EVERY_MS) return;
    this.lookedAt = performance.now();
    // Without network there is nothing new.
    registration.update().catch(() => undefined);
  }

  /** Lets the version that waits answer; resolves when it does. */
  async takeUpdate(): Promise<void> {
    const waiting = this.registration?.waiting;
    if (!waiting) return;
    const taken = new Promise<void>((resolve) => {
      navigator.serviceWorker.addEventListener(
        'controllerchange',
        () => {
          resolve();
        },
        { once: true },
      );
    });
    waiting.postMessage(TAKE_OVER);
    await taken;
  }
}

/** People who asked their browser to save data get no 30 MB that they did not ask for. */
function savesData(): boolean {
  const { connection } = navigator as { connection?: { saveData?: boolean } };
  return connection?.saveData === true && navigator.serviceWorker.controller === null;
}
