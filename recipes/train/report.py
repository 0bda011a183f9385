"""The family's tables on test, for docs/measurements: stages, pairs, controls, nulls and transfer.

python -m recipes.train.report --runs DIR --to docs/measurements/family-tables.md

Reads RUNS/measured/test. Runs of a stage with several training seeds are RUNS/<stage>-seed<N>.
"""

import argparse
from pathlib import Path

import numpy as np

from . import compare, data
from .card import cell
from .compare import LINEAGE, Table

MEMBERS = tuple(LINEAGE)
KINDS = ("free-form", "options", "yes-no", "not")
HEADLINE = ("free-form", "options")
STAGE_COLUMNS = ("A", "S1", "S4", "SI", "S16", "G16", "entropy", "support", "faithful")
HEADS = {
    "A": "A",
    "S1": "S_1",
    "S4": "S_4",
    "SI": "S at informative k",
    "S16": "S_16",
    "G16": "G_16",
    "entropy": "entropy",
    "support": "image support",
    "faithful": "true observations",
    "unparsed": "unparsed",
}
CHANGES = ("A", "S1", "S4", "SI", "S16", "G16", "entropy", "support")
COOLED = (0.8, 0.6)


def markdown(heads: list[str], rows: list[list[str]]) -> str:
    """A table."""
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])


def of_kind(measured: dict, kind: str) -> list[dict]:
    """The rows of a kind of question."""
    return [row for row in measured.values() if row["kind"] == kind]


def stage_tables(members: dict, table: dict) -> str:
    """Per kind: every member on every dataset."""
    parts = []
    for kind in KINDS:
        rows = []
        for name, measured in members.items():
            if not of_kind(measured, kind):
                continue
            summary = compare.summary(Table(of_kind(measured, kind)), STAGE_COLUMNS)
            for dataset, row in summary.items():
                if kind not in HEADLINE and dataset not in ("all", "macro"):
                    continue
                title = table[dataset]["name"] if dataset in table else {"all": "all items", "macro": "mean of datasets"}[dataset]
                rows.append([name, title, str(row.get("n", ["–"])[0]), *(cell(row[key]) for key in STAGE_COLUMNS)])
        heads = ["checkpoint", "dataset", "items", *(HEADS[key] for key in STAGE_COLUMNS)]
        parts.append(f"### {kind}\n\n{markdown(heads, rows)}")
    return "\n\n".join(parts)


def seeds_of(runs: Path, stage: str) -> list[str]:
    """Measured runs of a stage, one per training seed."""
    found = sorted(path.stem for path in (runs / "measured/test").glob(f"{stage}-seed*.json") if "-t0" not in path.stem)
    return found or [stage]


def pair_rows(runs: Path, parent: str, stage: str, kind: str) -> list[list[str]]:
    """One row per training seed of the child, then mean and standard deviation over seeds."""
    before, rows, means = compare.read(runs, "test", parent), [], []
    for name in seeds_of(runs, stage):
        if not of_kind(compare.read(runs, "test", name), kind):
            continue
        change = compare.changes(*compare.paired(before, compare.read(runs, "test", name), (kind,)))
        means.append([change[key][0] for key in CHANGES])
        rows.append([f"{parent} → {name}", kind, *(cell(change[key]) for key in CHANGES), compare.verdict(change)])
    if len(means) > 1:
        spread = [
            "–" if np.isnan(m) else f"{m:+.3f} ± {s:.3f}" for m, s in zip(np.mean(means, 0), np.std(means, 0, ddof=1))
        ]
        rows.append([f"{parent} → {stage}, {len(means)} seeds, mean ± sd", kind, *spread, ""])
    return rows


def null_row(runs: Path, name: str, kind: str) -> list[str]:
    """A checkpoint against itself under another sampling seed."""
    rows = of_kind(compare.read(runs, "test", name), kind)
    change = compare.changes(Table(rows), Table(rows, "second"))
    return [f"{name}, second seed (A/A)", kind, *(cell(change[key]) for key in CHANGES), compare.verdict(change)]


def pair_tables(runs: Path, pairs: list[tuple[str, str]]) -> str:
    """What every stage did to its parent, and the A/A null."""
    heads = ["pair", "questions", *("Δ" + HEADS[key] for key in CHANGES), "verdict"]
    parts = []
    for parent, child in pairs:
        rows = []
        for kind in KINDS:
            of_child = pair_rows(runs, parent, child, kind)
            rows += [*of_child, null_row(runs, parent, kind)] if of_child else []
        parts.append(f"### {parent} → {child}\n\n{markdown(heads, rows)}")
    return "\n\n".join(parts)


def per_dataset(runs: Path, pairs: list[tuple[str, str]], table: dict) -> str:
    """The headline changes per dataset."""
    keys = ("A", "S4", "SI", "G16", "entropy", "support")
    rows = []
    for parent, child in pairs:
        before, after = compare.read(runs, "test", parent), compare.read(runs, "test", child)
        for kind in HEADLINE:
            for name in dict.fromkeys(key[1] for key in before):
                mine = {key: row for key, row in before.items() if key[1] == name}
                change = compare.changes(*compare.paired(mine, after, (kind,)))
                cells = [cell(change[key]) for key in keys]
                rows.append([f"{parent} → {child}", kind, table[name]["name"], *cells, compare.verdict(change)])
    return markdown(["pair", "questions", "dataset", *("Δ" + HEADS[key] for key in keys), "verdict"], rows)


