/** Which tabs of the page are busy with something that a reload would end, told by a shared lock. */

const NAME = 'supportlens-busy';

export class BusyTabs {
  private release: (() => void) | null = null;

  /** Without locks (http) a tab knows of itself only. */
  constructor(private readonly locks: LockManager | null) {}

  /** Says whether this tab is busy. The same again does nothing. */
  mark(isBusy: boolean): void {
    if (isBusy === (this.release !== null)) return;
    if (!isBusy) {
      this.release?.();
      this.release = null;
      return;
    }
    const ended = new Promise<void>((resolve) => {
      this.release = resolve;
    });
    void this.locks?.request(NAME, { mode: 'shared' }, () => ended);
  }

  /** Runs `work` where no tab is busy, and none becomes so meanwhile; `false` where one is. */
  async whereNoneIs(work: () => Promise<void>): Promise<boolean> {
    if (this.release !== null) return false;
    if (this.locks === null) {
      await work();
      return true;
    }
    return this.locks.request(NAME, { ifAvailable: true }, async (lock) => {
      if (lock) await work();
      return lock !== null;
    });
  }
}
