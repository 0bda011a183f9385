"""Does the app's engine give what PyTorch gives? Ask PyTorch the questions of a file made by `npm run sample-set`.

python -m recipes.train.parity --data DIR --runs DIR --checkpoint tiny-sft --app FILE.jsonl --write FILE.json

Per item the share of right answers of the app's K samples is set against that of as many PyTorch samples; the mean
difference is compared with its standard error, and greedy answers are counted that agree.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch

from . import data, evaluate
from .evaluate import Item
from .prompts import LETTERS, Asked, Question, normalise_answer


def read_items(file: Path, parts: dict) -> tuple[list[Item], list[dict]]:
    """The questions of a file with their test images, and its lines."""
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    items = []
    for row in rows:
        test, q = parts[row["dataset"]]["test"], row["question"]
        at = int(np.flatnonzero(test.index == row["index"])[0])
        right = [LETTERS[i] for i in q["correctOptions"]] or [normalise_answer(q["referenceAnswer"])]
        question = Question(q["text"], q["options"] or None, row["mode"])
        items.append(Item(row["dataset"], at, row["label"], test.images[at], Asked(row["kind"], question, tuple(right), "")))
    return items, rows


def compare(model, tokenizer, items: list[Item], rows: list[dict], seed: int) -> dict:
    """Agreement of both engines over the items."""
    count = len(rows[0]["samples"])
    answers = evaluate.answer(model, tokenizer, items, count, seed)
    app = np.array([np.mean([s["answer"] in item.asked.right for s in row["samples"]]) for item, row in zip(items, rows)])
    torch_share = np.array([np.mean([a in item.asked.right for a in one.samples]) for item, one in zip(items, answers)])
    app_entropy = np.array([evaluate.entropy([s["answer"] for s in row["samples"]]) for row in rows])
    torch_entropy = np.array([evaluate.entropy(one.samples) for one in answers])
    result = {"items": len(items), "k": count}
    for name, a, b in (("S1", app, torch_share), ("entropy", app_entropy, torch_entropy)):
        difference = a - b
        error = difference.std(ddof=1) / np.sqrt(len(difference))
        result |= {f"{name}App": a.mean(), f"{name}Torch": b.mean(), f"{name}StandardError": error}
        result[f"{name}Z"] = difference.mean() / error if error else 0.0
    result["greedySame"] = np.mean([row["greedy"]["answer"] == one.greedy for row, one in zip(rows, answers)])
    result["greedyRightApp"] = np.mean([row["greedy"]["answer"] in item.asked.right for item, row in zip(items, rows)])
    result["greedyRightTorch"] = np.mean([one.greedy in item.asked.right for item, one in zip(items, answers)])
    return {name: round(float(value), 4) for name, value in result.items()}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--data", type=Path, required=True)
    arguments.add_argument("--runs", type=Path, required=True)
    arguments.add_argument("--checkpoint", required=True)
    arguments.add_argument("--app", type=Path, required=True)
    arguments.add_argument("--write", type=Path)
    given = arguments.parse_args()
    torch.set_num_threads(1)
    config = data.read_config()
    model, tokenizer, _ = evaluate.load_model(given.runs, given.checkpoint, config)
    items, rows = read_items(given.app, data.load(given.data, config))
    result = {"checkpoint": given.checkpoint, **compare(model, tokenizer, items, rows, config["evaluation"]["seed"])}
    print(json.dumps(result))
    if given.write:
        given.write.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
