"""Gemma 3 and MedGemma: one square image through SigLIP, pooled to a fixed number of tokens; sliding-window layers.

PyTorch lets the tokens of an image see each other both ways, told by `token_type_ids`. transformers.js feeds the
decoder no such input. So the image's positions travel inside `inputs_embeds`, as one more channel: 1 in what the vision
session returns, 0 in what the embedding session returns. transformers.js copies whole rows and never looks at their width.
"""

import torch
from torch import nn


class Vision(nn.Module):
    """pixel_values (N, 3, H, H) f32 -> image_features (N, tokens, W + 1); the last channel is 1."""

    def __init__(self, model: nn.Module):
        super().__init__()
        self.tower, self.projector = model.model.vision_tower, model.model.multi_modal_projector

    def forward(self, pixel_values: torch.Tensor) -> torch.Tensor:
        x = self.tower(pixel_values=pixel_values.to(self.tower.dtype)).last_hidden_state
        features = self.projector(x).float()
        return torch.cat([features, torch.ones_like(features[..., :1])], dim=-1)


def vision(model: nn.Module) -> nn.Module:
    """The vision session."""
    return Vision(model)


def vision_inputs(model: nn.Module) -> dict:
    """Name -> (example, free dimensions)."""
    side = model.config.vision_config.image_size
    return {"pixel_values": (torch.randn(2, 3, side, side), {0: "num_images"})}


def text(model: nn.Module) -> tuple[nn.Module, nn.Module]:
    """Decoder and head."""
    return model.model.language_model, model.lm_head


def processor_config(processor) -> dict:
    """What transformers.js reads of processor_config.json."""
    return {"image_seq_length": processor.image_seq_length}
