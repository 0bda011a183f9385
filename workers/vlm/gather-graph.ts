/**
 * Writes the ONNX graph that moves cache rows: `Gather` on axis 0 for every cache tensor at once,
 * all in, all out, so that fork, prune and reorder are one run on whatever device holds the cache.
 * The protobuf is written by hand (field numbers of onnx.proto3): a protobuf library would weigh
 * more than these lines, and the graph depends on each checkpoint's cache names and types.
 */

const VARINT = 0;
const LENGTH_DELIMITED = 2;
const IR_VERSION = 8;
const OPSET_VERSION = 13;

/** `elem_type` of onnx.proto3. */
export const ONNX_TYPES = { float32: 1, int64: 7, float16: 10 } as const;
export type OnnxType = keyof typeof ONNX_TYPES;

export interface CacheTensorSpec {
  readonly name: string;
  readonly type: OnnxType;
  readonly rank: number;
}

export const ROWS_INPUT = 'rows';
export const gatheredName = (name: string): string => `${name}.gathered`;

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  do {
    const low = rest & 0x7f;
    rest >>>= 7;
    bytes.push(rest > 0 ? low | 0x80 : low);
  } while (rest > 0);
  return bytes;
}

const numberField = (field: number, value: number): number[] => [
  ...varint((field << 3) | VARINT),
  ...varint(value),
];

const bytesField = (field: number, bytes: readonly number[]): number[] => [
  ...varint((field << 3) | LENGTH_DELIMITED),
  ...varint(bytes.length),
  ...bytes,
];

const textField = (field: number, text: string): number[] =>
  bytesField(field, [...new TextEncoder().encode(text)]);

/** ValueInfoProto: name and tensor type with symbolic dimensions. */
function valueInfo(name: string, type: OnnxType, rank: number): number[] {
  const dimensions = Array.from({ length: rank }, (_, axis) =>
    bytesField(1, textField(2, `${name}.${String(axis)}`)),
  ).flat();
  const tensorType = [...numberField(1, ONNX_TYPES[type]), ...bytesField(2, dimensions)];
  return [...textField(1, name), ...bytesField(2, bytesField(1, tensorType))];
}

function gatherNode(name: string): number[] {
  return [
    ...textField(1, name),
    ...textField(1, ROWS_INPUT),
    ...textField(2, gatheredName(name)),
    ...textField(4, 'Gather'),
  ];
}

/** The model's bytes. Inputs: every cache tensor and `rows` (int64, `[n]`); outputs: `gatheredName`. */
export function gatherGraph(tensors: readonly CacheTensorSpec[]): Uint8Array {
  const graph = [
    ...tensors.flatMap(({ name }) => bytesField(1, gatherNode(name))),
    ...textField(2, 'gather-cache-rows'),
    ...tensors.flatMap(({ name, type, rank }) => bytesField(11, valueInfo(name, type, rank))),
    ...bytesField(11, valueInfo(ROWS_INPUT, 'int64', 1)),
    ...tensors.flatMap(({ name, type, rank }) =>
      bytesField(12, valueInfo(gatheredName(name), type, rank)),
    ),
  ];
  return Uint8Array.from([
    ...numberField(1, IR_VERSION),
    ...bytesField(7, graph),
    ...bytesField(8, [...textField(1, ''), ...numberField(2, OPSET_VERSION)]),
  ]);
}
