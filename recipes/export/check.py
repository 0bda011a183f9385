"""Check a repository folder: ONNX fp32 against PyTorch, quantized against fp32, and the cache's rules.

python -m recipes.export.check --data DIR --checkpoint DIR/sft.pt --folder public/models/tiny-sft
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch

from recipes.train import data, evaluate
from recipes.train.generate import Prompt
from recipes.train.model import TinyVlm, pool

from .repository import QUANTIZED
from .runtime import OnnxVlm

FP32 = dict.fromkeys(QUANTIZED, "fp32")
TOLERANCE = 2e-4


@torch.no_grad()
def torch_logits(model: TinyVlm, prompt: Prompt, completion: list[int]) -> np.ndarray:
    """PyTorch's logits (S, V) at every position of prompt + completion."""
    pixels = torch.from_numpy(data.normalise(prompt.image[None]))
    x = model.merge(torch.tensor([prompt.ids + completion]), model.encode_image(pixels))
    return model.logits(model.hidden(x)[0])[0].numpy()


@torch.no_grad()
def torch_pooled(model: TinyVlm, image: np.ndarray) -> np.ndarray:
    """PyTorch's pooled tower output, mean then maximum (2 · tower width)."""
    return pool(model.tower(torch.from_numpy(data.normalise(image[None]))))[0].numpy()


def onnx_pooled(onnx: OnnxVlm, image: np.ndarray) -> np.ndarray:
    """The same from the vision graph."""
    pixels = data.normalise(image[None])[None]
    feeds = {"pixel_values": pixels, "pixel_attention_mask": np.ones((1, 1, 28, 28), bool)}
    return np.concatenate(onnx.sessions["vision_encoder"].run(["tower_mean", "tower_max"], feeds), 1)[0]


def log_softmax(logits: np.ndarray) -> np.ndarray:
    """In float64, over the last axis."""
    shifted = logits.astype(np.float64) - logits.max(-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))


def divergence(reference: np.ndarray, other: np.ndarray) -> np.ndarray:
    """KL(reference ‖ other) in nats of the distributions given as logits, over the last axis."""
    p, q = log_softmax(reference), log_softmax(other)
    return (np.exp(p) * (p - q)).sum(-1)


def cached_logits(onnx: OnnxVlm, prompt: Prompt, completion: list[int]) -> np.ndarray:
    """Logits (completion, V) from prefill and single-token steps, as row 1 of a gathered batch of three."""
    logits, cache = onnx.decode(onnx.embed_prompt(prompt), onnx.empty_cache(1), 1)
    cache = [part[[0, 0, 0]] for part in cache]
    rows = [logits[0, -1]]
    for token in completion[:-1]:
        ids = np.array([[0], [token], [1]])
        logits, cache = onnx.decode(onnx.embed(ids), cache, 1)
        cache = [part[[1, 1, 1]] for part in cache]
        rows.append(logits[1, -1])
    return np.array(rows)


def compare(model: TinyVlm, fp32: OnnxVlm, quantized: OnnxVlm, asked: list[Prompt], answer_id: int) -> dict:
    """Largest differences and agreement over prompts."""
    worst, worst_cached, worst_pooled, same, same_answer, divergences = 0.0, 0.0, 0.0, [], [], []
    for prompt in asked:
        completion = fp32.greedy(prompt) + [fp32.end_id]
        reference = torch_logits(model, prompt, completion)
        start = len(prompt.ids) - 1
        worst = max(worst, float(np.abs(fp32.score(prompt, completion) - reference).max()))
        steps = cached_logits(fp32, prompt, completion)
        worst_cached = max(worst_cached, float(np.abs(steps - reference[start:-1]).max()))
        pooled = np.abs(onnx_pooled(fp32, prompt.image) - torch_pooled(model, prompt.image))
        worst_pooled = max(worst_pooled, float(pooled.max()))
        other = quantized.greedy(prompt) + [fp32.end_id]
        opening = completion.index(answer_id)
        same.append(other == completion)
        same_answer.append(answer_id in other and other[other.index(answer_id) :] == completion[opening:])
        at = start + opening + 1
        divergences.append(float(divergence(reference[at], quantized.score(prompt, completion)[at])))
    return {
        "items": len(asked),
        "fp32MaxLogitError": worst,
        "fp32MaxCachedLogitError": worst_cached,
        "fp32MaxPooledError": worst_pooled,
        "quantizedSameCompletion": float(np.mean(same)),
        "quantizedSameAnswer": float(np.mean(same_answer)),
        "quantizedMeanKlNats": float(np.mean(divergences)),
        "quantizedMedianKlNats": float(np.median(divergences)),
    }


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--data", type=Path, required=True)
    arguments.add_argument("--checkpoint", type=Path, required=True)
    arguments.add_argument("--folder", type=Path, required=True)
    arguments.add_argument("--split", choices=["val", "test"], default="val")
    arguments.add_argument("--limit", type=int, default=8, help="items per dataset")
    arguments.add_argument("--write", type=Path, help="a JSON file for the result")
    given = arguments.parse_args()
    config, table = data.read_config(), data.read_table()
    model, tokenizer, _ = evaluate.load_model(given.checkpoint.parent, given.checkpoint.name, config)
    parts = data.load(given.data, config)
    items = evaluate.make_items(parts, given.split, given.limit, "think", False, table, config["seed"])
    asked = [evaluate.to_prompt(item, tokenizer) for item in items]
    fp32, quantized = OnnxVlm(given.folder, FP32), OnnxVlm(given.folder, QUANTIZED)
    result = compare(model, fp32, quantized, asked, tokenizer.token_to_id("<answer>"))
    print(json.dumps(result, indent=1))
    if given.write:
        given.write.write_text(json.dumps(result, indent=1) + "\n")
    if max(result["fp32MaxLogitError"], result["fp32MaxCachedLogitError"]) > TOLERANCE:
        raise SystemExit(f"fp32 graphs differ from PyTorch by more than {TOLERANCE}")


if __name__ == "__main__":
    main()
