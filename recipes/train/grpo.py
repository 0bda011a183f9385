"""Group-relative policy optimisation as the study's released code has it: G completions per prompt, advantages against
the group, loss −exp(log p − stop(log p)) · A per token, no clipping, no KL term. Resumes from its own checkpoint.
"""

import copy
import time
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor

from . import data, evaluate, generate, rewards, rl_set
from .evaluate import Item
from .model import TinyVlm
from .prompts import END
from .rewards import Group
from .sft import resume, save, start_model


def completions_tensor(rows: list[list[int]], end_id: int) -> tuple[Tensor, Tensor]:
    """Completions with their end token, right-padded (R, S), and which positions count (R, S)."""
    length = max(len(row) for row in rows) + 1
    ids = torch.full((len(rows), length), end_id)
    said = torch.zeros(len(rows), length, dtype=torch.bool)
    for i, row in enumerate(rows):
        ids[i, : len(row)] = torch.tensor(row)
        said[i, : len(row) + (len(row) < generate.MAX_NEW_TOKENS)] = True
    return ids, said


def log_probs(model: TinyVlm, prompts: list[generate.Prompt], ids: Tensor) -> Tensor:
    """ln p (R, S) of every completion token; R = completions of all prompts, in order."""
    last, prefix = generate.read_prompts(model, prompts)
    hidden = model.continued(ids[:, :-1], prefix, None)
    first = last.repeat_interleave(len(ids) // len(prompts), 0)[:, None]
    logits = model.logits(torch.cat([first, hidden], 1))
    return torch.log_softmax(logits, -1).gather(-1, ids[..., None])[..., 0]


def answer_likelihood(reference_log_probs: Tensor, ids: Tensor, opening: int, closing: int) -> np.ndarray:
    """exp of the mean ln p of the tokens between `<answer>` and `</answer>` (R,), 0 without an answer."""
    values = []
    for row, log_p in zip(ids.tolist(), reference_log_probs):
        start = row.index(opening) + 1 if opening in row else len(row)
        stop = row.index(closing, start) if closing in row[start:] else start
        values.append(float(log_p[start:stop].mean().exp()) if stop > start else 0.0)
    return np.array(values)


class Learner:
    """A policy, its slowly following reference and the optimiser."""

    def __init__(self, runs: Path, config: dict, tokenizer: Tokenizer):
        self.config, self.tokenizer = config, tokenizer
        self.model, self.heads = start_model(runs, config, tokenizer)
        self.model.eval()
        self.reference = copy.deepcopy(self.model)
        tower = [p for name, p in self.model.named_parameters() if name.startswith("tower.")]
        rest = [p for name, p in self.model.named_parameters() if not name.startswith("tower.")]
        groups = [{"params": rest, "lr": config["learningRate"]}, {"params": tower, "lr": config["towerLearningRate"]}]
        self.optimiser = torch.optim.AdamW(groups, weight_decay=0.0, betas=(0.9, 0.99))
        self.end = tokenizer.token_to_id(END)
        self.opening, self.closing = (tokenizer.token_to_id(token) for token in ("<answer>", "</answer>"))

    def step(self, items: list[Item], seed: int) -> dict:
        """One update from G completions of every item; returns what happened."""
        g, c = self.config["group"], self.config
        prompts = [evaluate.to_prompt(item, self.tokenizer) for item in items]
        drawn = generate.sample(self.model, prompts, g, c["temperature"], self.end, seed)
        rows = [row for group in drawn for row in group]
        ids, said = completions_tensor(rows, self.end)
        with torch.no_grad():
            likelihood = answer_likelihood(log_probs(self.reference, prompts, ids), ids, self.opening, self.closing)
        texts = self.tokenizer.decode_batch(rows, skip_special_tokens=False)
        scores, terms = [], []
        for i, item in enumerate(items):
            at = slice(i * g, (i + 1) * g)
            answers = [evaluate.parse(text, item) for text in texts[at]]
            group = Group(item.asked, texts[at], answers, likelihood[at], c["consistency"])
            score, means = rewards.total(group, c["rewards"])
            scores.append(rewards.advantages(score))
            terms.append(means)
        self.learn(prompts, ids, said, np.array(scores))
        return {name: float(np.mean([row[name] for row in terms])) for name in terms[0]}

    def learn(self, prompts: list[generate.Prompt], ids: Tensor, said: Tensor, scores: np.ndarray) -> None:
        """Descend on the loss of prompts (P) whose advantages (P, G) are not all zero."""
        used = np.flatnonzero(np.abs(scores).max(1) > 0)
        if len(used) > 0:
            rows = torch.from_numpy((used[:, None] * scores.shape[1] + np.arange(scores.shape[1])).reshape(-1))
            log_p = log_probs(self.model, [prompts[i] for i in used], ids[rows])
            advantage = torch.from_numpy(scores[used].reshape(-1, 1)).float()
            loss = -(torch.exp(log_p - log_p.detach()) * advantage)
            mask = said[rows]
            per_row = (loss * mask).sum(1) / mask.sum(1)
            self.optimiser.zero_grad()
            (per_row.sum() / scores.size).backward()
            torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.config["gradientClip"])
            self.optimiser.step()

    @torch.no_grad()
    def follow(self) -> None:
        """Move the reference a little towards the policy."""
        decay = self.config["reference"]["decay"]
        for slow, fast in zip(self.reference.parameters(), self.model.parameters()):
            slow.lerp_(fast, 1 - decay)


def train(folder: Path, runs: Path, config: dict) -> None:
    """Train a stage; RUNS/<id>/ gets last.pt to resume from, step-*.pt, final.pt and log.jsonl."""
    torch.set_num_threads(1)
    out, table = runs / config["id"], data.read_table()
    parts = data.load(folder, config)
    tokenizer = Tokenizer.from_file(str(runs / "tokenizer.json"))
    learner = Learner(runs, config, tokenizer)
    items = [
        item
        for item in rl_set.read(runs / config["set"], parts)
        if item.dataset in config["on"] and item.asked.kind in config["kinds"]
    ]
    step, seconds = resume(out, learner.model, learner.heads, learner.optimiser)
    if step:
        learner.reference.load_state_dict(torch.load(out / "reference.pt"))
    logged: list[dict] = []
    while step < config["steps"]:
        started = time.time()
        order = np.random.default_rng([config["seed"], step * config["prompts"] // len(items)]).permutation(len(items))
        start = step * config["prompts"] % len(items)
        chosen = [items[i] for i in np.roll(order, -start)[: config["prompts"]]]
        logged.append(learner.step(chosen, config["seed"] * 100_003 + step))
        step += 1
        if step % config["reference"]["every"] == 0:
            learner.follow()
        seconds += time.time() - started
        if step % config["logEvery"] == 0:
            means = {name: round(float(np.mean([row[name] for row in logged])), 4) for name in logged[0]}
            data.log(out, {"step": step, **means, "seconds": round(seconds)})
            logged.clear()
        if step in config["validateAt"] or step == config["steps"]:
            torch.save(learner.reference.state_dict(), out / "reference.pt")
            save(out / "last.pt", learner.model, learner.heads, learner.optimiser, step, seconds)
            save(out / f"step-{step}.pt", learner.model, learner.heads, None, step, seconds)
            quick = evaluate.quick(learner.model, tokenizer, parts, config, table)
            data.log(out, {"step": step, "val": quick})
    save(out / "final.pt", learner.model, learner.heads, None, step, seconds)
