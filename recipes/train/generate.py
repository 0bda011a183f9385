"""Sampling from the PyTorch model, and the parser of its answers."""

import re
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from . import data
from .model import OwnCache, Prefix, TinyVlm
from .prompts import LETTERS, normalise_answer

ROWS_PER_WAVE = 1024
MAX_NEW_TOKENS = 64


@dataclass
class Prompt:
    """Token ids after image expansion, and the image (28, 28, 3) uint8."""

    ids: list[int]
    image: np.ndarray


@torch.no_grad()
def sample(
    model: TinyVlm,
    prompts: list[Prompt],
    count: int,
    temperature: float,
    end_id: int,
    seed: int,
    max_new: int = MAX_NEW_TOKENS,
) -> list[list[list[int]]]:
    """`count` completions per prompt, without the end token. Temperature 0 is greedy.

    A prompt is computed once for all its completions; prompts of like length run together.
    """
    model.eval()
    generator = torch.Generator().manual_seed(seed)
    order = sorted(range(len(prompts)), key=lambda i: len(prompts[i].ids))
    result: list[list[list[int]]] = [[] for _ in prompts]
    size = max(1, ROWS_PER_WAVE // count)
    for start in range(0, len(order), size):
        members = order[start : start + size]
        wave = [prompts[i] for i in members]
        rows = sample_wave(model, wave, count, temperature, end_id, generator, max_new)
        for place, i in enumerate(members):
            result[i] = rows[place * count : (place + 1) * count]
    return result


def read_prompts(model: TinyVlm, wave: list[Prompt]) -> tuple[Tensor, Prefix]:
    """Last hidden state (P, W) of every prompt, and what continuations share."""
    lengths = torch.tensor([len(prompt.ids) for prompt in wave])
    ids = torch.zeros(len(wave), int(lengths.max()), dtype=torch.long)
    for row, prompt in enumerate(wave):
        ids[row, : len(prompt.ids)] = torch.tensor(prompt.ids)
    pixels = torch.from_numpy(data.normalise(np.stack([prompt.image for prompt in wave])))
    features = model.encode_image(pixels.to(memory_format=torch.channels_last))
    return model.prefix(ids, lengths, features)


def sample_wave(
    model: TinyVlm,
    wave: list[Prompt],
    count: int,
    temperature: float,
    end_id: int,
    generator: torch.Generator,
    max_new: int,
) -> list[list[int]]:
    """Completions of a few prompts, `count` rows each, in order.

    Samples of a prompt that have said the same so far are one node (P prompts, M nodes at most each), so shared
    reasoning is computed once. A prompt leaves when all its samples have ended.
    """
    last, prefix = read_prompts(model, wave)
    last = last[:, None]
    own = [OwnCache() for _ in prefix.layers]
    rows: list[list[int]] = [[] for _ in range(len(wave) * count)]
    members = torch.arange(len(rows)).view(-1, count)
    node = torch.zeros(len(wave), count, dtype=torch.long)
    ended = torch.zeros(len(wave), count, dtype=torch.bool)
    for _ in range(max_new):
        tokens = draw(model.logits(last), node, temperature, generator)
        ended = ended | (tokens == end_id)
        for row, token, over in zip(members.flatten().tolist(), tokens.flatten().tolist(), ended.flatten().tolist()):
            if not over:
                rows[row].append(token)
        left = ~ended.all(1)
        if not left.any():
            break
        node, parents, said = join(node, tokens, ended)
        parents, said, node, ended, members = (x[left] for x in (parents, said, node, ended, members))
        before = left.nonzero()[:, 0] * last.shape[1]
        for cache in own:
            cache.gather((before[:, None] + parents).flatten())
        prefix = prefix if left.all() else prefix.keep(left)
        last = model.continued(said.view(-1, 1), prefix, own)[:, -1].view(*said.shape, -1)
    return rows


def draw(logits: Tensor, node: Tensor, temperature: float, generator: torch.Generator) -> Tensor:
    """The next token (P, K) of every sample from its node's distribution; logits (P, M, V), node (P, K)."""
    if temperature == 0:
        return logits.argmax(-1).gather(1, node)
    heights = torch.softmax(logits.double() / temperature, -1).cumsum(-1)
    mine = heights[torch.arange(len(node))[:, None], node]
    at = torch.rand(node.shape, generator=generator, dtype=torch.float64)[..., None] * mine[..., -1:]
    return torch.searchsorted(mine, at, right=True)[..., 0].clamp(max=logits.shape[-1] - 1)


def join(node: Tensor, tokens: Tensor, ended: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Samples (P, K) of one node that drew one token share the next node.

    Returns every sample's new node (P, K), and every new node's old node and token (P, M); ended samples count for none
    and point at node 0.
    """
    never = 1 << 40
    key = (node << 20 | tokens).masked_fill(ended, never)
    ordered, place = key.sort(1)
    fresh = torch.ones_like(ordered, dtype=torch.bool)
    fresh[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
    rank = fresh.cumsum(1) - 1
    new = torch.empty_like(node).scatter_(1, place, rank)
    width = int((new.masked_fill(ended, 0)).max()) + 1
    new = new.masked_fill(ended, 0)
    parents, said = (torch.zeros(len(node), width, dtype=torch.long) for _ in range(2))
    row, column = (~ended).nonzero(as_tuple=True)
    parents[row, new[row, column]] = node[row, column]
    said[row, new[row, column]] = tokens[row, column]
    return new, parents, said


def parse_answer(text: str, options: int) -> str | None:
    """The answer of a completion, as the app's parser finds it; options: 0 for free-form. None: unparsed."""
    raw = find_answer(text)
    if options == 0:
        return normalise_answer(raw) if raw else None
    letters = LETTERS[:options]
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
