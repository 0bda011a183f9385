"""Training examples: which question is asked about which image, and what the model is to say."""

from dataclasses import dataclass

import numpy as np
from tokenizers import Tokenizer

from . import data, observations, prompts, tokenizer as tokenizer_text
from .prompts import LETTERS, Question

# Letters asked for in one example of copying practice, at most.
COPY_LETTERS = 5


@dataclass
class Example:
    """prompt and completion token ids; image: (28, 28, 3) uint8, or None for text only.

    letters_only: the loss looks at the tokens right after `<answer>` and at nothing else.
    """

    prompt: list[int]
    completion: list[int]
    image: np.ndarray | None
    letters_only: bool = False


@dataclass
class Knowledge:
    """What is known of the training images of one dataset.

    words: observation words per image; confusion: (N, classes) probability of being taken for another class.
    """

    words: list[list[str]]
    confusion: np.ndarray


class ExampleMaker:
    """Draws examples from the training parts."""

    def __init__(self, parts: dict, knowledge: dict[str, Knowledge], tokenizer: Tokenizer, config: dict, table: dict):
        self.parts, self.knowledge, self.tokenizer = parts, knowledge, tokenizer
        self.config, self.table = config, table
        self.names = list(config["datasets"])
        weights = np.array([config["datasets"][name]["weight"] for name in self.names])
        self.weights = weights / weights.sum()
        power = config["classBalancePower"]
        self.image_weights = {name: data.class_weights(parts[name]["train"].labels, power) for name in self.names}
        kinds = config["sft"]["kinds"]
        self.kinds, self.kind_weights = list(kinds), np.array(list(kinds.values())) / sum(kinds.values())
        self.all_labels = sorted({label for row in table.values() for label in row["labels"]})

    def draw_pair(self, rng: np.random.Generator) -> list[Example]:
        """Two examples of one kind; where there is an image, both ask about the same one."""
        kind = str(rng.choice(self.kinds, p=self.kind_weights))
        if kind == "copy":
            return [self.copy_example(rng), self.copy_example(rng)]
        name = str(rng.choice(self.names, p=self.weights))
        part = self.parts[name]["train"]
        at = int(rng.choice(len(part.labels), p=self.image_weights[name]))
        image = data.augment(part.images[at], self.config["datasets"][name]["flips"], self.config["maxShift"], rng)
        return [self.image_example(kind, name, at, image, rng) for _ in range(2)]

    def image_example(self, kind: str, name: str, at: int, image: np.ndarray, rng: np.random.Generator) -> Example:
        """One question of the given kind about one training image."""
        labels = self.table[name]["labels"]
        truth = int(self.parts[name]["train"].labels[at])
        words = self.knowledge[name].words[at]
        options, answer = None, labels[truth]
        if kind.startswith("options"):
            options, place = prompts.draw_options(labels, truth, self.option_count(len(labels), rng), rng)
            answer = LETTERS[place]
        mode = {"Direct": "direct", "Hinted": "hinted"}.get(kind[-6:], "think")
        question = Question(self.table[name]["question"], options, mode, self.hint(words, mode, rng))
        other = self.confused_label(name, at, truth, options, rng)
        trace = None if mode == "direct" else prompts.trace_text(words, labels[truth], other)
        return self.example(prompts.chat(prompts.user_prompt(question)), prompts.completion(trace, answer), image)

    def option_count(self, classes: int, rng: np.random.Generator) -> int:
        """Four options most often where there are as many classes, else any number from two to eight."""
        if classes >= 4 and rng.random() < self.config["sft"]["fourOptionsShare"]:
            return 4
        return int(rng.integers(2, min(8, classes) + 1))

    def confused_label(
        self, name: str, at: int, truth: int, options: list[str] | None, rng: np.random.Generator
    ) -> str:
        """A wrong class this image could be taken for, among the options if there are any."""
        labels = self.table[name]["labels"]
        allowed = np.array([options is None or label in options for label in labels])
        allowed[truth] = False
        weights = np.where(allowed, self.knowledge[name].confusion[at] + 1e-4, 0)
        return labels[int(rng.choice(len(labels), p=weights / weights.sum()))]

    def hint(self, words: list[str], mode: str, rng: np.random.Generator) -> str:
        """One true observation, for the hinted mode."""
        return f"{words[0]}, {rng.choice(words[1:])}" if mode == "hinted" else ""

    def copy_example(self, rng: np.random.Generator) -> Example:
        """Text-only practice: name one option after the other and answer its letter."""
        pool = self.all_labels if rng.random() < 0.7 else tokenizer_text.random_words(8, rng)
        count = int(rng.integers(2, 9))
        options = [str(word) for word in rng.choice(pool, count, replace=False)]
        question = Question(tokenizer_text.COPY_QUESTION, options, "think")
        text = prompts.chat(prompts.user_prompt(question), with_image=False)
        said = ""
        for place in rng.permutation(count)[:COPY_LETTERS]:
            other = options[(place + int(rng.integers(1, count))) % count]
            said += prompts.completion(f"; {options[place]}, not {other}", LETTERS[place]).removesuffix(prompts.END)
        example = self.example(text, said, None)
        example.letters_only = True
        return example

    def example(self, chat_text: str, completion: str, image: np.ndarray | None) -> Example:
        """Texts to token ids."""
        prompt = self.tokenizer.encode(prompts.expand(chat_text)).ids
        return Example(prompt, self.tokenizer.encode(completion).ids, image)


def draw_pool(maker: ExampleMaker, batches: int, size: int, rng: np.random.Generator) -> list[list[Example]]:
    """`batches` batches of `size` examples; inside a batch lengths are alike, so padding is small."""
    pairs = [maker.draw_pair(rng) for _ in range(batches * size // 2)]
    pairs.sort(key=lambda pair: max(len(e.prompt) + len(e.completion) for e in pair))
    half = size // 2
    pool = [sum(pairs[i * half : (i + 1) * half], []) for i in range(batches)]
    return [pool[i] for i in rng.permutation(batches)]


def know(part: data.Part, name: str, channels: int, thresholds: dict, confusion: np.ndarray) -> Knowledge:
    """Measure the words of every training image."""
    words = [observations.observe(image, name, channels, thresholds) for image in part.images]
    return Knowledge(words, confusion)
