/**
 * The closed list of errors. An error's name survives a thread border (comlink keeps `name`,
 * `message` and `stack` only), so the name alone says what to do next.
 */

export const ERROR_NAMES = [
  'Cancelled',
  'WorkerDied',
  'DeviceLost',
  'DeviceUnavailable',
  'SelfCheckFailed',
  'OutOfMemory',
  'CheckpointMissing',
  'CheckpointInvalid',
  /** Whole, but nothing that this app knows how to run. */
  'CheckpointUnsupported',
  /** A hub wants a token, other rights or terms accepted. */
  'AccessDenied',
  'NetworkFailed',
  /** A request to an origin that nobody added, or one that was sent on to another. */
  'OriginRefused',
  /** A server understood the request and does not do it. */
  'RequestRefused',
  /** What a server sent is no answer to the request. */
  'ReplyInvalid',
  'NotLoaded',
  'ImageUnreadable',
  'ImageTooLarge',
  'NpzInvalid',
  'NpzTooLarge',
  'RunFileInvalid',
  'StorageFull',
  'StorageFailed',
  'QuestionInvalid',
  'SamplerInvalid',
  'ProbeInvalid',
  'Internal',
] as const;

export type ErrorName = (typeof ERROR_NAMES)[number];

/** An error that a person can act on: `message` is one or two plain sentences for the page. */
export class NamedError extends Error {
  override readonly name: ErrorName;

  constructor(name: ErrorName, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = name;
  }
}

function isErrorName(name: string): name is ErrorName {
  return (ERROR_NAMES as readonly string[]).includes(name);
}

/** Turns anything thrown, here or across a thread, into a `NamedError`. */
export function asNamedError(thrown: unknown): NamedError {
  if (thrown instanceof NamedError) return thrown;
  if (thrown instanceof Error) {
    const name = isErrorName(thrown.name) ? thrown.name : 'Internal';
    return new NamedError(name, thrown.message, { cause: thrown });
  }
  return new NamedError('Internal', String(thrown));
}
