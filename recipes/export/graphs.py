"""The three graphs of an Idefics3-type repository and the one of a tower alone, mirrored from recipes/train/model.py.

Shapes: B batch, S sequence, P cached positions, T = P + S, W decoder width, V vocabulary.
"""

import numpy as np
import onnx
from onnx import TensorProto
from torch import nn

from recipes.train.model import TinyVlm, Tower

from .graph import Graph

FLOAT, INT64, BOOL = TensorProto.FLOAT, TensorProto.INT64, TensorProto.BOOL
IMAGE_SIDE = 28
END_OF_AXIS = 2**62


def array(parameter) -> np.ndarray:
    """A parameter as a numpy array."""
    return parameter.detach().cpu().numpy()


def fold_batch_norm(conv: nn.Conv2d, norm: nn.BatchNorm2d) -> tuple[np.ndarray, np.ndarray]:
    """Weight and bias of the convolution that equals conv followed by norm in evaluation mode."""
    factor = array(norm.weight) / np.sqrt(array(norm.running_var) + norm.eps)
    weight = array(conv.weight) * factor[:, None, None, None]
    return weight, array(norm.bias) - array(norm.running_mean) * factor


def tower_nodes(g: Graph, tower: Tower, x: str, form: str) -> str:
    """pixels (B, 3, 28, 28) -> the name of (B, tower width, 4, 4)."""
    layers = list(tower.layers)
    for i in range(0, len(layers), 3):
        weight, bias = fold_batch_norm(layers[i], layers[i + 1])
        inputs = [x, g.weight(f"conv{i // 3}", weight, form, 0), g.constant(f"conv{i // 3}.bias", bias)]
        stride = list(layers[i].stride)
        x = g.gelu(g.node("Conv", inputs, kernel_shape=[3, 3], pads=[1, 1, 1, 1], strides=stride))
    return x


def pooled_nodes(g: Graph, x: str, width: int, names: tuple[str, str] = ("", "")) -> tuple[str, list[str]]:
    """(B, width, 4, 4) -> its positions in one axis (B, width, 16); their mean and their maximum, each (B, width)."""
    tokens = g.node("Reshape", [x, g.ints([-1, width, 16])])
    pooled = zip(("ReduceMean", "ReduceMax"), names)
    return tokens, [g.node(operator, [tokens, g.ints([2])], name, keepdims=0) for operator, name in pooled]


def classifier_graph(tower: Tower, heads: list[nn.Linear], form: str) -> onnx.ModelProto:
    """pixel_values (B, 3, 28, 28) -> last_hidden_state (B, width, 4, 4) and logits (B, all classes), the heads' in turn."""
    g = Graph("model")
    pixels = g.input("pixel_values", FLOAT, ["batch_size", 3, IMAGE_SIDE, IMAGE_SIDE])
    x = tower_nodes(g, tower, pixels, form)
    g.node("Identity", [x], "last_hidden_state")
    pooled = g.node("Concat", pooled_nodes(g, x, tower.width)[1], axis=1)
    weight, bias = (np.concatenate([array(getattr(head, name)) for head in heads]) for name in ("weight", "bias"))
    scores = g.node("MatMul", [pooled, g.weight("heads", weight.T, form, 1)])
    g.node("Add", [scores, g.constant("heads.bias", bias)], "logits")
    g.output("last_hidden_state", FLOAT, ["batch_size", tower.width, 4, 4])
    g.output("logits", FLOAT, ["batch_size", len(bias)])
    return g.model()


def vision_graph(model: TinyVlm, form: str) -> onnx.ModelProto:
    """pixel_values (B, N, 3, 28, 28), pixel_attention_mask (B, N, 28, 28) -> image_features (B·N, 16, W),
    tower_mean and tower_max (B·N, tower width): the pooled tower output before the projector.

    An image whose mask is all false (padding of a batch) gives zero features.
    """
    g = Graph("vision_encoder")
    side, width = IMAGE_SIDE, model.tower.width
    pixels = g.input("pixel_values", FLOAT, ["batch_size", "num_images", 3, side, side])
    mask = g.input("pixel_attention_mask", BOOL, ["batch_size", "num_images", side, side])
    x = g.node("Reshape", [pixels, g.ints([-1, 3, side, side])])
    x = tower_nodes(g, model.tower, x, form)
    tokens, _ = pooled_nodes(g, x, width, ("tower_mean", "tower_max"))
    first, second = model.projector[0], model.projector[2]
    y = g.node("Transpose", [tokens], perm=[0, 2, 1])
    y = g.gelu(g.linear(y, "projector0", array(first.weight), form, array(first.bias)))
    y = g.linear(y, "projector1", array(second.weight), form, array(second.bias))
    flat = g.node("Reshape", [g.node("Cast", [mask], to=FLOAT), g.ints([-1, 1, side * side])])
    g.node("Mul", [y, g.node("ReduceMax", [flat, g.ints([2])], keepdims=1)], "image_features")
    g.output("image_features", FLOAT, ["images", 16, second.out_features])
    for name in ("tower_mean", "tower_max"):
        g.output(name, FLOAT, ["images", width])
    return g.model()


def embed_graph(model: TinyVlm, form: str) -> onnx.ModelProto:
    """input_ids (B, S) -> inputs_embeds (B, S, W)."""
    g = Graph("embed_tokens")
    ids = g.input("input_ids", INT64, ["batch_size", "sequence_length"])
    g.node("Gather", [g.weight("embed", array(model.embed.weight), form, 0), ids], "inputs_embeds", axis=0)
    g.output("inputs_embeds", FLOAT, ["batch_size", "sequence_length", model.embed.embedding_dim])
    return g.model()


