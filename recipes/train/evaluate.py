"""Asking a checkpoint questions and measuring the answers: the figures of docs and cards.

Names as in the app's core: A greedy accuracy, S_k unbiased Pass@k, G_k = S_k − A, entropy in nats.
"""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer

from . import data, generate, observations, prompts
from .generate import Prompt
from .model import TinyVlm
from .prompts import Asked

KS = (1, 2, 4, 8, 16)
RESAMPLES = 2000
QUICK_SAMPLES = 4
KINDS = ("options", "free-form", "yes-no", "not")


@dataclass
class Item:
    """One asked question. index: position in the split; image: (28, 28, 3) uint8; label: class index."""

    dataset: str
    index: int
    label: int
    image: np.ndarray
    asked: Asked


@dataclass
class Answers:
    """texts and parsed answers of one item: greedy and samples."""

    greedy: str | None
    greedy_text: str
    samples: list[str | None]
    texts: list[str]


def make_items(
    parts: dict, split: str, limit: int, kind: str, mode: str, table: dict, config: dict, seed: int | None = None
) -> list[Item]:
    """Up to `limit` items per dataset, drawn without replacement; the draw of images is the same for all kinds."""
    items, base = [], config["evaluation"]["seed"] if seed is None else seed
    for at, (name, part) in enumerate(parts.items()):
        held, row = part[split], table[name]
        chosen = sorted(np.random.default_rng([base, at]).permutation(len(held.labels))[:limit].tolist())
        for i in chosen:
            rng = np.random.default_rng([base, at, i, KINDS.index(kind)])
            truth, count = int(held.labels[i]), min(config["questions"]["optionCount"], len(row["labels"]))
            asked = prompts.ask(kind, row["question"], row["labels"], truth, count, rng, mode)
            items.append(Item(name, i, truth, held.images[i], asked))
    return items


def to_prompt(item: Item, tokenizer: Tokenizer, image: np.ndarray | None = None) -> Prompt:
    """Token ids of an item's prompt, with its image or another one."""
    text = prompts.expand(prompts.chat(prompts.user_prompt(item.asked.question)))
    return Prompt(tokenizer.encode(text).ids, item.image if image is None else image)


def parse(text: str, item: Item) -> str | None:
    """The answer in a completion's text."""
    return generate.parse_answer(text, len(item.asked.question.options or []))


def texts(
    model: TinyVlm, tokenizer: Tokenizer, asked: list[Prompt], count: int, temperature: float, seed: int
) -> list[list[str]]:
    """Completions as text, `count` per prompt."""
    drawn = generate.sample(model, asked, count, temperature, tokenizer.token_to_id(prompts.END), seed)
    return [tokenizer.decode_batch(rows, skip_special_tokens=False) for rows in drawn]


def answer(
    model: TinyVlm, tokenizer: Tokenizer, items: list[Item], count: int, seed: int, temperature: float = 1.0
) -> list[Answers]:
    """The greedy answer and `count` samples of every item."""
    asked = [to_prompt(item, tokenizer) for item in items]
    greedy = texts(model, tokenizer, asked, 1, 0.0, seed)
    sampled = texts(model, tokenizer, asked, count, temperature, seed)
    return [
        Answers(parse(first[0], item), first[0], [parse(text, item) for text in rows], rows)
        for item, first, rows in zip(items, greedy, sampled)
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


def faithful_share(item: Item, all_texts: list[str], truth: list[str]) -> float:
    """Share of the observations in the traces that are true of the pixels; NaN where no trace has one."""
    said = [word for text in all_texts for word in observations.said_in(text)]
    return sum(word in truth for word in said) / len(said) if said else float("nan")


def item_figures(item: Item, answers: Answers, truth: list[str]) -> dict[str, float]:
    """Figures of one item that its texts are needed for, and those of the training log. truth: the observations that hold for its image."""
    n, right = len(answers.samples), item.asked.right
    c = sum(answer in right for answer in answers.samples)
    row = {"A": float(answers.greedy in right)}
    row |= {f"S{k}": pass_at_k(n, c, k) for k in KS if k <= n}
    return row | {
        "entropy": entropy(answers.samples),
        "failures": float(all("<answer>" not in text for text in answers.texts)),
        "traceFaithfulness": faithful_share(item, answers.texts, truth),
    }


def figures(items: list[Item], answers: list[Answers], table: dict) -> list[dict[str, float]]:
    """Figures of all items."""
    thresholds = observations.read_thresholds()
    return [
        item_figures(
            item, row, observations.observe(item.image, item.dataset, table[item.dataset]["channels"], thresholds)
        )
        for item, row in zip(items, answers)
    ]


def quick(model: TinyVlm, tokenizer: Tokenizer, parts: dict, config: dict, table: dict) -> dict:
    """The short table of the training log, on validation: {kind: {dataset: [A, S_1, S_4, entropy]}}."""
    result: dict = {}
    for kind in KINDS:
        items = make_items(parts, "val", config["validationItems"], kind, "think", table, config)
        rows = figures(items, answer(model, tokenizer, items, QUICK_SAMPLES, config["evaluation"]["seed"]), table)
        result[kind] = {}
        for name in [*parts, "all"]:
            mine = [row for item, row in zip(items, rows) if name in (item.dataset, "all")]
            result[kind][name] = [round(float(np.mean([row[key] for row in mine])), 3) for key in ("A", "S1", "S4", "entropy")]
        result[kind]["faithful"] = round(float(np.nanmean([row["traceFaithfulness"] for row in rows])), 3)
    return result


def load_model(runs: Path, name: str, config: dict) -> tuple[TinyVlm, Tokenizer, dict]:
    """A trained checkpoint in eval mode, its tokenizer and its own figures (step, seconds).

    name: a stage ("tiny-sft": its final.pt) or a file under RUNS ("tiny-sft/step-400.pt").
    """
    tokenizer = Tokenizer.from_file(str(runs / "tokenizer.json"))
    model = TinyVlm(config, tokenizer.get_vocab_size(), tokenizer.token_to_id("<image>"))
    state = torch.load(runs / (name if name.endswith(".pt") else f"{name}/final.pt"), weights_only=False)
    model.load_state_dict(state["model"])
    model.to(memory_format=torch.channels_last)
    return model.eval(), tokenizer, {"step": state["step"], "seconds": state["seconds"]}
