"""Supervised fine-tuning of the whole model on traces. Resumes from its own checkpoint."""

import math
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from tokenizers import Tokenizer
from torch import Tensor, distributed

from . import data, evaluate, examples, observations, rl_set, tower as tower_stage
from .examples import Example, ExampleMaker, Knowledge
from .letters import LetterFinder, LetterHeads, Targets
from .model import TinyVlm, freeze_batch_norm


def new_model(config: dict, tokenizer: Tokenizer) -> TinyVlm:
    """An untrained model for this tokenizer."""
    model = TinyVlm(config, tokenizer.get_vocab_size(), tokenizer.token_to_id("<image>"))
    return model.to(memory_format=torch.channels_last)


def start_model(runs: Path, config: dict, tokenizer: Tokenizer) -> tuple[TinyVlm, LetterHeads]:
    """The parent's weights if there is a parent, and the tower that the stage names if it names one."""
    model, heads = new_model(config, tokenizer), LetterHeads(config["decoder"]["width"])
    if config["parent"]:
        state = torch.load(runs / config["parent"] / "final.pt")
        model.load_state_dict(state["model"])
        heads.load_state_dict(state["heads"])
    if config.get("towerFrom"):
        model.tower.load_state_dict(torch.load(runs / config["towerFrom"] / "final.pt")["tower"])
    return model, heads


def token_weights(e: Example, run: dict) -> list[float]:
    """Loss weight of every completion token: the answer's tokens count more."""
    weight, tokens = run["config"]["answerWeight"], e.completion
    if e.answers_only:
        opens = {run["answer"], run["colon"]}
        return [weight * (i > 0 and tokens[i - 1] in opens) for i in range(len(tokens))]
    if run["answer"] not in tokens[:-1]:
        return [1.0] * len(tokens)
    after = tokens.index(run["answer"]) + 1
    return [weight if i >= after else 1.0 for i in range(len(tokens) - 2)] + [1.0, 1.0]


def collate(batch: list[Example], run: dict):
    """Right-padded ids (B, S) and loss targets: flat positions into (B·S), token ids and weights, completions only."""
    length = max(len(e.prompt) + len(e.completion) for e in batch)
    ids = np.full((len(batch), length), run["pad"], np.int64)
    positions, tokens, weights = [], [], []
    for row, e in enumerate(batch):
        ids[row, : len(e.prompt) + len(e.completion)] = e.prompt + e.completion
        start = row * length + len(e.prompt) - 1
        positions += range(start, start + len(e.completion))
        tokens += e.completion
        weights += token_weights(e, run)
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


def batch_loss(model: TinyVlm, heads: LetterHeads, batch: list[Example], run: dict) -> Tensor:
    """Weighted mean cross-entropy of the completion tokens, and the letter heads' loss."""
    ids, positions, tokens, weights = collate(batch, run)
    features = batch_features(model, batch) if any(e.image is not None for e in batch) else None
    x = model.embed(ids) if features is None else model.merge(ids, features)
    taps: list[Tensor] = []
    hidden, _ = model.hidden(x, taps=taps)
    logits = model.logits(hidden.flatten(0, 1)[positions])
    said = (F.cross_entropy(logits, tokens, reduction="none") * weights).sum() / weights.sum()
    letters = heads.loss(model, taps, letter_targets(run["finder"], batch))
    run["logged"].append((said.item(), letters.item()))
    return said + run["config"]["letterWeight"] * letters


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
    decay = max(1, int(c["steps"] * c["decayShare"]))
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


def train_step(
    model: TinyVlm, heads: LetterHeads, optimiser: torch.optim.AdamW, batch: list[Example], step: int, run: dict
) -> None:
    """One update of all workers."""
    c = run["config"]
    for group in optimiser.param_groups:
        group["lr"] = group["base"] * learning_rate_share(step, c)
    model.train()
    freeze_batch_norm(model)
    loss = batch_loss(model, heads, batch, run)
    optimiser.zero_grad()
    loss.backward()
    parameters = [parameter for group in optimiser.param_groups for parameter in group["params"]]
    average_gradients(parameters)
    torch.nn.utils.clip_grad_norm_(parameters, c["gradientClip"])
    optimiser.step()


def save(path: Path, model: TinyVlm, heads: LetterHeads, optimiser, step: int, seconds: float) -> None:
    """Write a checkpoint; the rename keeps a cut write from destroying the last one."""
    state = {"model": model.state_dict(), "heads": heads.state_dict(), "step": step, "seconds": seconds}
    if optimiser is not None:
        state["optimiser"] = optimiser.state_dict()
    torch.save(state, path.with_suffix(".part"))
    path.with_suffix(".part").rename(path)


