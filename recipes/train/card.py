"""Write the card (README.md) of an exported checkpoint from what was measured.

python -m recipes.train.card --runs DIR --checkpoint tiny-sft --to public/models/tiny-sft

Reads RUNS/measured/ (recipes.train.measure) and RUNS/<stage>/fidelity.json (recipes.export.check).
"""

import argparse
import json
import platform
from pathlib import Path

import numpy as np
import tokenizers
import torch

from . import compare, data
from .compare import Table

KINDS = {
    "free-form": "Name it: free-form naming over all classes of the dataset",
    "options": "Which is it: multiple choice, four shuffled options where the dataset has that many classes",
    "yes-no": "Is it X: yes or no, X is the truth half of the time",
    "not": "Which is it not: every option but the truth is right",
}
COLUMNS = {
    "A": "A",
    "S1": "S_1",
    "S2": "S_2",
    "S4": "S_4",
    "S8": "S_8",
    "S16": "S_16",
    "G16": "G_16",
    "support": "image support",
    "entropy": "entropy (nats)",
    "failure": "format failures",
    "faithful": "true observations",
}
STAGES = {
    "tiny-base": "the base: it knows the form of an answer, the options and the modality; it saw the class of about two "
    "percent of the training images, as unbalanced as they come, and its tower never saw one",
    "tiny-sft": "the base after supervised fine-tuning on labelled traces, stopped before it is sharp",
    "tiny-sft-more": "tiny-sft after more of the same on the images that RL learned from, for about the compute that RL "
    "had: the control for RL",
    "tiny-rl": "tiny-sft after GRPO on a small balanced set of questions that it answers sometimes",
    "tiny-base-rl": "the base after the same GRPO: RL without support",
    "tiny-rl-one": "tiny-sft after GRPO on one modality, abdominal CT",
}
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
    """Mean and 95 % interval; a dash where there is nothing to measure."""
    if np.isnan(values[0]):
        return "–"
    return f"{values[0]:.3f}" if len(values) < 3 else f"{values[0]:.3f} [{values[1]:.3f}, {values[2]:.3f}]"


def figures_table(rows: list[dict], table: dict) -> str:
    """One line per dataset, then all items and the unweighted mean over datasets."""
    measured = Table(rows)
    summary = compare.summary(measured, tuple(COLUMNS))
    chance = {
        name: np.mean(measured.values["chance16"][(measured.datasets == name) | (name == "all")])
        for name in [*measured.names(), "all"]
        if "chance16" in measured.values
    }
    heads = [*COLUMNS.values(), *(["guessing S_16"] if chance else [])]
    lines = [f"| dataset | items | {' | '.join(heads)} |", "|---" * (len(heads) + 2) + "|"]
    for name, row in summary.items():
        cells = [cell(row[key]) for key in COLUMNS]
        cells += [f"{chance[name]:.3f}" if name in chance else "–"] if chance else []
        title = table[name]["name"] if name in table else {"all": "all items", "macro": "mean of datasets"}[name]
        lines.append(f"| {title} | {row.get('n', ['–'])[0]} | {' | '.join(cells)} |")
    return "\n".join(lines)


def change_table(parent: dict, child: dict) -> str:
    """Child against parent, paired, per kind; the parent against itself under a second seed beside."""
    names = ("A", "S1", "S4", "SI", "S16", "G16", "entropy", "support")
    heads = ["ΔA", "ΔS_1", "ΔS_4", "ΔS at informative k", "ΔS_16", "ΔG_16", "Δentropy", "Δimage support"]
    lines = [f"| questions | {' | '.join(heads)} | verdict |", "|---" * (len(heads) + 2) + "|"]
    for kind in (kind for kind in KINDS if any(key[0] == kind for key in child)):
        before, after = compare.paired(parent, child, (kind,))
        change = compare.changes(before, after)
        lines.append(f"| {kind} | {' | '.join(cell(change[n]) for n in names)} | **{compare.verdict(change)}** |")
        again = Table([row for key, row in parent.items() if key in child and key[0] == kind], "second")
        null = compare.changes(before, again)
        lines.append(f"| {kind}, parent, second seed | {' | '.join(cell(null[n]) for n in names)} | {compare.verdict(null)} |")
    return "\n".join(lines)


def split_table(config: dict, table: dict) -> str:
    """Images per split, and what was removed."""
    lines = ["| dataset | train | val | test | train images removed (equal to a test image) |", "|---|---|---|---|---|"]
    for name in config["datasets"]:
        splits = data.read_splits(name)
        counts = " | ".join(str(len(splits[split][1])) for split in data.SPLIT_NAMES)
        removed = ", ".join(f"train {i} = test {j}" for i, j in splits["removed"]) or "none"
        lines.append(f"| {table[name]['name']} | {counts} | {removed} |")
    return "\n".join(lines)


