"""A small writer of ONNX graphs: names are made here, weights are stored as fp32, int8 or 4 bits.

Weight formats
- "fp32": as it is.
- "int8": one scale per output channel, stored as int8 and widened by Cast and Mul. The runtime folds the
  two at load time, so it computes in fp32 with every operator available everywhere; only the file is small.
- "q4": MatMulNBits, blocks of 32 along the input, fp32 activations (accuracy level 1).
"""

import math

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 18
BLOCK = 32
SCALE_CANDIDATES = np.linspace(0.75, 1.1, 36)


class Graph:
    """Collects nodes, initializers, inputs and outputs."""

    def __init__(self, name: str):
        self.name = name
        self.nodes: list[onnx.NodeProto] = []
        self.initializers: list[onnx.TensorProto] = []
        self.inputs: list[onnx.ValueInfoProto] = []
        self.outputs: list[onnx.ValueInfoProto] = []

    def input(self, name: str, kind: int, shape: list) -> str:
        """Declare an input; strings in `shape` are free dimensions."""
        self.inputs.append(helper.make_tensor_value_info(name, kind, shape))
        return name

    def output(self, name: str, kind: int, shape: list) -> None:
        """Declare an output that a node has already been told to write."""
        self.outputs.append(helper.make_tensor_value_info(name, kind, shape))

    def constant(self, name: str, value: np.ndarray) -> str:
        """Store a constant; the same name may be asked for again."""
        if all(tensor.name != name for tensor in self.initializers):
            self.initializers.append(numpy_helper.from_array(np.asarray(value, order="C"), name))
        return name

    def ints(self, values: list[int]) -> str:
        """A constant vector of int64."""
        return self.constant("ints_" + "_".join(map(str, values)), np.array(values, np.int64))

    def node(self, operator: str, inputs: list[str], output: str = "", domain: str = "", **attributes) -> str:
        """Add a node with one output and return its name."""
        return self.node_many(operator, inputs, [output or f"t{len(self.nodes)}"], domain, **attributes)[0]

    def node_many(
        self, operator: str, inputs: list[str], outputs: list[str], domain: str = "", **attributes
    ) -> list[str]:
        """Add a node with named outputs."""
        name = f"{operator}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, inputs, outputs, name=name, domain=domain, **attributes))
        return outputs

    def weight(self, name: str, value: np.ndarray, form: str, axis: int) -> str:
        """A weight as fp32; `axis` counts the output channels that have a scale each in int8."""
        if form == "fp32":
            return self.constant(name, value.astype(np.float32))
        others = tuple(i for i in range(value.ndim) if i != axis)
        scale = round_mantissa(np.maximum(np.abs(value).max(others, keepdims=True), 1e-12) / 127)
        levels = np.clip(np.rint(value / scale), -127, 127).astype(np.int8)
        wide = self.node("Cast", [self.constant(f"{name}.int8", levels)], to=TensorProto.FLOAT)
        return self.node("Mul", [wide, self.constant(f"{name}.scale", scale)])

    def linear(self, x: str, name: str, value: np.ndarray, form: str, bias: np.ndarray | None = None) -> str:
        """x (…, in) times the transpose of `value` (out, in), plus `bias` (out)."""
        if form == "q4":
            y = self.four_bit(x, name, value)
        else:
            y = self.node("MatMul", [x, self.weight(name, value.T, form, 1)])
        return y if bias is None else self.node("Add", [y, self.constant(f"{name}.bias", bias)])

    def four_bit(self, x: str, name: str, value: np.ndarray) -> str:
        """x times a weight kept in four bits."""
        levels, scales = quantize_blocks(value)
        packed = (levels[..., 0::2] | (levels[..., 1::2] << 4)).astype(np.uint8)
        inputs = [x, self.constant(f"{name}.q4", packed), self.constant(f"{name}.scales", scales.reshape(-1))]
        return self.node(
            "MatMulNBits",
            inputs,
            domain="com.microsoft",
            K=value.shape[1],
            N=value.shape[0],
            bits=4,
            block_size=BLOCK,
            accuracy_level=1,
        )

    def gelu(self, x: str) -> str:
        """x · ½ · (1 + erf(x / √2)); the runtime fuses it."""
        inner = self.node("Erf", [self.node("Div", [x, self.scalar("root2", math.sqrt(2))])])
        twice = self.node("Mul", [x, self.node("Add", [inner, self.scalar("one", 1)])])
        return self.node("Mul", [twice, self.scalar("half", 0.5)])

    def scalar(self, name: str, value: float) -> str:
        """A constant fp32 number."""
        return self.constant(name, np.array(value, np.float32))

    def model(self) -> onnx.ModelProto:
        """The finished model, all weights inside."""
        graph = helper.make_graph(self.nodes, self.name, self.inputs, self.outputs, self.initializers)
        opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid("com.microsoft", 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=9, producer_name="supportlens")


def round_mantissa(scales: np.ndarray) -> np.ndarray:
    """fp32 with 8 bits of mantissa: the two low bytes are zero and compress away."""
    bits = scales.astype(np.float32).view(np.uint32)
    return ((bits + 0x8000) & np.uint32(0xFFFF0000)).view(np.float32)


def quantize_blocks(value: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(out, in) fp32 -> levels (out, in / 32, 32) uint8 0..15 and scales (out, in / 32).

    value ≈ (level − 8) · scale. The scale is the one of a few candidates with the least squared error.
    """
    blocks = value.reshape(value.shape[0], -1, BLOCK).astype(np.float32)
    peak = np.take_along_axis(blocks, np.abs(blocks).argmax(-1, keepdims=True), -1)
    best_error = np.full(peak.shape, np.inf, np.float32)
    best_scale = np.ones(peak.shape, np.float32)
    for candidate in SCALE_CANDIDATES:
        scale = round_mantissa(np.where(np.abs(peak) < 1e-12, 1e-6, peak / -8 * candidate))
        levels = np.clip(np.rint(blocks / scale), -8, 7)
        error = ((levels * scale - blocks) ** 2).sum(-1, keepdims=True)
        better = error < best_error
        best_error, best_scale = np.where(better, error, best_error), np.where(better, scale, best_scale)
    levels = np.clip(np.rint(blocks / best_scale), -8, 7) + 8
    return levels.astype(np.uint8), best_scale[..., 0]