def resume(out: Path, model: TinyVlm, heads: LetterHeads, optimiser: torch.optim.AdamW) -> tuple[int, float]:
    """Load the last checkpoint if there is one; returns its step and the seconds spent so far."""
    if not (out / "last.pt").exists():
        return 0, 0.0
    state = torch.load(out / "last.pt")
    model.load_state_dict(state["model"])
    heads.load_state_dict(state["heads"])
    optimiser.load_state_dict(state["optimiser"])
    return state["step"], state["seconds"]


def measure_knowledge(parts: dict, runs: Path, config: dict, table: dict) -> dict[str, Knowledge]:
    """Observation words, usable labels and confusions of every training image, per dataset."""
    thresholds, asked = observations.read_thresholds(), config["confusion"]
    classifier = tower_stage.load(runs, asked["tower"], config, table) if asked else None
    knowledge = {}
    for name in config["datasets"]:
        part, classes = parts[name]["train"], len(table[name]["labels"])
        words = examples.observe_all(part, name, table[name]["channels"], thresholds)
        confusion = np.ones((len(part.labels), classes))
        if classifier:
            logits = tower_stage.class_logits(*classifier, part, name)
            confusion = torch.softmax(logits / asked["temperature"], 1).numpy()
        labelled = examples.labelled_mask(part, config["labels"]["share"], config["labels"]["seed"])
        if config.get("onlySet"):
            labelled &= rl_set.mask(runs / config["onlySet"], name, len(part.labels))
        knowledge[name] = Knowledge(words, labelled, confusion)
    return knowledge


def work(rank: int, folder: Path, runs: Path, config: dict) -> None:
    """One worker: trains on its share of every batch. Worker 0 also validates, logs and saves."""
    table, out = data.read_table(), runs / config["id"]
    torch.set_num_threads(1)
    meeting = f"file://{out.resolve()}/meeting"
    distributed.init_process_group("gloo", init_method=meeting, rank=rank, world_size=config["workers"])
    parts = data.load(folder, config)
    tokenizer = Tokenizer.from_file(str(runs / "tokenizer.json"))
    knowledge = torch.load(out / "knowledge.pt", weights_only=False)
    maker = ExampleMaker(parts, knowledge, tokenizer, config, table)
    torch.manual_seed(config["seed"])
    model, heads = start_model(runs, config, tokenizer)
    optimiser = make_optimiser(model, heads, config)
    step, seconds = resume(out, model, heads, optimiser)
    run = {
        "config": config,
        "pad": tokenizer.token_to_id("<pad>"),
        "answer": tokenizer.token_to_id("<answer>"),
        "colon": tokenizer.encode(":").ids[0],
        "finder": LetterFinder(tokenizer),
        "logged": [],
    }
    while step < config["steps"]:
        rng = np.random.default_rng([config["seed"], step, rank])
        torch.manual_seed(config["seed"] * 1_000_003 + step * 2 + rank)
        started = time.time()
        for batch in examples.draw_pool(maker, config["poolBatches"], config["batch"] // config["workers"], rng):
            train_step(model, heads, optimiser, batch, step, run)
            step += 1
        seconds += time.time() - started
        if rank == 0:
            loss, letters = np.mean(run["logged"], axis=0).round(4).tolist()
            data.log(out, {"step": step, "loss": loss, "letters": letters, "seconds": round(seconds)})
        run["logged"].clear()
        if rank == 0 and (step % config["validateEvery"] == 0 or step >= config["steps"]):
            save(out / "last.pt", model, heads, optimiser, step, seconds)
            save(out / f"step-{step}.pt", model, heads, None, step, seconds)
            data.log(out, {"step": step, "val": evaluate.quick(model, tokenizer, parts, config, table)})
        distributed.barrier()
    if rank == 0:
        save(out / "final.pt", model, heads, None, step, seconds)
    distributed.destroy_process_group()


def train(folder: Path, runs: Path, config: dict) -> None:
    """Train a stage; RUNS/<id>/ gets last.pt to resume from, step-*.pt, final.pt and log.jsonl."""
    out = runs / config["id"]
    torch.set_num_threads(2)
    if not (out / "knowledge.pt").exists():
        parts = data.load(folder, config)
        torch.save(measure_knowledge(parts, runs, config, data.read_table()), out / "knowledge.pt")
    (out / "meeting").unlink(missing_ok=True)
    torch.multiprocessing.spawn(work, (folder, runs, config), nprocs=config["workers"])
