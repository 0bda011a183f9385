"""Write the card (README.md) of an exported checkpoint from the measured tables.

python -m recipes.train.card --out DIR --to public/models/tiny-sft

Reads DIR/val.json and DIR/test.json (recipes.train.evaluate) and DIR/fidelity.json (recipes.export.check).
"""

import argparse
import json
import platform
from pathlib import Path

import tokenizers
import torch

from . import data

TASKS = {
    "optionsThink": "multiple choice with a trace, options shuffled, four options where the dataset has that many",
    "freeThink": "free-form naming over all classes of the dataset, with a trace",
}
COLUMNS = ("A", "S1", "S2", "S4", "S8", "S16", "entropy", "failures")
HEADS = ("A (greedy)", "S_1", "S_2", "S_4", "S_8", "S_16", "answer entropy (nats)", "format failures")
HEADER = """---
license: mit
library_name: transformers.js
pipeline_tag: image-text-to-text
language: en
tags: [medical, medmnist, teaching, idefics3]
datasets: [MedMNIST v2]
---
"""


def cell(values: list[float]) -> str:
    """Mean and 95 % interval."""
    mean, low, high = values
    return f"{mean:.3f} [{low:.3f}, {high:.3f}]"


def figures_table(rows: dict, table: dict) -> str:
    """One row per dataset."""
    lines = [f"| dataset | items | {' | '.join(HEADS)} |", "|---" * (len(HEADS) + 2) + "|"]
    for name, row in rows.items():
        title = table[name]["name"] if name in table else name
        lines.append(f"| {title} | {row['n']} | {' | '.join(cell(row[key]) for key in COLUMNS)} |")
    return "\n".join(lines)


def split_table(config: dict, table: dict) -> str:
    """Images per split, and what was removed."""
    lines = ["| dataset | train | val | test | train images removed (equal to a test image) |", "|---|---|---|---|---|"]
    for name in config["datasets"]:
        splits = json.loads((data.SPLITS / f"{name}.json").read_text())
        counts = " | ".join(str(len(splits[split][1])) for split in data.SPLIT_NAMES)
        removed = ", ".join(f"train {i} = test {j}" for i, j in splits["removed"]) or "none"
        lines.append(f"| {table[name]['name']} | {counts} | {removed} |")
    return "\n".join(lines)


def training_text(config: dict, info: dict) -> str:
    """How it was trained."""
    c, t = config["sft"], config["tower"]
    kinds = ", ".join(f"{name} {share:.0%}" for name, share in c["kinds"].items())
    return f"""- Tower: {t["steps"]} steps of {t["batch"]} images, plain classification with one head per dataset.
- Whole model: {info["step"]} steps of {c["batch"]} questions, {info["seconds"] / 60:.0f} minutes (discarded steps not counted), seed {config["seed"]}; loss on the completion only.
- Kinds of question: {kinds} (from step 2,200 on; the run's history is in `recipes/train/README.md`).
- An auxiliary task on hidden states taught the way from a name to its option letter (`recipes/train/letters.py`).
- Two CPU cores (x86-64, AVX2) shared with other work; PyTorch {torch.__version__}, tokenizers {tokenizers.__version__}, Python {platform.python_version()}."""


def card(config: dict, table: dict, val: dict, test: dict, fidelity: dict) -> str:
    """The whole text."""
    sections = []
    for task, meaning in TASKS.items():
        sections.append(f"### {meaning[0].upper()}{meaning[1:]}\n\nTest:\n\n{figures_table(test[task], table)}")
        sections.append(f"Validation:\n\n{figures_table(val[task], table)}")
    measured = "\n\n".join(sections)
    return f"""{HEADER}
# tiny-sft

A vision-language model of 3.6 million parameters, trained from scratch on MedMNIST v2 images (28×28) to answer
questions about them with a short `<think>` trace and an `<answer>`. It was made for teaching and for tests of
software. **Not for clinical use.** Asked about anything but its six datasets it was not trained to answer.

It has the repository layout of an Idefics3 (SmolVLM) checkpoint for transformers.js. The tower is a small
convolutional net (16 visual tokens), the decoder is Llama-shaped. `vision_encoder` has two outputs beyond
`image_features`: `tower_mean` and `tower_max`, the pooled tower output before the projector.

Weights: MIT. Data: MedMNIST v2, CC BY 4.0, Yang et al., *MedMNIST v2*, Scientific Data 10, 41 (2023). The traces are
made from properties measured on the pixels (`recipes/train/observations.json`) and from the labels.

## Splits

{split_table(config, table)}

PneumoniaMNIST, BreastMNIST and RetinaMNIST: official splits; validation images equal to a train or test image were left
out. BloodMNIST, OrganAMNIST: the files at hand hold about nine tenths and a fifth of the official images; validation was
taken from train by hash. PathMNIST: only 359 official test images were at hand; they were dealt into train, validation
and test by hash, and the test part was not trained on. The indices are in `recipes/train/splits/`.

## Training

{training_text(config, test)}

## Measured

Test was measured once, after the checkpoint had been chosen on validation. Up to 200 items per dataset drawn with a fixed
seed, K = 16 samples at temperature 1 without filters, S_k unbiased, means over items with 95 % bootstrap intervals
(2,000 resamples). `pooled` weighs items equally. Format failures: share of items of which no sample had an answer.
Guessing among four options gives S_16 = .99, among two 1.00: read S_k of multiple choice against that.

{measured}

## fp32 against quantized

Vision encoder and embeddings in 8 bits (weights only), decoder in 4 bits (MatMulNBits, blocks of 32, fp32 activations)
with an 8-bit output matrix. Over {fidelity["items"]} test items, multiple choice with a trace: same greedy answer
{fidelity["quantizedSameAnswer"]:.3f}, same whole greedy completion {fidelity["quantizedSameCompletion"]:.3f}, mean KL(fp32 ‖ quantized) of the
next token at the answer position {fidelity["quantizedMeanKlNats"]:.1e} nats (median {fidelity["quantizedMedianKlNats"]:.1e}). fp32 graphs against PyTorch: largest
logit difference {max(fidelity["fp32MaxLogitError"], fidelity["fp32MaxCachedLogitError"]):.1e}.
"""


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--out", type=Path, required=True, help="folder with the measured tables")
    arguments.add_argument("--to", type=Path, required=True, help="the repository folder")
    given = arguments.parse_args()
    read = {name: json.loads((given.out / f"{name}.json").read_text()) for name in ("val", "test", "fidelity")}
    text = card(data.read_config(), data.read_table(), read["val"], read["test"], read["fidelity"])
    (given.to / "README.md").write_text(text)


if __name__ == "__main__":
    main()
