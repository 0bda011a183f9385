import { asNamedError, NamedError } from '../../src/protocol/errors.ts';

/** What went wrong while a checkpoint was at work; out of memory is told by the runtime's words. */
export function samplingError(
  thrown: unknown,
  advice = 'Finished samples are kept; choose a smaller K or fewer tokens.',
): NamedError {
  const error = asNamedError(thrown);
  if (error.name === 'Internal' && /memory|bad_alloc|allocation/i.test(error.message)) {
    return new NamedError('OutOfMemory', `The device ran out of memory. ${advice}`, {
      cause: thrown,
    });
  }
  return error;
}
