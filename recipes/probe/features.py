"""Pooled vision-tower features of a checkpoint, and which images they are of."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime

from recipes.train import data

BATCH = 100


@dataclass
class Features:
    """values: (N, width) float32, rounded to float16; labels: (N,) int64."""

    values: np.ndarray
    labels: np.ndarray


def pooled(session: onnxruntime.InferenceSession, images: np.ndarray, pooling: str) -> np.ndarray:
    """(N, 28, 28, 3) uint8 -> (N, width) float32: the tower's output before the projector, pooled over its tokens."""
    pieces = []
    for start in range(0, len(images), BATCH):
        pixels = data.normalise(images[start : start + BATCH])[:, None]
        mask = np.ones((len(pixels), 1, *pixels.shape[-2:]), bool)
        pieces += session.run([f"tower_{pooling}"], {"pixel_values": pixels, "pixel_attention_mask": mask})
    return np.concatenate(pieces)


def chosen(part: data.Part, count: int, rng: np.random.Generator) -> np.ndarray:
    """Up to `count` images of a split in random order."""
    return rng.permutation(len(part.labels))[:count]


def splits_of(folder: Path, name: str, session: onnxruntime.InferenceSession, counts: dict[str, int], seed: int) -> dict:
    """{split: Features} of one dataset, mean-pooled. The splits are the family's own: recipes/train/splits."""
    parts = data.load(folder, {"datasets": [name]})[name]
    rng = np.random.default_rng(seed)
    result = {}
    for split, count in counts.items():
        rows = chosen(parts[split], count, rng)
        values = pooled(session, parts[split].images[rows], "mean").astype(np.float16).astype(np.float32)
        result[split] = Features(values, parts[split].labels[rows])
    return result
