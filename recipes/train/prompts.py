"""Prompts and completions as text. The wording comes from the app's own JSON files."""

import json
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


def trace_text(words: list[str], truth: str, other: str) -> str:
    """Observations, then the comparison of two candidates."""
    return f"{', '.join(words)}; {truth}, not {other}"


def draw_options(
    labels: list[str], truth: int, count: int, rng: np.random.Generator
) -> tuple[list[str], int]:
    """`count` shuffled options with the truth among them, and the truth's place."""
    others = [i for i in range(len(labels)) if i != truth]
    chosen = [truth, *rng.choice(others, count - 1, replace=False)]
    order = rng.permutation(chosen)
    return [labels[i] for i in order], int(np.flatnonzero(order == truth)[0])
