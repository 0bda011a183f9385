"""The probe images the app ships: of each of the family's six sets a small .npz of its own train, val and test parts.

Owns: which images, in which order, and probe.json beside the files (`testRows`: the test images' rows in the published file). A file has MedMNIST's array names, shapes and data
types, so that it is opened like any other. The first test images are those of the gallery, in its order.
"""

import argparse
import hashlib
import io
import itertools
import json
import zipfile
from pathlib import Path

import numpy as np

from recipes.gallery.make_gallery import DATASETS, SOURCE, seen_hashes
from recipes.train import data

SIZES = {"train": 240, "val": 80, "test": 160}


def unlike(part: data.Part, taken: set[str]) -> list[int]:
    """Rows of a part whose image is not in `taken` and not in an earlier row."""
    rows, seen = [], set(taken)
    for row, digest in enumerate(data.image_hashes(part.images)):
        if digest not in seen:
            rows.append(row)
            seen.add(digest)
    return rows


def by_turns(labels: np.ndarray, rows: list[int], first: list[int], count: int, rng: np.random.Generator) -> list[int]:
    """`first`, then random rows, always of a class that has the fewest so far, until there are `count` or none is left."""
    chosen, queues = list(first), {}
    for label in np.unique(labels[rows]):
        queues[label] = rng.permutation([row for row in rows if labels[row] == label and row not in set(first)]).tolist()
    held = {label: sum(labels[row] == label for row in first) for label in queues}
    while len(chosen) < count and any(queues.values()):
        label = min((label for label in queues if queues[label]), key=lambda label: held[label])
        chosen.append(queues[label].pop())
        held[label] += 1
    return chosen


def by_frequency(labels: np.ndarray, rows: list[int], count: int, rng: np.random.Generator) -> list[int]:
    """`count` of the rows, each class as often as among them (largest remainders), in random order."""
    found, sizes = np.unique(labels[rows], return_counts=True)
    shares = sizes * min(1, count / len(rows))
    quotas = np.floor(shares).astype(int)
    quotas[np.argsort(quotas - shares, kind="stable")[: min(count, len(rows)) - quotas.sum()]] += 1
    queues = [rng.permutation([row for row in rows if labels[row] == label])[:quota] for label, quota in zip(found, quotas)]
    return rng.permutation(list(itertools.chain(*queues))).tolist()


def choose(folder: Path, name: str, gallery: list[str], seed: int) -> tuple[dict[str, data.Part], str]:
    """The chosen images of each split, and how they were drawn: by "turns" of the classes, or as "frequency" has it."""
    parts, arrays = data.load(folder, {"datasets": [name]})[name], data.read_arrays(folder, name)
    seen = seen_hashes(arrays, data.read_splits(name), data.image_hashes(arrays["test"][0]))
    train_hashes = set(data.image_hashes(parts["train"].images))
    rows = {
        "train": unlike(parts["train"], set()),
        "val": unlike(parts["val"], train_hashes),
        "test": unlike(parts["test"], seen),
    }
    at = {digest: row for row, digest in reversed(list(enumerate(data.image_hashes(parts["test"].images))))}
    first = {"train": [], "val": [], "test": [at[digest] for digest in gallery]}
    if parts["test"].source != "test":
        raise ValueError(f"{name}: the test part comes from the {parts['test'].source} array")
    if not set(first["test"]) <= set(rows["test"]):
        raise ValueError(f"{name}: an image of the gallery is not among the test images that may be shown")
    whole = any(len(rows[split]) <= size for split, size in SIZES.items())
    rng, result = np.random.default_rng(seed), {}
    for split, size in SIZES.items():
        part = parts[split]
        if whole and len(rows[split]) > size:
            chosen = by_frequency(part.labels, rows[split], size, rng)
        else:
            chosen = by_turns(part.labels, rows[split], first[split], size, rng)
        result[split] = data.Part(part.images[chosen], part.labels[chosen], part.source, part.index[chosen])
    return result, "frequency" if whole else "turns"


def check(name: str, parts: dict[str, data.Part], gallery: list[str]) -> None:
    """No image twice, within a split or across them; the gallery first."""
    digests = {split: data.image_hashes(part.images) for split, part in parts.items()}
    every = list(itertools.chain(*digests.values()))
    if len(set(every)) < len(every):
        raise ValueError(f"{name}: an image is there twice")
    if digests["test"][: len(gallery)] != gallery:
        raise ValueError(f"{name}: the gallery does not come first")


def packed(arrays: dict[str, np.ndarray]) -> bytes:
    """An .npz as numpy.savez_compressed writes it, but deflated at level 9 and without the time: same arrays, same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, array in arrays.items():
            buffer = io.BytesIO()
            np.lib.format.write_array(buffer, np.ascontiguousarray(array), allow_pickle=False)
            entry = zipfile.ZipInfo(f"{name}.npy")
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, buffer.getvalue(), compresslevel=9)
    return out.getvalue()


def make_set(folder: Path, out: Path, entry: dict, channels: int, seed: int) -> dict:
    """Write one file; its row of probe.json. `entry`: the set in gallery.json."""
    name, gallery = entry["dataset"], [image["sha256"] for image in entry["images"]]
    parts, drawn = choose(folder, name, gallery, seed)
    check(name, parts, gallery)
    arrays = {}
    for split, part in parts.items():
        arrays[f"{split}_images"] = part.images if channels == 3 else part.images[..., 0]
        arrays[f"{split}_labels"] = part.labels.astype(np.uint8)[:, None]
    content = packed(arrays)
    (out / f"{name}.npz").write_bytes(content)
    for split, part in parts.items():
        print(f"{name} {split}: {len(part.labels)}, by {drawn}, per class {np.bincount(part.labels).tolist()}")
    return {
        "dataset": name,
        "file": f"{name}.npz",
        "counts": {split: len(part.labels) for split, part in parts.items()},
        "drawn": drawn,
        "testRows": parts["test"].index.tolist(),
        "sizeBytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }


def to_json(listed: dict) -> str:
    """probe.json, one set a line."""
    head = json.dumps({key: value for key, value in listed.items() if key != "sets"})
    rows = ",\n".join(json.dumps(row, separators=(",", ":")) for row in listed["sets"])
    return f'{head[:-1]}, "sets": [\n{rows}\n]}}'


def main() -> None:
    """Write the six files and their list."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with the MedMNIST .npz files")
    parser.add_argument("--out", type=Path, default=Path("public/probe"))
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    gallery = json.loads((data.REPOSITORY / "public/samples/gallery.json").read_text())
    sets = {entry["dataset"]: entry for entry in gallery["sets"]}
    table = data.read_table()
    rows = [make_set(given.data, given.out, sets[name], table[name]["channels"], given.seed) for name in DATASETS]
    listed = {"version": 1, "source": SOURCE, "sets": rows}
    (given.out / "probe.json").write_text(to_json(listed) + "\n")
    print(f"{sum(row['sizeBytes'] for row in rows):,} bytes")


if __name__ == "__main__":
    main()
