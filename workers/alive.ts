/**
 * Holds a Web Lock for as long as this worker lives. The page waits for the same lock: it gets it
 * when the worker is gone, however that happened (a crash fires no event on the page). The lock's
 * name is the worker's name.
 */
export function holdAliveLock(): void {
  if (self.name === '' || !('locks' in navigator)) return;
  void navigator.locks.request(self.name, () => new Promise<never>(() => undefined));
}
