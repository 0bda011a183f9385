"""The files beside the graphs, in the shapes that transformers.js 4.3.1 reads.

transformers 5 saves one processor file and a tokenizer class of its own; transformers.js reads the older four.
"""

import json
import re
from pathlib import Path

from .architectures import Architecture

# Names of token attributes that processors of transformers.js look up in tokenizer_config.json.
TOKENS = ("bos_token", "eos_token", "pad_token", "unk_token", "boi_token", "eoi_token", "image_token", "video_token")
NOT_OF_IMAGES = ("auto_map", "processor_class", "image_processor_type", "_valid_processor_keys", "return_tensors", "device")


def write_json(path: Path, content: dict) -> None:
    """Indented, any letter as it is."""
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n")


def model_config(model, architecture: Architecture, library: dict) -> dict:
    """config.json; `library` is what transformers.js reads under `transformers.js_config`."""
    config = model.config.to_dict()
    for part in (config, config.get("text_config", {}), config.get("vision_config", {})):
        for key in ("dtype", "torch_dtype", "_attn_implementation", "transformers_version"):
            part.pop(key, None)
    if architecture.flat_config:
        # transformers.js looks for the decoder's sizes at the top of this type.
        text = config["text_config"]
        names = ("num_hidden_layers", "num_attention_heads", "num_key_value_heads", "hidden_size", "vocab_size")
        config |= {name: text[name] for name in names}
    config["image_token_id"] = model.config.image_token_id
    return config | {"transformers.js_config": library}


def image_config(processor, architecture: Architecture) -> dict:
    """preprocessor_config.json, with class names without the ending of their implementation."""
    config = {key: value for key, value in processor.image_processor.to_dict().items() if value is not None}
    for key in NOT_OF_IMAGES:
        config.pop(key, None)
    return {
        "image_processor_type": architecture.image_processor_class,
        "processor_class": architecture.processor_class,
        **config,
        **architecture.image_config(processor),
    }


def token_config(tokenizer, template: str | None, processor_class: str) -> dict:
    """tokenizer_config.json with the chat template inside."""
    tokens = {name: getattr(tokenizer, name, None) for name in TOKENS}
    config = {
        "tokenizer_class": re.sub("Fast$", "", type(tokenizer).__name__),
        "processor_class": processor_class,
        "model_max_length": min(tokenizer.model_max_length, 2**31 - 1),
        "clean_up_tokenization_spaces": False,
        **{name: str(token) for name, token in tokens.items() if token is not None},
    }
    for flag in ("add_bos_token", "add_eos_token"):
        if isinstance(getattr(tokenizer, flag, None), bool):
            config[flag] = getattr(tokenizer, flag)
    return config | ({"chat_template": template} if template else {})


def chat_template(processor) -> str | None:
    """Without the marks of what is trained on, which the template language of transformers.js does not have."""
    template = processor.chat_template or processor.tokenizer.chat_template
    return re.sub(r"\{%-?\s*(end)?generation\s*-?%\}", "", template) if isinstance(template, str) else None


def write(folder: Path, model, processor, architecture: Architecture, library: dict) -> None:
    """Every file but the graphs."""
    folder.mkdir(parents=True, exist_ok=True)
    template = chat_template(processor)
    write_json(folder / "config.json", model_config(model, architecture, library))
    write_json(folder / "generation_config.json", model.generation_config.to_dict())
    write_json(folder / "preprocessor_config.json", image_config(processor, architecture))
    special = architecture.processor_config(processor)
    write_json(folder / "processor_config.json", {"processor_class": architecture.processor_class, **special})
    write_json(
        folder / "tokenizer_config.json", token_config(processor.tokenizer, template, architecture.processor_class)
    )
    tokenizer = json.loads(processor.tokenizer.backend_tokenizer.to_str())
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer, ensure_ascii=False, separators=(",", ":")) + "\n")
    if template:
        (folder / "chat_template.jinja").write_text(template)
