/** A run file that is read twice: once from its beginning, then line by line where they are. */

import { NamedError } from '../../protocol/errors.ts';
import { readLine, type RunLine } from '../read-run-line.ts';
import { decodedLine } from './byte-lines.ts';

export interface MergeFile {
  /** As it is named in what is said of it. */
  readonly name: string;
  /** All its bytes, in pieces that stay as they are. */
  readonly bytes: () => AsyncIterable<Uint8Array>;
  /** Bytes from `start` to before `end`. */
  readonly read: (start: number, end: number) => Promise<Uint8Array>;
}

/** A line of one of the files. */
export interface Span {
  readonly file: MergeFile;
  /** Id of the run in that file. */
  readonly runId: string;
  readonly start: number;
  readonly end: number;
}

/** @throws NamedError `RunFileInvalid` when it is not there any more as it was */
export async function lineAt<Type extends RunLine['type']>(
  { file, runId, start, end }: Span,
  ...types: readonly Type[]
): Promise<Extract<RunLine, { readonly type: Type }>> {
  const line = readLine(decodedLine([await file.read(start, end)]), runId);
  const isOf = (one: RunLine): one is Extract<RunLine, { readonly type: Type }> =>
    (types as readonly string[]).includes(one.type);
  if (typeof line !== 'string' && isOf(line)) return line;
  throw new NamedError('RunFileInvalid', `${file.name} was changed while it was read.`);
}
