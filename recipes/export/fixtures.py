"""Stored numbers that the app's tests and its device self-check compare with.

python -m recipes.export.fixtures --data DIR --runs DIR --checkpoint tiny-sft --folder public/models/tiny-sft \\
    --to test/fixtures/tiny-sft

Without --to only the folder's self-check.json is written.
"""

import argparse
import base64
import json
from pathlib import Path

import numpy as np
from PIL import Image
from tokenizers import Tokenizer
from transformers.models.idefics3.image_processing_pil_idefics3 import Idefics3ImageProcessorPil

from recipes.train import data, evaluate, prompts
from recipes.train.evaluate import Item

from .check import log_softmax, torch_logits
from .repository import QUANTIZED
from .runtime import OnnxVlm

# (mode, free-form, items): spread evenly over the datasets.
MIX = (("think", False, 12), ("think", True, 4), ("direct", False, 4))
DECIMALS = 5
SELF_CHECK_TOKENS = 64


def encode(array: np.ndarray) -> str:
    """Base64 of the bytes, row-major, little-endian."""
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()


def pick_items(parts: dict, table: dict, config: dict, seed: int) -> list[Item]:
    """The mixed test items."""
    chosen = []
    for at, (mode, free, count) in enumerate(MIX):
        items = evaluate.make_items(parts, "test", 2, "free-form" if free else "options", mode, table, config, seed + at)
        chosen += [items[i * len(items) // count] for i in range(count)]
    return chosen


def answer_positions(prompt: list[int], completion: list[int], tokenizer: Tokenizer) -> list[int]:
    """Where to look in prompt + completion: the last prompt position, then from `<answer>` to the position
    that predicts `</answer>`."""
    opening = completion.index(tokenizer.token_to_id("<answer>"))
    closing = completion.index(tokenizer.token_to_id("</answer>"))
    return [len(prompt) - 1, *range(len(prompt) + opening, len(prompt) + closing)]


def stored_item(item: Item, parts: dict, tokenizer: Tokenizer, model, fp32: OnnxVlm, quantized: OnnxVlm) -> dict:
    """One item of logits.json."""
    prompt = evaluate.to_prompt(item, tokenizer)
    completion = fp32.greedy(prompt)
    positions = answer_positions(prompt.ids, completion, tokenizer)
    logits = torch_logits(model, prompt, completion)[positions]
    question = item.asked.question
    user = prompts.user_prompt(question)
    return {
        "dataset": item.dataset,
        "index": int(parts[item.dataset]["test"].index[item.index]),
        "label": item.label,
        "image": encode(item.image),
        "question": question.text,
        "options": question.options,
        "mode": question.mode,
        "userPrompt": user,
        "chatPrompt": prompts.chat(user),
        "promptIds": prompt.ids,
        "completionIds": completion,
        "completionText": tokenizer.decode(completion, skip_special_tokens=False),
        "correctAnswer": item.asked.right[0],
        "positions": positions,
        "logits": encode(np.round(logits, DECIMALS).astype(np.float32)),
        "quantizedCompletionIds": quantized.greedy(prompt),
    }


def self_check(item: Item, tokenizer: Tokenizer, quantized: OnnxVlm) -> dict:
    """The most likely first tokens of one item with the quantized graphs."""
    prompt = evaluate.to_prompt(item, tokenizer)
    logits, _ = quantized.decode(quantized.embed_prompt(prompt), quantized.empty_cache(1), 1)
    log_probs = log_softmax(logits[0, -1])
    best = np.argsort(-log_probs)[:SELF_CHECK_TOKENS]
    return {
        "image": encode(item.image),
        "width": item.image.shape[1],
        "height": item.image.shape[0],
        "promptText": prompts.user_prompt(item.asked.question),
        "promptIds": prompt.ids,
        "dtypes": QUANTIZED,
        "topTokenLogProbs": [{"id": int(i), "logProb": round(float(log_probs[i]), DECIMALS)} for i in best],
    }


def synthetic(height: int, width: int, seed: int) -> np.ndarray:
    """Waves, an edge and noise: (height, width, 3) uint8."""
    y, x = np.mgrid[0:height, 0:width]
    rng = np.random.default_rng(seed)
    channels = [128 + 70 * np.sin(x / (5 + 2 * c) + c) * np.cos(y / (7 + c)) + 40 * (x + y > width) for c in range(3)]
    image = np.stack(channels, -1) + rng.normal(0, 12, (height, width, 3))
    return np.clip(image, 0, 255).astype(np.uint8)


def processed(name: str, image: np.ndarray, processor: Idefics3ImageProcessorPil) -> dict:
    """One image and the pixel values Python makes of it."""
    pixels = processor(Image.fromarray(image), return_tensors="np")["pixel_values"]
    return {
        "name": name,
        "height": image.shape[0],
        "width": image.shape[1],
        "channels": 1 if image.ndim == 2 else 3,
        "image": encode(image),
        "shape": list(pixels.shape),
        "pixelValues": encode(pixels.astype(np.float32)),
    }


def processor_fixture(folder: Path, parts: dict) -> dict:
    """processor.json: grey and RGB at 28×28, and two synthetic sizes."""
    settings = json.loads((folder / "preprocessor_config.json").read_text())
    for key in ("image_processor_type", "processor_class"):
        settings.pop(key)
    processor = Idefics3ImageProcessorPil(**settings)
    images = {
        "grey 28×28": parts["pneumoniamnist"]["test"].images[0][..., 0],
        "RGB 28×28": parts["bloodmnist"]["test"].images[0],
        "RGB 64×48": synthetic(48, 64, 1),
        "RGB 200×301": synthetic(301, 200, 2),
    }
    return {"items": [processed(name, image, processor) for name, image in images.items()]}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--data", type=Path, required=True)
    arguments.add_argument("--runs", type=Path, required=True)
    arguments.add_argument("--checkpoint", required=True)
    arguments.add_argument("--folder", type=Path, required=True, help="the exported repository")
    arguments.add_argument("--to", type=Path, help="folder of the fixtures; needs the fp32 graphs")
    given = arguments.parse_args()
    config, table = data.read_config(), data.read_table()
    model, tokenizer, info = evaluate.load_model(given.runs, given.checkpoint, config)
    parts = data.load(given.data, config)
    quantized = OnnxVlm(given.folder, QUANTIZED)
    items = pick_items(parts, table, config, config["evaluation"]["seed"])
    contents = {given.folder / "self-check.json": self_check(items[0], tokenizer, quantized)}
    if given.to:
        fp32 = OnnxVlm(given.folder, dict.fromkeys(QUANTIZED, "fp32"))
        stored = [stored_item(item, parts, tokenizer, model, fp32, quantized) for item in items]
        size = tokenizer.get_vocab_size()
        contents[given.to / "logits.json"] = {"checkpointStep": info["step"], "vocabSize": size, "items": stored}
        contents[given.to / "processor.json"] = processor_fixture(given.folder, parts)
        given.to.mkdir(parents=True, exist_ok=True)
    for path, content in contents.items():
        path.write_text(json.dumps(content, ensure_ascii=False, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
