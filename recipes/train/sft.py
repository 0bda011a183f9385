"""Supervised fine-tuning of the whole model on labelled traces. Resumes from its own checkpoint.

python -m recipes.train.sft --data DIR --out DIR
"""

import argparse
import json
import math
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from tokenizers import Tokenizer
from torch import Tensor, distributed

from . import data, evaluate, examples, observations, tokenizer as tokenizer_text
from .examples import Example, ExampleMaker
from .letters import LetterFinder, LetterHeads, Targets
from .model import TinyVlm, freeze_batch_norm
from .tower import TowerClassifier, class_logits

ANSWER_WEIGHT = 3.0
LETTER_WEIGHT = 1.0


def new_model(config: dict, tokenizer: Tokenizer) -> TinyVlm:
    """An untrained model for this tokenizer."""
    return TinyVlm(config, tokenizer.get_vocab_size(), tokenizer.token_to_id("<image>"))


def load_classifier(out: Path, config: dict, table: dict) -> TowerClassifier:
    """The pre-trained tower with its heads."""
    classifier = TowerClassifier(config, table)
    classifier.load_state_dict(torch.load(out / "tower.pt")["model"])
    return classifier.eval()


def token_weights(e: Example, answer_id: int) -> list[float]:
    """Loss weight of every completion token: the answer's tokens count more."""
    if e.letters_only:
        return [ANSWER_WEIGHT * (i > 0 and e.completion[i - 1] == answer_id) for i in range(len(e.completion))]
    after = e.completion.index(answer_id) + 1
    return [ANSWER_WEIGHT if i >= after else 1.0 for i in range(len(e.completion) - 2)] + [1.0, 1.0]


def collate(batch: list[Example], pad: int, answer_id: int):
    """Right-padded ids (B, S), pixels (n, 3, 28, 28), owner (images per row) and loss targets.

    Targets: flat positions into (B·S), token ids and weights, for completion tokens only.
    """
    length = max(len(e.prompt) + len(e.completion) for e in batch)
    ids = np.full((len(batch), length), pad, np.int64)
    positions, tokens, weights = [], [], []
    for row, e in enumerate(batch):
        ids[row, : len(e.prompt) + len(e.completion)] = e.prompt + e.completion
        start = row * length + len(e.prompt) - 1
        positions += range(start, start + len(e.completion))
        tokens += e.completion
        weights += token_weights(e, answer_id)
    return torch.from_numpy(ids), torch.tensor(positions), torch.tensor(tokens), torch.tensor(weights)


def batch_features(model: TinyVlm, batch: list[Example]) -> Tensor:
    """Visual tokens in row order (rows with image, 16, W); neighbours that share an image are encoded once."""
    shown = [e.image for e in batch if e.image is not None]
    unique, owner = [], []
    for image in shown:
        if not unique or image is not unique[-1]:
            unique.append(image)
        owner.append(len(unique) - 1)
    pixels = torch.from_numpy(data.normalise(np.stack(unique))).to(memory_format=torch.channels_last)
    return model.encode_image(pixels)[torch.tensor(owner)]


def letter_targets(finder: LetterFinder, batch: list[Example]) -> Targets:
    """What the auxiliary task asks of a batch."""
    targets = Targets()
    for row, e in enumerate(batch):
        finder.add(targets, row, e.prompt, e.completion)
    return targets


def batch_loss(model: TinyVlm, batch: list[Example], run: dict) -> Tensor:
    """Weighted mean cross-entropy of the completion tokens, and the letter heads' loss."""
    ids, positions, tokens, weights = collate(batch, run["pad"], run["answer"])
    features = batch_features(model, batch) if any(e.image is not None for e in batch) else None
    x = model.embed(ids) if features is None else model.merge(ids, features)
    taps: list[Tensor] = []
    hidden, _ = model.hidden(x, taps=taps)
    logits = model.logits(hidden.flatten(0, 1)[positions])
    said = (F.cross_entropy(logits, tokens, reduction="none") * weights).sum() / weights.sum()
    letters = run["heads"].loss(model, taps, letter_targets(run["finder"], batch))
    run["logged"].append((said.item(), letters.item()))
    return said + LETTER_WEIGHT * letters


def make_optimiser(model: TinyVlm, heads: LetterHeads, c: dict) -> torch.optim.AdamW:
    """AdamW with a small step for the tower and no decay for vectors."""
    groups: dict[tuple[bool, bool], list] = {}
    for name, parameter in [*model.named_parameters(), *heads.named_parameters()]:
        groups.setdefault((name.startswith("tower."), parameter.ndim > 1), []).append(parameter)
    return torch.optim.AdamW(
        [
            {
                "params": parameters,
                "base": c["towerLearningRate"] if in_tower else c["learningRate"],
                "weight_decay": c["weightDecay"] if matrix else 0.0,
            }
            for (in_tower, matrix), parameters in groups.items()
        ],
        betas=(0.9, 0.98),
    )


def learning_rate_share(step: int, c: dict) -> float:
    """Warm-up, constant, then cosine down to 2 % over the last part."""
    decay = int(c["steps"] * c["decayShare"])
    done = (step - (c["steps"] - decay)) / decay
    return min(1.0, (step + 1) / c["warmupSteps"]) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * max(0.0, done))))


def average_gradients(parameters: list[torch.nn.Parameter]) -> None:
    """Mean of the workers' gradients, in place."""
    gradients = [p.grad if p.grad is not None else torch.zeros_like(p) for p in parameters]
    flat = torch.cat([gradient.flatten() for gradient in gradients])
    distributed.all_reduce(flat)
    flat /= distributed.get_world_size()
    for parameter, piece in zip(parameters, flat.split([gradient.numel() for gradient in gradients])):
        parameter.grad = piece.view(parameter.shape)


