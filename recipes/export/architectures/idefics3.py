"""Idefics3 and SmolVLM: tiles of one fixed size through a SigLIP-like tower, pixel shuffle, Llama decoder."""

import torch
from torch import nn


class Vision(nn.Module):
    """pixel_values (B, N, 3, H, H) f32, pixel_attention_mask (B, N, H, H) bool -> image_features (tiles, tokens, W).

    A tile whose mask is all false is padding and has no features, as in PyTorch. The tower's position ids depend on
    the mask only for images that are padded inside, which no processor makes: they are computed once.
    """

    def __init__(self, model: nn.Module):
        super().__init__()
        self.tower, self.connector = model.model.vision_model, model.model.connector
        config = self.tower.config
        side = config.image_size // config.patch_size
        table, seen = self.tower.embeddings.position_embedding, []
        hook = table.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
        with torch.no_grad():
            pixels = torch.zeros(1, config.num_channels, config.image_size, config.image_size, dtype=table.weight.dtype)
            self.tower.embeddings(pixels, torch.ones(1, side, side, dtype=torch.bool))
        hook.remove()
        self.register_buffer("positions", seen[0])

    def forward(self, pixel_values: torch.Tensor, pixel_attention_mask: torch.Tensor) -> torch.Tensor:
        shown = pixel_attention_mask.flatten(2).any(-1).flatten()
        pixels = pixel_values.flatten(0, 1)[shown]
        embeddings = self.tower.embeddings
        patches = embeddings.patch_embedding(pixels.to(self.tower.dtype)).flatten(2).transpose(1, 2)
        x = patches + embeddings.position_embedding(self.positions)
        x = self.tower.encoder(inputs_embeds=x, attention_mask=None).last_hidden_state
        return self.connector(self.tower.post_layernorm(x)).float()


def vision(model: nn.Module) -> nn.Module:
    """The vision session."""
    return Vision(model)


def vision_inputs(model: nn.Module) -> dict:
    """Name -> (example, free dimensions)."""
    side = model.config.vision_config.image_size
    free = {0: "batch_size", 1: "num_images"}
    return {
        "pixel_values": (torch.randn(1, 2, 3, side, side), free),
        "pixel_attention_mask": (torch.ones(1, 2, side, side, dtype=torch.bool), free),
    }


def text(model: nn.Module) -> tuple[nn.Module, nn.Module]:
    """Decoder and head."""
    return model.model.text_model, model.lm_head


def processor_config(processor) -> dict:
    """What transformers.js reads of processor_config.json."""
    return {"image_seq_len": processor.image_seq_len}
