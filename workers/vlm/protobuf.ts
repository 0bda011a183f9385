/**
 * The few lines of protobuf that ONNX files need: fields are written, and read one level at a time.
 * A protobuf library with the ONNX schema would weigh more than what is done with it.
 */

export const VARINT = 0;
const FIXED64 = 1;
export const LENGTH_DELIMITED = 2;
const FIXED32 = 5;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** One field of a message as it stands in the bytes. */
export interface Field {
  readonly number: number;
  readonly wire: number;
  /** Of a varint; 0 for other wire types. */
  readonly value: number;
  /** Content of a length-delimited field; empty for other wire types. */
  readonly content: Uint8Array;
  /** Tag and content together, to be copied as they are. */
  readonly raw: Uint8Array;
}

/** The fields of a message, in order. Throws `RangeError` where the bytes end too early. */
export function* readFields(message: Uint8Array): Generator<Field> {
  let at = 0;
  const readVarint = (): number => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = message[at];
      if (byte === undefined) throw new RangeError('The file ends inside a field.');
      at += 1;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
  };
  while (at < message.length) {
    const start = at;
    const tag = readVarint();
    const wire = tag & 7;
    let value = 0;
    let from = at;
    if (wire === VARINT) value = readVarint();
    else if (wire === LENGTH_DELIMITED) {
      const size = readVarint();
      from = at;
      at += size;
    } else if (wire === FIXED64) at += 8;
    else if (wire === FIXED32) at += 4;
    else throw new RangeError(`The file has a field of unknown kind ${String(wire)}.`);
    if (at > message.length) throw new RangeError('The file ends inside a field.');
    const content = message.subarray(from, wire === LENGTH_DELIMITED ? at : from);
    yield {
      number: Math.floor(tag / 8),
      wire,
      value,
      content,
      raw: message.subarray(start, at),
    };
  }
}

export const textOf = (content: Uint8Array): string => decoder.decode(content);

export function concatBytes(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  do {
    const low = rest % 128;
    rest = Math.floor(rest / 128);
    bytes.push(rest > 0 ? low | 0x80 : low);
  } while (rest > 0);
  return bytes;
}

const tagOf = (field: number, wire: number): number[] => varint(field * 8 + wire);

export const numberField = (field: number, value: number): Uint8Array =>
  Uint8Array.from([...tagOf(field, VARINT), ...varint(value)]);

/** A length-delimited field: bytes, or an embedded message given by its parts. */
export function bytesField(field: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const size = parts.reduce((sum, { length }) => sum + length, 0);
  const head = Uint8Array.from([...tagOf(field, LENGTH_DELIMITED), ...varint(size)]);
  return concatBytes([head, ...parts]);
}

export const textField = (field: number, text: string): Uint8Array =>
  bytesField(field, encoder.encode(text));
