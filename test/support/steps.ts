/** Runs a generator to its end, as a worker does without pauses. */
export function resultOf<Step, Result>(work: Generator<Step, Result>): Result {
  for (let next = work.next(); ; next = work.next()) if (next.done === true) return next.value;
}
