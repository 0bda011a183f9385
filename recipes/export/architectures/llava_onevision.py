"""LLaVA-OneVision: an image as one small whole and as the tiles of a larger one (anyres), Qwen2 decoder.

PyTorch puts the tiles together again by the image's size: it takes padding away, shrinks what is too much and ends each
row with a learned token. Here the vision session does that, and is told the numbers of rows and columns: transformers
computes them in float64, which the browser's runtime does not have, and a token more or less is another prompt.
"""

import math
import re

import torch
from torch import nn
from transformers.image_processing_utils import select_best_resolution


def most_tiles(aspect: str) -> int:
    """The number of tiles whose tokens are kept in full: 9 for `anyres_max_9`."""
    found = re.fullmatch(r"anyres_max_(\d+)", aspect)
    if not found:
        raise ValueError(f"vision_aspect_ratio {aspect!r} is not supported; supported is anyres_max_N")
    return int(found[1])


def layout(config: dict, height: int, width: int) -> list[int]:
    """image_layout of an image: rows and columns of tiles, rows and columns of patches that are padding before it, and
    rows and columns of features that are made of the others (`unpad_image` and `pack_image_features`).

    config: that of the model. workers/vlm/anyres.ts computes the same.
    """
    tile = config["vision_config"]["image_size"]
    side = tile // config["vision_config"]["patch_size"]
    rows, columns = (length // tile for length in select_best_resolution((height, width), config["image_grid_pinpoints"]))
    down, across = rows * side, columns * side
    if width * down > across * height:
        top, left = (down - height * across // width) // 2, 0
    else:
        top, left = 0, (across - width * down // height) // 2
    down, across = down - 2 * top, across - 2 * left
    ratio = math.sqrt(down * across / (most_tiles(config["vision_aspect_ratio"]) * side**2))
    if ratio > 1.1:
        down, across = int(down // ratio), int(across // ratio)
    return [rows, columns, top, left, down, across]


def read(x: torch.Tensor, dim: int, start: torch.Tensor, kept: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    """`kept` rows of x from `start`, along dim, as `wanted` rows between them (bilinear, corners not aligned)."""
    at = ((torch.arange(wanted) + 0.5) * (kept.float() / wanted.float()) - 0.5).clamp(min=0)
    low = at.floor()
    share = (at - low)[:, None] if dim else (at - low)[:, None, None]
    low = low.long()
    high = torch.minimum(low + 1, kept - 1)
    return x.index_select(dim, start + low) * (1 - share) + x.index_select(dim, start + high) * share


class Vision(nn.Module):
    """pixel_values (1, 1 + tiles, 3, H, H) f32, image_layout (1, 6) int64 -> image_features (tokens, W)."""

    def __init__(self, model: nn.Module):
        super().__init__()
        config = model.config
        if config.vision_feature_select_strategy != "full" or not isinstance(config.vision_feature_layer, int):
            raise ValueError("llava_onevision is supported with all features of one layer of its tower only")
        most_tiles(config.vision_aspect_ratio)
        self.tower, self.projector = model.model.vision_tower, model.model.multi_modal_projector
        self.newline, self.layer = model.model.image_newline, config.vision_feature_layer
        self.side = config.vision_config.image_size // config.vision_config.patch_size

    def forward(self, pixel_values: torch.Tensor, image_layout: torch.Tensor) -> torch.Tensor:
        seen = self.tower(pixel_values[0].to(self.tower.dtype), output_hidden_states=True).hidden_states[self.layer]
        tiles = self.projector(seen).float()
        rows, columns, top, left, down, across = (image_layout[0, i] for i in range(6))
        whole = tiles[1:].reshape(rows, columns, self.side, self.side, -1).permute(0, 2, 1, 3, 4)
        whole = whole.reshape(rows * self.side, columns * self.side, -1)
        packed = read(whole, 0, top, rows * self.side - 2 * top, down)
        packed = read(packed, 1, left, columns * self.side - 2 * left, across)
        newline = self.newline.float().expand(packed.shape[0], 1, -1)
        return torch.cat([tiles[0], torch.cat([packed, newline], dim=1).flatten(0, 1)])


def vision(model: nn.Module) -> nn.Module:
    """The vision session."""
    return Vision(model)


def vision_inputs(model: nn.Module) -> dict:
    """Name -> (example, free dimensions)."""
    side = model.config.vision_config.image_size
    height, width = max(model.config.image_grid_pinpoints, key=lambda size: size[0] * size[1])
    tiles = (height // side) * (width // side)
    return {
        "pixel_values": (torch.randn(1, 1 + tiles, 3, side, side), {1: "num_tiles"}),
        "image_layout": (torch.tensor([layout(model.config.to_dict(), height, width)]), {}),
    }


def text(model: nn.Module) -> tuple[nn.Module, nn.Module]:
    """Decoder and head. Masks are named by kind of layer, as Qwen2 takes them."""
    kind = model.config.text_config.model_type
    if kind != "qwen2":
        raise ValueError(f"llava_onevision is supported with a qwen2 decoder, not {kind!r}")
    return model.model.language_model, model.lm_head


def processor_config(processor) -> dict:
    """What transformers.js reads of processor_config.json."""
    return {"image_token": processor.image_token}


def image_config(processor) -> dict:
    """What the app counts an image's tokens with. An export whose graph takes one tile does not have these fields."""
    most_tiles(processor.vision_aspect_ratio)
    return {"num_image_tokens": processor.num_image_tokens, "vision_aspect_ratio": processor.vision_aspect_ratio}
