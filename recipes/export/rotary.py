"""Rotary embeddings as tables that are looked up, in place of transformers' own.

Cosines of large angles are wrong on graphics devices (WGSL promises 2⁻¹¹, and only up to ±π). A table made of constants
alone is computed by the runtime on the CPU when the session loads, in fp32, and takes no room in the file.
"""

import torch
from torch import nn

# Rows of a table: positions of a prompt with its answer, patches along an image's side.
MAX_POSITIONS = 16384
MAX_SIDE = 2048


def table(frequencies: torch.Tensor, scaling: float, rows: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Cosines and sines (rows, frequencies)."""
    angles = torch.arange(rows)[:, None].float() * frequencies.float()[None]
    return angles.cos() * scaling, angles.sin() * scaling


class TextRotary(nn.Module):
    """Stands for a text model's `rotary_emb`: (x, position_ids, [layer type]) -> cosines and sines in the type of x.

    position_ids: (B, S), or (3, B, S) for M-RoPE, whose columns belong to one of three axes each.
    """

    def __init__(self, rotary: nn.Module, rows: int):
        super().__init__()
        kinds = rotary.rope_type if isinstance(rotary.rope_type, dict) else {None: rotary.rope_type}
        for kind in kinds.values():
            if kind in ("dynamic", "longrope"):
                raise ValueError(f"rope type {kind!r} changes with the length of a text and is not supported")
        self.rotary, self.rows, self.axes = rotary, min(rows, rotary.max_seq_len_cached), None
        if hasattr(rotary, "mrope_section"):
            axis = torch.arange(3.0)[:, None, None, None].expand(3, 1, 1, rotary.inv_freq.shape[0]).clone()
            self.axes = rotary.recomposition_frequencies(axis)[0, 0, : rotary.inv_freq.shape[0]]

    def forward(self, x: torch.Tensor, position_ids: torch.Tensor, layer_type: str | None = None):
        prefix = f"{layer_type}_" if layer_type else ""
        frequencies = getattr(self.rotary, f"{prefix}inv_freq")
        parts = table(frequencies, getattr(self.rotary, f"{prefix}attention_scaling"), self.rows)
        return tuple(self.repeated(part[position_ids]).to(x.dtype) for part in parts)

    def repeated(self, found: torch.Tensor) -> torch.Tensor:
        """(B, S, dim) of (B, S, dim / 2), or of (3, B, S, dim / 2)."""
        if self.axes is not None:
            found = torch.where(self.axes == 0, found[0], torch.where(self.axes == 1, found[1], found[2]))
        return torch.cat([found, found], dim=-1)


def grid_rotary(rotary: nn.Module, ids: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """What a Qwen tower's rotary gives for rows and columns of patches, ids (N, 2), from a table."""
    parts = table(rotary.inv_freq, rotary.attention_scaling, MAX_SIDE)
    return tuple(rotary.recomposition_frequencies(part[ids]) for part in parts)


def with_tables(text: nn.Module, rows: int) -> nn.Module:
    """A text model of the same weights whose rotary embeddings are looked up; the model itself stays as it is."""
    twin = text.__class__.__new__(text.__class__)
    twin.__dict__.update(text.__dict__)
    twin._modules = dict(text._modules)
    twin.rotary_emb = TextRotary(text.rotary_emb, rows)
    return twin
