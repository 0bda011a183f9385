"""The exported graphs through onnxruntime on the CPU, called as transformers.js 4.3.1 calls them.

Written after its image_text_to_text_forward: embeddings and image features are merged outside the graphs, position ids
of a mask or M-RoPE are made outside, the cache is fed back under the names of the inputs.
"""

import json
from pathlib import Path

import numpy as np
import onnxruntime

from .architectures.llava_onevision import layout

SESSIONS = ("vision_encoder", "embed_tokens", "decoder_model_merged")
SUFFIXES = {"fp32": "", "fp16": "_fp16", "q4": "_q4", "q4f16": "_q4f16"}
TYPES = {"tensor(float)": np.float32, "tensor(float16)": np.float16}


class Sessions:
    """The three sessions of a folder in one data type."""

    def __init__(self, folder: Path, dtype: str):
        self.config = json.loads((folder / "config.json").read_text())
        self.image_token_id = self.config["image_token_id"]
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        self.of = {
            name: onnxruntime.InferenceSession(str(folder / "onnx" / f"{name}{SUFFIXES[dtype]}.onnx"), options)
            for name in SESSIONS
        }
        self.inputs = {name: [given.name for given in session.get_inputs()] for name, session in self.of.items()}

    def run(self, name: str, feeds: dict) -> dict[str, np.ndarray]:
        """Only the inputs that the session has are fed."""
        session = self.of[name]
        found = session.run(None, {key: feeds[key] for key in self.inputs[name]})
        return dict(zip((output.name for output in session.get_outputs()), found))

    def embed(self, ids: np.ndarray) -> np.ndarray:
        """(B, S) -> (B, S, W)."""
        return self.run("embed_tokens", {"input_ids": ids.astype(np.int64)})["inputs_embeds"]

    def merge(self, ids: np.ndarray, images: dict[str, np.ndarray]) -> np.ndarray:
        """Embeddings of a prompt (B, S) with the features of its images, in order."""
        given = dict(images)
        if "pixel_attention_mask" in given:
            given["pixel_attention_mask"] = given["pixel_attention_mask"].astype(bool)
        given["grid_thw"] = given.get("image_grid_thw")
        if "image_sizes" in given:
            given["image_layout"] = np.array([layout(self.config, *given["image_sizes"][0].tolist())])
        features = self.run("vision_encoder", given)["image_features"]
        x = self.embed(ids)
        x[ids == self.image_token_id] = features.reshape(-1, x.shape[-1])
        return x

    def empty_cache(self, rows: int) -> dict[str, np.ndarray]:
        """A cache of length 0."""
        past = [given for given in self.of["decoder_model_merged"].get_inputs() if given.name.startswith("past_")]
        return {
            given.name: np.zeros((rows, given.shape[1], 0, given.shape[3]), TYPES[given.type]) for given in past
        }

    def decode(self, x: np.ndarray, cache: dict, keep: int, positions: np.ndarray | None) -> tuple[np.ndarray, dict]:
        """One pass over all rows: logits (B, kept, V) and the new cache. positions: (3, B, S) where the decoder asks."""
        total = next(iter(cache.values())).shape[2] + x.shape[1]
        feeds = {
            "inputs_embeds": x,
            "attention_mask": np.ones((len(x), total), np.int64),
            "num_logits_to_keep": np.array(keep, np.int64),
            "position_ids": positions,
            **cache,
        }
        found = self.run("decoder_model_merged", feeds)
        logits = found.pop("logits")
        return logits, {name.replace("present", "past_key_values"): entry for name, entry in found.items()}
