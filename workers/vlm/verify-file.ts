/** Is a file what its list says it is? */

import { hexOf } from '../../src/core/sha256.ts';
import { NamedError } from '../../src/protocol/errors.ts';
import type { ManifestFile } from '../../src/protocol/manifest.ts';

/** Throws `CheckpointInvalid` where the content has another hash than stated. */
export async function verifyFile(
  { path, sha256, gitSha1 }: ManifestFile,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<void> {
  // Pages without a secure context have no hashes, and keep nothing either.
  if (!('subtle' in crypto)) return;
  const isSame =
    sha256 !== undefined
      ? (await digest('SHA-256', bytes)) === sha256
      : gitSha1 === undefined || (await digest('SHA-1', gitBlob(bytes))) === gitSha1;
  if (isSame) return;
  throw new NamedError(
    'CheckpointInvalid',
    `${path} is not the file that its repository lists: its checksum is another one. It was not kept. Load it again; where that does not help, something on the way changes it.`,
  );
}

/** What git hashes for a file. */
function gitBlob(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const head = new TextEncoder().encode(`blob ${String(bytes.byteLength)}\0`);
  const blob = new Uint8Array(head.byteLength + bytes.byteLength);
  blob.set(head);
  blob.set(bytes, head.byteLength);
  return blob;
}

async function digest(algorithm: string, bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return hexOf(await crypto.subtle.digest(algorithm, bytes));
}
