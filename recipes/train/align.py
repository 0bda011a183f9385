"""Put a new tower's features where the decoder looks for words: only the projector learns.

The mean visual token of an image is to be nearer to its class name's embedding than to the other names of the dataset.
Takes the decoder from `parent` and the tower from `towerFrom`; both stay as they are.
"""

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from tokenizers import Tokenizer
from torch import Tensor

from . import data
from .loop import fit
from .model import TinyVlm
from .sft import save, start_model
from .tower import draw_batch


def name_embeddings(model: TinyVlm, tokenizer: Tokenizer, config: dict, table: dict) -> dict[str, Tensor]:
    """{dataset: (classes, W)}: mean embedding of each name's tokens, against the dataset's mean, of length 1."""
    result = {}
    for name in config["datasets"]:
        rows = [model.embed.weight[tokenizer.encode(f" {label}").ids].mean(0) for label in table[name]["labels"]]
        centred = torch.stack(rows) - torch.stack(rows).mean(0)
        result[name] = F.normalize(centred, dim=1).detach()
    return result


def batch_loss(model: TinyVlm, batch, names: dict[str, Tensor], scale: float) -> Tensor:
    """Mean cross-entropy over the names of each image's dataset."""
    with torch.no_grad():
        tokens = model.tower(batch.pixels)
    pooled = F.normalize(model.projector(model.feature_dropout(tokens)).mean(1), dim=1)
    pieces = pooled.split([len(labels) for _, labels in batch.labels])
    total = sum(
        F.cross_entropy(scale * piece @ names[name].T, labels, reduction="sum")
        for (name, labels), piece in zip(batch.labels, pieces)
    )
    return total / len(pooled)


@torch.no_grad()
def accuracies(model: TinyVlm, parts: dict, names: dict[str, Tensor]) -> dict[str, float]:
    """Validation accuracy of the nearest name, per dataset."""
    model.eval()
    result = {}
    for name, part in parts.items():
        pixels = torch.from_numpy(data.normalise(part["val"].images)).to(memory_format=torch.channels_last)
        nearest = (model.encode_image(pixels).mean(1) @ names[name].T).argmax(1).numpy()
        result[name] = round(float((nearest == part["val"].labels).mean()), 4)
    return result


def train(folder: Path, runs: Path, config: dict) -> None:
    """Train and write RUNS/<id>/final.pt and log.jsonl."""
    torch.set_num_threads(config["threads"])
    torch.manual_seed(config["seed"])
    rng, table, out = np.random.default_rng(config["seed"]), data.read_table(), runs / config["id"]
    parts = data.load(folder, config)
    tokenizer = Tokenizer.from_file(str(runs / "tokenizer.json"))
    model, heads = start_model(runs, config, tokenizer)
    names = name_embeddings(model, tokenizer, config, table)
    unused = {name: np.zeros((len(part["train"].labels), 1), np.float32) for name, part in parts.items()}

    def loss_of_batch() -> Tensor:
        model.eval()
        model.feature_dropout.train()
        return batch_loss(model, draw_batch(parts, unused, config, rng), names, config["scale"])

    parameters = model.projector.parameters()
    seconds = fit(parameters, config, out, loss_of_batch, lambda: accuracies(model, parts, names))
    save(out / "final.pt", model, heads, None, config["steps"], seconds)
