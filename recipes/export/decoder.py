"""Embedding and decoder sessions as PyTorch modules with exactly the inputs and outputs that transformers.js knows.

Shapes: B batch, S new positions, P cached positions, T = P + S, W width, V vocabulary.
"""

import torch
from torch import nn

from .rotary import MAX_POSITIONS, with_tables

# Added to a score to exclude it: exp(-3e4) is 0 in fp32, and the number exists in fp16.
EXCLUDED = -3e4


def additive(allowed: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    """0 where allowed, EXCLUDED elsewhere: (Q, K) bool -> (1, 1, Q, K), (B, Q, K) -> (B, 1, Q, K)."""
    mask = torch.where(allowed, torch.zeros((), dtype=dtype), torch.full((), EXCLUDED, dtype=dtype))
    return mask[None, None] if mask.ndim == 2 else mask[:, None]


class Cache:
    """Key-value cache of one forward pass: what transformers' attention calls, and nothing else."""

    def __init__(self, past: list[torch.Tensor]):
        self.past, self.present = past, {}

    def update(self, key: torch.Tensor, value: torch.Tensor, layer: int, *_, **__) -> tuple[torch.Tensor, torch.Tensor]:
        """Past and new, (B, heads, T, dim)."""
        entry = tuple(torch.cat([self.past[2 * layer + i], new], dim=2) for i, new in enumerate((key, value)))
        self.present[layer] = entry
        return entry

    def get_seq_length(self, *_) -> int:
        """P."""
        return self.past[0].shape[2]


class Embed(nn.Module):
    """input_ids (B, S) -> inputs_embeds (B, S, W + more), 0 in the channels that only images fill."""

    def __init__(self, table: nn.Module, more: int):
        super().__init__()
        self.table, self.more = table, more

    def forward(self, input_ids: torch.Tensor) -> torch.Tensor:
        x = self.table(input_ids).float()
        return nn.functional.pad(x, (0, self.more)) if self.more else x


class Decoder(nn.Module):
    """inputs_embeds (B, S, W) f32, attention_mask (B, T), num_logits_to_keep (scalar, 0: all), [position_ids (3, B, S)],
    past_key_values.{i}.key/value (B, heads, P, dim) -> logits (B, kept, V) f32, present.{i}.key/value (B, heads, T, dim).

    inputs_embeds may be wider than W: `deepstack` times W more, added after each of the first layers, and with
    `image_channel` one last channel that is 1 where an image is.
    """

    def __init__(
        self, text: nn.Module, head: nn.Module, masks_by_type: bool, image_channel: bool, deepstack: int, mrope: bool
    ):
        super().__init__()
        self.text, self.head = with_tables(text, MAX_POSITIONS), head
        self.masks_by_type, self.image_channel, self.deepstack, self.mrope = masks_by_type, image_channel, deepstack, mrope
        self.width = text.config.hidden_size
        # transformers adds to the places of images only; elsewhere these channels are 0.
        self.text._deepstack_process = lambda x, _, added: x + added
        self.layers = text.config.num_hidden_layers
        self.window = getattr(text.config, "sliding_window", None)

    def masks(self, attention_mask: torch.Tensor, is_image: torch.Tensor | None, queries: torch.Tensor, dtype: torch.dtype):
        """What each kind of layer may see, additive (B, 1, S, T)."""
        total = attention_mask.shape[1]
        key = torch.arange(total)
        query = key[total - queries :]
        causal = key[None, :] <= query[:, None]
        near = key[None, :] > query[:, None] - (self.window or 0)
        real = attention_mask[:, None, :] > 0
        full, sliding = causal[None] & real, (causal & near)[None] & real
        if is_image is not None:
            both = self.same_image(is_image, total - queries) & real
            full, sliding = full | both, sliding | both
        if not self.masks_by_type:
            return additive(full, dtype)
        return {"full_attention": additive(full, dtype), "sliding_attention": additive(sliding, dtype)}

    def same_image(self, is_image: torch.Tensor, past: torch.Tensor) -> torch.Tensor:
        """(B, S, T) bool: query and key are tokens of one image. is_image: (B, S) 0 or 1; cached positions are not asked."""
        before = torch.cat([torch.zeros_like(is_image[:, :1]), is_image[:, :-1]], dim=1)
        image = (is_image * (1 - before)).cumsum(1) * is_image
        cached = torch.zeros_like(is_image[:, :1]).expand(-1, past)
        key = torch.cat([cached, image], dim=1)
        return (image[:, :, None] == key[:, None, :]) & (image[:, :, None] > 0)

    def forward(self, inputs_embeds: torch.Tensor, attention_mask: torch.Tensor, num_logits_to_keep: torch.Tensor, *rest):
        positions, past = (rest[0], rest[1:]) if self.mrope else (None, rest)
        is_image = None
        if self.image_channel:
            is_image = (inputs_embeds[..., -1] > 0.5).to(torch.int64)
            inputs_embeds = inputs_embeds[..., :-1]
        queries, dtype = inputs_embeds.shape[1], self.head.weight.dtype
        inputs_embeds = inputs_embeds.to(dtype)
        inputs_embeds, *levels = inputs_embeds.split(self.width, dim=-1) if self.deepstack else [inputs_embeds]
        more = {"deepstack_visual_embeds": levels} if levels else {}
        if positions is None:
            counted = (attention_mask.cumsum(1) - 1).clamp(min=0)
            positions = counted[:, attention_mask.shape[1] - queries :]
        cache = Cache(list(past))
        x = self.text(
            inputs_embeds=inputs_embeds,
            attention_mask=self.masks(attention_mask, is_image, queries, dtype),
            position_ids=positions,
            past_key_values=cache,
            use_cache=True,
            **more,
        ).last_hidden_state
        logits = self.head(x[:, -num_logits_to_keep:]).float()
        return (logits, *(entry for i in range(self.layers) for entry in cache.present[i]))
