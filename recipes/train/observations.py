"""Observations measured on the pixels, and the words for them.

The thresholds are quantiles of the train split per dataset, stored in observations.json, so a trace
can be checked against its image. Images are (28, 28, 3) uint8; luminance is the mean of the channels, 0..1.
"""

import json
from pathlib import Path

import numpy as np

FILE = Path(__file__).parent / "observations.json"

MODALITY_WORDS = {
    "pneumoniamnist": "chest X-ray",
    "breastmnist": "breast ultrasound",
    "bloodmnist": "blood cell",
    "organamnist": "abdominal CT",
    "retinamnist": "fundus",
    "pathmnist": "colon pathology",
}
# Words from the lowest to the highest third (half, for two words) of the train split.
SCALES = {
    "brightness": ["dark", "medium", "bright"],
    "contrast": ["low contrast", "fair contrast", "high contrast"],
    "texture": ["smooth", "mottled", "coarse"],
    "asymmetry": ["symmetric", "asymmetric"],
    "centre": ["small centre", "large centre"],
}
# Hue in degrees; the first bin whose upper edge lies above the hue.
HUES = [[20, "red"], [70, "orange"], [170, "green"], [250, "blue"], [290, "violet"], [330, "purple"], [361, "pink"]]
GREY_SATURATION = 0.03
GREY_KINDS = ["brightness", "contrast", "texture", "asymmetry", "centre"]
COLOUR_KINDS = ["brightness", "contrast", "hue", "texture", "centre"]


def otsu(luminance: np.ndarray) -> float:
    """The threshold that separates luminance best into two groups."""
    levels = np.linspace(luminance.min(), luminance.max(), 34)[1:-1]
    above = luminance.reshape(1, -1) > levels[:, None]
    share = above.mean(1)
    mean_above = (above * luminance.reshape(1, -1)).sum(1) / np.maximum(above.sum(1), 1)
    mean_below = (~above * luminance.reshape(1, -1)).sum(1) / np.maximum((~above).sum(1), 1)
    return float(levels[np.argmax(share * (1 - share) * (mean_above - mean_below) ** 2)])


def centre_share(luminance: np.ndarray) -> float:
    """Share of pixels on the side of Otsu's threshold that the border is not on."""
    above = luminance > otsu(luminance)
    border = np.concatenate([above[0], above[-1], above[:, 0], above[:, -1]])
    return float((above != (border.mean() > 0.5)).mean())


def mean_hue(image: np.ndarray) -> tuple[float, float]:
    """Chroma-weighted circular mean hue (degrees 0..360) and mean chroma (0..1)."""
    red, green, blue = (image[..., channel] / 255.0 for channel in range(3))
    x, y = red - (green + blue) / 2, (green - blue) * np.sqrt(3) / 2
    return float(np.degrees(np.arctan2(y.mean(), x.mean())) % 360), float(np.hypot(x.mean(), y.mean()))


def measure(image: np.ndarray) -> dict[str, float]:
    """All properties of one image, unitless (hue in degrees)."""
    luminance = image.mean(2) / 255.0
    padded = np.pad(luminance, 1, mode="edge")
    blurred = sum(padded[dy : dy + 28, dx : dx + 28] for dy in range(3) for dx in range(3)) / 9
    hue, chroma = mean_hue(image)
    return {
        "brightness": float(luminance.mean()),
        "contrast": float(luminance.std()),
        "texture": float(np.abs(luminance - blurred).mean()),
        "asymmetry": float(np.abs(luminance - luminance[:, ::-1]).mean()),
        "centre": centre_share(luminance),
        "hue": hue,
        "chroma": chroma,
    }


MEASURED = ("brightness", "contrast", "texture", "asymmetry", "centre", "red", "blue")


def measured_values(images: np.ndarray) -> np.ndarray:
    """(N, 28, 28, 3) uint8 -> (N, len(MEASURED)): the properties as numbers, hue as its two chroma coordinates."""
    rows = []
    for image in images:
        values = measure(image)
        angle = np.radians(values["hue"])
        values["red"], values["blue"] = values["chroma"] * np.cos(angle), values["chroma"] * np.sin(angle)
        rows.append([values[kind] for kind in MEASURED])
    return np.array(rows)


def measure_thresholds(parts: dict) -> dict:
    """Quantiles of the train split: {dataset: {kind: [edges]}}."""
    result = {}
    for name, part in parts.items():
        rows = [measure(image) for image in part["train"].images]
        result[name] = {
            kind: [
                round(float(np.quantile([row[kind] for row in rows], i / len(words))), 5)
                for i in range(1, len(words))
            ]
            for kind, words in SCALES.items()
        }
    return result


def write(parts: dict) -> None:
    """Write observations.json."""
    content = {
        "modality": MODALITY_WORDS,
        "scales": SCALES,
        "hues": HUES,
        "greySaturation": GREY_SATURATION,
        "kinds": {"grey": GREY_KINDS, "colour": COLOUR_KINDS},
        "thresholds": measure_thresholds(parts),
    }
    FILE.write_text(json.dumps(content, indent=1) + "\n")


def read_thresholds() -> dict:
    """{dataset: {kind: [edges]}} as stored."""
    return json.loads(FILE.read_text())["thresholds"]


def hue_word(hue: float, chroma: float) -> str:
    """The word for a dominant hue."""
    if chroma < GREY_SATURATION:
        return "grey"
    return next(word for edge, word in HUES if hue < edge)


def observe(image: np.ndarray, name: str, channels: int, thresholds: dict) -> list[str]:
    """The observation words of one image, modality first, in a fixed order."""
    values = measure(image)
    words = [MODALITY_WORDS[name]]
    for kind in COLOUR_KINDS if channels == 3 else GREY_KINDS:
        if kind == "hue":
            words.append(hue_word(values["hue"], values["chroma"]))
        else:
            words.append(SCALES[kind][int(np.searchsorted(thresholds[name][kind], values[kind], side="right"))])
    return words


def said_in(text: str) -> list[str]:
    """The observations that a completion states: what stands between `<think>` and the comparison."""
    opened = text.partition("<think>")[2]
    said = opened.partition("</think>")[0].partition(";")[0]
    return [word.strip() for word in said.split(",") if word.strip()]
