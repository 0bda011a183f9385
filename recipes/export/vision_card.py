"""Measure the vision-only baseline on test, once, and write its card (README.md).

python -m recipes.export.vision_card --data DIR --runs DIR --tried NAME … [--seeds 2 3] --to public/models/tiny-vision

--seeds: runs of the stage with other seeds (RUNS/<stage>-seed<N>). --tried: runs with other numbers of steps, among which the
stage's were chosen on validation. The folder has to be exported (recipes.export.vision).
"""

import argparse
import json
import platform
from pathlib import Path

import numpy as np
import onnxruntime
import torch

from recipes.train import data, tower
from recipes.train.card import split_table
from recipes.train.compare import wilson
from recipes.train.model import Tower

from .graphs import classifier_graph

FP32_TOLERANCE = 1e-4
BATCH = 256
HEADER = """---
license: mit
library_name: transformers.js
pipeline_tag: image-feature-extraction
tags: [medical, medmnist, teaching, resnet]
datasets: [MedMNIST v2]
---
"""


def columns(config: dict, table: dict) -> dict[str, slice]:
    """Where the classes of each dataset lie among the logits."""
    found, start = {}, 0
    for name in config["datasets"]:
        found[name] = slice(start, start + len(table[name]["labels"]))
        start = found[name].stop
    return found


def through(session: onnxruntime.InferenceSession, images: np.ndarray) -> np.ndarray:
    """Logits (N, all classes) of a graph."""
    pieces = [images[start : start + BATCH] for start in range(0, len(images), BATCH)]
    return np.concatenate([session.run(["logits"], {"pixel_values": data.normalise(piece)})[0] for piece in pieces])


def said(trained: Tower, heads: torch.nn.Module, part: data.Part, name: str) -> np.ndarray:
    """The class of every image."""
    return tower.class_logits(trained, heads, part, name).argmax(1).numpy()


def accuracies(trained: Tower, heads: torch.nn.Module, parts: dict) -> dict[str, float]:
    """Test accuracy per dataset, by its own head, in PyTorch."""
    return {name: float((said(trained, heads, part["test"], name) == part["test"].labels).mean()) for name, part in parts.items()}


def fidelity(trained: Tower, heads: torch.nn.Module, folder: Path, parts: dict, table: dict, config: dict) -> dict:
    """The graphs against PyTorch on test. Per dataset: accuracy of the quantized graph, share of images with the same class,
    largest difference of a logit. The fp32 graph, which is not shipped, must be PyTorch's."""
    graph = classifier_graph(trained, [heads.heads[name] for name in config["datasets"]], "fp32")
    fp32 = onnxruntime.InferenceSession(graph.SerializeToString())
    quantized = onnxruntime.InferenceSession(str(folder / "onnx/model_quantized.onnx"))
    rows, worst = {}, 0.0
    for name, where in columns(config, table).items():
        part = parts[name]["test"]
        reference = tower.class_logits(trained, heads, part, name).numpy()
        worst = max(worst, float(np.abs(through(fp32, part.images)[:, where] - reference).max()))
        found = through(quantized, part.images)[:, where]
        rows[name] = {
            "accuracy": float((found.argmax(1) == part.labels).mean()),
            "same": float((found.argmax(1) == reference.argmax(1)).mean()),
            "apart": float(np.abs(found - reference).max()),
        }
    if worst > FP32_TOLERANCE:
        raise SystemExit(f"the fp32 graph differs from PyTorch by {worst:.1e}")
    return {"datasets": rows, "fp32Apart": worst}


def validation(runs: Path, run: str) -> tuple[int, float]:
    """Steps of a run, and its mean validation accuracy over the datasets after the last of them."""
    last = json.loads((runs / run / "log.jsonl").read_text().splitlines()[-1])
    return last["step"], float(np.mean(list(last["val"].values())))


def test_table(measured: dict[str, dict], quantized: dict, parts: dict, table: dict) -> str:
    """A line per dataset: the shipped run with its interval, the quantized graph, the other seeds."""
    shipped, *others = measured
    heads = ["dataset", "test images", "accuracy, fp32", "accuracy, 8-bit weights", "same class", *others]
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    for name, part in parts.items():
        count, accuracy = len(part["test"].labels), measured[shipped][name]
        low, high = wilson(round(accuracy * count), count)
        row = quantized["datasets"][name]
        cells = [f"{accuracy:.3f} [{low:.3f}, {high:.3f}]", f"{row['accuracy']:.3f}", f"{row['same']:.3f}"]
        cells += [f"{measured[run][name]:.3f}" for run in others]
        lines.append(f"| {table[name]['name']} | {count} | {' | '.join(cells)} |")
    means = [np.mean(list(measured[run].values())) for run in measured]
    ours = [np.mean([row[key] for row in quantized["datasets"].values()]) for key in ("accuracy", "same")]
    cells = " | ".join(f"{mean:.3f}" for mean in (means[0], *ours, *means[1:]))
    return "\n".join([*lines, f"| mean of datasets | – | {cells} |"])


