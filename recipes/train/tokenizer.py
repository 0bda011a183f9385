"""The tokenizer: a small byte-level BPE, so any text tokenizes.

Merges are learned from the task's own text and some plain English; the words that the task needs whole
are then added to the vocabulary without merges (`ignore_merges` finds them). Whole words keep traces short.
"""

import json
from pathlib import Path

import numpy as np
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers

from . import observations, prompts
from .prompts import LETTERS, Question

SPECIAL = ["<pad>", "<|im_start|>", "<end_of_utterance>", "<fake_token_around_image>", "<global-img>", "<image>"]
ORDINARY = ["<think>", "</think>", "<answer>", "</answer>"]
ENGLISH = Path(__file__).parent / "english.txt"
COPY_QUESTION = 'Which option says ""?'


def task_lines(config: dict, table: dict) -> list[str]:
    """Every text the recipe can show or expect, each part at least once."""
    lines = [prompts.WORDING["hint"].replace("{hint}", hint) for hint in observation_phrases()]
    for row in table.values():
        modes = [("think", row["labels"]), ("direct", row["labels"]), ("think", None), ("direct", None)]
        lines += [prompts.user_prompt(Question(row["question"], options, mode)) for mode, options in modes]
    for name in config["datasets"]:
        for label in table[name]["labels"]:
            lines += [f"{words}; {label}, not {label}" for words in observation_phrases()]
            lines.append(label)
    words = prompts.WORDING["kinds"]
    lines += [COPY_QUESTION, words["yesNo"], words["not"]]
    lines += [f"A. {words[answer]}\n: {words[answer]}" for answer in ("yes", "no")]
    lines += [f"User:\nAssistant: {letter}." for letter in LETTERS]
    return lines


def observation_phrases() -> list[str]:
    """All observation words, in the places they can take in a trace."""
    words = [word for scale in observations.SCALES.values() for word in scale]
    words += [word for _, word in observations.HUES] + ["grey"]
    return [f"{modality}, {word}" for modality in observations.MODALITY_WORDS.values() for word in words]


def general_lines(table: dict) -> list[str]:
    """Plain English and the labels of every MedMNIST set, with and without a capital."""
    labels = {label for row in table.values() for label in row["labels"]}
    lines = sorted(labels) + sorted(label.capitalize() for label in labels)
    return ENGLISH.read_text().splitlines() * 4 + lines + [row["question"] for row in table.values()]


def byte_level() -> pre_tokenizers.ByteLevel:
    """GPT-2's splitting, without a space put in front."""
    return pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)


def learn_merges(lines: list[str], size: int) -> tuple[dict[str, int], list[list[str]]]:
    """Vocabulary and merges of a plain BPE."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = byte_level()
    trainer = trainers.BpeTrainer(
        vocab_size=size, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
    )
    tokenizer.train_from_iterator(lines, trainer)
    model = json.loads(tokenizer.to_str())["model"]
    return model["vocab"], model["merges"]


def whole_words(lines: list[str]) -> list[str]:
    """Words of the task, byte-encoded, the most frequent first."""
    counts: dict[str, int] = {}
    for line in lines:
        for word, _ in byte_level().pre_tokenize_str(line):
            counts[word] = counts.get(word, 0) + 1
    return sorted(counts, key=lambda word: (-counts[word], word))


def build(config: dict, table: dict) -> Tokenizer:
    """The finished tokenizer."""
    c = config["tokenizer"]
    task, general = task_lines(config, table), general_lines(table)
    vocab, merges = learn_merges(task[:: max(1, len(task) // 400)] + general, c["mergedVocabSize"])
    room = c["vocabSize"] - len(SPECIAL) - len(ORDINARY)
    for word in whole_words(task):
        if word not in vocab and len(vocab) < room:
            vocab[word] = len(vocab)
    tokenizer = Tokenizer(models.BPE(vocab=vocab, merges=[tuple(pair) for pair in merges], ignore_merges=True))
    tokenizer.pre_tokenizer = byte_level()
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in SPECIAL])
    tokenizer.add_tokens([AddedToken(token, special=False, normalized=False) for token in ORDINARY])
    return tokenizer


def self_check(tokenizer: Tokenizer, table: dict) -> None:
    """Any text survives the round trip, and a letter answer is three tokens."""
    for text in ["Größe 3½ — ≥ 10 %? 心", "  two  spaces\n\n\tTab", *general_lines(table)]:
        assert tokenizer.decode(tokenizer.encode(text).ids) == text, text
    for letter in LETTERS:
        assert len(tokenizer.encode(f"<answer>{letter}</answer>").ids) == 3, letter


def random_words(count: int, rng: np.random.Generator) -> list[str]:
    """Distinct plain words for the copying practice."""
    words = sorted({word.strip(".,;:?") for word in ENGLISH.read_text().lower().split()})
    return [str(word) for word in rng.choice(words, count, replace=False)]
