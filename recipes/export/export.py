"""Write a trained checkpoint as a transformers.js repository folder.

python -m recipes.export.export --runs DIR --checkpoint tiny-sft --to public/models/tiny-sft [--fp32]
"""

import argparse
from pathlib import Path

import onnx

from recipes.train import data, evaluate
from recipes.train.model import TinyVlm

from . import graphs, repository
from .repository import QUANTIZED, SUFFIXES

# How the weights of a session are stored under each dtype name.
FORMS = {"fp32": "fp32", "q8": "int8", "q4": "q4"}


def write_graphs(model: TinyVlm, decoder: dict, folder: Path, with_fp32: bool) -> None:
    """onnx/*.onnx: every session in its quantized dtype, and in fp32 if asked, weights inside the file."""
    folder.mkdir(parents=True, exist_ok=True)
    writers = {
        "vision_encoder": lambda form: graphs.vision_graph(model, form),
        "embed_tokens": lambda form: graphs.embed_graph(model, form),
        "decoder_model_merged": lambda form: graphs.decoder_graph(model, decoder, form),
    }
    for session, writer in writers.items():
        for dtype in ("fp32", QUANTIZED[session]) if with_fp32 else (QUANTIZED[session],):
            onnx.save(writer(FORMS[dtype]), folder / f"{session}{SUFFIXES[dtype]}.onnx")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--runs", type=Path, required=True, help="the folder that training wrote to")
    arguments.add_argument("--checkpoint", required=True, help="a stage, or a .pt file under RUNS")
    arguments.add_argument("--to", type=Path, required=True, help="the repository folder")
    arguments.add_argument("--fp32", action="store_true", help="write the fp32 graphs as well")
    given = arguments.parse_args()
    config = data.read_config()
    model, tokenizer, _ = evaluate.load_model(given.runs, given.checkpoint, config)
    write_graphs(model, config["decoder"], given.to / "onnx", given.fp32)
    repository.write(given.to, config, tokenizer)


if __name__ == "__main__":
    main()
