"""Training examples: which question is asked about which image, and what the model is to say."""

from dataclasses import dataclass, replace

import numpy as np
from tokenizers import Tokenizer

from . import data, observations, prompts, tokenizer as tokenizer_text
from .prompts import Asked, Question

# Answers asked for in one example of copying practice, at most.
COPY_ANSWERS = 5


@dataclass
class Example:
    """prompt and completion token ids; image: (28, 28, 3) uint8, or None for text only.

    answers_only: the loss looks at the tokens right after `<answer>` and `:` and at nothing else.
    """

    prompt: list[int]
    completion: list[int]
    image: np.ndarray | None
    answers_only: bool = False


@dataclass
class Knowledge:
    """What is known of the training images of one dataset.

    words: observation words per image; labelled: (N,) whether the class may be used;
    confusion: (N, classes) weight of being taken for another class.
    """

    words: list[list[str]]
    labelled: np.ndarray
    confusion: np.ndarray


class ExampleMaker:
    """Draws examples from the training parts as a stage's config says."""

    def __init__(self, parts: dict, knowledge: dict[str, Knowledge], tokenizer: Tokenizer, config: dict, table: dict):
        self.parts, self.knowledge, self.tokenizer = parts, knowledge, tokenizer
        self.config, self.table = config, table
        self.names = list(config["datasets"])
        weights = np.array([config["datasets"][name]["weight"] for name in self.names])
        self.weights = weights / weights.sum()
        self.kinds, self.kind_weights = shares(config["kinds"])
        self.modes, self.mode_weights = shares(config["modes"])
        self.all_labels = sorted({label for row in table.values() for label in row["labels"]})
        power = config["classBalancePower"]
        self.labelled_weights = {}
        for name in self.names:
            labels = parts[name]["train"].labels
            drawn = data.class_weights(labels, power) * knowledge[name].labelled
            self.labelled_weights[name] = drawn / drawn.sum()

    def draw_pair(self, rng: np.random.Generator) -> list[Example]:
        """Two examples; where there is an image, both ask about the same one."""
        if rng.random() < self.config["copyShare"]:
            return [self.copy_example(rng), self.copy_example(rng)]
        name = str(rng.choice(self.names, p=self.weights))
        part = self.parts[name]["train"]
        labelled = rng.random() < self.config["labels"]["drawShare"]
        weights = self.labelled_weights[name] if labelled else None
        at = int(rng.choice(len(part.labels), p=weights))
        image = data.augment(part.images[at], self.config["datasets"][name]["flips"], self.config["maxShift"], rng)
        make = self.labelled_example if labelled else self.unlabelled_example
        return [make(name, at, image, rng) for _ in range(2)]

    def ask(self, name: str, truth: int, words: list[str], rng: np.random.Generator) -> Asked:
        """A question of a drawn kind and mode."""
        kind = str(rng.choice(self.kinds, p=self.kind_weights))
        mode = str(rng.choice(self.modes, p=self.mode_weights))
        row = self.table[name]
        hint = f"{words[0]}, {rng.choice(words[1:])}" if mode == "hinted" else ""
        count = self.option_count(len(row["labels"]), rng)
        return prompts.ask(kind, row["question"], row["labels"], truth, count, rng, mode, hint)

    def labelled_example(self, name: str, at: int, image: np.ndarray, rng: np.random.Generator) -> Example:
        """Observations, the comparison of the class with another one, the answer."""
        words = self.knowledge[name].words[at]
        asked = self.ask(name, int(self.parts[name]["train"].labels[at]), words, rng)
        compared, answer = prompts.model_answer(asked, self.other_label(name, at, asked, rng))
        trace = None if asked.question.mode == "direct" else ", ".join(words) + compared
        return self.example(asked.question, prompts.completion(trace, answer), image)

    def unlabelled_example(self, name: str, at: int, image: np.ndarray, rng: np.random.Generator) -> Example:
        """The opening of an answer up to the observations; the class drawn for the options says nothing."""
        words = self.knowledge[name].words[at]
        asked = self.ask(name, int(rng.integers(len(self.table[name]["labels"]))), words, rng)
        opening = "<answer>" if asked.question.mode == "direct" else f"<think>{', '.join(words)};"
        return self.example(asked.question, opening, image)

    def option_count(self, classes: int, rng: np.random.Generator) -> int:
        """The usual number of options most often, else any number from two to eight."""
        usual = self.config["questions"]["optionCount"]
        if classes >= usual and rng.random() < 0.6:
            return usual
        return int(rng.integers(2, min(8, classes) + 1))

    def other_label(self, name: str, at: int, asked: Asked, rng: np.random.Generator) -> str:
        """The wrong class of the comparison: the one asked about, any wrong option where one is the answer,
        else one that this image could be taken for."""
        if asked.about is not None and asked.about != asked.truth:
            return asked.about
        among = asked.question.options if asked.kind in ("options", "not") else self.table[name]["labels"]
        labels = self.table[name]["labels"]
        allowed = np.array([label in among and label != asked.truth for label in labels])
        weights = allowed * (1.0 if asked.kind == "not" else self.knowledge[name].confusion[at] + 1e-4)
        return labels[int(rng.choice(len(labels), p=weights / weights.sum()))]

    def copy_example(self, rng: np.random.Generator) -> Example:
        """Text-only practice: name one option after the other and answer as the kind of question wants it."""
        kind = str(rng.choice(["options", "not", "yes-no"], p=[0.5, 0.2, 0.3]))
        pool = self.all_labels if rng.random() < 0.7 else tokenizer_text.random_words(8, rng)
        names = [str(word) for word in rng.choice(pool, int(rng.integers(2, 9)), replace=False)]
        asked = prompts.ask(kind, tokenizer_text.COPY_QUESTION, names, 0, len(names), rng, "think")
        said = ""
        for place in rng.permutation(len(names))[:COPY_ANSWERS]:
            truth = asked.about if asked.about and rng.random() < 0.5 else names[place]
            asked = replace(asked, truth=truth)
            others = [name for name in names if name != truth]
            said_no = asked.about is not None and asked.about != truth
            other = asked.about if said_no else others[int(rng.integers(len(others)))]
            compared, answer = prompts.model_answer(asked, other)
            said += prompts.completion(compared, answer).removesuffix(prompts.END)
        example = self.example(asked.question, said, None)
        example.answers_only = True
        return example

    def example(self, question: Question, completion: str, image: np.ndarray | None) -> Example:
        """Texts to token ids."""
        chat_text = prompts.chat(prompts.user_prompt(question), with_image=image is not None)
        prompt = self.tokenizer.encode(prompts.expand(chat_text)).ids
        return Example(prompt, self.tokenizer.encode(completion).ids, image)


