/** A generator's work in slices: between two of them the worker hears whether it is to stop. */

import type { ProbeStep } from '../../src/core/probe/steps.ts';
import { NamedError } from '../../src/protocol/errors.ts';
import type { ProbeListener } from '../../src/protocol/probe.ts';

/** Short enough to stop at once and to draw progress smoothly; a turn of the event loop costs up to 4 ms. */
const SLICE_MS = 50;

/**
 * @param onStep is told the last step of each slice, and every epoch
 * @throws NamedError `Cancelled` when the signal says so
 */
export async function runInSlices<Result>(
  work: Generator<ProbeStep, Result>,
  signal: AbortSignal,
  onStep: ProbeListener,
): Promise<Result> {
  let startedAt = performance.now();
  for (let next = work.next(); ; next = work.next()) {
    if (next.done === true) return next.value;
    const isOver = performance.now() - startedAt >= SLICE_MS;
    if (isOver || next.value.epoch !== null) onStep(next.value);
    if (!isOver) continue;
    await new Promise((resolve) => setTimeout(resolve));
    if (signal.aborted) throw new NamedError('Cancelled', 'The probe was stopped.');
    startedAt = performance.now();
  }
}
