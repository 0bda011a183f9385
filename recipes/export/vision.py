"""Write the vision-only baseline as a transformers.js repository folder of type resnet.

python -m recipes.export.vision --runs DIR --stage tiny-vision --to public/models/tiny-vision

The type is the doorway, not the net: one graph that takes pixel_values and gives a map of features. Its configuration
names the tower's widths; the blocks are the family's plain convolutions (recipes/train/model.py), without shortcuts.
"""

import argparse
import json
from pathlib import Path

import onnx
from torch import nn

from recipes.train import data, tower
from recipes.train.model import Tower

from .graphs import IMAGE_SIDE, classifier_graph

FORM, SUFFIX = "int8", "_quantized"


def class_names(config: dict, table: dict) -> list[str]:
    """ "bloodmnist/erythroblast", in the order of the logits: the datasets as configured, their classes as in the table."""
    return [f"{name}/{label}" for name in config["datasets"] for label in table[name]["labels"]]


def model_config(config: dict, table: dict) -> dict:
    """config.json."""
    names, widths = class_names(config, table), config["tower"]["widths"]
    return {
        "architectures": ["ResNetModel"],
        "model_type": "resnet",
        "num_channels": 3,
        "image_size": IMAGE_SIDE,
        "embedding_size": widths[0],
        "hidden_sizes": widths,
        "depths": [1] * len(widths),
        "layer_type": "basic",
        "hidden_act": "gelu",
        "id2label": {str(at): name for at, name in enumerate(names)},
        "label2id": {name: at for at, name in enumerate(names)},
        "transformers.js_config": {"dtype": {"model": "q8"}},
    }


def image_processor_config() -> dict:
    """preprocessor_config.json: images come as they are, 28×28; the same pixels as the family's."""
    return {
        "image_processor_type": "ConvNextImageProcessor",
        "do_convert_rgb": True,
        "do_resize": False,
        "size": {"shortest_edge": IMAGE_SIDE},
        "do_rescale": True,
        "rescale_factor": 1 / 255,
        "do_normalize": True,
        "image_mean": [0.5, 0.5, 0.5],
        "image_std": [0.5, 0.5, 0.5],
    }


def write(folder: Path, trained: Tower, heads: list[nn.Linear], config: dict, table: dict) -> None:
    """Everything but the card and the manifest."""
    (folder / "onnx").mkdir(parents=True, exist_ok=True)
    onnx.save(classifier_graph(trained, heads, FORM), folder / f"onnx/model{SUFFIX}.onnx")
    files = {"config.json": model_config(config, table), "preprocessor_config.json": image_processor_config()}
    for name, content in files.items():
        (folder / name).write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--runs", type=Path, required=True, help="the folder that training wrote to")
    arguments.add_argument("--stage", default="tiny-vision", help="a stage of kind tower whose target is labels")
    arguments.add_argument("--to", type=Path, required=True, help="the repository folder")
    given = arguments.parse_args()
    config, table = data.read_config(given.stage), data.read_table()
    trained, heads = tower.load(given.runs, given.stage, config, table)
    write(given.to, trained, [heads.heads[name] for name in config["datasets"]], config, table)


if __name__ == "__main__":
    main()
