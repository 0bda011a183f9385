"""No image of a test split may be in any training set: compare every image by hash.

python -m recipes.train.check_splits --data DIR
"""

import argparse
from pathlib import Path

from . import data


def overlaps(parts: dict) -> list[str]:
    """Sentences, one per image that is in train or val of any dataset and in test of any dataset."""
    tests = {
        digest: f"{name} test {int(part['test'].index[i])}"
        for name, part in parts.items()
        for i, digest in enumerate(data.image_hashes(part["test"].images))
    }
    return [
        f"{name} {split} {int(part[split].index[i])} = {tests[digest]}"
        for name, part in parts.items()
        for split in ("train", "val")
        for i, digest in enumerate(data.image_hashes(part[split].images))
        if digest in tests
    ]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--data", type=Path, required=True)
    given = arguments.parse_args()
    config = data.read_config()
    parts = data.load(given.data, config)
    for name in config["datasets"]:
        sizes = {split: len(parts[name][split].labels) for split in data.SPLIT_NAMES}
        removed = data.read_splits(name)["removed"]
        print(name, sizes, "removed from train, equal to a test image:", removed or "none")
    found = overlaps(parts)
    print("\n".join(found))
    print(f"{len(found)} train or validation images equal a test image")
    if found:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
