"""The set that RL learns from: questions about training images on which the parent is neither always nor never right.

The parent answers `asked` questions per dataset `samples` times at temperature 1; those with 0 < p̂ < 1 are the band,
and `keep` of them are kept, taken in turn from every dataset and class.
"""

import json
from collections import Counter
from pathlib import Path

import numpy as np
import torch

from . import data, evaluate
from .evaluate import Item
from .prompts import Asked, Question

FILE = "rl-set.json"


def draw_questions(parts: dict, config: dict, table: dict) -> list[Item]:
    """Questions about training images, classes balanced inside each dataset; an image is asked about once."""
    items, kinds = [], list(config["kinds"])
    weights = np.array(list(config["kinds"].values()), float)
    for at, name in enumerate(config["datasets"]):
        rng = np.random.default_rng([config["seed"], at])
        part = parts[name]["train"]
        p = data.class_weights(part.labels, 1.0)
        chosen = rng.choice(len(part.labels), min(config["asked"], len(part.labels)), replace=False, p=p)
        for i in chosen.tolist():
            kind = str(rng.choice(kinds, p=weights / weights.sum()))
            one = {name: {"train": data.Part(part.images[[i]], part.labels[[i]], part.source, part.index[[i]])}}
            seed = int(rng.integers(2**31))
            item = evaluate.make_items(one, "train", 1, kind, "think", table, config, seed)[0]
            item.index = i
            items.append(item)
    return items


def balanced(rows: list[dict], keep: int, rng: np.random.Generator) -> list[dict]:
    """Up to `keep` rows, one dataset after the other, inside a dataset one class after the other."""
    shelves: dict[str, dict[int, list[dict]]] = {}
    for i in rng.permutation(len(rows)):
        shelves.setdefault(rows[i]["dataset"], {}).setdefault(rows[i]["label"], []).append(rows[i])
    chosen: list[dict] = []
    while shelves and len(chosen) < keep:
        for name in list(shelves):
            label = next(iter(shelves[name]))
            chosen.append(shelves[name][label].pop())
            emptied = shelves[name].pop(label)
            if emptied:
                shelves[name][label] = emptied
            if not shelves[name]:
                del shelves[name]
    return chosen[:keep]


def build(folder: Path, runs: Path, config: dict) -> None:
    """Write RUNS/<id>/rl-set.json."""
    torch.set_num_threads(1)
    table, parts = data.read_table(), data.load(folder, config)
    model, tokenizer, _ = evaluate.load_model(runs, config["parent"], config)
    items = draw_questions(parts, config, table)
    rows = []
    for item, answers in zip(items, evaluate.answer(model, tokenizer, items, config["samples"], config["seed"])):
        p = sum(answer in item.asked.right for answer in answers.samples) / len(answers.samples)
        q = item.asked.question
        asked = {"kind": item.asked.kind, "question": q.text, "options": q.options, "right": item.asked.right}
        asked |= {"truth": item.asked.truth, "about": item.asked.about}
        rows.append({"dataset": item.dataset, "index": item.index, "label": item.label, "p": p, **asked})
    band = [row for row in rows if 0 < row["p"] < 1]
    chosen = balanced(band, config["keep"], np.random.default_rng(config["seed"]))
    out = runs / config["id"]
    (out / FILE).write_text(json.dumps(chosen) + "\n")
    counts = {name: Counter(row["dataset"] for row in part) for name, part in (("band", band), ("kept", chosen))}
    data.log(out, {"asked": len(rows), "meanP": round(float(np.mean([row["p"] for row in rows])), 4), **counts})


def read(folder: Path, parts: dict) -> list[Item]:
    """The items of a set with their images."""
    items = []
    for row in json.loads((folder / FILE).read_text()):
        asked = Asked(
            row["kind"], Question(row["question"], row["options"], "think"), tuple(row["right"]), row["truth"], row["about"]
        )
        image = parts[row["dataset"]]["train"].images[row["index"]]
        items.append(Item(row["dataset"], row["index"], row["label"], image, asked))
    return items


def mask(folder: Path, name: str, count: int) -> np.ndarray:
    """Which training images (N,) of a dataset the set asks about."""
    chosen = np.zeros(count, bool)
    for row in json.loads((folder / FILE).read_text()):
        if row["dataset"] == name:
            chosen[row["index"]] = True
    return chosen
