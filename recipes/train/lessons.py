"""Write the lesson on the family from what the app's own engine answered on every image of the gallery.

npm run sample-set -- --checkpoint tiny-base --kind free-form --items gallery --k 16 --seed 7 --mode think --out F.jsonl
python -m recipes.train.lessons --samples FOLDER --to src/data/lessons/family.json

FOLDER holds one such file per checkpoint, <checkpoint>.jsonl. A claim is decided on every image by the functions below;
the example is chosen by the step's rule (`choose`, in words `example`) among the images where the claim holds. Most rules
take the one where it is plainest, so an example is no estimate of anything: the counts are.
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


Rows = dict[Key, list[Seen]]


def first_of(plainness: Callable[..., object]) -> Callable[[Rows], Key]:
    """The image where that is largest; of several the first."""
    return lambda rows: max(rows, key=lambda key: plainness(*rows[key]))


def middle_of(count: Callable[..., int]) -> Callable[[Rows], Key]:
    """The first image where that is the median of all (of an even number of images the lower one of the two in the middle)."""

    def choose(rows: Rows) -> Key:
        counts = sorted(count(*seen) for seen in rows.values())
        median = counts[(len(counts) - 1) // 2]
        return next(key for key, seen in rows.items() if count(*seen) == median)

    return choose


# checkpoints; rule and what it asks for in words (claim); choice of the example and that in words; what else is counted for
# the sentence; sentence, and what to look at
STEPS: list[dict] = [
    {
        "id": "broad-base",
        "title": "A broad base",
        "checkpoints": ["tiny-base"],
        "rule": weak,
        "claim": "the greedy answer is wrong, and so are most of the sixteen",
        "choose": first_of(lambda base: base.entropy),
        "example": "of these images the one whose answers have the highest entropy",
        "counts": {"right": lambda base: base.greedy_right},
        "sentence": "The base has learned the form of an answer, the names and the kind of picture; of its training images only "
        "about two in a hundred told it the class. Its sixteen answers to an image are {unique:.1f} different ones on average. On "
        "{right} of {of} images its greedy answer is right.",
        "look": "How many different names come, and how short the bar of the right one is.",
    },
    {
        "id": "sft-widens",
        "title": "SFT brings the right answer in",
        "checkpoints": ["tiny-base", "tiny-sft"],
        "rule": widened,
        "claim": "clearly more of the sixteen answers are right after SFT (95 % intervals apart)",
        "choose": middle_of(lambda base, sft: sft.c),
        "example": "of these images the first with the median number of right answers after SFT",
        "counts": {
            "new": lambda base, sft: base.c == 0 < sft.c,
            "fewer": lambda base, sft: sft.unique < base.unique,
            "reverse": narrowed,
        },
        "sentence": "Fine-tuning on labelled traces puts the right name into the distribution: on {new} of {of} images it comes "
        "among the sixteen where the base never gave it. The answers do not become more varied: on {fewer} images fewer different "
        "ones come. The reverse, clearly fewer right answers than the base, happens on {reverse}.",
        "look": "The bar of the right name before and after SFT, and which wrong names still stand beside it.",
    },
    {
        "id": "rl-sharpens",
        "title": "RL sharpens",
        "checkpoints": ["tiny-sft", "tiny-rl"],
        "rule": sharpened,
        "claim": "after RL the sixteen answers agree more (lower entropy), and more of them are right",
        "choose": first_of(lambda sft, rl: (sft.n / 4 < sft.c < sft.n * 5 / 8 and rl.greedy_right, rl.c - sft.c)),
        "example": "of these images the one with the most right answers gained, among those where a quarter to five eighths were "
        "right before and the greedy answer is right after",
        "counts": {"reverse": sharpened_wrongly, "lost": lambda sft, rl: rl.c == 0 < sft.c, "new": lambda sft, rl: sft.c == 0 < rl.c},
        "sentence": "RL rewards what the model already says sometimes: the answers agree more. It sharpens errors as well: on "
        "{reverse} of {of} images the answers agree more and fewer are right. Here it does little that a lower temperature of "
        "tiny-sft would not do, and on {lost} images the right name, which tiny-sft gave, no longer comes (on {new} it is new).",
        "look": "The longest bar before and after RL, and which bars are gone.",
    },
    {
        "id": "rl-without-support",
        "title": "RL without support",
        "checkpoints": ["tiny-base", "tiny-base-rl"],
        "rule": unsupported,
        "claim": "after RL the greedy answer is wrong, and of the sixteen no more are right than before, when it was fewer than half",
        "choose": first_of(lambda base, rl: (base.c <= 1, base.entropy - rl.entropy)),
        "example": "of these images the one where entropy falls most, among those where the base was right once at most",
        "counts": {"agree": lambda base, rl: rl.entropy < base.entropy, "rescued": rescued},
        "sentence": "The same RL on the base: where the right name is hardly ever said there is nothing to reward. The answers agree "
        "more all the same, on {agree} of {of} images; a wrong greedy answer became a right one on {rescued}.",
        "look": "The longest bar after RL: in the example nearly all answers agree on one name, and it is wrong.",
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
    counts = {name: sum(bool(rule(*rows(key))) for key in keys) for name, rule in step["counts"].items()}
    unique = sum(seen[step["checkpoints"][0]][key].unique for key in keys) / len(keys)
    chosen = step["choose"]({key: rows(key) for key in holding})

    def named(some: list[Key]) -> list[dict]:
        return [{"dataset": dataset, "index": index} for dataset, index in some]

    return {
        "id": step["id"],
        "title": step["title"],
        "sentence": step["sentence"].format(of=len(keys), unique=unique, **counts),
        "look": step["look"],
        "claim": step["claim"],
        "example": step["example"],
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
