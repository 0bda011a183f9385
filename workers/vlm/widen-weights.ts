/**
 * Four-bit weights widened once, when a checkpoint is loaded on wasm.
 *
 * `MatMulNBits` with fp32 activations has no kernel of its own in the wasm build: it widens the whole
 * weight in every run, whatever the number of rows, and with few rows that is most of a step
 * (docs/measurements/sampler.md). The same product as `MatMul` with the widened weight gives the same
 * numbers to rounding and costs memory instead, so it is done up to a stated size. Rejected: other
 * files for wasm (a download eight times as large), and int8 activations (another model).
 *
 * Field numbers of onnx.proto3. Only the plain form is widened (4 bits, fp32 scales, zero point 8,
 * data inside the file); any other node stays as it is.
 */

import {
  bytesField,
  concatBytes,
  numberField,
  readFields,
  textField,
  textOf,
  type Field,
} from './protobuf.ts';

/** Largest sum of widened weights of one file; above it nothing of the file is widened. */
export const WIDENED_LIMIT_BYTES = 256 * 2 ** 20;

const MODEL_GRAPH = 7;
const GRAPH_NODE = 1;
const GRAPH_INITIALIZER = 5;
const FLOAT = 1;
const ZERO_POINT = 8;

interface QuantizedProduct {
  readonly field: Field;
  readonly input: string;
  readonly output: string;
  readonly levels: string;
  readonly scales: string;
  readonly inner: number;
  readonly outer: number;
  readonly blockSize: number;
}

/**
 * The model with its four-bit weights widened to fp32, or `model` itself where there are none or they
 * would exceed `limitBytes`. Throws `RangeError` where the bytes are no protobuf.
 */
export function widenWeights(
  model: Uint8Array<ArrayBuffer>,
  limitBytes = WIDENED_LIMIT_BYTES,
): Uint8Array<ArrayBuffer> {
  const modelFields = [...readFields(model)];
  const graph = modelFields.find(({ number }) => number === MODEL_GRAPH);
  if (!graph) return model;
  const fields = [...readFields(graph.content)];
  const tensors = new Map<string, Field>();
  for (const field of fields) {
    if (field.number === GRAPH_INITIALIZER) tensors.set(nameOfTensor(field.content), field);
  }
  const products = fields.flatMap((field) => quantizedProduct(field, tensors) ?? []);
  const widenedBytes = products.reduce((sum, { inner, outer }) => sum + 4 * inner * outer, 0);
  if (products.length === 0 || widenedBytes > limitBytes) return model;

  const byField = new Map(products.map((product) => [product.field, product]));
  const dropped = new Set(products.flatMap(({ levels, scales }) => [levels, scales]));
  const rewritten = fields.flatMap((field) => {
    const product = byField.get(field);
    if (product) return [bytesField(GRAPH_NODE, productNode(product))];
    const isDropped =
      field.number === GRAPH_INITIALIZER && dropped.has(nameOfTensor(field.content));
    return isDropped ? [] : [field.raw];
  });
  const weights = products.map((product) =>
    bytesField(GRAPH_INITIALIZER, ...weight(product, tensors)),
  );
  return concatBytes(
    modelFields.map((field) =>
      field === graph ? bytesField(MODEL_GRAPH, ...rewritten, ...weights) : field.raw,
    ),
  );
}

const nameOfTensor = (tensor: Uint8Array): string => textAt(tensor, 8)[0] ?? '';

const textAt = (message: Uint8Array, number: number): string[] =>
  [...readFields(message)].filter((field) => field.number === number).map((f) => textOf(f.content));

/** Integer attributes of a node by name. */
function integersOf(node: Uint8Array): Map<string, number> {
  const attributes = [...readFields(node)].filter(({ number }) => number === 5);
  return new Map(
    attributes.map(({ content }) => {
      const value = [...readFields(content)].find(({ number }) => number === 3)?.value ?? 0;
      return [textAt(content, 1)[0] ?? '', value];
    }),
  );
}

function quantizedProduct(
  field: Field,
  tensors: ReadonlyMap<string, Field>,
): QuantizedProduct | null {
  if (field.number !== GRAPH_NODE || textAt(field.content, 4)[0] !== 'MatMulNBits') return null;
  const [input, levels, scales, ...more] = textAt(field.content, 1);
  const [output] = textAt(field.content, 2);
  const integers = integersOf(field.content);
  const [inner, outer] = [integers.get('K') ?? 0, integers.get('N') ?? 0];
  const blockSize = integers.get('block_size') ?? 0;
  if (!input || !levels || !scales || !output || more.some((name) => name !== '')) return null;
  const levelBytes = rawData(tensors.get(levels))?.length;
  const scaleBytes = rawData(tensors.get(scales), FLOAT)?.length;
  const blocks = outer * Math.ceil(inner / blockSize);
  const isPlain = integers.get('bits') === 4 && levelBytes === (blocks * blockSize) / 2;
  if (!isPlain || scaleBytes !== 4 * blocks) return null;
  return { field, input, output, levels, scales, inner, outer, blockSize };
}

/** The bytes of a tensor that is stored inside the file, of the given `data_type`. */
function rawData(tensor: Field | undefined, type?: number): Uint8Array | null {
  const fields = tensor ? [...readFields(tensor.content)] : [];
  const dataType = fields.find(({ number }) => number === 2)?.value;
  if (type !== undefined && dataType !== type) return null;
  return fields.find(({ number }) => number === 9)?.content ?? null;
}

const widenedName = ({ levels }: QuantizedProduct): string => `${levels}.widened`;

function productNode(product: QuantizedProduct): Uint8Array {
  const { input, output } = product;
  return concatBytes([
    textField(1, input),
    textField(1, widenedName(product)),
    textField(2, output),
    textField(3, output),
    textField(4, 'MatMul'),
  ]);
}

/** TensorProto of the widened weight, shape `[inner, outer]`. */
function weight(product: QuantizedProduct, tensors: ReadonlyMap<string, Field>): Uint8Array[] {
  const { levels, scales, inner, outer, blockSize } = product;
  const packed = rawData(tensors.get(levels)) ?? new Uint8Array();
  const scale = new Float32Array((rawData(tensors.get(scales)) ?? new Uint8Array()).slice().buffer);
  const values = new Float32Array(inner * outer);
  const blocks = Math.ceil(inner / blockSize);
  for (let column = 0; column < outer; column += 1) {
    for (let row = 0; row < inner; row += 1) {
      const place = column * blocks * blockSize + row;
      const pair = packed[place >> 1] ?? 0;
      const level = (place & 1) === 0 ? pair & 0x0f : pair >> 4;
      const block = column * blocks + Math.floor(row / blockSize);
      values[row * outer + column] = (level - ZERO_POINT) * (scale[block] ?? 0);
    }
  }
  return [
    numberField(1, inner),
    numberField(1, outer),
    numberField(2, FLOAT),
    textField(8, widenedName(product)),
    bytesField(9, new Uint8Array(values.buffer)),
  ];
}
