"""Figures of measured checkpoints, with intervals, and what a stage did to its parent: the rules of the app's core.

Everything here is arithmetic on the files that `measure` writes; no model is run.
"""

import json
from pathlib import Path

import numpy as np

from .evaluate import KS, RESAMPLES, entropy, pass_at_k

SUPPORT_TARGET = 0.8
FIGURES = ("A", "S1", "S2", "S4", "S8", "S16", "SI", "G16", "entropy", "unique", "majority", "support", "failure", "unparsed")
VERDICTS = ("learned", "sharpened", "widened", "collapsed", "no clear change")
# Who comes from whom, as the app draws it; stages in between are not shipped.
LINEAGE = {
    "tiny-base": None,
    "tiny-sft": "tiny-base",
    "tiny-sft-more": "tiny-sft",
    "tiny-rl": "tiny-sft",
    "tiny-base-rl": "tiny-base",
    "tiny-rl-one": "tiny-sft",
}
Z95 = 1.959963984540054


def read(runs: Path, split: str, name: str) -> dict[tuple, dict]:
    """Measured rows by (kind, dataset, index)."""
    content = json.loads((runs / "measured" / split / f"{name}.json").read_text())
    return {(row["kind"], row["dataset"], row["index"]): row for row in content["rows"]}


def wilson(c: int, n: int) -> tuple[float, float]:
    """95 % Wilson interval of a share."""
    p, z2 = c / n, Z95**2
    centre, half = p + z2 / (2 * n), Z95 * np.sqrt(p * (1 - p) / n + z2 / (4 * n * n))
    return float((centre - half) / (1 + z2 / n)), float((centre + half) / (1 + z2 / n))


def chance(row: dict, k: int) -> float | None:
    """Pass@k of blind guessing; None for free-form."""
    if row["options"] == 0:
        return None
    return 1 - (1 - len(row["right"]) / row["options"]) ** k


def informative_k(row: dict) -> int:
    """The largest power of two at which guessing passes at most 0.8, at least 1; 4 for free-form."""
    if row["options"] == 0:
        return 4
    good = [k for k in KS if chance(row, k) <= SUPPORT_TARGET]
    return max(good, default=1)


def supported(row: dict, answers: list) -> float | None:
    """Supported by the image: the lower bound of P(right) exceeds guessing and what a wrong image gives. None without
    the wrong-image null."""
    if "blind" not in row:
        return None
    c = sum(answer in row["right"] for answer in answers)
    blind = sum(answer in row["right"] for answer in row["blind"]) / len(row["blind"])
    return float(wilson(c, len(answers))[0] > max(blind, chance(row, 1) or 0.0))


def majority_credit(row: dict, answers: list) -> float:
    """Plurality vote, ties share the credit."""
    parsed = [answer for answer in answers if answer is not None]
    if not parsed:
        return 0.0
    values, counts = np.unique(parsed, return_counts=True)
    leaders = values[counts == counts.max()]
    return float(np.mean([leader in row["right"] for leader in leaders]))


def item_figures(row: dict, which: str = "answers") -> dict[str, float]:
    """All figures of one row; which: "answers", or "second" for the A/A null (its greedy answer is the same)."""
    answers = row[which]
    n, c = len(answers), sum(answer in row["right"] for answer in answers)
    figures = {"A": float(row["greedy"] in row["right"])}
    figures |= {f"S{k}": pass_at_k(n, c, k) for k in KS}
    figures["SI"] = pass_at_k(n, c, informative_k(row))
    figures["G16"] = figures["S16"] - figures["A"]
    figures["entropy"] = entropy(answers)
    figures["unique"] = len({answer for answer in answers if answer is not None})
    figures["majority"] = majority_credit(row, answers)
    figures["failure"], figures["unparsed"] = row["failure"], answers.count(None) / n
    support = supported(row, answers)
    figures["support"] = np.nan if support is None else support
    figures["faithful"] = np.nan if row["traceFaithfulness"] is None else row["traceFaithfulness"]
    if "blind" in row:
        figures["blind"] = sum(answer in row["right"] for answer in row["blind"]) / len(row["blind"])
    return figures


class Table:
    """Figures (items,) by name, with the dataset of every item."""

    def __init__(self, rows: list[dict], which: str = "answers"):
        self.datasets = np.array([row["dataset"] for row in rows])
        each = [item_figures(row, which) for row in rows]
        self.values = {name: np.array([row[name] for row in each], float) for name in each[0]}
        if rows[0]["options"]:
            self.values["chance1"] = np.array([chance(row, 1) for row in rows])
            self.values["chance16"] = np.array([chance(row, 16) for row in rows])

    def names(self) -> list[str]:
        """Datasets in order of appearance."""
        return list(dict.fromkeys(self.datasets))


def resamples(datasets: np.ndarray, seed: int = 0) -> np.ndarray:
    """Item positions (RESAMPLES, items), drawn inside every dataset."""
    rng = np.random.default_rng(seed)
    columns = []
    for name in dict.fromkeys(datasets):
        at = np.flatnonzero(datasets == name)
        columns.append(at[rng.integers(len(at), size=(RESAMPLES, len(at)))])
    return np.concatenate(columns, 1)


def mean_interval(values: np.ndarray, draws: np.ndarray) -> list[float]:
    """Mean over items and its 95 % bootstrap interval."""
    means = np.nanmean(values[draws], 1) if not np.isnan(values).all() else np.array([np.nan])
    return [float(np.nanmean(values)) if not np.isnan(values).all() else np.nan, *np.quantile(means, [0.025, 0.975]).tolist()]


def summary(table: Table, names: tuple[str, ...] = FIGURES) -> dict[str, dict[str, list[float]]]:
    """{dataset or "all": {figure: [mean, low, high], "n": [items]}}; "macro" has unweighted means over datasets."""
    result = {}
    for name in [*table.names(), "all"]:
        mine = np.flatnonzero((table.datasets == name) | (name == "all"))
        draws = resamples(table.datasets[mine])
        result[name] = {"n": [len(mine)]}
        for figure in names:
            result[name][figure] = mean_interval(table.values[figure][mine], draws)
    result["macro"] = {
        figure: [float(np.mean([result[name][figure][0] for name in table.names()]))] for figure in names
    }
    return result


def paired(parent: dict, child: dict, kinds: tuple[str, ...]) -> tuple[Table, Table]:
    """Both tables on the items that both have, in one order."""
    keys = [key for key in parent if key in child and key[0] in kinds]
    return Table([parent[key] for key in keys]), Table([child[key] for key in keys])


def changes(parent: Table, child: Table, names: tuple[str, ...] = FIGURES) -> dict[str, list[float]]:
    """Mean paired difference child − parent and its interval, per figure, over all items."""
    draws = resamples(parent.datasets)
    return {name: mean_interval(child.values[name] - parent.values[name], draws) for name in names}


def verdict(change: dict[str, list[float]]) -> str:
    """What happened, from intervals only; the first that holds.

    support up: more items supported by the image and S up at the informative k, so that mere sharpening, which lifts the
    bound of P(right) too, does not count. learned: A and support up; sharpened: A up and entropy down; widened: support
    up; collapsed: entropy and G_16 down while A is not up.
    """

    def up(name: str) -> bool:
        return change[name][1] > 0

    def down(name: str) -> bool:
        return change[name][2] < 0

    wider = up("support") and up("SI")
    if up("A") and wider:
        return "learned"
    if up("A") and down("entropy"):
        return "sharpened"
    if wider:
        return "widened"
    if down("entropy") and down("G16") and change["A"][0] <= 0:
        return "collapsed"
    return "no clear change"
