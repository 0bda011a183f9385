"""What differs between architectures: which modules of the PyTorch model become which session, and what
transformers.js wants in the configuration files. One table row each.
"""

from dataclasses import dataclass
from typing import Callable

from torch import nn

from . import gemma3, idefics3, llava_onevision, qwen_vl


@dataclass(frozen=True)
class Architecture:
    """How one `model_type` is taken apart.

    vision: model -> module whose inputs are `vision_inputs`, with example shapes from `vision_example`.
    text: model -> (decoder without head, head). image_channel: image positions travel as one more channel of
    `inputs_embeds`. image_config: more for preprocessor_config.json. mrope: the decoder takes `position_ids` (3, B, S). position_ids are otherwise counted from the mask.
    """

    vision: Callable[[nn.Module], nn.Module]
    vision_inputs: Callable[[nn.Module], dict]
    text: Callable[[nn.Module], tuple[nn.Module, nn.Module]]
    processor_class: str
    image_processor_class: str
    processor_config: Callable[[object], dict]
    image_config: Callable[[object], dict] = lambda _: {}
    masks_by_type: bool = False
    image_channel: bool = False
    mrope: bool = False
    flat_config: bool = False


def _row(module, **given) -> Architecture:
    parts = {name: getattr(module, name) for name in ("vision", "vision_inputs", "text", "processor_config")}
    return Architecture(**parts, **given)


ARCHITECTURES = {
    "idefics3": _row(idefics3, processor_class="Idefics3Processor", image_processor_class="Idefics3ImageProcessor"),
    "smolvlm": _row(idefics3, processor_class="SmolVLMProcessor", image_processor_class="SmolVLMImageProcessor"),
    "gemma3": _row(
        gemma3,
        processor_class="Gemma3Processor",
        image_processor_class="Gemma3ImageProcessor",
        masks_by_type=True,
        image_channel=True,
    ),
    "qwen2_vl": _row(
        qwen_vl,
        processor_class="Qwen2VLProcessor",
        image_processor_class="Qwen2VLImageProcessor",
        masks_by_type=True,
        mrope=True,
        flat_config=True,
    ),
    "qwen2_5_vl": _row(
        qwen_vl,
        processor_class="Qwen2_5_VLProcessor",
        image_processor_class="Qwen2VLImageProcessor",
        masks_by_type=True,
        mrope=True,
    ),
    "qwen3_vl": _row(
        qwen_vl, processor_class="Qwen3VLProcessor", image_processor_class="Qwen2VLImageProcessor", mrope=True
    ),
    # transformers.js has no class of its name for a whole processor, only for images.
    "llava_onevision": _row(
        llava_onevision,
        processor_class="LlavaProcessor",
        image_processor_class="LlavaOnevisionImageProcessor",
        image_config=llava_onevision.image_config,
        masks_by_type=True,
    ),
}


def architecture_of(model_type: str) -> Architecture:
    """The row of a `model_type`. Raises ValueError with the types that there are."""
    if model_type not in ARCHITECTURES:
        raise ValueError(f"model_type {model_type!r} is not supported; supported are {', '.join(ARCHITECTURES)}")
    return ARCHITECTURES[model_type]
