"""What PyTorch computes for one image and prompt, and how far the exported graphs are from it.

The reference takes no cache: every step is computed anew from the whole sequence, row by row.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import nn

from .sessions import Sessions

PROMPT = "What does the image show? Answer with one word."
# Width, height, seed.
IMAGES = ((44, 36, 0), (30, 64, 1))
ROWS, STEPS = 4, 3
# Largest error of a logit in fp32, relative to the largest logit.
FP32_TOLERANCE = 1e-3
TEXT_INPUTS = ("input_ids", "attention_mask", "token_type_ids", "mm_token_type_ids")


def test_image(width: int = 44, height: int = 36, seed: int = 0) -> np.ndarray:
    """(H, W, 3) uint8: two tilted waves and a bright square, another for every seed."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    waves = [np.sin(0.21 * (x + c * y) + seed) * 60 + np.cos(0.13 * (y - c * x) + 2 * seed) * 50 for c in range(3)]
    image = np.clip(np.stack(waves, -1) + 120, 0, 255).astype(np.uint8)
    image[height // 4 : height // 2, width // 4 : width // 2] = (240, 200, 40)
    return image


@dataclass(frozen=True)
class Reference:
    """PyTorch's numbers. inputs: what the processor made of prompt and image, batch 1.

    tokens: (ROWS, STEPS), row 0 greedy, row r begins with the r-th next likely token and goes on greedily.
    prefill: (V); steps: (STEPS, ROWS, V), the logits after each token.
    """

    text: str
    inputs: dict[str, np.ndarray]
    tokens: np.ndarray
    prefill: np.ndarray
    steps: np.ndarray

    @property
    def scale(self) -> float:
        """The largest logit in absolute value."""
        return float(max(np.abs(self.prefill).max(), np.abs(self.steps).max()))


def prompt_inputs(processor, image: np.ndarray, prompt: str) -> tuple[str, dict[str, np.ndarray]]:
    """Chat text and everything that the processor makes of it; tokens are not doubled by the tokenizer's own start."""
    messages = [{"role": "user", "content": [{"type": "image"}, {"type": "text", "text": prompt}]}]
    text = processor.apply_chat_template(messages, add_generation_prompt=True, tokenize=False)
    start = processor.tokenizer.bos_token
    doubled = {"add_special_tokens": False} if start and text.startswith(start) else {}
    found = processor(text=[text], images=[Image.fromarray(image)], return_tensors="np", **doubled)
    return text, {name: np.asarray(value) for name, value in found.items()}


@torch.no_grad()
def logits_after(model: nn.Module, inputs: dict[str, np.ndarray], tokens: list[int]) -> np.ndarray:
    """(1 + len(tokens), V): logits at the prompt's end and after each token, from one pass without a cache."""
    given = {name: torch.from_numpy(value) for name, value in inputs.items() if name != "num_crops"}
    for name in TEXT_INPUTS:
        if name in given and tokens:
            filling = {"input_ids": tokens, "attention_mask": [1] * len(tokens)}.get(name, [0] * len(tokens))
            given[name] = torch.cat([given[name], torch.tensor([filling])], dim=1)
    logits = model(**given, use_cache=False).logits[0]
    return logits[-1 - len(tokens) :].float().numpy()


def reference(model: nn.Module, processor, image: np.ndarray, prompt: str) -> Reference:
    """PyTorch's numbers for one image and prompt.

    A token that stands for an image is never said: PyTorch would look for one more image there.
    """
    text, inputs = prompt_inputs(processor, image, prompt)
    unsaid = [getattr(model.config, name, None) for name in ("image_token_id", "video_token_id")]

    def likely(logits: np.ndarray) -> np.ndarray:
        order = np.argsort(-logits, kind="stable")
        return order[~np.isin(order, [token for token in unsaid if token is not None])]

    prefill = logits_after(model, inputs, [])[-1]
    firsts = likely(prefill)[:ROWS]
    tokens = np.zeros((ROWS, STEPS), np.int64)
    steps = np.zeros((STEPS, ROWS, len(prefill)), np.float32)
    for row, first in enumerate(firsts):
        said = [int(first)]
        while len(said) < STEPS:
            said.append(int(likely(logits_after(model, inputs, said)[-1])[0]))
        tokens[row] = said
        steps[:, row] = logits_after(model, inputs, said)[1:]
    return Reference(text, inputs, tokens, prefill, steps)


def rope_positions(model: nn.Module, inputs: dict[str, np.ndarray]) -> tuple[np.ndarray, int] | tuple[None, int]:
    """M-RoPE ids of the prompt (3, 1, S) and how far the next one is from its length; None where there is no M-RoPE."""
    if not hasattr(model.model, "get_rope_index"):
        return None, 0
    wanted = ("input_ids", "mm_token_type_ids", "image_grid_thw", "attention_mask")
    given = {name: torch.from_numpy(inputs[name]) for name in wanted if name in inputs}
    positions, delta = model.model.get_rope_index(**given)
    return positions.numpy(), int(delta.flatten()[0])


def through_sessions(sessions: Sessions, found: Reference, positions: np.ndarray | None, delta: int, rows: int):
    """The same tokens through the graphs: prefill (rows, V) and steps (STEPS, rows, V), all rows in one batch."""
    images = {name: value for name, value in found.inputs.items() if name not in TEXT_INPUTS}
    x = np.repeat(sessions.merge(found.inputs["input_ids"], images), rows, 0)
    place = None if positions is None else np.repeat(positions, rows, 1)
    prefill, cache = sessions.decode(x, sessions.empty_cache(rows), 1, place)
    steps = []
    for step in range(STEPS):
        length = next(iter(cache.values())).shape[2]
        place = None if positions is None else np.full((3, rows, 1), length + delta, np.int64)
        logits, cache = sessions.decode(sessions.embed(found.tokens[:rows, step : step + 1]), cache, 1, place)
        steps.append(logits[:, -1])
    return prefill[:, -1], np.array(steps)


def divergence(a: np.ndarray, b: np.ndarray) -> float:
    """Mean KL(softmax a ‖ softmax b) in nats over the last axis."""
    logs = [part - np.logaddexp.reduce(part, -1, keepdims=True) for part in (a.astype(np.float64), b.astype(np.float64))]
    return float((np.exp(logs[0]) * (logs[0] - logs[1])).sum(-1).mean())


def report(model: nn.Module, processor, folder: Path, dtypes: list[str]) -> dict:
    """Errors of every data type against PyTorch in fp32, for two images, prefill and decode, batch 1 and 4."""
    results: dict[str, dict] = {dtype: {} for dtype in dtypes}
    references = [reference(model, processor, test_image(*image), PROMPT) for image in IMAGES]
    for dtype in dtypes:
        sessions = Sessions(folder, dtype)
        worst: dict[str, float] = {}
        kls, same = [], []
        for found in references:
            positions, delta = rope_positions(model, found.inputs)
            for rows in (1, ROWS):
                prefill, steps = through_sessions(sessions, found, positions, delta, rows)
                errors = {
                    f"prefillBatch{rows}": np.abs(prefill - found.prefill).max() / found.scale,
                    f"decodeBatch{rows}": np.abs(steps - found.steps[:, :rows]).max() / found.scale,
                }
                worst |= {name: max(float(error), worst.get(name, 0.0)) for name, error in errors.items()}
            kls.append(divergence(found.steps, steps))
            same.append(float((found.steps.argmax(-1) == steps.argmax(-1)).mean()))
        results[dtype] = {
            "maxErrorRelativeToLargestLogit": worst,
            "meanKlNats": float(np.mean(kls)),
            "sameMostLikelyToken": float(np.mean(same)),
        }
    apart = float(np.abs(references[0].prefill - references[1].prefill).max() / references[0].scale)
    fp32 = results.get("fp32", {}).get("maxErrorRelativeToLargestLogit", {})
    return {
        "modelType": model.config.model_type,
        "prompt": references[0].text,
        "promptIds": references[0].inputs["input_ids"][0].tolist(),
        "pixelValues": {
            "shape": list(references[0].inputs["pixel_values"].shape),
            "mean": float(references[0].inputs["pixel_values"].mean()),
            "std": float(references[0].inputs["pixel_values"].std()),
        },
        "largestLogit": references[0].scale,
        "twoImagesApart": apart,
        "dtypes": results,
        "fp32Tolerance": FP32_TOLERANCE,
        "passed": all(error < FP32_TOLERANCE for error in fp32.values()),
    }
