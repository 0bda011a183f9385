"""An auxiliary task that teaches the way from a name to its option letter.

Without it the letter stays at chance for very long: it needs three hops (option line -> its letter, name in the
trace -> option line, answer -> name in the trace), and none of them pays before the others are there. Here the first
two are supervised on the outputs of two blocks by small heads, and the last two by telling one attention head each
where to look: from a name of the trace to its option line, from the answer to the name that decides it. The heads are thrown away after training; what the model says is supervised as ever.
"""

from dataclasses import dataclass, field

import torch
import torch.nn.functional as F
from tokenizers import Tokenizer
from torch import Tensor, nn

from .model import TinyVlm, rotate
from .prompts import LETTERS

OPTION_BLOCK, NAME_BLOCK, ANSWER_BLOCK = 1, 2, 3
NAME_HEAD, ANSWER_HEAD = 2, 0
Target = tuple[int, int]


@dataclass
class Targets:
    """Of one batch. options, names: (row, position, letter index); looks and answers: (row, from, to)."""

    options: list[tuple[int, int, int]] = field(default_factory=list)
    names: list[tuple[int, int, int]] = field(default_factory=list)
    looks: list[tuple[int, int, int]] = field(default_factory=list)
    answers: list[tuple[int, int, int]] = field(default_factory=list)


class LetterHeads(nn.Module):
    """Linear heads on the outputs of two blocks."""

    def __init__(self, width: int):
        super().__init__()
        self.option = nn.Linear(width, len(LETTERS))
        self.name = nn.Linear(width, len(LETTERS))

    def loss(self, model: TinyVlm, taps: list[Tensor], targets: Targets) -> Tensor:
        """Sum of the four mean cross-entropies. taps: (B, S, W), the output of every block."""
        return (
            letter_loss(self.option, taps[OPTION_BLOCK], targets.options)
            + letter_loss(self.name, taps[NAME_BLOCK], targets.names)
            + look_loss(model, taps, NAME_BLOCK, NAME_HEAD, targets.looks)
            + look_loss(model, taps, ANSWER_BLOCK, ANSWER_HEAD, targets.answers)
        )


def letter_loss(head: nn.Linear, x: Tensor, targets: list[tuple[int, int, int]]) -> Tensor:
    """Cross-entropy of the letter at (row, position) of x (B, S, W)."""
    if not targets:
        return torch.zeros(())
    rows, positions, letters = torch.tensor(targets).T
    return F.cross_entropy(head(x[rows, positions]), letters)


def look_loss(
    model: TinyVlm, taps: list[Tensor], block: int, head: int, targets: list[tuple[int, int, int]]
) -> Tensor:
    """Cross-entropy of one attention head's weights against the one position it is to look at."""
    if not targets:
        return torch.zeros(())
    rows, starts, goals = torch.tensor(targets).T
    layer = model.blocks[block]
    attention, x = layer.attention, layer.norm1(taps[block - 1])
    dim, length = attention.head_dim, x.shape[1]
    kv_head = head * attention.kv_heads // attention.heads
    q = F.linear(x[rows, starts], attention.q.weight[head * dim : (head + 1) * dim])
    k = F.linear(x, attention.k.weight[kv_head * dim : (kv_head + 1) * dim])
    q = rotate(q, model.cos[starts], model.sin[starts])
    k = rotate(k, model.cos[:length], model.sin[:length])
    scores = torch.einsum("nd,nsd->ns", q, k[rows]) / dim**0.5
    later = torch.arange(length)[None] > starts[:, None]
    return F.cross_entropy(scores.masked_fill(later, float("-inf")), goals)


class LetterFinder:
    """Finds option lines and the names that a trace compares in token ids."""

    def __init__(self, tokenizer: Tokenizer):
        def one(text: str) -> int:
            return tokenizer.encode(text).ids[0]

        self.newline, self.dot, self.comma, self.semicolon = one("\n"), one("."), one(","), one(";")
        self.no, self.colon, self.end = one(" not"), one(":"), tokenizer.token_to_id("</think>")
        self.letters = {one(letter): place for place, letter in enumerate(LETTERS)}
        self.letter_ids = {place: token for token, place in self.letters.items()}

    def option_lines(self, prompt: list[int]) -> dict[tuple[int, ...], Target]:
        """{name tokens: (position of the last one, letter index)} of every "A. name" line."""
        lines = {}
        breaks = [i for i, token in enumerate(prompt) if token == self.newline]
        for start, stop in zip(breaks, breaks[1:]):
            line = prompt[start + 1 : stop]
            if len(line) > 2 and line[0] in self.letters and line[1] == self.dot:
                lines[tuple(line[2:])] = (stop - 1, self.letters[line[0]])
        return lines

    def names(self, completion: list[int], end: int) -> list[tuple[tuple[int, ...], int]]:
        """The names of the comparison that stops at `end`, each with the position of its last token.

        "; truth, not other" has two, "; truth, not other: yes" has three.
        """
        start = next((i for i in range(end, -1, -1) if completion[i] == self.semicolon), None)
        if start is None:
            return []
        found, name = [], []
        for i in range(start + 1, end + 1):
            token = completion[i]
            if token == self.no and not name:
                continue
            if token in (self.comma, self.colon, self.end):
                found.append((tuple(name), i - 1))
                name = []
            else:
                name.append(token)
        return found

    def add(self, targets: Targets, row: int, prompt: list[int], completion: list[int]) -> None:
        """Add the targets of one row."""
        lines = self.option_lines(prompt)
        targets.options += [(row, position, letter) for position, letter in lines.values()]
        for end in (i for i, token in enumerate(completion) if token == self.end):
            known = [(last, *lines[name]) for name, last in self.names(completion, end) if name in lines]
            for last, position, letter in known:
                targets.names.append((row, len(prompt) + last, letter))
                targets.looks.append((row, len(prompt) + last, position))
            said = completion[end + 2] if end + 2 < len(completion) else None
            for last, _, letter in known:
                if self.letter_ids[letter] == said:
                    targets.answers.append((row, len(prompt) + end + 1, len(prompt) + last))
