"""Run one stage of the family.

python -m recipes.train.stage --data DIR --runs DIR --stage tiny-base [--seed 2] [--on bloodmnist]

A stage is a file in configs/ (or the path of one). Results go to RUNS/<stage>/, to RUNS/<stage>-seed<N>/ with --seed,
to RUNS/<stage>-<dataset>/ with --on.
"""

import argparse
from pathlib import Path

from . import align, data, grpo, observations, rl_set, sft, tokenizer, tower

TRAINERS = {"tower": tower.train, "align": align.train, "sft": sft.train, "rl-set": rl_set.build, "grpo": grpo.train}


def prepare(folder: Path, runs: Path) -> None:
    """What all stages share: splits, thresholds of the observations, the tokenizer."""
    config, table = data.read_config(), data.read_table()
    data.write_splits(folder, config)
    if not observations.FILE.exists():
        observations.write(data.load(folder, config))
    if not (runs / "tokenizer.json").exists():
        built = tokenizer.build(config, table)
        tokenizer.self_check(built, table)
        built.save(str(runs / "tokenizer.json"))


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--data", type=Path, required=True, help="folder with the MedMNIST .npz files")
    arguments.add_argument("--runs", type=Path, required=True, help="folder for everything that training writes")
    arguments.add_argument("--stage", required=True)
    arguments.add_argument("--seed", type=int, help="another training seed than the config's")
    arguments.add_argument("--on", choices=list(data.read_config()["datasets"]), help="RL on this dataset only")
    given = arguments.parse_args()
    config = data.read_config(given.stage)
    if given.on is not None:
        config = {**config, "on": [given.on], "id": f"{config['id']}-{given.on}"}
    if given.seed is not None:
        config = {**config, "seed": given.seed, "id": f"{config['id']}-seed{given.seed}"}
    (given.runs / config["id"]).mkdir(parents=True, exist_ok=True)
    prepare(given.data, given.runs)
    TRAINERS[config["kind"]](given.data, given.runs, config)


if __name__ == "__main__":
    main()