def card(given: argparse.Namespace) -> str:
    """The text of README.md."""
    config, table = data.read_config(given.stage), data.read_table()
    parts = data.load(given.data, config)
    runs = [given.stage, *(f"{given.stage}-seed{seed}" for seed in given.seeds)]
    measured = {run: accuracies(*tower.load(given.runs, given.stage, config, table, run), parts) for run in runs}
    trained, heads = tower.load(given.runs, given.stage, config, table)
    quantized = fidelity(trained, heads, given.to, parts, table, config)
    state = torch.load(given.runs / given.stage / "final.pt")
    tried = sorted(validation(given.runs, run) for run in given.tried)
    classes = sum(len(table[name]["labels"]) for name in config["datasets"])
    apart = max(row["apart"] for row in quantized["datasets"].values())
    others = "; beside it the same with other training seeds, fp32" if given.seeds else ""
    before = [data.read_config(stage)["steps"] for stage in ("tower-base", "tower-sft")]
    weights = sum(p.numel() for p in [*trained.parameters(), *heads.parameters()])
    return f"""{HEADER}
# {given.stage}

A classifier of 28×28 medical images (MedMNIST v2) that has never seen a word: the tower of the family beside it, the same
architecture and the same training images, with one linear head per dataset and nothing else. It is the baseline for what a
vision tower knows: does training on language make the features better or worse than training on labels alone?
It was made for teaching and for tests of software. **Not for clinical use.**

It has the repository layout of a ResNet checkpoint for transformers.js, which is the doorway and not the net: four stages
of two 3×3 convolutions ({", ".join(map(str, config["tower"]["widths"]))} wide), BatchNorm (folded), GELU, no shortcuts; {weights / 1e6:.2f} million weights. `onnx/model_quantized.onnx`
takes `pixel_values` [B, 3, 28, 28] f32 and gives `last_hidden_state` [B, {trained.width}, 4, 4] and `logits` [B, {classes}]: the heads of the
{len(parts)} datasets one after the other, on mean and maximum over the 16 positions. `id2label` of `config.json` names them as
`dataset/class`; only the classes of an image's own dataset are to be compared.

Weights: MIT. Data: MedMNIST v2, CC BY 4.0, Yang et al., *MedMNIST v2*, Scientific Data 10, 41 (2023).

## Training

Stage `{given.stage}` of `recipes/train` (from random weights); every number is in `recipes/train/configs/{given.stage}.json`. {config["batch"]} images
a step from the training parts of all sets, shifted by up to {config["maxShift"]} pixels and flipped where the label allows it; AdamW on one
cycle. The number of steps was chosen on validation (mean accuracy over the datasets, one seed each): {", ".join(f"{steps} steps {accuracy:.3f}" for steps, accuracy in tried)}.
The family's tower had {before[0]} steps on measured properties and {before[1]} on labels before it was trained along with language.
The seed was set before training. {state["seconds"] / 60:.0f} minutes on one core of a two-core machine (x86-64, AVX2) shared with other work,
PyTorch {torch.__version__}, Python {platform.python_version()}.

## Measured on test

Measured once, on all test images, each dataset by its own head, with 95 % Wilson intervals{others}.

{test_table(measured, quantized, parts, table)}

8-bit weights, one scale an output channel, widened when the session loads: logits differ from PyTorch's by at most {apart:.2f}. The
same graph in fp32, which is not shipped, differs by at most {quantized["fp32Apart"]:.0e}.

## Splits

{split_table(config, table)}

As the family's; the indices are in `recipes/train/splits/`, and the cards beside this one say where they come from.
"""


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--data", type=Path, required=True, help="folder with the MedMNIST .npz files")
    arguments.add_argument("--runs", type=Path, required=True)
    arguments.add_argument("--stage", default="tiny-vision")
    arguments.add_argument("--seeds", type=int, nargs="*", default=[])
    arguments.add_argument("--tried", nargs="+", required=True)
    arguments.add_argument("--to", type=Path, required=True, help="the repository folder")
    given = arguments.parse_args()
    torch.set_num_threads(1)
    (given.to / "README.md").write_text(card(given))


if __name__ == "__main__":
    main()
