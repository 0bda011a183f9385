"""Ask a checkpoint the questions of a split and keep every answer: what tables, cards and comparisons are made from.

python -m recipes.train.measure --data DIR --runs DIR --checkpoint tiny-sft --split val [--nulls] [--temperature 0.7]

Writes RUNS/measured/<split>/<checkpoint>[-t0.7].json. With --nulls every item is also answered with a second seed (the
A/A null) and with images of other classes (the wrong-image null).
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np
import torch

from . import data, evaluate
from .evaluate import Item

WRONG_IMAGES = 4
SECOND_SEED = 1_000_003


def wrong_images(items: list[Item], parts: dict, split: str, seed: int) -> list[list[np.ndarray]]:
    """For every item, images of the same dataset and split and of another class."""
    result = []
    for at, item in enumerate(items):
        held = parts[item.dataset][split]
        others = np.flatnonzero(held.labels != item.label)
        chosen = np.random.default_rng([seed, at]).choice(others, WRONG_IMAGES)
        result.append([held.images[i] for i in chosen])
    return result


def blind_answers(model, tokenizer, items: list[Item], parts: dict, split: str, count: int, seed: int) -> list[list]:
    """Answers of every item when the image is a wrong one, `count` in all per item."""
    images = wrong_images(items, parts, split, seed)
    asked = [evaluate.to_prompt(item, tokenizer, image) for item, row in zip(items, images) for image in row]
    drawn = evaluate.texts(model, tokenizer, asked, count // WRONG_IMAGES, 1.0, seed)
    parsed = [
        [evaluate.parse(text, items[i // WRONG_IMAGES]) for text in texts] for i, texts in enumerate(drawn)
    ]
    return [sum(parsed[i * WRONG_IMAGES : (i + 1) * WRONG_IMAGES], []) for i in range(len(items))]


def measure(model, tokenizer, items: list[Item], parts: dict, table: dict, given, seed: int) -> list[dict]:
    """One row per item."""
    answers = evaluate.answer(model, tokenizer, items, given.count, seed, given.temperature)
    rows = []
    for item, one, figures in zip(items, answers, evaluate.figures(items, answers, table)):
        question = item.asked.question
        rows.append(
            {
                "dataset": item.dataset,
                "index": int(parts[item.dataset][given.split].index[item.index]),
                "label": item.label,
                "kind": item.asked.kind,
                "mode": question.mode,
                "options": len(question.options or []),
                "right": list(item.asked.right),
                "greedy": one.greedy,
                "answers": one.samples,
                "traceFaithfulness": None if np.isnan(figures["traceFaithfulness"]) else figures["traceFaithfulness"],
                "failure": figures["failures"],
                "exampleText": one.texts[0],
            }
        )
    if given.nulls:
        second = evaluate.answer(model, tokenizer, items, given.count, seed + SECOND_SEED)
        blind = blind_answers(model, tokenizer, items, parts, given.split, given.count, seed)
        for row, again, without in zip(rows, second, blind):
            row["second"], row["blind"] = again.samples, without
    return rows


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--data", type=Path, required=True)
    arguments.add_argument("--runs", type=Path, required=True)
    arguments.add_argument("--checkpoint", required=True, help="a stage, or a .pt file under RUNS")
    arguments.add_argument("--split", choices=["val", "test"], default="val")
    arguments.add_argument("--limit", type=int, default=100, help="items per dataset and kind")
    arguments.add_argument("--count", type=int, default=16, help="samples per item")
    arguments.add_argument("--temperature", type=float, default=1.0)
    arguments.add_argument("--kinds", nargs="+", default=list(evaluate.KINDS))
    arguments.add_argument("--mode", choices=["think", "direct"], default="think")
    arguments.add_argument("--nulls", action="store_true")
    arguments.add_argument("--threads", type=int, default=2)
    given = arguments.parse_args()
    torch.set_num_threads(given.threads)
    config, table = data.read_config(), data.read_table()
    parts = data.load(given.data, config)
    model, tokenizer, info = evaluate.load_model(given.runs, given.checkpoint, config)
    seed, rows, started = config["evaluation"]["seed"], [], time.time()
    for kind in given.kinds:
        items = evaluate.make_items(parts, given.split, given.limit, kind, given.mode, table, config)
        rows += measure(model, tokenizer, items, parts, table, given, seed)
    name = given.checkpoint.removesuffix(".pt").replace("/", "-")
    name += "" if given.temperature == 1 else f"-t{given.temperature}"
    name += "" if given.mode == "think" else f"-{given.mode}"
    out = given.runs / "measured" / given.split
    out.mkdir(parents=True, exist_ok=True)
    content = {"checkpoint": given.checkpoint, "count": given.count, "temperature": given.temperature, **info, "rows": rows}
    (out / f"{name}.json").write_text(json.dumps(content, separators=(",", ":")) + "\n")
    a = np.mean([row["greedy"] in row["right"] for row in rows])
    print(json.dumps({"checkpoint": name, "items": len(rows), "A": round(float(a), 4), "seconds": round(time.time() - started)}))


if __name__ == "__main__":
    main()
