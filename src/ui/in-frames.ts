/** Work that a redraw can put off: one part a frame, so that no task is long. */

/** After the next frame and apart from it: what `work` changes is laid out in another task than its own. */
export function afterFrame(work: () => void): void {
  requestAnimationFrame(() => {
    setTimeout(work);
  });
}

/**
 * @param parts run in their order, each in a frame of its own
 * @param isGone whether what they change is no longer there: the rest is left
 * @returns starts them; asked again while they run, they run once more afterwards
 */
export function inFrames(parts: readonly (() => void)[], isGone: () => boolean): () => void {
  let isRunning = false;
  let isAskedAgain = false;
  const runFrom = (at: number): void => {
    const part = parts[at];
    if (part) {
      afterFrame(() => {
        if (isGone()) return;
        part();
        runFrom(at + 1);
      });
      return;
    }
    isRunning = false;
    if (isAskedAgain) start();
  };
  const start = (): void => {
    isAskedAgain = isRunning;
    if (isRunning) return;
    isRunning = true;
    runFrom(0);
  };
  return start;
}
