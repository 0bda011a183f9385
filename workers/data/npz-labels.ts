/** The labels of a split of a MedMNIST file as class indexes, or as the findings present. */
import { npzInvalid } from './npz-errors.ts';
import type { NpyArray } from './npy-array.ts';
import type { NpyHeader } from './npy-header.ts';

type Reader = (view: DataView, at: number, isLittleEndian: boolean) => number;

const READERS: Readonly<Record<string, Reader>> = {
  b1: (view, at) => view.getUint8(at),
  u1: (view, at) => view.getUint8(at),
  i1: (view, at) => view.getInt8(at),
  u2: (view, at, little) => view.getUint16(at, little),
  i2: (view, at, little) => view.getInt16(at, little),
  u4: (view, at, little) => view.getUint32(at, little),
  i4: (view, at, little) => view.getInt32(at, little),
  u8: (view, at, little) => Number(view.getBigUint64(at, little)),
  i8: (view, at, little) => Number(view.getBigInt64(at, little)),
};

const FINDING_COUNT = 14;

export interface NpzLabels {
  /** Numbers per image in the file: 1 or 14. */
  readonly width: number;
  readonly largest: number;
  /** Per image: one class index, or the indexes of the findings present. */
  readonly values: readonly (readonly number[])[];
}

/** @throws NpzInvalid for a type or shape that labels cannot have */
export function checkLabelHeader(header: NpyHeader, key: string): void {
  if (!Object.hasOwn(READERS, header.dtype)) {
    throw npzInvalid(
      `${key} has the data type ${header.dtype}, not whole numbers.`,
      'Save it with .astype(numpy.uint8).',
    );
  }
  const [, width = 1] = header.shape;
  if (header.shape.length < 1 || header.shape.length > 2 || ![1, FINDING_COUNT].includes(width)) {
    throw npzInvalid(
      `${key} has the shape (${header.shape.join(', ')}), not (N,), (N, 1) or (N, ${FINDING_COUNT}).`,
    );
  }
  if (header.isFortranOrder && width > 1) {
    throw npzInvalid(`${key} is stored in Fortran order.`, 'Save it with numpy.ascontiguousarray.');
  }
}

/** @throws NpzInvalid for a negative label, or a finding that is neither 0 nor 1 */
export function parseLabels({ header, bytes }: NpyArray, key: string): NpzLabels {
  const read = READERS[header.dtype];
  const [count = 0, width = 1] = header.shape;
  if (read === undefined) throw npzInvalid(`${key} has the data type ${header.dtype}.`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const itemBytes = Number(header.dtype.slice(1));
  const numbers = Array.from({ length: count * width }, (_, i) =>
    read(view, i * itemBytes, header.isLittleEndian),
  );
  const largest = numbers.reduce((a, b) => Math.max(a, b), 0);
  const negative = numbers.find((value) => value < 0);
  if (negative !== undefined) throw npzInvalid(`${key} contains the label ${negative}.`);
  if (width === 1) return { width, largest, values: numbers.map((value) => [value]) };
  if (largest > 1) throw npzInvalid(`${key} contains ${largest}; findings are 0 or 1.`);
  const values = Array.from({ length: count }, (_, row) =>
    numbers
      .slice(row * width, (row + 1) * width)
      .flatMap((value, finding) => (value === 1 ? [finding] : [])),
  );
  return { width, largest, values };
}