def fidelity_text(fidelity: dict) -> str:
    """Quantized against PyTorch."""
    text = f"""Vision encoder and embeddings in 8 bits (weights only), decoder in 4 bits (MatMulNBits, blocks of 32, fp32 activations)
with an 8-bit output matrix. Over {fidelity["items"]} test items (free-form and multiple choice, with a trace): same greedy
answer {fidelity["quantizedSameAnswer"]:.3f}, same whole greedy completion {fidelity["quantizedSameCompletion"]:.3f}, mean
KL(fp32 ‖ quantized) {fidelity["quantizedMeanKlNats"]:.1e} nats at the answer position and
{fidelity["quantizedMeanKlNatsPerToken"]:.1e} nats per token."""
    if "otherMeanKlNats" in fidelity:
        text += f""" For scale, KL({fidelity["checkpoint"]} ‖ {fidelity["beside"]}), both in fp32, on the same
completions: {fidelity["otherMeanKlNats"]:.1e} and {fidelity["otherMeanKlNatsPerToken"]:.1e} nats."""
    if "fp32MaxLogitError" in fidelity:
        worst = max(fidelity["fp32MaxLogitError"], fidelity["fp32MaxCachedLogitError"])
        text += f" The fp32 graphs differ from PyTorch by at most {worst:.1e} in a logit."
    return text


def seed_text(runs: Path, checkpoint: str) -> str:
    """Which of several runs is shipped, and what they reached on validation."""
    file = runs / checkpoint / "shipped.json"
    if not file.exists():
        return ""
    shipped = json.loads(file.read_text())
    reached = ", ".join(f"{accuracy:.3f}" for accuracy, _ in shipped["validation"])
    return (
        f"\nOf {len(shipped['validation'])} training seeds the one with the median greedy accuracy on validation is shipped "
        f"(`{shipped['run']}`; all: {reached}). What all of them reach on test is in `docs/measurements/family-tables.md`."
    )


def training_text(config: dict, state: dict, runs: Path) -> str:
    """How the stage was run."""
    parent = f"from `{config['parent']}`" if config["parent"] else "from random weights"
    return f"""Stage `{config["id"]}` of `recipes/train` ({parent}); every number is in `recipes/train/configs/{config["id"]}.json`.
{state["step"]} steps, {state["seconds"] / 60:.0f} minutes on one core of a two-core machine (x86-64, AVX2) shared with other work,
PyTorch {torch.__version__}, tokenizers {tokenizers.__version__}, Python {platform.python_version()}.{seed_text(runs, config["id"])}"""


def card(runs: Path, checkpoint: str) -> str:
    """The whole text."""
    table, config = data.read_table(), data.read_config(checkpoint)
    state = torch.load(runs / checkpoint / "final.pt", weights_only=False)
    test = compare.read(runs, "test", checkpoint)
    sections = [
        f"### {title}\n\n{figures_table([row for row in test.values() if row['kind'] == kind], table)}"
        for kind, title in KINDS.items()
        if any(key[0] == kind for key in test)
    ]
    against, parent = "", compare.LINEAGE[checkpoint]
    if parent:
        against = f"\n## Against its parent, `{parent}`\n\n{change_table(compare.read(runs, 'test', parent), test)}\n"
    fidelity = json.loads((runs / checkpoint / "fidelity.json").read_text())
    return f"""{HEADER}
# {checkpoint}

A vision-language model of 3.6 million parameters that answers questions about 28×28 medical images (MedMNIST v2) with a
short `<think>` trace and an `<answer>`. One of a family whose members differ by training stage only; this one is
{STAGES[checkpoint]}.
It was made for teaching and for tests of software. **Not for clinical use.** Asked about anything but its six datasets it
was not trained to answer. What the family shows, beside what the study says, is in `docs/measurements/family.md`.

It has the repository layout of an Idefics3 (SmolVLM) checkpoint for transformers.js. The tower is a small
convolutional net (16 visual tokens), the decoder is Llama-shaped. `vision_encoder` has two outputs beyond
`image_features`: `tower_mean` and `tower_max`, the pooled tower output before the projector.

Weights: MIT. Data: MedMNIST v2, CC BY 4.0, Yang et al., *MedMNIST v2*, Scientific Data 10, 41 (2023). The traces are
made from properties measured on the pixels (`recipes/train/observations.json`) and from the labels.

## Training

{training_text(config, state, runs)}

## Measured on test

Measured once, after everything had been chosen on validation. Up to {len([r for r in test.values() if r["kind"] == "options" and r["dataset"] == "bloodmnist"])} images per dataset drawn with a fixed seed, K = 16
samples at temperature 1 without filters, prompt with a trace; S_k unbiased, means over items with 95 % bootstrap
intervals (2,000 resamples, stratified by dataset). A: greedy accuracy. G_16 = S_16 − A. Image support: share of items
whose lower 95 % bound of P(right) exceeds guessing and what four wrong images give. True observations: share of the
stated observations that hold for the pixels. PyTorch, fp32.

{chr(10).join(section + chr(10) for section in sections)}{against}
## fp32 against quantized

{fidelity_text(fidelity)}

## Splits

{split_table(config, table)}

PneumoniaMNIST, BreastMNIST and RetinaMNIST: official splits; validation images equal to a train or test image were left
out. BloodMNIST, OrganAMNIST: the files at hand hold about nine tenths and a fifth of the official images; validation was
taken from train by hash. PathMNIST: only 359 official test images were at hand; they were dealt into train, validation
and test by hash, and the test part was not trained on. The indices are in `recipes/train/splits/`.
"""


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--runs", type=Path, required=True)
    arguments.add_argument("--checkpoint", required=True, help="the stage")
    arguments.add_argument("--to", type=Path, required=True, help="the repository folder")
    given = arguments.parse_args()
    (given.to / "README.md").write_text(card(given.runs, given.checkpoint))


if __name__ == "__main__":
    main()