def shares(table: dict[str, float]) -> tuple[list[str], np.ndarray]:
    """Names and their probabilities."""
    values = np.array(list(table.values()))
    return list(table), values / values.sum()


def draw_pool(maker: ExampleMaker, batches: int, size: int, rng: np.random.Generator) -> list[list[Example]]:
    """`batches` batches of `size` examples; inside a batch lengths are alike, so padding is small."""
    pairs = [maker.draw_pair(rng) for _ in range(batches * size // 2)]
    pairs.sort(key=lambda pair: max(len(e.prompt) + len(e.completion) for e in pair))
    half = size // 2
    pool = [sum(pairs[i * half : (i + 1) * half], []) for i in range(batches)]
    return [pool[i] for i in rng.permutation(batches)]


def observe_all(part: data.Part, name: str, channels: int, thresholds: dict) -> list[list[str]]:
    """The words of every training image."""
    return [observations.observe(image, name, channels, thresholds) for image in part.images]


def labelled_mask(part: data.Part, share: float, seed: int) -> np.ndarray:
    """Which images may be used with their class: a seeded draw that is not balanced, at least four."""
    count = max(4, round(share * len(part.labels)))
    mask = np.zeros(len(part.labels), bool)
    mask[np.random.default_rng(seed).permutation(len(part.labels))[:count]] = True
    return mask
