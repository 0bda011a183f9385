"""The sample images the app ships.

Owns: which MedMNIST test images are shipped, in which order, and the form they are shipped in:
one PNG sprite per dataset and gallery.json. No image here was trained on or tuned on.
"""

import argparse
import itertools
import json
from pathlib import Path

import numpy as np
from PIL import Image

from recipes.train.data import SPLITS, image_hashes, read_arrays

DATASETS = ("bloodmnist", "pneumoniamnist", "breastmnist", "retinamnist", "organamnist", "pathmnist")
FORCED = {"bloodmnist": [12]}  # the documented URL example
TILE, COLUMNS, ROWS = 28, 8, 5
SOURCE = "MedMNIST v2, CC BY 4.0, Yang et al., Scientific Data 10, 41 (2023), doi 10.1038/s41597-022-01721-8"


def seen_hashes(arrays: dict, splits: dict, digests: list[str]) -> set[str]:
    """Hashes of all images of the file that are in a train or val array, or dealt to train or val.

    digests: the hashes of the test array, from which PathMNIST's train and val are dealt.
    """
    seen = {d for part in ("train", "val") if part in arrays for d in image_hashes(arrays[part][0])}
    for part in ("train", "val"):
        source, index = splits[part]
        if source == "test":
            seen.update(digests[i] for i in index)
    return seen


def choose(labels: np.ndarray, allowed: list[int], forced: list[int], count: int, seed: int) -> list[int]:
    """`count` of the `allowed` rows, round robin over the classes in random order, which is also the tile order.

    Forced rows come first of their class.
    """
    rng = np.random.default_rng(seed)
    queues = []
    for label in np.unique(labels[allowed]):
        rows = rng.permutation([i for i in allowed if labels[i] == label]).tolist()
        queues.append(sorted(rows, key=lambda i: i not in forced))
    turns = itertools.chain.from_iterable(itertools.zip_longest(*queues))
    chosen = list(itertools.islice((i for i in turns if i is not None), count))
    if len(chosen) < count or not set(forced) <= set(chosen):
        raise ValueError(f"{len(chosen)} of {count} images, forced {forced}: too few images or a forced one is excluded")
    return chosen


def sprite(images: np.ndarray) -> Image.Image:
    """(ROWS * COLUMNS, 28, 28, 3) uint8 -> one picture, left to right, top to bottom."""
    grid = images.reshape(ROWS, COLUMNS, TILE, TILE, 3).transpose(0, 2, 1, 3, 4)
    return Image.fromarray(np.ascontiguousarray(grid).reshape(ROWS * TILE, COLUMNS * TILE, 3))


def make_set(folder: Path, out: Path, name: str, seed: int) -> dict:
    """Write one sprite; its entry of gallery.json."""
    arrays = read_arrays(folder, name)
    splits = json.loads((SPLITS / f"{name}.json").read_text())
    images, labels = arrays["test"]
    digests = image_hashes(images)
    seen = seen_hashes(arrays, splits, digests)
    source, test = splits["test"]
    if source != "test":
        raise ValueError(f"{name}: the test part comes from the {source} array")
    excluded = [i for i in test if digests[i] in seen]
    first = {digests[i]: i for i in reversed(test)}  # of equal test images, the first
    allowed = [i for i in test if digests[i] not in seen and first[digests[i]] == i]
    chosen = choose(labels, allowed, FORCED.get(name, []), ROWS * COLUMNS, seed)
    sprite(images[chosen]).save(out / f"{name}.png", optimize=True)
    check_sprite(out / f"{name}.png", [digests[i] for i in chosen])
    entries = [{"index": i, "label": int(labels[i]), "sha256": digests[i]} for i in chosen]
    return {"dataset": name, "sprite": f"{name}.png", "excludedDuplicates": excluded, "images": entries}


def check_sprite(path: Path, digests: list[str]) -> None:
    """Cut the written file up again; the tiles must be the images, and nothing may change their colours."""
    with Image.open(path) as picture:
        if picture.mode != "RGB" or picture.info:
            raise ValueError(f"{path}: mode {picture.mode}, extra chunks {picture.info}")
        pixels = np.array(picture)
    tiles = pixels.reshape(ROWS, TILE, COLUMNS, TILE, 3).transpose(0, 2, 1, 3, 4).reshape(-1, TILE, TILE, 3)
    if image_hashes(tiles) != digests:
        raise ValueError(f"{path}: the tiles are not the images")


def to_json(sets: list[dict]) -> str:
    """gallery.json, one image per line."""

    def compact(value: object) -> str:
        return json.dumps(value, separators=(",", ":"))

    def set_text(entry: dict) -> str:
        head = compact({key: value for key, value in entry.items() if key != "images"})
        return head[:-1] + ',"images":[\n' + ",\n".join(map(compact, entry["images"])) + "\n]}"

    head = compact({"version": 1, "tileSide": TILE, "columns": COLUMNS, "source": SOURCE})
    return head[:-1] + ',"sets":[\n' + ",\n".join(map(set_text, sets)) + "\n]}\n"


def main() -> None:
    """Write the gallery."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with the MedMNIST .npz files")
    parser.add_argument("--out", type=Path, default=Path("public/samples"))
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    sets = [make_set(args.data, args.out, name, args.seed) for name in DATASETS]
    (args.out / "gallery.json").write_text(to_json(sets))
    for entry in sets:
        counts = np.bincount([image["label"] for image in entry["images"]]).tolist()
        size = (args.out / entry["sprite"]).stat().st_size
        print(f"{entry['dataset']}: per class {counts}, excluded {entry['excludedDuplicates']}, {size} bytes")


if __name__ == "__main__":
    main()
