/** JSON in pieces: a text of which neither the whole nor what it is made of is ever held. */

import { NamedError } from '../protocol/errors.ts';

/** A JSON array whose items are made one by one; in each piece there is one of them. */
export class LazyArray {
  constructor(readonly items: Iterable<unknown>) {}
}

/**
 * What `JSON.stringify` gives, in pieces. Lazy arrays are found in objects, and in other lazy
 * arrays; not in plain ones.
 *
 * @throws NamedError `RunFileInvalid` when a number is not finite
 */
export function* jsonPieces(value: unknown): Generator<string> {
  if (value instanceof LazyArray) {
    let separator = '[';
    for (const item of value.items) {
      yield separator;
      yield* jsonPieces(item);
      separator = ',';
    }
    yield separator === '[' ? '[]' : ']';
  } else if (isPlainObject(value) && hasLazyArray(value)) {
    let separator = '{';
    for (const [key, part] of Object.entries(value)) {
      if (part === undefined) continue;
      yield `${separator}${JSON.stringify(key)}:`;
      yield* jsonPieces(part);
      separator = ',';
    }
    yield '}';
  } else yield JSON.stringify(value, refuseNonFinite);
}

/** JSON has no NaN and no infinity and would write `null`: better no file than a wrong one. */
function refuseNonFinite(key: string, value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new NamedError('RunFileInvalid', `The run cannot be written: ${key} is ${value}.`);
  }
  return value;
}

function hasLazyArray(value: object): boolean {
  return Object.values(value).some(
    (part) => part instanceof LazyArray || (isPlainObject(part) && hasLazyArray(part)),
  );
}

function isPlainObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
