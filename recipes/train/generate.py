"""Sampling from the PyTorch model, and the parser of its answers."""

import re
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from . import data
from .model import TinyVlm

ROWS_PER_WAVE = 2048


@dataclass
class Prompt:
    """Token ids after image expansion, and the image (28, 28, 3) uint8."""

    ids: list[int]
    image: np.ndarray


@torch.no_grad()
def sample(
    model: TinyVlm, prompts: list[Prompt], count: int, temperature: float, end_id: int, seed: int, max_new: int = 64
) -> list[list[list[int]]]:
    """`count` completions per prompt, without the end token. Temperature 0 is greedy.

    Prompts of one length are run together, so that nothing is padded.
    """
    model.eval()
    generator = torch.Generator().manual_seed(seed)
    result: list[list[list[int]]] = [[] for _ in prompts]
    by_length: dict[int, list[int]] = {}
    for i, prompt in enumerate(prompts):
        by_length.setdefault(len(prompt.ids), []).append(i)
    size = max(1, ROWS_PER_WAVE // count)
    for members in by_length.values():
        for start in range(0, len(members), size):
            wave = members[start : start + size]
            drawn = sample_wave(model, [prompts[i] for i in wave], count, temperature, end_id, generator, max_new)
            for place, i in enumerate(wave):
                result[i] = drawn[place * count : (place + 1) * count]
    return result


def sample_wave(
    model: TinyVlm,
    wave: list[Prompt],
    count: int,
    temperature: float,
    end_id: int,
    generator: torch.Generator,
    max_new: int,
) -> list[list[int]]:
    """Completions of prompts of equal length, `count` rows each, in order."""
    ids = torch.tensor([prompt.ids for prompt in wave])
    pixels = torch.from_numpy(data.normalise(np.stack([prompt.image for prompt in wave])))
    hidden, cache = model.hidden(model.merge(ids, model.encode_image(pixels)))
    last = hidden[:, -1].repeat_interleave(count, 0)
    cache = [(k.repeat_interleave(count, 0), v.repeat_interleave(count, 0)) for k, v in cache]
    rows: list[list[int]] = [[] for _ in range(len(last))]
    live = torch.arange(len(last))
    for _ in range(max_new):
        tokens = draw(model.logits(last), temperature, generator)
        for row, token in zip(live.tolist(), tokens.tolist()):
            if token != end_id:
                rows[row].append(token)
        keep = tokens != end_id
        if not keep.any():
            break
        live, tokens = live[keep], tokens[keep]
        cache = [(k[keep], v[keep]) for k, v in cache] if not keep.all() else cache
        hidden, cache = model.hidden(model.embed(tokens[:, None]), cache)
        last = hidden[:, -1]
    return rows


def draw(logits: Tensor, temperature: float, generator: torch.Generator) -> Tensor:
    """One token per row of (B, V)."""
    if temperature == 0:
        return logits.argmax(1)
    return torch.multinomial(torch.softmax(logits / temperature, 1), 1, generator=generator)[:, 0]


def normalise_answer(text: str) -> str:
    """Lower case, folded blanks, trimmed punctuation."""
    return re.sub(r"\s+", " ", text.lower()).strip(" .,;:!?\"'()[]")


def parse_answer(text: str, options: int) -> str | None:
    """The answer of a completion, as the app's parser finds it; options: 0 for free-form. None: unparsed."""
    raw = find_answer(text)
    if options == 0:
        return normalise_answer(raw) if raw else None
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[:options]
    for candidate in ([raw] if raw else []) + ([] if raw else [text]):
        found = re.search(rf"\b([{letters}])\b", candidate)
        if found:
            return found.group(1)
    return None


def find_answer(text: str) -> str | None:
    """The text that claims to be the answer."""
    closed = re.search(r"<answer>(.*?)</answer>", text, re.S)
    if closed:
        return closed.group(1).strip()
    opened = re.search(r"<answer>\s*([^\n]+)", text)
    if opened:
        return opened.group(1).strip()
    said = re.search(r"(?:Answer|Final)\s*:\s*([^\n]+)", text)
    return said.group(1).strip() if said else None
