/** The two errors of `.npz` files, worded for people: what is wrong with which key, what to do. */
import { NamedError } from '../../src/protocol/errors.ts';

const DOWNLOAD_AGAIN = 'Download it again from the MedMNIST page, or make it with numpy.savez.';

export function npzInvalid(what: string, whatToDo: string = DOWNLOAD_AGAIN): NamedError {
  return new NamedError('NpzInvalid', `${what} ${whatToDo}`);
}

export function npzTooLarge(what: string, whatToDo: string): NamedError {
  return new NamedError('NpzTooLarge', `${what} ${whatToDo}`);
}
