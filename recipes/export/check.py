"""Check a repository folder: ONNX fp32 against PyTorch, quantized against fp32, and the cache's rules.

python -m recipes.export.check --data DIR --runs DIR --checkpoint tiny-sft --folder public/models/tiny-sft
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch

from recipes.train import data, evaluate, generate
from recipes.train.generate import Prompt
from recipes.train.model import TinyVlm, pool
from recipes.train.prompts import END

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


def from_answer(completion: list[int], answer_id: int) -> list[int]:
    """The part from `<answer>` on; empty where nothing was answered."""
    return completion[completion.index(answer_id) :] if answer_id in completion else []


def compare(model: TinyVlm, other: TinyVlm | None, fp32: OnnxVlm | None, quantized: OnnxVlm, asked: list[Prompt], ids: dict) -> dict:
    """Largest differences, agreement and mean divergences over prompts, along PyTorch's greedy completions.

    `other`: a checkpoint whose divergence from this one the quantization is to be set beside.
    """
    worst: dict[str, float] = {}
    means: dict[str, list[float]] = {}

    def note(name: str, value: float) -> None:
        means.setdefault(name, []).append(value)

    for prompt in asked:
        completion = generate.sample(model, [prompt], 1, 0.0, ids["end"], 0)[0][0] + [ids["end"]]
        start, reference = len(prompt.ids) - 1, torch_logits(model, prompt, completion)
        if fp32:
            found = {
                "fp32MaxLogitError": np.abs(fp32.score(prompt, completion) - reference).max(),
                "fp32MaxCachedLogitError": np.abs(cached_logits(fp32, prompt, completion) - reference[start:-1]).max(),
                "fp32MaxPooledError": np.abs(onnx_pooled(fp32, prompt.image) - torch_pooled(model, prompt.image)).max(),
            }
            worst = {name: max(float(value), worst.get(name, 0.0)) for name, value in found.items()}
        greedy = quantized.greedy(prompt) + [ids["end"]]
        note("quantizedSameCompletion", float(greedy == completion))
        note("quantizedSameAnswer", float(from_answer(greedy, ids["answer"]) == from_answer(completion, ids["answer"])))
        said, answer = slice(start, start + len(completion)), from_answer(completion, ids["answer"])
        scores = {"quantized": quantized.score(prompt, completion)}
        if other:
            scores["other"] = torch_logits(other, prompt, completion)
        for name, logits in scores.items():
            if answer:
                at = start + len(completion) - len(answer) + 1
                note(f"{name}MeanKlNats", float(divergence(reference[at], logits[at])))
            note(f"{name}MeanKlNatsPerToken", float(divergence(reference[said], logits[said]).mean()))
    return {"items": len(asked), **worst, **{name: float(np.mean(values)) for name, values in means.items()}}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--data", type=Path, required=True)
    arguments.add_argument("--runs", type=Path, required=True)
    arguments.add_argument("--checkpoint", required=True)
    arguments.add_argument("--beside", help="another checkpoint, whose divergence is given beside quantization's")
    arguments.add_argument("--folder", type=Path, required=True)
    arguments.add_argument("--split", choices=["val", "test"], default="val")
    arguments.add_argument("--limit", type=int, default=8, help="items per dataset and kind")
    arguments.add_argument("--write", type=Path, help="a JSON file for the result")
    given = arguments.parse_args()
    torch.set_num_threads(1)
    config, table = data.read_config(), data.read_table()
    model, tokenizer, _ = evaluate.load_model(given.runs, given.checkpoint, config)
    other = evaluate.load_model(given.runs, given.beside, config)[0] if given.beside else None
    parts = data.load(given.data, config)
    asked = [
        evaluate.to_prompt(item, tokenizer)
        for kind in ("options", "free-form")
        for item in evaluate.make_items(parts, given.split, given.limit, kind, "think", table, config)
    ]
    ids = {"answer": tokenizer.token_to_id("<answer>"), "end": tokenizer.token_to_id(END)}
    has_fp32 = (given.folder / "onnx/decoder_model_merged.onnx").exists()
    fp32, quantized = OnnxVlm(given.folder, FP32) if has_fp32 else None, OnnxVlm(given.folder, QUANTIZED)
    result = compare(model, other, fp32, quantized, asked, ids)
    result |= {"checkpoint": given.checkpoint, "beside": given.beside}
    print(json.dumps(result, indent=1))
    if given.write:
        given.write.write_text(json.dumps(result, indent=1) + "\n")
    if max(result.get("fp32MaxLogitError", 0), result.get("fp32MaxCachedLogitError", 0)) > TOLERANCE:
        raise SystemExit(f"fp32 graphs differ from PyTorch by more than {TOLERANCE}")


if __name__ == "__main__":
    main()
