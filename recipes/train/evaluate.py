"""Greedy accuracy, Pass@k and answer entropy per dataset.

python -m recipes.train.evaluate --data DIR --out DIR --checkpoint sft.pt --split val
"""

import argparse
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer

from . import data, generate, prompts
from .generate import Prompt
from .model import TinyVlm
from .prompts import LETTERS, Question

KS = (1, 2, 4, 8, 16)
RESAMPLES = 2000


@dataclass
class Item:
    """One asked test question. index: position in the split; answer: what the parser must return."""

    dataset: str
    index: int
    label: int
    image: np.ndarray
    question: Question
    answer: str


def make_items(parts: dict, split: str, limit: int, mode: str, free: bool, table: dict, seed: int) -> list[Item]:
    """Up to `limit` items per dataset, drawn without replacement; four options, or all where there are fewer."""
    items = []
    for at, (name, part) in enumerate(parts.items()):
        rng = np.random.default_rng([seed, at])
        labels, held = table[name]["labels"], part[split]
        for i in sorted(rng.permutation(len(held.labels))[:limit].tolist()):
            truth = int(held.labels[i])
            options, place = prompts.draw_options(labels, truth, min(4, len(labels)), rng)
            question = Question(table[name]["question"], None if free else options, mode)
            answer = generate.normalise_answer(labels[truth]) if free else LETTERS[place]
            items.append(Item(name, i, truth, held.images[i], question, answer))
    return items


def to_prompt(item: Item, tokenizer: Tokenizer) -> Prompt:
    """Token ids of an item's prompt."""
    text = prompts.expand(prompts.chat(prompts.user_prompt(item.question)))
    return Prompt(tokenizer.encode(text).ids, item.image)


def answers(
    model: TinyVlm, tokenizer: Tokenizer, items: list[Item], count: int, temperature: float, seed: int
) -> list[list[str | None]]:
    """Parsed answers, `count` per item."""
    end = tokenizer.token_to_id(prompts.END)
    asked = [to_prompt(item, tokenizer) for item in items]
    drawn = generate.sample(model, asked, count, temperature, end, seed)
    return [
        [
            generate.parse_answer(tokenizer.decode(ids, skip_special_tokens=False), len(item.question.options or []))
            for ids in rows
        ]
        for item, rows in zip(items, drawn)
    ]


def pass_at_k(n: int, c: int, k: int) -> float:
    """Unbiased Pass@k (Chen et al. 2021)."""
    if n - c < k:
        return 1.0
    return 1.0 - float(np.prod(1.0 - k / np.arange(n - c + 1, n + 1)))


def entropy(values: list) -> float:
    """Plug-in entropy in nats."""
    shares = np.array(list(Counter(values).values())) / len(values)
    return float(-(shares * np.log(shares)).sum())


def item_figures(item: Item, greedy: list, sampled: list) -> dict[str, float]:
    """Every figure of one item."""
    n, c = len(sampled), sum(answer == item.answer for answer in sampled)
    return {
        "A": float(greedy[0] == item.answer),
        **{f"S{k}": pass_at_k(n, c, k) for k in KS if k <= n},
        "entropy": entropy(sampled),
        "failures": float(all(answer is None for answer in sampled)),
        "unparsed": sampled.count(None) / n,
    }


def interval(values: np.ndarray, seed: int) -> list[float]:
    """95 % bootstrap interval of the mean."""
    rng = np.random.default_rng(seed)
    means = values[rng.integers(len(values), size=(RESAMPLES, len(values)))].mean(1)
    return [float(np.quantile(means, 0.025)), float(np.quantile(means, 0.975))]


def summarise(items: list[Item], figures: list[dict], seed: int) -> dict:
    """{dataset or "pooled": {"n": items, figure: [mean, low, high]}}."""
    result = {}
    names = list(dict.fromkeys(item.dataset for item in items))
    for name in [*names, "pooled"]:
        rows = [f for item, f in zip(items, figures) if name in (item.dataset, "pooled")]
        result[name] = {"n": len(rows)}
        for key in rows[0]:
            values = np.array([row[key] for row in rows])
            result[name][key] = [round(float(values.mean()), 4), *(round(v, 4) for v in interval(values, seed))]
    return result


def measure(model: TinyVlm, tokenizer: Tokenizer, items: list[Item], count: int, seed: int) -> dict:
    """Greedy and sampled (temperature 1) figures over items."""
    greedy = answers(model, tokenizer, items, 1, 0.0, seed)
    sampled = answers(model, tokenizer, items, count, 1.0, seed)
    return summarise(items, [item_figures(*row) for row in zip(items, greedy, sampled)], seed)


def quick(model: TinyVlm, tokenizer: Tokenizer, parts: dict, config: dict, table: dict) -> dict:
    """The short table of the training log: greedy accuracy and answer entropy, on validation."""
    result: dict = {}
    for label, mode, free in (("options", "think", False), ("free", "think", True)):
        items = make_items(parts, "val", config["sft"]["validationItems"], mode, free, table, config["seed"])
        table_of = measure(model, tokenizer, items, 8, config["seed"])
        result[label] = {name: [row["A"][0], row["entropy"][0]] for name, row in table_of.items()}
    return result


def load_model(out: Path, checkpoint: str, config: dict) -> tuple[TinyVlm, Tokenizer, dict]:
    """The model in eval mode, its tokenizer and the checkpoint's own figures (step, seconds)."""
    tokenizer = Tokenizer.from_file(str(out / "tokenizer.json"))
    model = TinyVlm(config, tokenizer.get_vocab_size(), tokenizer.token_to_id("<image>"))
    state = torch.load(out / checkpoint)
    model.load_state_dict(state["model"])
    return model.eval(), tokenizer, {"step": state["step"], "seconds": state["seconds"]}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--data", type=Path, required=True)
    arguments.add_argument("--out", type=Path, required=True)
    arguments.add_argument("--checkpoint", default="sft.pt")
    arguments.add_argument("--split", choices=["val", "test"], default="val")
    arguments.add_argument("--limit", type=int, default=200, help="items per dataset")
    arguments.add_argument("--count", type=int, default=16, help="samples per item")
    given = arguments.parse_args()
    torch.set_num_threads(2)
    config, table = data.read_config(), data.read_table()
    parts = data.load(given.data, config)
    model, tokenizer, info = load_model(given.out, given.checkpoint, config)
    result: dict = {"checkpoint": given.checkpoint, "split": given.split, **info}
    for label, mode, free in (("optionsThink", "think", False), ("freeThink", "think", True)):
        items = make_items(parts, given.split, given.limit, mode, free, table, config["seed"])
        result[label] = measure(model, tokenizer, items, given.count, config["seed"])
    (given.out / f"{given.split}.json").write_text(json.dumps(result, indent=1) + "\n")
    for label in ("optionsThink", "freeThink"):
        for name, row in result[label].items():
            print(label, name, row["n"], {key: row[key][0] for key in row if key != "n"})


if __name__ == "__main__":
    main()
