"""The exported graphs through onnxruntime on the CPU, called as transformers.js calls them."""

import json
from pathlib import Path

import numpy as np
import onnxruntime

from recipes.train import data
from recipes.train.generate import Prompt

from .repository import SUFFIXES


class OnnxVlm:
    """Three sessions of a repository folder; dtypes: {session: "fp32" | "q8" | "q4"}."""

    def __init__(self, folder: Path, dtypes: dict[str, str]):
        config = json.loads((folder / "config.json").read_text())
        text = config["text_config"]
        self.image_token_id, self.end_id = config["image_token_id"], config["eos_token_id"]
        self.layers = text["num_hidden_layers"]
        self.cache_shape = (text["num_key_value_heads"], text["head_dim"])
        self.sessions = {
            name: onnxruntime.InferenceSession(str(folder / "onnx" / f"{name}{SUFFIXES[dtype]}.onnx"))
            for name, dtype in dtypes.items()
        }

    def embed_prompt(self, prompt: Prompt) -> np.ndarray:
        """inputs_embeds (1, S, W) of a prompt with its image."""
        pixels = data.normalise(prompt.image[None])[None]
        mask = np.ones((1, 1, *pixels.shape[-2:]), bool)
        vision = self.sessions["vision_encoder"]
        features = vision.run(["image_features"], {"pixel_values": pixels, "pixel_attention_mask": mask})[0]
        x = self.embed(np.array([prompt.ids]))
        x[0, np.array(prompt.ids) == self.image_token_id] = features.reshape(-1, x.shape[-1])
        return x

    def embed(self, ids: np.ndarray) -> np.ndarray:
        """(B, S) ids -> (B, S, W)."""
        return self.sessions["embed_tokens"].run(None, {"input_ids": ids.astype(np.int64)})[0]

    def empty_cache(self, rows: int) -> list[np.ndarray]:
        """A cache of length 0: key and value of every layer."""
        heads, dim = self.cache_shape
        return [np.zeros((rows, heads, 0, dim), np.float32) for _ in range(2 * self.layers)]

    def decode(self, x: np.ndarray, cache: list[np.ndarray], keep: int) -> tuple[np.ndarray, list[np.ndarray]]:
        """One forward pass: logits (B, kept, V) and the new cache. keep: 0 for all positions."""
        names = [f"past_key_values.{i}.{part}" for i in range(self.layers) for part in ("key", "value")]
        total = cache[0].shape[2] + x.shape[1]
        feeds = {
            "inputs_embeds": x,
            "attention_mask": np.ones((len(x), total), np.int64),
            "num_logits_to_keep": np.array(keep, np.int64),
            **dict(zip(names, cache)),
        }
        logits, *present = self.sessions["decoder_model_merged"].run(None, feeds)
        return logits, present

    def greedy(self, prompt: Prompt, max_new: int = 64) -> list[int]:
        """Greedy completion without the end token."""
        logits, cache = self.decode(self.embed_prompt(prompt), self.empty_cache(1), 1)
        tokens: list[int] = []
        while len(tokens) < max_new:
            token = int(logits[0, -1].argmax())
            if token == self.end_id:
                break
            tokens.append(token)
            logits, cache = self.decode(self.embed(np.array([[token]])), cache, 1)
        return tokens

    def score(self, prompt: Prompt, completion: list[int]) -> np.ndarray:
        """Logits (S, V) at every position of prompt + completion, in one pass."""
        x = np.concatenate([self.embed_prompt(prompt), self.embed(np.array([completion]))], 1)
        return self.decode(x, self.empty_cache(1), 0)[0][0]
