/**
 * The header of numpy's `.npy` format, versions 1 to 3. Only plain arrays of numbers: a header that
 * asks for pickled objects is refused by its name, and nothing is ever evaluated.
 */
import { npzInvalid } from './npz-errors.ts';

export interface NpyHeader {
  /** Data type code without byte order: `u1`, `i8`, `f4`, `b1` … */
  readonly dtype: string;
  readonly isLittleEndian: boolean;
  readonly isFortranOrder: boolean;
  readonly shape: readonly number[];
  /** Where the data start in the entry. */
  readonly dataOffset: number;
}

/** A header that has not ended by here is no header. */
export const MAX_HEADER_BYTES = 64 * 1024;

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
const PLAIN_DTYPE = /^([<>|=])([biufc])(\d+)$/;
const FIELDS = {
  descr: /'descr'\s*:\s*('[^']*'|\[.*?\]\s*(?=,\s*'))/s,
  order: /'fortran_order'\s*:\s*(True|False)\b/,
  shape: /'shape'\s*:\s*\(([\d\s,L]*)\)/,
};

function parseShape(text: string, key: string): number[] {
  const parts = text.split(',').map((part) => part.trim().replace(/L$/, ''));
  const sides = (parts.at(-1) === '' ? parts.slice(0, -1) : parts).map(Number);
  if (sides.some((side) => !Number.isSafeInteger(side))) {
    throw npzInvalid(`${key} has an unreadable shape (${text}).`);
  }
  return sides;
}

function parseDictionary(text: string, key: string): Omit<NpyHeader, 'dataOffset'> {
  const descr = FIELDS.descr.exec(text)?.[1];
  const order = FIELDS.order.exec(text)?.[1];
  const shape = FIELDS.shape.exec(text)?.[1];
  if (descr === undefined || order === undefined || shape === undefined) {
    throw npzInvalid(`${key} has no readable numpy header.`);
  }
  const name = descr.replace(/^'|'$/g, '');
  if (/^[<>|=]?O/.test(name)) {
    throw npzInvalid(
      `${key} holds pickled Python objects (|O), which are never opened.`,
      'Save it again as a plain array of numbers.',
    );
  }
  const plain = PLAIN_DTYPE.exec(name);
  if (plain === null) {
    throw npzInvalid(`${key} has the data type ${name}.`, 'Save it as a plain array of numbers.');
  }
  return {
    dtype: `${plain[2] ?? ''}${plain[3] ?? ''}`,
    isLittleEndian: plain[1] !== '>',
    isFortranOrder: order === 'True',
    shape: parseShape(shape, key),
  };
}

/**
 * @param bytes the start of the entry
 * @returns the header, or `null` when more bytes are needed
 * @throws NpzInvalid naming `key`
 */
export function parseNpyHeader(bytes: Uint8Array, key: string): NpyHeader | null {
  if (MAGIC.some((byte, at) => at < bytes.length && bytes[at] !== byte)) {
    throw npzInvalid(`${key} is not a numpy array.`);
  }
  if (bytes.length < 12) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = view.getUint8(6);
  if (version < 1 || version > 3) {
    throw npzInvalid(`${key} has the numpy format version ${version}; 1 to 3 are known.`);
  }
  const textStart = version === 1 ? 10 : 12;
  const textBytes = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  const dataOffset = textStart + textBytes;
  if (dataOffset > MAX_HEADER_BYTES) {
    throw npzInvalid(`${key} has a numpy header of ${textBytes} bytes; it is broken.`);
  }
  if (bytes.length < dataOffset) return null;
  const text = new TextDecoder().decode(bytes.subarray(textStart, dataOffset));
  return { ...parseDictionary(text, key), dataOffset };
}

/** Bytes of the array's data. */
export function dataBytes(header: NpyHeader): number {
  const itemBytes = Number(header.dtype.slice(1));
  return header.shape.reduce((product, side) => product * side, itemBytes);
}
