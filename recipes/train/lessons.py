"""Write the lesson on the family from what the app's own engine answered on every image of the gallery.

npm run sample-set -- --checkpoint tiny-base --kind free-form --items gallery --k 16 --seed 7 --mode think --out F.jsonl
python -m recipes.train.lessons --samples FOLDER --to src/data/lessons/family.json

FOLDER holds one such file per checkpoint, <checkpoint>.jsonl. A claim is decided on every image by the functions below;
the chosen example is the one where the claim is plainest (`plain`), so it is no estimate of anything: the counts are.
"""

import argparse
import json
from pathlib import Path
from typing import Callable

from .compare import wilson
from .evaluate import entropy
from .prompts import normalise_answer

K, SEED = 16, 7
Key = tuple[str, int]


class Seen:
    """Answers of one checkpoint to one image: right among n, entropy in nats, different ones, whether the greedy is right."""

    def __init__(self, row: dict):
        right = normalise_answer(row["question"]["referenceAnswer"])
        answers = [sample["answer"] for sample in row["samples"]]
        self.n, self.c = len(answers), sum(answer == right for answer in answers)
        self.entropy, self.unique = entropy(answers), len(set(answers))
        self.greedy_right = row["greedy"]["answer"] == right
        self.low, self.high = wilson(self.c, self.n)


Rule = Callable[..., bool]


def weak(base: Seen) -> bool:
    """The greedy answer is wrong, and most samples are."""
    return not base.greedy_right and base.c < base.n / 2


def widened(base: Seen, sft: Seen) -> bool:
    """Clearly more right answers: the 95 % intervals of both shares do not meet."""
    return sft.low > base.high


def narrowed(base: Seen, sft: Seen) -> bool:
    """The reverse of `widened`."""
    return base.low > sft.high


def sharpened(sft: Seen, rl: Seen) -> bool:
    """The answers agree more, and more of them are right."""
    return rl.entropy < sft.entropy and rl.c > sft.c


def sharpened_wrongly(sft: Seen, rl: Seen) -> bool:
    """The answers agree more, and fewer of them are right."""
    return rl.entropy < sft.entropy and rl.c < sft.c


def unsupported(base: Seen, rl: Seen) -> bool:
    """The greedy answer is still wrong after RL, and no more samples are right than before."""
    return not rl.greedy_right and rl.c <= base.c and base.c < base.n / 2


def rescued(base: Seen, rl: Seen) -> bool:
    """The greedy answer was wrong and is right after RL."""
    return not base.greedy_right and rl.greedy_right


# id, title, checkpoints, rule, how plain it is, the reverse rule, sentence, claim, what the reverse is called
STEPS: list[dict] = [
    {
        "id": "broad-base",
        "title": "A broad base",
        "checkpoints": ["tiny-base"],
        "rule": weak,
        "plain": lambda base: base.entropy,
        "reverse": lambda base: base.greedy_right,
        "sentence": "The base has learned the form of an answer, the names and the kind of picture, and the class of two in a "
        "hundred images. Its sixteen answers to an image are {unique:.1f} different ones on average. On {reverse} of {of} images "
        "its first answer is right.",
        "claim": "The first answer is wrong, and so are most of the sixteen.",
    },
    {
        "id": "sft-widens",
        "title": "SFT widens",
        "checkpoints": ["tiny-base", "tiny-sft"],
        "rule": widened,
        "plain": lambda base, sft: sft.c - base.c + sft.entropy,
        "reverse": narrowed,
        "sentence": "Fine-tuning on labelled traces puts the right name into the distribution. The reverse, clearly fewer "
        "right answers than the base, happens on {reverse} of {of} images.",
        "claim": "Clearly more of the sixteen answers are right after SFT: the intervals of the two shares do not meet.",
    },
    {
        "id": "rl-sharpens",
        "title": "RL sharpens",
        "checkpoints": ["tiny-sft", "tiny-rl"],
        "rule": sharpened,
        "plain": lambda sft, rl: (sft.n / 4 < sft.c < sft.n * 5 / 8 and rl.greedy_right, rl.c - sft.c),
        "reverse": sharpened_wrongly,
        "sentence": "RL rewards what the model already says sometimes: the answers agree more. It sharpens errors as well: on "
        "{reverse} of {of} images the answers agree more and fewer are right.",
        "claim": "After RL the sixteen answers agree more, and more of them are right.",
    },
    {
        "id": "rl-without-support",
        "title": "RL without support",
        "checkpoints": ["tiny-base", "tiny-base-rl"],
        "rule": unsupported,
        "plain": lambda base, rl: (base.c <= 1, base.entropy - rl.entropy),
        "reverse": rescued,
        "sentence": "The same RL on the base: where the right name is hardly ever said there is nothing to reward. RL turned a "
        "wrong first answer into a right one on {reverse} of {of} images.",
        "claim": "After RL the first answer is still wrong, and no more of the sixteen are right than before.",
    },
]


def read(folder: Path, checkpoint: str) -> dict[Key, Seen]:
    """What a checkpoint answered, by image."""
    lines = (folder / f"{checkpoint}.jsonl").read_text().splitlines()
    return {(row["dataset"], row["index"]): Seen(row) for row in map(json.loads, lines)}


def address(step: dict, key: Key) -> str:
    """The place in the app that shows a step on an image."""
    return (
        f"#/explore?dataset={key[0]}&index={key[1]}&checkpoint={','.join(step['checkpoints'])}"
        f"&k={K}&t=1&p=1&seed={SEED}&mode=think&kind=free-form&device=wasm&run=1"
    )


def lesson_step(step: dict, seen: dict[str, dict[Key, Seen]]) -> dict:
    """One step with its counts."""
    keys = list(seen[step["checkpoints"][0]])

    def rows(key: Key) -> list[Seen]:
        return [seen[name][key] for name in step["checkpoints"]]

    holding = [key for key in keys if step["rule"](*rows(key))]
    reverse = sum(bool(step["reverse"](*rows(key))) for key in keys)
    unique = sum(seen[step["checkpoints"][0]][key].unique for key in keys) / len(keys)
    chosen = max(holding, key=lambda key: step["plain"](*rows(key)))

    def named(some: list[Key]) -> list[dict]:
        return [{"dataset": dataset, "index": index} for dataset, index in some]

    return {
        "id": step["id"],
        "title": step["title"],
        "sentence": step["sentence"].format(reverse=reverse, of=len(keys), unique=unique),
        "claim": step["claim"],
        "checkpoints": step["checkpoints"],
        "address": address(step, chosen),
        "holds": len(holding),
        "of": len(keys),
        "items": named(holding),
        "all": named(keys),
    }


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--samples", type=Path, required=True)
    arguments.add_argument("--to", type=Path, required=True)
    given = arguments.parse_args()
    names = sorted({name for step in STEPS for name in step["checkpoints"]})
    seen = {name: read(given.samples, name) for name in names}
    steps = [lesson_step(step, seen) for step in STEPS]
    lesson = {"version": 1, "title": "What SFT and RL do to a distribution", "steps": steps}
    given.to.parent.mkdir(parents=True, exist_ok=True)
    given.to.write_text(json.dumps(lesson, indent=1) + "\n")
    for step in steps:
        print(step["title"], step["holds"], "of", step["of"], step["address"])


if __name__ == "__main__":
    main()
