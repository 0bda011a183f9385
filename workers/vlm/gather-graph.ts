/**
 * Writes the ONNX graph that moves cache rows on a graphics device: `Gather` on axis 0 for every
 * cache tensor at once, all in, all out, so that fork, prune and reorder are one run and nothing
 * leaves the device. On wasm a run would copy the cache in and out: there rows are moved in
 * JavaScript (kv-cache.ts). The graph depends on each checkpoint's cache names and types, so it is
 * written when a checkpoint is loaded (field numbers of onnx.proto3).
 */

import { bytesField, concatBytes, numberField, textField } from './protobuf.ts';

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

/** ValueInfoProto: name and tensor type with symbolic dimensions. */
function valueInfo(name: string, type: OnnxType, rank: number): Uint8Array {
  const dimensions = Array.from({ length: rank }, (_, axis) =>
    bytesField(1, textField(2, `${name}.${String(axis)}`)),
  );
  const tensorType = bytesField(1, numberField(1, ONNX_TYPES[type]), bytesField(2, ...dimensions));
  return concatBytes([textField(1, name), bytesField(2, tensorType)]);
}

function gatherNode(name: string): Uint8Array {
  return concatBytes([
    textField(1, name),
    textField(1, ROWS_INPUT),
    textField(2, gatheredName(name)),
    textField(4, 'Gather'),
  ]);
}

/** The model's bytes. Inputs: every cache tensor and `rows` (int64, `[n]`); outputs: `gatheredName`. */
export function gatherGraph(tensors: readonly CacheTensorSpec[]): Uint8Array {
  const graph = [
    ...tensors.map(({ name }) => bytesField(1, gatherNode(name))),
    textField(2, 'gather-cache-rows'),
    ...tensors.map(({ name, type, rank }) => bytesField(11, valueInfo(name, type, rank))),
    bytesField(11, valueInfo(ROWS_INPUT, 'int64', 1)),
    ...tensors.map(({ name, type, rank }) =>
      bytesField(12, valueInfo(gatheredName(name), type, rank)),
    ),
  ];
  return concatBytes([
    numberField(1, IR_VERSION),
    bytesField(7, ...graph),
    bytesField(8, textField(1, ''), numberField(2, OPSET_VERSION)),
  ]);
}
