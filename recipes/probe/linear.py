"""The linear probe of the paper's released code (armenjeddi/medbridgerl, linprobe.py), on features that are there already.

As released: BatchNorm without affine (eps 1e-6, momentum 0.1), one linear layer with PyTorch's start, SGD with
momentum 0.9 and no weight decay, cosine schedule by the epoch down to 0, 20 epochs, lr 0.1, batches of 1,024.
Not as released: no random crops or flips (features are computed once); the epoch is chosen on validation.
"""

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .features import Features


@dataclass
class Settings:
    lr: float
    batch: int


@dataclass
class Trained:
    """Test logits (N, classes) after the chosen epoch and after the last one; validation accuracy of every epoch."""

    chosen: np.ndarray
    last: np.ndarray
    val_accuracy: list[float]
    epoch: int


def batches(order: np.ndarray, size: int) -> list[np.ndarray]:
    """As DataLoader cuts them, but a last batch of one image, which BatchNorm refuses, is left out."""
    pieces = [order[start : start + size] for start in range(0, len(order), size)]
    return pieces[:-1] if len(pieces[-1]) == 1 else pieces


def start(width: int, classes: int, seed: int, epochs: int, images: int) -> tuple[nn.Linear, np.ndarray]:
    """The untrained layer, and the order of the images in every epoch (epochs, images)."""
    torch.manual_seed(seed)
    layer = nn.Linear(width, classes)
    return layer, np.stack([torch.randperm(images).numpy() for _ in range(epochs)])


def train(features: dict[str, Features], classes: int, settings: Settings, layer: nn.Linear, orders: np.ndarray) -> Trained:
    """Train on train; of the epochs the one with the highest accuracy on val, then the lowest loss, is chosen."""
    tensors = {name: (torch.from_numpy(f.values), torch.from_numpy(f.labels)) for name, f in features.items()}
    x, y = tensors["train"]
    head = nn.Sequential(nn.BatchNorm1d(x.shape[1], affine=False, eps=1e-6), layer)
    optimizer = torch.optim.SGD(head.parameters(), lr=settings.lr, momentum=0.9, weight_decay=0.0)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=len(orders))
    best, chosen, epoch, accuracies = (-1.0, 0.0), None, -1, []
    for number, order in enumerate(orders):
        head.train()
        for rows in batches(order, settings.batch):
            optimizer.zero_grad()
            F.cross_entropy(head(x[rows]), y[rows]).backward()
            optimizer.step()
        schedule.step()
        accuracy, loss = score(head, *tensors["val"])
        accuracies.append(accuracy)
        if (accuracy, -loss) > best:
            best, chosen, epoch = (accuracy, -loss), logits(head, tensors["test"][0]), number
    return Trained(chosen, logits(head, tensors["test"][0]), accuracies, epoch)


@torch.no_grad()
def score(head: nn.Module, x: Tensor, y: Tensor) -> tuple[float, float]:
    """Accuracy and mean cross-entropy."""
    head.eval()
    out = head(x)
    return float((out.argmax(1) == y).float().mean()), float(F.cross_entropy(out, y))


@torch.no_grad()
def logits(head: nn.Module, x: Tensor) -> np.ndarray:
    """(N, width) -> (N, classes)."""
    head.eval()
    return head(x).numpy()
