"""MedMNIST files, splits and sampling.

Owns: which image belongs to which split, and how training images are drawn and augmented.
Images are uint8 arrays (N, 28, 28, 3); grey images are replicated to three channels.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
SPLITS = HERE / "splits"
CONFIGS = HERE / "configs"
REPOSITORY = HERE.parent.parent
SPLIT_NAMES = ("train", "val", "test")


@dataclass
class Part:
    """One split of one dataset.

    images: (N, 28, 28, 3) uint8; labels: (N,) int64;
    source: the array of the npz file the images come from ("train", "val" or "test");
    index: (N,) position of every image in that array.
    """

    images: np.ndarray
    labels: np.ndarray
    source: str
    index: np.ndarray


def read_config(stage: str | Path | None = None) -> dict:
    """The recipe's shared numbers; with a stage (a name in configs/ or the path of a file) its own as well.

    "id" of a stage is the name of its file.
    """
    shared = json.loads((CONFIGS / "shared.json").read_text())
    if stage is None:
        return shared
    path = Path(stage) if str(stage).endswith(".json") else CONFIGS / f"{stage}.json"
    return {**shared, **json.loads(path.read_text()), "id": path.stem}


def read_table() -> dict:
    """Questions and labels of all MedMNIST datasets, shared with the app."""
    return json.loads((REPOSITORY / "src/data/medmnist.json").read_text())


def to_rgb(images: np.ndarray) -> np.ndarray:
    """(N, 28, 28) or (N, 28, 28, 3) uint8 -> (N, 28, 28, 3) uint8."""
    return images if images.ndim == 4 else np.repeat(images[..., None], 3, axis=3)


def image_hashes(images: np.ndarray) -> list[str]:
    """SHA-256 of every image's RGB bytes."""
    return [hashlib.sha256(np.ascontiguousarray(image).tobytes()).hexdigest() for image in images]


def hash_percent(digest: str) -> int:
    """A stable number 0..99 from a hash."""
    return int(digest[:8], 16) % 100


def read_arrays(folder: Path, name: str) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """The arrays a file holds: {"train": (images, labels), ...}."""
    with np.load(folder / f"{name}.npz") as file:
        return {
            split: (to_rgb(file[f"{split}_images"]), file[f"{split}_labels"].reshape(-1).astype(np.int64))
            for split in SPLIT_NAMES
            if f"{split}_images" in file
        }


def decide_splits(arrays: dict, name: str, config: dict) -> dict:
    """Decide the splits of one dataset.

    Returns {"train": [source, indices], ..., "removed": [[train index, test index], ...]}.
    Test images that the source file marks as such are never moved, except for PathMNIST, of which
    only test images are at hand: those are dealt out by hash.
    """
    rule = config["splits"]
    if "train" not in arrays:
        return deal_by_hash(arrays["test"][0], rule)
    train_hashes = image_hashes(arrays["train"][0])
    test_at = {digest: i for i, digest in reversed(list(enumerate(image_hashes(arrays["test"][0]))))}
    removed = [[i, test_at[digest]] for i, digest in enumerate(train_hashes) if digest in test_at]
    kept = [i for i, digest in enumerate(train_hashes) if digest not in test_at]
    result = {"test": ["test", list(range(len(arrays["test"][0])))], "removed": removed}
    if "val" in arrays:
        val_hashes = image_hashes(arrays["val"][0])
        train_set = set(train_hashes)
        val = [i for i, d in enumerate(val_hashes) if d not in test_at and d not in train_set]
        return {"train": ["train", kept], "val": ["val", val], **result}
    held = [i for i in kept if hash_percent(train_hashes[i]) < rule["heldOutPercent"]]
    held_set = set(held)
    return {"train": ["train", [i for i in kept if i not in held_set]], "val": ["train", held], **result}


def deal_by_hash(images: np.ndarray, rule: dict) -> dict:
    """Deal the images of a test-only file into train, val and test by their hash."""
    edges = (rule["pathTrainPercent"], rule["pathTrainPercent"] + rule["pathValPercent"], 100)
    percents = [hash_percent(digest) for digest in image_hashes(images)]
    parts, low = {}, 0
    for split, high in zip(SPLIT_NAMES, edges):
        parts[split] = ["test", [i for i, p in enumerate(percents) if low <= p < high]]
        low = high
    return {**parts, "removed": []}


def write_splits(folder: Path, config: dict) -> None:
    """Write splits/<dataset>.json for every dataset of the recipe."""
    SPLITS.mkdir(exist_ok=True)
    for name in config["datasets"]:
        splits = decide_splits(read_arrays(folder, name), name, config)
        (SPLITS / f"{name}.json").write_text(json.dumps(splits, separators=(",", ":")) + "\n")


def read_splits(name: str) -> dict:
    """The decided splits of a dataset."""
    return json.loads((SPLITS / f"{name}.json").read_text())


def load(folder: Path, config: dict) -> dict[str, dict[str, Part]]:
    """{dataset: {split: Part}} as the split files say."""
    result: dict[str, dict[str, Part]] = {}
    for name in config["datasets"]:
        arrays = read_arrays(folder, name)
        splits = read_splits(name)
        result[name] = {}
        for split in SPLIT_NAMES:
            source, index = splits[split]
            images, labels = arrays[source]
            result[name][split] = Part(images[index], labels[index], source, np.array(index))
    return result


def class_weights(labels: np.ndarray, power: float) -> np.ndarray:
    """Sampling probability of every image: class frequency to the power of -`power`, summing to 1."""
    weights = (np.bincount(labels)[labels] / len(labels)) ** -power
    return weights / weights.sum()


def augment(image: np.ndarray, flips: str, max_shift: int, rng: np.random.Generator) -> np.ndarray:
    """Shift by up to `max_shift` pixels (edge-padded) and flip where the label allows it.

    flips: "" none, "h" left/right, "hv" also up/down, "d4" also quarter turns. (28, 28, 3) uint8 in and out.
    """
    dy, dx = rng.integers(0, 2 * max_shift + 1, size=2)
    padded = np.pad(image, ((max_shift, max_shift), (max_shift, max_shift), (0, 0)), mode="edge")
    image = padded[dy : dy + image.shape[0], dx : dx + image.shape[1]]
    if flips and rng.random() < 0.5:
        image = image[:, ::-1]
    if flips in ("hv", "d4") and rng.random() < 0.5:
        image = image[::-1]
    if flips == "d4":
        image = np.rot90(image, rng.integers(4))
    return image


def normalise(images: np.ndarray) -> np.ndarray:
    """(N, 28, 28, 3) uint8 -> (N, 3, 28, 28) float32 in -1..1, as the image processor does."""
    return ((images.astype(np.float32) / 255.0 - 0.5) / 0.5).transpose(0, 3, 1, 2)


def log(out: Path, row: dict) -> None:
    """Print a row and append it to log.jsonl."""
    line = json.dumps(row)
    print(line, flush=True)
    with (out / "log.jsonl").open("a") as file:
        file.write(line + "\n")
