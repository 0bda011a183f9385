"""Of a stage's runs with several training seeds, take the one with the median validation accuracy as the stage itself.

python -m recipes.train.pick --runs DIR --stage tiny-rl

Accuracy: greedy, mean of free-form and multiple choice, the last row of each run's log.jsonl. Copies RUNS/<stage>-seed<N>
to RUNS/<stage> and prints all.
"""

import argparse
import json
import shutil
from pathlib import Path


def validation_accuracy(run: Path) -> float:
    """Greedy accuracy after the last step."""
    rows = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
    last = [row["val"] for row in rows if "val" in row][-1]
    return (last["free-form"]["all"][0] + last["options"]["all"][0]) / 2


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--runs", type=Path, required=True)
    arguments.add_argument("--stage", required=True)
    given = arguments.parse_args()
    found = sorted((validation_accuracy(run), run.name) for run in given.runs.glob(f"{given.stage}-seed*"))
    print(found)
    chosen = found[(len(found) - 1) // 2][1]
    shutil.copytree(given.runs / chosen, given.runs / given.stage, dirs_exist_ok=True)
    (given.runs / given.stage / "shipped.json").write_text(json.dumps({"run": chosen, "validation": found}) + "\n")
    print(chosen)


if __name__ == "__main__":
    main()
