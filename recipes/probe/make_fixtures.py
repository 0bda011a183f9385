"""Features of a built-in checkpoint over three datasets, and what PyTorch and numpy make of them.

Writes <dataset>.f16 (features, train then val then test, row-major, little-endian) and expected.json for the tests.
"""

import argparse
import base64
import copy
import json
from pathlib import Path

import numpy as np
import onnxruntime
import torch

from recipes.train import data

from . import reference
from .features import splits_of
from .linear import Settings, start, train

DATASETS = ("bloodmnist", "breastmnist", "retinamnist")
COUNTS = {"train": 400, "val": 150, "test": 200}
EPOCHS = 20
SETTINGS = {"released": Settings(0.1, 1024), "smallSet": Settings(0.1, 64)}
SEEDS = 100
NEIGHBOURS = 20


def text(array: np.ndarray, kind: str) -> str:
    """Base64 of the array's bytes as `kind`."""
    return base64.b64encode(array.astype(kind).tobytes()).decode()


def figures(logits: np.ndarray, labels: np.ndarray) -> dict:
    """Accuracy, macro AUC and macro F1 of logits (N, classes)."""
    scores = torch.from_numpy(logits).double().softmax(1).numpy()
    said = scores.argmax(1)
    accuracy = float((said == labels).mean())
    return {"accuracy": accuracy, "macroAuc": reference.macro_auc(scores, labels), "macroF1": reference.macro_f1(said, labels)}


def probe(features: dict, classes: int, settings: Settings) -> dict:
    """Figures on test, means over the seeds, of the epoch chosen on val and of the last one, and the spread over seeds."""
    images, width = features["train"].values.shape
    rows = []
    for seed in range(SEEDS):
        layer, orders = start(width, classes, seed, EPOCHS, images)
        rows.append(train(features, classes, settings, layer, orders))
    labels = features["test"].labels
    result = {"lr": settings.lr, "batch": settings.batch}
    for name in ("chosen", "last"):
        found = [figures(getattr(row, name), labels) for row in rows]
        result[name] = {key: float(np.mean([one[key] for one in found])) for key in found[0]}
        result[name]["accuracySpread"] = float(np.std([one["accuracy"] for one in found], ddof=1))
    result["valAccuracy"] = float(np.mean([max(row.val_accuracy) for row in rows]))
    return result


def trace(features: dict, classes: int) -> dict:
    """One start and order of the images, and what each setting makes of them: validation accuracies, logits on test."""
    images, width = features["train"].values.shape
    layer, orders = start(width, classes, 0, EPOCHS, images)
    first = {"weight": text(layer.weight.detach().numpy(), "<f4"), "bias": text(layer.bias.detach().numpy(), "<f4")}
    ends = {}
    for name, settings in SETTINGS.items():
        done = train(features, classes, settings, copy.deepcopy(layer), orders)
        ends[name] = {
            "chosenEpoch": done.epoch,
            "valAccuracy": done.val_accuracy,
            "figures": figures(done.chosen, features["test"].labels),
            "chosenLogits": text(done.chosen, "<f4"),
            "lastLogits": text(done.last, "<f4"),
        }
    return {**first, "orders": text(orders, "<u2"), "ends": ends}


def dataset(folder: Path, out: Path, name: str, session: onnxruntime.InferenceSession) -> dict:
    """Write the features of a dataset; its entry of expected.json."""
    features = splits_of(folder, name, session, COUNTS, seed=7)
    classes = len(data.read_table()[name]["labels"])
    values = np.concatenate([part.values for part in features.values()])
    (out / f"{name}.f16").write_bytes(values.astype("<f2").tobytes())
    test = features["test"]
    said, gap = reference.nearest(features["train"], test, NEIGHBOURS)
    directions, explained = reference.plane(values)
    print(f"{name}: smallest gap behind neighbour {NEIGHBOURS} is {gap:.1e}")
    return {
        "name": name,
        "classes": classes,
        "width": values.shape[1],
        "splits": {split: {"images": len(part.labels), "labels": part.labels.tolist()} for split, part in features.items()},
        "linear": {key: probe(features, classes, settings) for key, settings in SETTINGS.items()},
        "trace": trace(features, classes),
        "nearest": {
            "k": NEIGHBOURS,
            "said": said.tolist(),
            "accuracy": float((said == test.labels).mean()),
            "macroF1": reference.macro_f1(said, test.labels),
            "confusion": reference.confusion(said, test.labels, classes),
        },
        "plane": {"directions": text(directions, "<f8"), "explained": explained.tolist()},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the MedMNIST .npz files")
    parser.add_argument("--checkpoint", type=Path, default=data.REPOSITORY / "public/models/tiny-sft")
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    session = onnxruntime.InferenceSession(str(arguments.checkpoint / "onnx/vision_encoder.onnx"))
    sets = [dataset(arguments.data, arguments.out, name, session) for name in DATASETS]
    (arguments.out / "expected.json").write_text(json.dumps({"checkpoint": arguments.checkpoint.name, "sets": sets}) + "\n")
    for one in sets:
        for setting, found in one["linear"].items():
            print(f"{one['name']} {setting}: val {found['valAccuracy']:.4f}", end="")
            for name in ("chosen", "last"):
                print(f", test {name} {found[name]['accuracy']:.4f} (± {found[name]['accuracySpread']:.4f})", end="")
            print()
        print(f"{one['name']} kNN: test {one['nearest']['accuracy']:.4f}")


if __name__ == "__main__":
    main()