def rope_cache(g: Graph, c: dict) -> tuple[str, str]:
    """cos and sin (positions, head_dim / 2), computed by the runtime at load time to keep the file small."""
    frequencies = c["ropeBase"] ** (-np.arange(0, c["headDim"], 2, dtype=np.float32) / np.float32(c["headDim"]))
    limits = [g.constant(f"range{v}", np.array(v, np.int64)) for v in (0, c["maxPositions"], 1)]
    places = g.node("Unsqueeze", [g.node("Cast", [g.node("Range", limits)], to=FLOAT), g.ints([1])])
    angles = g.node("Mul", [places, g.constant("frequencies", frequencies[None].astype(np.float32))])
    return g.node("Cos", [angles]), g.node("Sin", [angles])


def mask_lengths(g: Graph, mask: str) -> tuple[str, str]:
    """What GroupQueryAttention wants of the mask: last valid position per row (B), and T."""
    lengths = g.node("ReduceSum", [mask, g.ints([1])], keepdims=0)
    last = g.node("Cast", [g.node("Sub", [lengths, g.ints([1])])], to=TensorProto.INT32)
    total = g.node("Gather", [g.node("Shape", [mask]), g.constant("axis1", np.array(1, np.int64))], axis=0)
    return last, g.node("Cast", [total], to=TensorProto.INT32)


def rms_norm(g: Graph, x: str, name: str, module) -> str:
    """RMS norm over the last axis."""
    inputs = [x, g.constant(f"{name}.weight", array(module.weight))]
    return g.node("SimplifiedLayerNormalization", inputs, axis=-1, epsilon=module.epsilon, stash_type=1)


def decoder_block(g: Graph, x: str, i: int, block, shared: list[str], c: dict, form: str) -> str:
    """Attention and SwiGLU of layer i; writes present.{i}.key and present.{i}.value."""
    name, attention = f"layer{i}", block.attention
    y = rms_norm(g, x, f"{name}.norm1", block.norm1)
    q, k, v = (
        g.linear(y, f"{name}.{part}", array(getattr(attention, part).weight), form) for part in ("q", "k", "v")
    )
    past = [f"past_key_values.{i}.key", f"past_key_values.{i}.value"]
    y, _, _ = g.node_many(
        "GroupQueryAttention",
        [q, k, v, *past, *shared],
        [f"{name}.attention", f"present.{i}.key", f"present.{i}.value"],
        domain="com.microsoft",
        num_heads=c["heads"],
        kv_num_heads=c["kvHeads"],
        do_rotary=1,
        rotary_interleaved=0,
    )
    x = g.node("Add", [x, g.linear(y, f"{name}.o", array(attention.o.weight), form)])
    y = rms_norm(g, x, f"{name}.norm2", block.norm2)
    gate = g.linear(y, f"{name}.gate", array(block.gate.weight), form)
    up = g.linear(y, f"{name}.up", array(block.up.weight), form)
    inner = g.node("Mul", [g.node("Mul", [gate, g.node("Sigmoid", [gate])]), up])
    return g.node("Add", [x, g.linear(inner, f"{name}.down", array(block.down.weight), form)])


def decoder_graph(model: TinyVlm, c: dict, form: str) -> onnx.ModelProto:
    """inputs_embeds (B, S, W), attention_mask (B, T), num_logits_to_keep, past_key_values.{i}.key/value
    (B, kvHeads, P, headDim) -> logits (B, kept, V) and present.{i}.key/value (B, kvHeads, T, headDim).

    num_logits_to_keep is an int64 scalar: 0 keeps every position, n the last n. All rows of a batch have the
    same length; positions follow from the mask. With form "q4" the tied output matrix is int8.
    """
    g = Graph("decoder_model_merged")
    x = g.input("inputs_embeds", FLOAT, ["batch_size", "sequence_length", c["width"]])
    mask = g.input("attention_mask", INT64, ["batch_size", "total_sequence_length"])
    keep = g.input("num_logits_to_keep", INT64, [])
    cache = ["batch_size", c["kvHeads"], "past_sequence_length", c["headDim"]]
    for i in range(c["layers"]):
        g.input(f"past_key_values.{i}.key", FLOAT, cache)
        g.input(f"past_key_values.{i}.value", FLOAT, cache)
    shared = [*mask_lengths(g, mask), *rope_cache(g, c)]
    for i, block in enumerate(model.blocks):
        x = decoder_block(g, x, i, block, shared, c, form)
    start = g.node("Unsqueeze", [g.node("Neg", [keep]), g.ints([0])])
    kept = g.node("Slice", [x, start, g.ints([END_OF_AXIS]), g.ints([1])])
    kept = rms_norm(g, kept, "norm", model.norm)
    table = g.weight("embed", array(model.embed.weight), "fp32" if form == "fp32" else "int8", 0)
    g.node("MatMul", [kept, g.node("Transpose", [table], perm=[1, 0])], "logits")
    g.output("logits", FLOAT, ["batch_size", "kept", model.embed.num_embeddings])
    cache = ["batch_size", c["kvHeads"], "total_sequence_length", c["headDim"]]
    for i in range(c["layers"]):
        g.output(f"present.{i}.key", FLOAT, cache)
        g.output(f"present.{i}.value", FLOAT, cache)
    return g.model()
