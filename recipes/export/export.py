"""Write a trained checkpoint as a transformers.js repository folder.

python -m recipes.export.export --checkpoint DIR/sft.pt --to public/models/tiny-sft
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


def write_graphs(model: TinyVlm, decoder: dict, folder: Path) -> None:
    """onnx/*.onnx: every session in fp32 and in its quantized dtype, weights inside the file."""
    folder.mkdir(parents=True, exist_ok=True)
    writers = {
        "vision_encoder": lambda form: graphs.vision_graph(model, form),
        "embed_tokens": lambda form: graphs.embed_graph(model, form),
        "decoder_model_merged": lambda form: graphs.decoder_graph(model, decoder, form),
    }
    for session, writer in writers.items():
        for dtype in ("fp32", QUANTIZED[session]):
            onnx.save(writer(FORMS[dtype]), folder / f"{session}{SUFFIXES[dtype]}.onnx")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--checkpoint", type=Path, required=True, help="a .pt file; tokenizer.json lies beside it")
    arguments.add_argument("--to", type=Path, required=True, help="the repository folder")
    given = arguments.parse_args()
    config = data.read_config()
    model, tokenizer, _ = evaluate.load_model(given.checkpoint.parent, given.checkpoint.name, config)
    write_graphs(model, config["decoder"], given.to / "onnx")
    repository.write(given.to, config, tokenizer)


if __name__ == "__main__":
    main()
