"""Turn a transformers checkpoint into a folder that transformers.js 4.3.1 loads, and check it against PyTorch.

python -m recipes.export.checkpoint --from CHECKPOINT --to FOLDER [--adapter LORA] [--dtype fp32 fp16 q4 q4f16]
"""

import argparse
import copy
import json
from pathlib import Path

import onnx
import onnxruntime
import torch
import transformers
from torch import nn
from transformers import AutoConfig, AutoImageProcessor, AutoModelForImageTextToText, AutoProcessor

from . import files, parity, quantize
from .architectures import Architecture, architecture_of
from .decoder import Decoder, Embed
from .sessions import SESSIONS, SUFFIXES
from .trace import FILE_LIMIT_BYTES, save, to_onnx

DTYPES = tuple(SUFFIXES)
# Prompt, cached and batch sizes of the traced example: any that differ from each other.
ROWS, NEW, PAST = 2, 5, 3


def load(source: str, adapter: str | None) -> tuple[nn.Module, object]:
    """Model in fp32 with eager attention, an adapter merged, and its processor with PIL's resizes."""
    architecture_of(AutoConfig.from_pretrained(source).model_type)
    model = AutoModelForImageTextToText.from_pretrained(source, dtype=torch.float32, attn_implementation="eager")
    if adapter:
        from peft import PeftModel

        model = PeftModel.from_pretrained(model, adapter).merge_and_unload()
    processor = AutoProcessor.from_pretrained(source)
    # The app resizes as Pillow does; torchvision's resize, taken where it is installed, differs by a grey level.
    processor.image_processor = AutoImageProcessor.from_pretrained(source, backend="pil")
    return model.eval(), processor


def half(model: nn.Module) -> nn.Module:
    """A copy in fp16, except the frequencies of rotary embeddings, which transformers keeps in fp32 as well."""
    model = copy.deepcopy(model)
    for weight in model.parameters():
        weight.data = weight.data.half()
    for name, buffer in model.named_buffers():
        if buffer.is_floating_point() and "inv_freq" not in name:
            buffer.data = buffer.data.half()
    return model


def decoder_inputs(decoder: Decoder, width: int, kept: torch.dtype) -> tuple[dict, dict]:
    """Example inputs and free dimensions of the decoder, and those of its outputs."""
    rows, new, total = "batch_size", "sequence_length", "total_sequence_length"
    config = decoder.text.config
    head_dim = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    shape = (ROWS, config.num_key_value_heads, PAST, head_dim)
    inputs = {
        "inputs_embeds": (torch.randn(ROWS, NEW, width), {0: rows, 1: new}),
        "attention_mask": (torch.ones(ROWS, PAST + NEW, dtype=torch.int64), {0: rows, 1: total}),
        "num_logits_to_keep": (torch.tensor(1), {}),
    }
    if decoder.mrope:
        inputs["position_ids"] = (torch.arange(NEW).expand(3, ROWS, NEW) + PAST, {1: rows, 2: new})
    outputs = {"logits": {0: rows, 1: "kept"}}
    for i in range(decoder.layers):
        for part in ("key", "value"):
            past = torch.randn(shape, dtype=kept)
            inputs[f"past_key_values.{i}.{part}"] = (past, {0: rows, 2: "past_sequence_length"})
            outputs[f"present.{i}.{part}"] = {0: rows, 2: total}
    return inputs, outputs


def trace(model: nn.Module, architecture: Architecture, session: str) -> onnx.ModelProto:
    """One session of a model, in the model's data type."""
    text, head = architecture.text(model)
    deepstack = len(getattr(model.config.vision_config, "deepstack_visual_indexes", []))
    more = deepstack * text.config.hidden_size + int(architecture.image_channel)
    if session == "vision_encoder":
        features = {"image_features": {0: "images"}}
        return to_onnx(architecture.vision(model), architecture.vision_inputs(model), features)
    if session == "embed_tokens":
        free = {0: "batch_size", 1: "sequence_length"}
        ids = (torch.zeros(ROWS, NEW, dtype=torch.int64), free)
        embed = Embed(text.get_input_embeddings(), more)
        return to_onnx(embed, {"input_ids": ids}, {"inputs_embeds": free})
    how = {name: getattr(architecture, name) for name in ("masks_by_type", "image_channel", "mrope")}
    decoder = Decoder(text, head, deepstack=deepstack, **how)
    return to_onnx(decoder, *decoder_inputs(decoder, text.config.hidden_size + more, head.weight.dtype))