def train_step(model: TinyVlm, optimiser: torch.optim.AdamW, batch: list[Example], step: int, run: dict) -> None:
    """One update of all workers."""
    c = run["config"]["sft"]
    for group in optimiser.param_groups:
        group["lr"] = group["base"] * learning_rate_share(step, c)
    model.train()
    freeze_batch_norm(model)
    loss = batch_loss(model, batch, run)
    optimiser.zero_grad()
    loss.backward()
    parameters = [parameter for group in optimiser.param_groups for parameter in group["params"]]
    average_gradients(parameters)
    torch.nn.utils.clip_grad_norm_(parameters, c["gradientClip"])
    optimiser.step()


def save(
    out: Path, model: TinyVlm, heads: LetterHeads, optimiser: torch.optim.AdamW, step: int, seconds: float
) -> None:
    """Write the checkpoint, and keep a copy of the weights per step."""
    weights = {"model": model.state_dict(), "step": step, "seconds": seconds}
    torch.save({**weights, "heads": heads.state_dict(), "optimiser": optimiser.state_dict()}, out / "sft.pt.part")
    (out / "sft.pt.part").rename(out / "sft.pt")
    torch.save(weights, out / f"sft-{step}.pt")


def resume(out: Path, model: TinyVlm, heads: LetterHeads, optimiser: torch.optim.AdamW) -> tuple[int, float]:
    """Load the last checkpoint if there is one; returns its step and the seconds spent so far."""
    if not (out / "sft.pt").exists():
        return 0, 0.0
    state = torch.load(out / "sft.pt")
    model.load_state_dict(state["model"])
    if "heads" in state:
        heads.load_state_dict(state["heads"])
        optimiser.load_state_dict(state["optimiser"])
    return state["step"], state["seconds"]


def prepare(folder: Path, out: Path) -> None:
    """Write what all workers read: observations.json, tokenizer.json and knowledge.pt."""
    config, table = data.read_config(), data.read_table()
    parts = data.load(folder, config)
    if not observations.FILE.exists():
        observations.write(parts)
    tokenizer = tokenizer_text.build(config, table)
    tokenizer_text.self_check(tokenizer, table)
    tokenizer.save(str(out / "tokenizer.json"))
    if not (out / "knowledge.pt").exists():
        torch.save(measure_knowledge(parts, load_classifier(out, config, table), config, table), out / "knowledge.pt")


def measure_knowledge(parts: dict, classifier: TowerClassifier, config: dict, table: dict) -> dict:
    """Observation words and confusions of every training image, per dataset."""
    thresholds = observations.read_thresholds()
    knowledge = {}
    for name in config["datasets"]:
        logits = class_logits(classifier, parts[name]["train"], name)
        confusion = torch.softmax(logits / config["sft"]["confusionTemperature"], 1).numpy()
        channels = table[name]["channels"]
        knowledge[name] = examples.know(parts[name]["train"], name, channels, thresholds, confusion)
    return knowledge


def work(rank: int, folder: Path, out: Path) -> None:
    """One worker: trains on its share of every batch. Worker 0 also validates, logs and saves."""
    config, table = data.read_config(), data.read_table()
    c = config["sft"]
    torch.set_num_threads(1)
    meeting = f"file://{out.resolve()}/meeting"
    distributed.init_process_group("gloo", init_method=meeting, rank=rank, world_size=c["workers"])
    parts = data.load(folder, config)
    tokenizer = Tokenizer.from_file(str(out / "tokenizer.json"))
    knowledge = torch.load(out / "knowledge.pt", weights_only=False)
    maker = ExampleMaker(parts, knowledge, tokenizer, config, table)
    torch.manual_seed(config["seed"])
    model = new_model(config, tokenizer).to(memory_format=torch.channels_last)
    model.tower.load_state_dict(load_classifier(out, config, table).tower.state_dict())
    heads = LetterHeads(config["decoder"]["width"])
    optimiser = make_optimiser(model, heads, c)
    step, seconds = resume(out, model, heads, optimiser)
    run = {
        "config": config,
        "pad": tokenizer.token_to_id("<pad>"),
        "answer": tokenizer.token_to_id("<answer>"),
        "heads": heads,
        "finder": LetterFinder(tokenizer),
        "logged": [],
    }
    while step < c["steps"]:
        rng = np.random.default_rng([config["seed"], step, rank])
        started = time.time()
        for batch in examples.draw_pool(maker, c["poolBatches"], c["batch"] // c["workers"], rng):
            train_step(model, optimiser, batch, step, run)
            step += 1
        seconds += time.time() - started
        if rank == 0:
            loss, letter_loss = np.mean(run["logged"], axis=0).round(4).tolist()
            print(json.dumps({"step": step, "loss": loss, "letters": letter_loss, "s": round(seconds)}), flush=True)
        run["logged"].clear()
        if rank == 0 and (step % c["validateEvery"] == 0 or step >= c["steps"]):
            save(out, model, heads, optimiser, step, seconds)
            print(json.dumps({"step": step, "val": evaluate.quick(model, tokenizer, parts, config, table)}), flush=True)
        distributed.barrier()
    distributed.destroy_process_group()


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--data", type=Path, required=True, help="folder with the MedMNIST .npz files")
    arguments.add_argument("--out", type=Path, required=True, help="folder with tower.pt; checkpoints go here")
    given = arguments.parse_args()
    torch.set_num_threads(2)
    prepare(given.data, given.out)
    (given.out / "meeting").unlink(missing_ok=True)
    torch.multiprocessing.spawn(work, (given.data, given.out), nprocs=data.read_config()["sft"]["workers"])


if __name__ == "__main__":
    main()
