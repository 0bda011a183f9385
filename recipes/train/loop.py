"""The plain training loop that the tower and the alignment share; `sft.py` and `grpo.py` have loops of their own."""

import time
from pathlib import Path
from typing import Callable, Iterable

import torch
from torch import Tensor

from . import data


def fit(
    parameters: Iterable[torch.nn.Parameter],
    config: dict,
    out: Path,
    loss_of_batch: Callable[[], Tensor],
    validate: Callable[[], dict],
) -> float:
    """AdamW on a one-cycle schedule for `steps`; a row of log.jsonl every `validateEvery`. Returns seconds."""
    optimiser = torch.optim.AdamW(parameters, lr=config["learningRate"], weight_decay=config["weightDecay"])
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, config["learningRate"], total_steps=config["steps"])
    started = time.time()
    for step in range(1, config["steps"] + 1):
        loss = loss_of_batch()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
        if step % config["validateEvery"] == 0 or step == config["steps"]:
            row = {"step": step, "loss": round(loss.item(), 3), "seconds": round(time.time() - started)}
            data.log(out, {**row, "val": validate()})
    return time.time() - started
