"""Qwen2-VL, Qwen2.5-VL and Qwen3-VL: images of any size as patches, grid and window attention, M-RoPE in the decoder.

PyTorch reorders patches into windows with loops over the grid. Here patches stay where they are and attention is masked
by what window and what frame each belongs to: the same sums, from tensor operations on the grid alone.

Qwen3-VL adds features of earlier blocks to the decoder's first layers (DeepStack), at the places of images. transformers.js
has no input for them: they travel as further channels of `inputs_embeds`, which are 0 for tokens of text.
"""

import torch
from torch import nn
from transformers.models.qwen2_5_vl.modeling_qwen2_5_vl import apply_rotary_pos_emb_vision
from transformers.vision_utils import _interpolation_axis_taps_weights

from ..decoder import additive
from ..rotary import grid_rotary


def layout(grid: torch.Tensor, count: torch.Tensor, merge: int) -> dict[str, torch.Tensor]:
    """Of each patch (N): its image, frame, row and column. grid: (images, 3) of frames, rows, columns.

    Patches come in blocks of merge × merge, blocks row by row, frames one after the other.
    """
    place = torch.arange(count)
    ends = (grid[:, 0] * grid[:, 1] * grid[:, 2]).cumsum(0)
    image = (place[:, None] >= ends[None, :]).sum(1)
    starts = torch.cat([ends.new_zeros(1), ends])[:-1]
    rows, columns = grid[:, 1][image], grid[:, 2][image]
    inside = place - starts[image]
    frame, inside = inside // (rows * columns), inside % (rows * columns)
    block, part = inside // (merge * merge), inside % (merge * merge)
    across = columns // merge
    return {
        "image": image,
        "frame": frame,
        "row": (block // across) * merge + part // merge,
        "column": (block % across) * merge + part % merge,
    }


def same(*keys: torch.Tensor) -> torch.Tensor:
    """(N, N) bool: which patches agree in every key (N)."""
    agree = keys[0][:, None] == keys[0][None, :]
    for key in keys[1:]:
        agree = agree & (key[:, None] == key[None, :])
    return agree


class Vision(nn.Module):
    """pixel_values (N, 3 · frames · patch · patch) f32, grid (images, 3) int64 -> image_features (N / merge², W), for
    Qwen3-VL (N / merge², W + levels · W)."""

    def __init__(self, model: nn.Module):
        super().__init__()
        self.tower = model.model.visual
        config = self.tower.config
        self.merge = config.spatial_merge_size
        windowed = getattr(config, "fullatt_block_indexes", None) is not None
        self.full = set(config.fullatt_block_indexes) if windowed else set(range(config.depth))
        self.window = config.window_size // config.spatial_merge_size // config.patch_size if windowed else 0
        self.deep = list(getattr(config, "deepstack_visual_indexes", []))
        weight, bias = self.tower.patch_embed.proj.weight, self.tower.patch_embed.proj.bias
        self.patch = nn.Linear(weight[0].numel(), weight.shape[0], bias=bias is not None)
        self.patch.weight = nn.Parameter(weight.flatten(1), requires_grad=False)
        self.patch.bias = bias

    def attend(self, attention: nn.Module, x: torch.Tensor, rotary: tuple, mask: torch.Tensor) -> torch.Tensor:
        """x (1, N, C), mask (1, 1, N, N) additive."""
        q, k, v = attention.qkv(x)[0].unflatten(-1, (3, attention.num_heads, -1)).unbind(1)
        q, k = apply_rotary_pos_emb_vision(q, k, *rotary)
        q, k, v = (part.transpose(0, 1)[None] for part in (q, k, v))
        weights = (q @ k.transpose(-1, -2)) * attention.scaling + mask
        weights = weights.softmax(-1, dtype=torch.float32).to(x.dtype)
        return attention.proj((weights @ v).transpose(1, 2).flatten(2))

    def forward(self, pixel_values: torch.Tensor, grid: torch.Tensor) -> torch.Tensor:
        x = self.patch(pixel_values.to(self.patch.weight.dtype))[None]
        at = layout(grid, pixel_values.shape[0], self.merge)
        rotary = grid_rotary(self.tower.rotary_pos_emb, torch.stack([at["row"], at["column"]], -1))
        frames = same(at["image"], at["frame"])
        masks = {True: additive(frames, x.dtype)}
        if self.window:
            step = self.window * self.merge
            masks[False] = additive(frames & same(at["row"] // step, at["column"] // step), x.dtype)
        if hasattr(self.tower, "pos_embed"):
            x = x + self.places(at, grid).to(x.dtype)
        levels = []
        for i, block in enumerate(self.tower.blocks):
            x = x + self.attend(block.attn, block.norm1(x), rotary, masks[i in self.full])
            x = x + block.mlp(block.norm2(x))
            if i in self.deep:
                levels.append(self.merged(self.tower.deepstack_merger_list[self.deep.index(i)], x))
        return torch.cat([self.merged(self.tower.merger, x), *levels], dim=-1)[0].float()

    def merged(self, merger: nn.Module, x: torch.Tensor) -> torch.Tensor:
        """(1, N, C) -> (1, N / merge², W)."""
        if hasattr(merger, "mlp"):
            return merger.mlp(merger.ln_q(x).reshape(1, -1, merger.hidden_size))
        late = merger.use_postshuffle_norm
        x = x.reshape(1, -1, merger.hidden_size) if late else x
        x = merger.norm(x).reshape(1, -1, merger.hidden_size)
        return merger.linear_fc2(merger.act_fn(merger.linear_fc1(x)))

    def places(self, at: dict[str, torch.Tensor], grid: torch.Tensor) -> torch.Tensor:
        """Learned embeddings of places (N, C), read between the knots of their square table."""
        side, kind = self.tower.num_grid_per_side, (self.tower.interpolation_mode, self.tower.interpolation_align_corners)
        down, down_weights = _interpolation_axis_taps_weights(at["row"], grid[:, 1][at["image"]], side, *kind)
        across, across_weights = _interpolation_axis_taps_weights(at["column"], grid[:, 2][at["image"]], side, *kind)
        found = self.tower.pos_embed(down[:, :, None] * side + across[:, None, :])
        return (found * (down_weights[:, :, None] * across_weights[:, None, :])[..., None]).sum((1, 2))


def vision(model: nn.Module) -> nn.Module:
    """The vision session."""
    return Vision(model)


def vision_inputs(model: nn.Module) -> dict:
    """Name -> (example, free dimensions). transformers.js calls the grid `grid_thw` for qwen2_vl."""
    config = model.config.vision_config
    merge, window = config.spatial_merge_size, getattr(config, "window_size", 0) // config.patch_size
    grid = torch.tensor([[1, max(4 * merge, window + 2 * merge), 6 * merge]])
    width = config.in_channels * config.temporal_patch_size * config.patch_size**2
    name = "grid_thw" if model.config.model_type == "qwen2_vl" else "image_grid_thw"
    return {
        "pixel_values": (torch.randn(int(grid.prod()), width), {0: "num_patches"}),
        name: (grid, {0: "num_images"}),
    }


def text(model: nn.Module) -> tuple[nn.Module, nn.Module]:
    """Decoder and head."""
    return model.model.language_model, model.lm_head


def processor_config(processor) -> dict:
    """transformers.js reads nothing of processor_config.json."""
    return {}
