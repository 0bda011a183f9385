"""Train the tower: on what the pixels themselves say, or on class labels.

"properties" (no class label is seen): each visual token restores its 7×7 pixels, the pooled features tell the modality
and the measured properties. "labels": plain classification, one linear head per dataset on pooled features.
"""

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from . import data, observations
from .loop import fit
from .model import Tower, pool

PATCH = 7


class LabelHeads(nn.Module):
    """One linear head per dataset."""

    def __init__(self, width: int, config: dict, table: dict):
        super().__init__()
        sizes = {name: len(table[name]["labels"]) for name in config["datasets"]}
        self.heads = nn.ModuleDict({name: nn.Linear(2 * width, size) for name, size in sizes.items()})

    def forward(self, tokens: Tensor, name: str) -> Tensor:
        """(N, 16, width) -> (N, classes of the dataset)."""
        return self.heads[name](pool(tokens))

    def loss(self, tokens: Tensor, batch: "Batch") -> Tensor:
        """Mean cross-entropy over the images of all datasets."""
        pieces = pool(tokens).split([len(labels) for _, labels in batch.labels])
        total = sum(
            F.cross_entropy(self.heads[name](piece), labels, reduction="sum")
            for (name, labels), piece in zip(batch.labels, pieces)
        )
        return total / len(tokens)


class PropertyHeads(nn.Module):
    """Pixels of every patch, modality and measured properties."""

    def __init__(self, width: int, config: dict):
        super().__init__()
        self.pixels = nn.Linear(width, 3 * PATCH * PATCH)
        self.modality = nn.Linear(2 * width, len(config["datasets"]))
        self.properties = nn.Linear(2 * width, len(observations.MEASURED))

    def loss(self, tokens: Tensor, batch: "Batch") -> Tensor:
        """Sum of the three mean losses."""
        patches = F.unfold(batch.pixels, PATCH, stride=PATCH).transpose(1, 2)
        pooled = pool(tokens)
        return (
            F.mse_loss(self.pixels(tokens), patches)
            + F.cross_entropy(self.modality(pooled), batch.modality)
            + F.mse_loss(self.properties(pooled), batch.properties)
        )


class Batch:
    """pixels (N, 3, 28, 28); labels [(dataset, (n,))] in order; modality (N,); properties (N, kinds), standardised."""

    def __init__(self, rows: list[tuple[int, str, np.ndarray, np.ndarray, np.ndarray]]):
        images = np.concatenate([images for _, _, images, _, _ in rows])
        self.pixels = torch.from_numpy(data.normalise(images)).to(memory_format=torch.channels_last)
        self.labels = [(name, torch.from_numpy(labels)) for _, name, _, labels, _ in rows]
        self.modality = torch.cat([torch.full((len(labels),), at) for at, _, _, labels, _ in rows])
        self.properties = torch.from_numpy(np.concatenate([values for *_, values in rows]))


def draw_batch(parts: dict, properties: dict, config: dict, rng: np.random.Generator) -> Batch:
    """Training images over the datasets."""
    names = list(config["datasets"])
    weights = np.array([config["datasets"][name]["weight"] for name in names])
    counts = rng.multinomial(config["batch"], weights / weights.sum())
    rows = []
    for at, (name, count) in enumerate(zip(names, counts)):
        if count == 0:
            continue
        part = parts[name]["train"]
        chosen = rng.choice(len(part.labels), count, p=data.class_weights(part.labels, config["classBalancePower"]))
        flips = config["datasets"][name]["flips"]
        images = np.stack([data.augment(part.images[i], flips, config["maxShift"], rng) for i in chosen])
        rows.append((at, name, images, part.labels[chosen], properties[name][chosen]))
    return Batch(rows)


def standard_properties(parts: dict) -> dict[str, np.ndarray]:
    """Measured properties of every training image, standardised over all: {dataset: (N, kinds) float32}."""
    values = {name: observations.measured_values(part["train"].images) for name, part in parts.items()}
    everything = np.concatenate(list(values.values()))
    return {name: ((v - everything.mean(0)) / everything.std(0)).astype(np.float32) for name, v in values.items()}


@torch.no_grad()
def class_logits(tower: Tower, heads: LabelHeads, part: data.Part, name: str) -> Tensor:
    """Logits (N, classes) of a whole split."""
    tower.eval()
    pixels = torch.from_numpy(data.normalise(part.images)).to(memory_format=torch.channels_last)
    return torch.cat([heads(tower(piece), name) for piece in pixels.split(512)])


@torch.no_grad()
def validate(tower: Tower, heads: nn.Module, parts: dict, properties: dict, config: dict) -> dict:
    """Accuracy per dataset for labels; nothing is measured for properties but the loss."""
    if config["target"] != "labels":
        return {}
    return {
        name: round(float((class_logits(tower, heads, part["val"], name).argmax(1).numpy() == part["val"].labels).mean()), 4)
        for name, part in parts.items()
    }


def load(runs: Path, stage: str, config: dict, table: dict, run: str = "") -> tuple[Tower, nn.Module]:
    """A trained tower with its heads; `run`: of another seed of the stage, RUNS/<run>."""
    stage_config = data.read_config(stage)
    tower, heads = build(stage_config, table)
    state = torch.load(runs / (run or stage) / "final.pt")
    tower.load_state_dict(state["tower"])
    heads.load_state_dict(state["heads"])
    return tower.eval(), heads.eval()


def build(config: dict, table: dict) -> tuple[Tower, nn.Module]:
    """An untrained tower and the heads of its target."""
    tower = Tower(config["tower"]["widths"]).to(memory_format=torch.channels_last)
    heads = LabelHeads(tower.width, config, table) if config["target"] == "labels" else PropertyHeads(tower.width, config)
    return tower, heads


def train(folder: Path, runs: Path, config: dict) -> None:
    """Train and write RUNS/<id>/final.pt (weights of tower and heads) and log.jsonl."""
    table, parts = data.read_table(), data.load(folder, config)
    out = runs / config["id"]
    torch.set_num_threads(config["threads"])
    torch.manual_seed(config["seed"])
    rng = np.random.default_rng(config["seed"])
    tower, heads = build(config, table)
    if config["parent"]:
        tower.load_state_dict(torch.load(runs / config["parent"] / "final.pt")["tower"])
    dropout = nn.Dropout(config["dropout"])
    properties = standard_properties(parts)

    def loss_of_batch() -> Tensor:
        tower.train()
        batch = draw_batch(parts, properties, config, rng)
        return heads.loss(dropout(tower(batch.pixels)), batch)

    parameters = [*tower.parameters(), *heads.parameters()]
    seconds = fit(parameters, config, out, loss_of_batch, lambda: validate(tower, heads, parts, properties, config))
    state = {"tower": tower.state_dict(), "heads": heads.state_dict()}
    torch.save({**state, "step": config["steps"], "seconds": seconds}, out / "final.pt")
