"""The configuration files of a transformers.js repository of type idefics3."""

import json
from pathlib import Path

from tokenizers import Tokenizer

from recipes.train.model import VISUAL_TOKENS
from recipes.train.prompts import CHAT_TEMPLATE

from .graphs import IMAGE_SIDE

# The dtypes to load in the browser, per session.
QUANTIZED = {"vision_encoder": "q8", "embed_tokens": "q8", "decoder_model_merged": "q4"}
SUFFIXES = {"fp32": "", "q8": "_quantized", "q4": "_q4"}


def token_ids(tokenizer: Tokenizer) -> dict[str, int]:
    """The ids that configurations name."""
    names = {"bos_token_id": "<|im_start|>", "eos_token_id": "<end_of_utterance>", "pad_token_id": "<pad>"}
    return {key: tokenizer.token_to_id(token) for key, token in names.items()}


def model_config(config: dict, tokenizer: Tokenizer) -> dict:
    """config.json."""
    c, ids, size = config["decoder"], token_ids(tokenizer), tokenizer.get_vocab_size()
    return {
        "architectures": ["Idefics3ForConditionalGeneration"],
        "model_type": "idefics3",
        "image_token_id": tokenizer.token_to_id("<image>"),
        "scale_factor": 1,
        "tie_word_embeddings": True,
        "vocab_size": size,
        **ids,
        "text_config": {
            "model_type": "llama",
            "architectures": ["LlamaForCausalLM"],
            "vocab_size": size,
            "hidden_size": c["width"],
            "intermediate_size": c["mlpWidth"],
            "num_hidden_layers": c["layers"],
            "num_attention_heads": c["heads"],
            "num_key_value_heads": c["kvHeads"],
            "head_dim": c["headDim"],
            "hidden_act": "silu",
            "rms_norm_eps": c["normEpsilon"],
            "rope_theta": c["ropeBase"],
            "max_position_embeddings": c["maxPositions"],
            "tie_word_embeddings": True,
            **ids,
        },
        "vision_config": {
            "model_type": "idefics3_vision",
            "hidden_size": config["tower"]["widths"][-1],
            "image_size": IMAGE_SIDE,
            "patch_size": 7,
            "num_channels": 3,
        },
        "transformers.js_config": {"dtype": QUANTIZED},
    }


def image_processor_config() -> dict:
    """preprocessor_config.json."""
    return {
        "image_processor_type": "Idefics3ImageProcessor",
        "processor_class": "Idefics3Processor",
        "do_convert_rgb": True,
        "do_resize": True,
        "size": {"longest_edge": IMAGE_SIDE},
        "max_image_size": {"longest_edge": IMAGE_SIDE},
        "resample": 1,
        "do_image_splitting": False,
        "do_rescale": True,
        "rescale_factor": 1 / 255,
        "do_normalize": True,
        "image_mean": [0.5, 0.5, 0.5],
        "image_std": [0.5, 0.5, 0.5],
        "do_pad": True,
    }


def tokenizer_config(tokenizer: Tokenizer, config: dict) -> dict:
    """tokenizer_config.json, with the chat template inside."""
    added = tokenizer.get_added_tokens_decoder()
    fields = ("content", "lstrip", "normalized", "rstrip", "single_word", "special")
    return {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "processor_class": "Idefics3Processor",
        "model_max_length": config["decoder"]["maxPositions"],
        "clean_up_tokenization_spaces": False,
        "bos_token": "<|im_start|>",
        "eos_token": "<end_of_utterance>",
        "pad_token": "<pad>",
        "additional_special_tokens": ["<fake_token_around_image>", "<global-img>", "<image>", "<end_of_utterance>"],
        "added_tokens_decoder": {
            str(i): {field: getattr(token, field) for field in fields} for i, token in sorted(added.items())
        },
        "chat_template": CHAT_TEMPLATE,
    }


def write(folder: Path, config: dict, tokenizer: Tokenizer) -> None:
    """Write every file except the graphs and the card."""
    files = {
        "config.json": model_config(config, tokenizer),
        "generation_config.json": {**token_ids(tokenizer), "do_sample": False, "max_new_tokens": 64},
        "preprocessor_config.json": image_processor_config(),
        "processor_config.json": {"processor_class": "Idefics3Processor", "image_seq_len": VISUAL_TOKENS},
        "tokenizer_config.json": tokenizer_config(tokenizer, config),
    }
    for name, content in files.items():
        (folder / name).write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n")
    compact = json.dumps(json.loads(tokenizer.to_str()), ensure_ascii=False, separators=(",", ":"))
    (folder / "tokenizer.json").write_text(compact + "\n")