def cooled(runs: Path, parent: str, kind: str, target: float) -> tuple[float, float, float]:
    """Temperature at which the parent's mean entropy is `target`, its S_1 and S_16 there, by linear interpolation; NaN
    where the parent was measured at temperature 1 only."""
    points = []
    for t in (1.0, *COOLED):
        name = parent if t == 1.0 else f"{parent}-t{t}"
        if not (runs / "measured/test" / f"{name}.json").exists():
            return np.nan, np.nan, np.nan
        values = Table(of_kind(compare.read(runs, "test", name), kind)).values
        points.append((values["entropy"].mean(), t, values["S1"].mean(), values["S16"].mean()))
    points.sort()
    entropies, *others = zip(*points)
    return tuple(float(np.interp(target, entropies, column)) for column in others)


def control_table(runs: Path, pairs: list[tuple[str, str]]) -> str:
    """A child beside what its parent gives without training: its majority vote, and itself cooled to the same entropy."""
    rows = []
    for parent, child in pairs:
        before = compare.read(runs, "test", parent)
        for kind in HEADLINE:
            plain = Table(of_kind(before, kind)).values
            for name in seeds_of(runs, child):
                after = Table(of_kind(compare.read(runs, "test", name), kind)).values
                t, s1, s16 = cooled(runs, parent, kind, after["entropy"].mean())
                rows.append(
                    [
                        f"{parent} → {name}",
                        kind,
                        f"{after['A'].mean():.3f}",
                        f"{plain['A'].mean():.3f}",
                        f"{plain['majority'].mean():.3f}",
                        f"{after['entropy'].mean():.3f}",
                        # The parent was not measured colder: its figures are those at the lowest temperature.
                        f"below {t:.1f}" if t == min(COOLED) else cell([t]),
                        f"{after['S1'].mean():.3f}",
                        cell([s1]),
                        f"{after['S16'].mean():.3f}",
                        cell([s16]),
                    ]
                )
    heads = ["pair", "questions", "child A", "parent A", "parent majority of 16", "child entropy", "parent cooled to it: T"]
    return markdown([*heads, "child S_1", "cooled parent S_1", "child S_16", "cooled parent S_16"], rows)


def blind_table(members: dict) -> str:
    """What the prompt and the prior give when the image is a wrong one."""
    rows = []
    for name, measured in members.items():
        for kind in HEADLINE:
            mine = of_kind(measured, kind)
            if "blind" not in mine[0]:
                continue
            swapped = [{**row, "answers": row["blind"]} for row in mine]
            seen, unseen = Table(mine).values, Table(swapped).values
            rows.append([name, kind, *(f"{v[k].mean():.3f}" for k in ("S1", "S4", "S16") for v in (seen, unseen))])
    heads = [f"{k}, {which}" for k in ("S_1", "S_4", "S_16") for which in ("its image", "wrong images")]
    return markdown(["checkpoint", "questions", *heads], rows)


def transfer_table(runs: Path, parent: str, table: dict) -> str:
    """Rows: the modality RL was run on, of those measured; columns: the modality tested; both headline kinds together."""
    before, parts = compare.read(runs, "test", parent), []
    names = list(dict.fromkeys(key[1] for key in before))
    measured = {path.stem.removeprefix("tiny-rl-one-") for path in (runs / "measured/test").glob("tiny-rl-one-*.json")}
    for figure in ("A", "S4", "entropy"):
        rows = []
        for trained in (name for name in names if name in measured):
            after = compare.read(runs, "test", f"tiny-rl-one-{trained}")
            cells = []
            for tested in names:
                mine = {key: row for key, row in before.items() if key[1] == tested}
                cells.append(cell(compare.changes(*compare.paired(mine, after, HEADLINE), (figure,))[figure]))
            rows.append([table[trained]["name"], *cells])
        heads = ["RL on ↓, tested on →", *(table[name]["name"] for name in names)]
        parts.append(f"Δ{HEADS[figure]}\n\n{markdown(heads, rows)}")
    return "\n\n".join(parts)


def report(runs: Path) -> str:
    """The whole page."""
    table = data.read_table()
    members = {name: compare.read(runs, "test", name) for name in MEMBERS}
    pairs = [(parent, name) for name, parent in LINEAGE.items() if parent]
    rl = [("tiny-sft", "tiny-rl"), ("tiny-base", "tiny-base-rl")]
    return f"""# The family on test: tables

Made by `python -m recipes.train.report`; the reading of them is in `family.md`. PyTorch, fp32, prompt with a trace,
K = 16 at temperature 1 without filters; intervals: 95 %, 2,000 bootstrap resamples of items inside every dataset, of one
trained checkpoint. Informative k: the largest power of two at which guessing passes at most 0.8 (4 for free-form). Image
support: share of items whose lower 95 % bound of P(right) exceeds guessing and what four wrong images give.

## Checkpoints

{stage_tables(members, table)}

## What each stage did to its parent

Paired over the same items. Verdicts by intervals only (`recipes/train/compare.py`).

{pair_tables(runs, pairs)}

## Per dataset, shipped checkpoints

{per_dataset(runs, pairs, table)}

## Controls of RL

{control_table(runs, rl)}

## Wrong images

{blind_table(members)}

## Transfer: RL on one modality, from tiny-sft, one training seed each

{transfer_table(runs, "tiny-sft", table)}
"""


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--runs", type=Path, required=True)
    arguments.add_argument("--to", type=Path, required=True)
    given = arguments.parse_args()
    given.to.write_text(report(given.runs))


if __name__ == "__main__":
    main()
