"""Four-bit weights: MatMulNBits by onnxruntime's quantizer; embedding tables as 8-bit rows."""

import logging

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization.matmul_nbits_quantizer import MatMulNBitsQuantizer

# It tells of every node that it leaves alone.
logging.getLogger("onnxruntime.quantization.matmul_nbits_quantizer").setLevel(logging.WARNING)

BLOCK = 32
# Activations keep their type (fp32 is level 1, 0 leaves it open): int8 activations (4) would be another model.
ACCURACY_LEVELS = {TensorProto.FLOAT: 1, TensorProto.FLOAT16: 0}


def four_bit(model: onnx.ModelProto) -> onnx.ModelProto:
    """Every MatMul with a constant matrix as MatMulNBits: symmetric, blocks of 32 along the input."""
    kinds = {tensor.data_type for tensor in model.graph.initializer if len(tensor.dims) == 2}
    level = ACCURACY_LEVELS[TensorProto.FLOAT16 if TensorProto.FLOAT16 in kinds else TensorProto.FLOAT]
    copied = onnx.ModelProto()
    copied.CopyFrom(model)
    quantizer = MatMulNBitsQuantizer(
        copied, bits=4, block_size=BLOCK, is_symmetric=True, accuracy_level=level
    )
    quantizer.process()
    return quantizer.model.model


def byte_rows(model: onnx.ModelProto) -> onnx.ModelProto:
    """Embedding tables as int8 with one scale a row, gathered before they are widened: ordinary operators only."""
    copied = onnx.ModelProto()
    copied.CopyFrom(model)
    graph = copied.graph
    tables = {tensor.name: tensor for tensor in graph.initializer}
    nodes = []
    for node in graph.node:
        table = tables.get(node.input[0]) if node.op_type == "Gather" else None
        if table is None or len(table.dims) != 2 or table.data_type not in (TensorProto.FLOAT, TensorProto.FLOAT16):
            nodes.append(node)
            continue
        values = numpy_helper.to_array(table).astype(np.float32)
        scale = np.maximum(np.abs(values).max(1, keepdims=True), 1e-12) / 127
        levels = np.rint(values / scale).astype(np.int8)
        name, (ids, output) = table.name, (node.input[1], node.output[0])
        graph.initializer.remove(table)
        graph.initializer.append(numpy_helper.from_array(levels, f"{name}.int8"))
        graph.initializer.append(numpy_helper.from_array(scale.astype(np.float32), f"{name}.scale"))
        nodes += [
            helper.make_node("Gather", [f"{name}.int8", ids], [f"{output}.int8"], f"{node.name}_levels"),
            helper.make_node("Cast", [f"{output}.int8"], [f"{output}.wide"], f"{node.name}_wide", to=TensorProto.FLOAT),
            helper.make_node("Gather", [f"{name}.scale", ids], [f"{output}.scale"], f"{node.name}_scales"),
            helper.make_node("Mul", [f"{output}.wide", f"{output}.scale"], [f"{output}.fp32"], f"{node.name}_scaled"),
            helper.make_node("Cast", [f"{output}.fp32"], [output], f"{node.name}_cast", to=table.data_type),
        ]
    del graph.node[:]
    graph.node.extend(nodes)
    return copied
