"""What RL rewards. A term is a plain function of one group of completions; add yours to TERMS and name it, with
its weight, under "rewards" in a stage's config.

A group is G completions of one prompt. Every term returns G numbers.
"""

import re
from dataclasses import dataclass

import numpy as np

from .prompts import Asked

# The released code's format rule: a thought, then an answer, nothing else.
FORMAT = re.compile(r"<think>.*?</think>\s*<answer>.*?</answer>", re.S)


@dataclass
class Group:
    """texts and parsed answers of G completions to one question.

    answer_likelihood: (G,) geometric mean probability of the answer's tokens under the slowly following reference
    model, given the completion's own trace; 0 where there is no answer.
    """

    asked: Asked
    texts: list[str]
    answers: list[str | None]
    answer_likelihood: np.ndarray
    settings: dict


def accuracy(group: Group) -> np.ndarray:
    """1 for a right answer."""
    return np.array([float(answer in group.asked.right) for answer in group.answers])


def format_kept(group: Group) -> np.ndarray:
    """1 for a completion of the asked form."""
    return np.array([float(FORMAT.fullmatch(text) is not None) for text in group.texts])


def consistency(group: Group) -> np.ndarray:
    """The bonus of GRPO-CARE (arXiv 2506.16141): 1 for right answers that the reference model finds at least about as
    likely after their trace as it finds the group's right answers on average."""
    right = accuracy(group)
    good = (right > 0) & (right >= right.mean())
    if not good.any():
        return np.zeros(len(right))
    likelihood = np.minimum(group.answer_likelihood, group.settings["upperBound"])
    return right * (good & (likelihood >= likelihood[good].mean() - group.settings["margin"]))


TERMS = {"accuracy": accuracy, "format": format_kept, "consistency": consistency}


def total(group: Group, weights: dict[str, float]) -> tuple[np.ndarray, dict[str, float]]:
    """Weighted sum of the terms (G,), and the mean of every term."""
    values = {name: TERMS[name](group) for name in weights}
    summed = sum(weights[name] * value for name, value in values.items())
    return summed, {name: float(value.mean()) for name, value in values.items()}


def advantages(rewards: np.ndarray) -> np.ndarray:
    """Rewards (G,) against their group: (r − mean) / (std + 1e-4), std with G − 1."""
    return (rewards - rewards.mean()) / (rewards.std(ddof=1) + 1e-4)
