"""Prompts and completions as text. The wording comes from the app's own JSON files."""

import json
import re
from dataclasses import dataclass

import numpy as np

from .data import REPOSITORY
from .model import VISUAL_TOKENS

WORDING = json.loads((REPOSITORY / "src/data/prompts.json").read_text())
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
IMAGE = "<image>"
END = "<end_of_utterance>"
EXPANDED_IMAGE = (
    "<fake_token_around_image><global-img>" + IMAGE * VISUAL_TOKENS + "<fake_token_around_image>"
)
CHAT_TEMPLATE = (
    "<|im_start|>{% for message in messages %}{{ message['role'] | capitalize }}"
    "{% if message['content'] is string %}{{ ': ' + message['content'] }}{% else %}"
    "{% if message['content'][0]['type'] == 'image' %}{{ ':' }}{% else %}{{ ': ' }}{% endif %}"
    "{% for line in message['content'] %}{% if line['type'] == 'text' %}{{ line['text'] }}"
    "{% elif line['type'] == 'image' %}{{ '<image>' }}{% endif %}{% endfor %}{% endif %}"
    "<end_of_utterance>\n{% endfor %}{% if add_generation_prompt %}{{ 'Assistant:' }}{% endif %}"
)


@dataclass
class Question:
    """One asked question. options: None for free-form; mode: "think", "direct" or "hinted"."""

    text: str
    options: list[str] | None
    mode: str
    hint: str = ""


def user_prompt(question: Question) -> str:
    """The user's text, as the app builds it."""
    instructions = WORDING["instructions"]["direct" if question.mode == "direct" else "think"]
    parts = [question.text]
    if question.options is not None:
        lines = [f"{LETTERS[i]}. {option}" for i, option in enumerate(question.options)]
        parts.append("\n".join([WORDING["optionsHeading"], *lines]))
    parts.append(instructions["freeForm" if question.options is None else "options"])
    hint = WORDING["hint"].replace("{hint}", question.hint) if question.mode == "hinted" else ""
    return hint + "\n\n".join(parts)


def chat(user_text: str, with_image: bool = True) -> str:
    """The prompt after the chat template, one `<image>` not yet expanded."""
    opening = f"User:{IMAGE}" if with_image else "User: "
    return f"<|im_start|>{opening}{user_text}{END}\nAssistant:"


def expand(chat_text: str) -> str:
    """The image token expanded as the Idefics3 processor does for one tile."""
    return chat_text.replace(IMAGE, EXPANDED_IMAGE)


def completion(trace: str | None, answer: str) -> str:
    """What the model is to say; no `<think>` where trace is None."""
    thought = "" if trace is None else f"<think>{trace}</think>"
    return f"{thought}<answer>{answer}</answer>{END}"


def draw_options(
    labels: list[str], truth: int, count: int, rng: np.random.Generator
) -> tuple[list[str], int]:
    """`count` shuffled options with the truth among them, and the truth's place."""
    others = [i for i in range(len(labels)) if i != truth]
    chosen = [truth, *rng.choice(others, count - 1, replace=False)]
    order = rng.permutation(chosen)
    return [labels[i] for i in order], int(np.flatnonzero(order == truth)[0])


@dataclass
class Asked:
    """A question about one image of known class.

    right: every answer that counts, as the parser returns it (letters, or the normalised name).
    about: the class that a yes-no question names, else None.
    """

    kind: str
    question: Question
    right: tuple[str, ...]
    truth: str
    about: str | None = None


def letter_of(options: list[str], text: str) -> str:
    """The letter of an option."""
    return LETTERS[options.index(text)]


def ask(
    kind: str, base: str, labels: list[str], truth: int, count: int, rng: np.random.Generator, mode: str, hint: str = ""
) -> Asked:
    """One question of a kind ("options", "yes-no", "not", "free-form") about an image of class `truth`.

    base: the dataset's question; count: options wanted. Wording and rules are those of the app (src/data).
    """
    words, name = WORDING["kinds"], labels[truth]
    if kind == "free-form":
        return Asked(kind, Question(base, None, mode, hint), (normalise_answer(name),), name)
    if kind == "yes-no":
        others = [label for label in labels if label != name]
        about = name if rng.random() < 0.5 else others[int(rng.integers(len(others)))]
        options = [words["yes"], words["no"]][:: 1 if rng.random() < 0.5 else -1]
        text = words["yesNo"].replace("{question}", base).replace("{label}", about)
        right = letter_of(options, words["yes"] if about == name else words["no"])
        return Asked(kind, Question(text, options, mode, hint), (right,), name, about)
    options, place = draw_options(labels, truth, count, rng)
    if kind == "not":
        text = words["not"].replace("{question}", base)
        right = tuple(LETTERS[i] for i in range(len(options)) if i != place)
        return Asked(kind, Question(text, options, mode, hint), right, name)
    return Asked(kind, Question(base, options, mode, hint), (LETTERS[place],), name)


def model_answer(asked: Asked, other: str) -> tuple[str, str]:
    """What the trace says after the observations, and the answer, when the truth was compared with `other`."""
    compared = f"; {asked.truth}, not {other}"
    options = asked.question.options
    if asked.kind == "free-form":
        return compared, asked.truth
    if asked.kind == "yes-no":
        word = WORDING["kinds"]["yes" if asked.about == asked.truth else "no"]
        return f"{compared}: {word}", letter_of(options, word)
    return compared, letter_of(options, other if asked.kind == "not" else asked.truth)


def normalise_answer(text: str) -> str:
    """Lower case, folded blanks, trimmed punctuation."""
    return re.sub(r"\s+", " ", text.lower()).strip(" .,;:!?\"'()[]")
