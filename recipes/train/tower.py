"""Pre-train the tower: plain classification, one linear head per dataset on pooled features.

python -m recipes.train.tower --data DIR --out DIR
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from . import data
from .model import Tower, pool


class TowerClassifier(nn.Module):
    """The tower with one head per dataset."""

    def __init__(self, config: dict, table: dict):
        super().__init__()
        self.tower = Tower(config["tower"]["widths"])
        self.dropout = nn.Dropout(config["tower"]["dropout"])
        self.heads = nn.ModuleDict(
            {name: nn.Linear(2 * self.tower.width, len(table[name]["labels"])) for name in config["datasets"]}
        )

    def forward(self, pixels: Tensor, name: str) -> Tensor:
        """(N, 3, 28, 28) -> (N, classes of the dataset)."""
        return self.heads[name](pool(self.tower(pixels)))


def draw_batch(parts: dict, config: dict, size: int, rng: np.random.Generator):
    """Draw `size` training images over the datasets: [(dataset, pixels (n, 3, 28, 28), labels (n,))]."""
    names = list(config["datasets"])
    weights = np.array([config["datasets"][name]["weight"] for name in names])
    counts = rng.multinomial(size, weights / weights.sum())
    batch = []
    for name, count in zip(names, counts):
        if count == 0:
            continue
        part = parts[name]["train"]
        chosen = rng.choice(len(part.labels), count, p=data.class_weights(part.labels, config["classBalancePower"]))
        flips = config["datasets"][name]["flips"]
        images = np.stack([data.augment(part.images[i], flips, config["maxShift"], rng) for i in chosen])
        batch.append((name, torch.from_numpy(data.normalise(images)), torch.from_numpy(part.labels[chosen])))
    return batch


def batch_loss(model: TowerClassifier, batch: list) -> Tensor:
    """Mean cross-entropy over all images of the batch; one pass of the tower."""
    pooled = model.dropout(pool(model.tower(torch.cat([pixels for _, pixels, _ in batch]))))
    pieces = pooled.split([len(labels) for _, _, labels in batch])
    total = sum(
        F.cross_entropy(model.heads[name](piece), labels, reduction="sum")
        for (name, _, labels), piece in zip(batch, pieces)
    )
    return total / len(pooled)


@torch.no_grad()
def class_logits(model: TowerClassifier, part: data.Part, name: str) -> Tensor:
    """Logits (N, classes) of a whole split."""
    model.eval()
    pixels = torch.from_numpy(data.normalise(part.images))
    return torch.cat([model(piece, name) for piece in pixels.split(512)])


def accuracies(model: TowerClassifier, parts: dict, split: str) -> dict[str, float]:
    """Accuracy per dataset on one split."""
    return {
        name: float((class_logits(model, part[split], name).argmax(1).numpy() == part[split].labels).mean())
        for name, part in parts.items()
    }


def train(folder: Path, out: Path) -> None:
    """Train, log validation accuracy and write tower.pt (weights of tower and heads)."""
    config, table = data.read_config(), data.read_table()
    c = config["tower"]
    torch.manual_seed(config["seed"])
    rng = np.random.default_rng(config["seed"])
    parts = data.load(folder, config)
    model = TowerClassifier(config, table).to(memory_format=torch.channels_last)
    optimiser = torch.optim.AdamW(model.parameters(), lr=c["learningRate"], weight_decay=c["weightDecay"])
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, c["learningRate"], total_steps=c["steps"])
    started = time.time()
    for step in range(1, c["steps"] + 1):
        model.train()
        loss = batch_loss(model, draw_batch(parts, config, c["batch"], rng))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
        if step % 200 == 0 or step == c["steps"]:
            row = {"step": step, "loss": round(loss.item(), 3), "seconds": round(time.time() - started)}
            print(json.dumps({**row, "val": accuracies(model, parts, "val")}), flush=True)
            torch.save({"model": model.state_dict(), "step": step}, out / "tower.pt")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--data", type=Path, required=True, help="folder with the MedMNIST .npz files")
    arguments.add_argument("--out", type=Path, required=True)
    given = arguments.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(2)
    data.write_splits(given.data, data.read_config())
    train(given.data, given.out)


if __name__ == "__main__":
    main()
