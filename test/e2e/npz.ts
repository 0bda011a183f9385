/** Small `.npz` files, good and bad. */

import { strToU8, zipSync } from 'fflate';

/** An array as numpy saves it. */
export function npy(descr: string, shape: string, data: Uint8Array): Uint8Array {
  const header = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${shape}, }`;
  const padded = header.padEnd(118 - 1) + '\n';
  const head = new Uint8Array(10 + padded.length);
  head.set([0x93, ...strToU8('NUMPY'), 1, 0, padded.length & 255, padded.length >> 8]);
  head.set(strToU8(padded), 10);
  const file = new Uint8Array(head.length + data.length);
  file.set(head);
  file.set(data, head.length);
  return file;
}

/** Black images of 28 px. */
export const images = (count: number) =>
  npy('|u1', `(${String(count)}, 28, 28)`, new Uint8Array(count * 784));
/** All of the first class. */
export const labels = (count: number) => npy('|u1', `(${String(count)}, 1)`, new Uint8Array(count));

/** The arrays in one file, each under `<key>.npy`. */
export function npz(entries: Record<string, Uint8Array>): Buffer {
  return Buffer.from(zipSync(entries));
}
