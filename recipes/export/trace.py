"""From PyTorch modules to ONNX files: the TorchScript exporter, cleaned, whole or with its weights beside it."""

import tempfile
import warnings
from pathlib import Path

import onnx
import torch
from onnx import external_data_helper
from torch import nn

OPSET = 18
# A browser's ArrayBuffer ends at about 2 GB, a protobuf at 2 GiB.
FILE_LIMIT_BYTES = 1_900_000_000


@torch.no_grad()
def to_onnx(module: nn.Module, inputs: dict, outputs: dict) -> onnx.ModelProto:
    """inputs: name -> (example, {axis: free name}); outputs: name -> {axis: free name}. Weights are in memory."""
    axes = {name: free for name, (_, free) in inputs.items()} | outputs
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        # What it warns of (Python numbers in the trace) is tried out afterwards with other sizes: check.py.
        warnings.simplefilter("ignore")
        path = Path(folder) / "model.onnx"
        torch.onnx.export(
            module.eval(),
            tuple(example for example, _ in inputs.values()),
            str(path),
            input_names=list(inputs),
            output_names=list(outputs),
            dynamic_axes=axes,
            opset_version=OPSET,
            dynamo=False,
        )
        return cleaned(onnx.load(path))


def cleaned(model: onnx.ModelProto) -> onnx.ModelProto:
    """Without the exporter's remarks, which are larger than a small graph."""
    for node in model.graph.node:
        node.doc_string = ""
        del node.metadata_props[:]
    del model.graph.value_info[:]
    model.producer_name, model.producer_version = "supportlens", ""
    return model


def save(model: onnx.ModelProto, path: Path, limit_bytes: int = FILE_LIMIT_BYTES) -> int:
    """Writes the model; weights over the limit go into `<name>_data`, `<name>_data_1`, … Returns how many of those.

    The model is of no use afterwards: its weights have left it. One weight over the limit has a file of its own.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    for old in path.parent.glob(f"{path.name}_data*"):
        old.unlink()
    weights = [tensor for tensor in model.graph.initializer if tensor.HasField("raw_data")]
    if sum(len(tensor.raw_data) for tensor in weights) <= limit_bytes:
        onnx.save(model, path)
        return 0
    chunk, filled = 0, 0
    for tensor in weights:
        size = len(tensor.raw_data)
        if size < 1024:
            continue
        if filled and filled + size > limit_bytes:
            chunk, filled = chunk + 1, 0
        name = f"{path.name}_data" + (f"_{chunk}" if chunk else "")
        external_data_helper.set_external_data(tensor, location=name)
        filled += size
    onnx.save(model, path)
    return chunk + 1