def write_graphs(model: nn.Module, architecture: Architecture, folder: Path, dtypes: list[str], limit: int) -> dict:
    """onnx/*.onnx in every data type. Returns how many data files the large ones have, by file name."""
    beside = {}
    quantized = {"q4": "fp32", "q4f16": "fp16"}
    for wide, kind in (("fp32", torch.float32), ("fp16", torch.float16)):
        # The wide one last: saving takes the weights out of the graph.
        wanted = sorted((dtype for dtype in dtypes if quantized.get(dtype, dtype) == wide), key=lambda dtype: dtype == wide)
        if not wanted:
            continue
        cast = model if kind == torch.float32 else half(model)
        for session in SESSIONS:
            graph = trace(cast, architecture, session)
            for dtype in wanted:
                four = quantize.byte_rows if session == "embed_tokens" else quantize.four_bit
                name = f"{session}{SUFFIXES[dtype]}.onnx"
                chunks = save(four(graph) if dtype in quantized else graph, folder / "onnx" / name, limit)
                if chunks:
                    beside[name] = chunks
    return beside


def library_config(dtypes: list[str], beside: dict) -> dict:
    """What transformers.js reads of config.json: the data type to load and which graphs have files beside them."""
    preferred = next((dtype for dtype in ("q4", "q4f16", "fp16", "fp32") if dtype in dtypes), "fp32")
    library = {"dtype": dict.fromkeys(SESSIONS, preferred)}
    if any("f16" in dtype or dtype == "fp16" for dtype in dtypes):
        library["kv_cache_dtype"] = {"fp16": "float16", "q4f16": "float16"}
    return library | ({"use_external_data_format": beside} if beside else {})


def export(model: nn.Module, processor, folder: Path, dtypes: list[str], limit: int = FILE_LIMIT_BYTES) -> dict:
    """Graphs and files. Returns the report."""
    architecture = architecture_of(model.config.model_type)
    beside = write_graphs(model, architecture, folder, dtypes, limit)
    files.write(folder, model, processor, architecture, library_config(dtypes, beside))
    report = parity.report(model, processor, folder, dtypes)
    parts = sorted((folder / "onnx").iterdir())
    report["sizeBytes"] = {part.name: part.stat().st_size for part in parts}
    report["versions"] = {module.__name__: module.__version__ for module in (torch, transformers, onnx, onnxruntime)}
    report["tooLargeForBrowsers"] = [name for name, size in report["sizeBytes"].items() if size > FILE_LIMIT_BYTES]
    return report


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--from", dest="source", required=True, help="a folder of transformers, or a hub id")
    arguments.add_argument("--to", type=Path, required=True, help="the folder to write")
    arguments.add_argument("--adapter", help="a LoRA adapter (peft), merged before the export")
    arguments.add_argument("--dtype", nargs="+", choices=DTYPES, default=list(DTYPES))
    arguments.add_argument("--limit", type=int, default=FILE_LIMIT_BYTES, help="largest file in bytes")
    given = arguments.parse_args()
    model, processor = load(given.source, given.adapter)
    report = export(model, processor, given.to, given.dtype, given.limit)
    report = {"from": given.source, "adapter": given.adapter, **report}
    (given.to / "export-report.json").write_text(json.dumps(report, indent=1) + "\n")
    print(json.dumps(report, indent=1))
    if not report["passed"]:
        raise SystemExit("The exported graphs do not give PyTorch's numbers: see export-report.json.")


if __name__ == "__main__":
    main()
