"""The training loop: it learns, resumes, stops early, keeps the best weights, works in two processes."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.utils.data import DataLoader, TensorDataset

pytest.importorskip("pytorch_lightning", reason="needs pytorch-lightning (pip install '.[train]')")

import pytorch_lightning as lightning

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.training.engine.batches import shuffled
from speech_gesture_ros.training.engine.fit import FitConfig, fit, training_folder

CONFIG = FitConfig(max_steps=12, seed=3, tensorboard=False, checkpoint_s=0.0)
TRUE = torch.tensor([[1.0, -2.0, 0.5]])


class Line(lightning.LightningModule):
    """Learns three numbers; dropout makes it depend on torch's seed, Adam and the scheduler on their own state."""

    def __init__(self, rate: float = 0.05, spoil_after: float = math.inf) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.linear, self.dropout = torch.nn.Linear(3, 1), torch.nn.Dropout(0.2)
        self.rate, self.spoil_after = rate, spoil_after
        self.seen: list[float] = []

    def training_step(self, batch: list[torch.Tensor], batch_idx: int) -> torch.Tensor:
        inputs, targets = batch
        self.seen.append(float(inputs.sum()))
        loss = (self.linear(self.dropout(inputs)) - targets).square().mean()
        self.log("loss", loss.detach(), prog_bar=True)
        return loss

    def validation_step(self, batch: list[torch.Tensor], batch_idx: int) -> None:
        loss = (self.linear(batch[0]) - batch[1]).square().mean()
        step = self.trainer.global_step
        self.log("validation/loss", loss + (100.0 * step if step > self.spoil_after else 0.0))

    def configure_optimizers(self) -> Any:
        optimizer = torch.optim.Adam(self.parameters(), lr=self.rate)
        scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.99)
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": scheduler, "interval": "step"}}


def draw(index: int) -> list[torch.Tensor]:
    inputs = torch.randn(8, 3, generator=torch.Generator().manual_seed(index))
    return [inputs, inputs @ TRUE.T]


@pytest.mark.slow
def test_weights_converge_to_the_true_ones(tmp_path: Path) -> None:
    module = Line()
    module.dropout.p = 0.0
    result = fit(module, draw, None, out=tmp_path / "line", config=replace(CONFIG, max_steps=300, checkpoint_s=60.0))
    assert torch.allclose(module.linear.weight, TRUE, atol=0.05)
    assert result.step == 300
    assert math.isinf(result.best_validation)


class Stopped(Exception):
    """Interruption."""


@pytest.mark.slow
@pytest.mark.parametrize(("stop", "workers"), [(1, 0), (3, 0), (4, 0), (5, 0), (6, 0), (11, 0), (7, 2)])
def test_a_resumed_run_ends_with_the_weights_of_an_uninterrupted_one(tmp_path: Path, stop: int, workers: int) -> None:
    config = replace(CONFIG, validate_every_steps=3, workers=workers)
    uninterrupted = Line()
    whole = fit(uninterrupted, draw, [draw(-1 % 2**40)], out=tmp_path / "a", config=config)

    interrupted = Line()
    step = interrupted.training_step

    def until_stop(batch: list[torch.Tensor], batch_idx: int) -> torch.Tensor:
        if batch_idx == stop:
            raise Stopped
        return step(batch, batch_idx)

    interrupted.training_step = until_stop  # type: ignore[method-assign]
    with pytest.raises(Stopped):
        fit(interrupted, draw, [draw(-1 % 2**40)], out=tmp_path / "b", config=config)
    resumed = Line()
    result = fit(resumed, draw, [draw(-1 % 2**40)], out=tmp_path / "b", config=config, resume=True)
    assert interrupted.seen + resumed.seen == uninterrupted.seen
    assert (result.step, result.best_validation) == (whole.step, whole.best_validation)
    for name, value in uninterrupted.state_dict().items():
        assert torch.equal(resumed.state_dict()[name], value), name


def test_a_finished_run_is_not_trained_further(tmp_path: Path) -> None:
    first, again = Line(), Line()
    fit(first, draw, None, out=tmp_path / "line", config=CONFIG)
    result = fit(again, draw, None, out=tmp_path / "line", config=CONFIG, resume=True)
    assert result.step == CONFIG.max_steps
    assert again.seen == []
    assert torch.equal(first.linear.weight, again.linear.weight)


def test_a_longer_run_continues_a_finished_one(tmp_path: Path) -> None:
    uninterrupted, longer = Line(), Line()
    fit(uninterrupted, draw, None, out=tmp_path / "a", config=replace(CONFIG, max_steps=20))
    fit(Line(), draw, None, out=tmp_path / "b", config=CONFIG)
    fit(longer, draw, None, out=tmp_path / "b", config=replace(CONFIG, max_steps=20), resume=True)
    assert torch.equal(uninterrupted.linear.weight, longer.linear.weight)


def test_the_best_weights_are_restored_and_a_run_that_gets_worse_stops(tmp_path: Path) -> None:
    config = replace(CONFIG, max_steps=100, validate_every_steps=2, early_stop_patience=3)
    module, reference = Line(spoil_after=10), Line()
    result = fit(module, draw, [draw(99)], out=tmp_path / "line", config=config)
    assert result.step == 16, "three validations after step 10 were worse"
    fit(reference, draw, None, out=tmp_path / "reference", config=replace(config, max_steps=10,
                                                                          validate_every_steps=0))
    assert torch.equal(module.linear.weight, reference.linear.weight)
    finished = fit(Line(), draw, [draw(99)], out=tmp_path / "line", config=config, resume=True)
    assert finished.step == 16, "a run that stopped early is finished"


def test_two_optimisers_count_as_one_step(tmp_path: Path) -> None:
    class Manual(Line):
        automatic_optimization = False

        def __init__(self) -> None:
            super().__init__()
            self.automatic_optimization = False

        def training_step(self, batch: list[torch.Tensor], batch_idx: int) -> None:  # type: ignore[override]
            for optimizer in self.optimizers():
                optimizer.zero_grad()
                self.manual_backward(super().training_step(batch, batch_idx))
                optimizer.step()

        def configure_optimizers(self) -> Any:
            return [torch.optim.Adam([p], lr=0.1) for p in self.linear.parameters()]

    module = Manual()
    assert fit(module, draw, None, out=tmp_path / "m", config=CONFIG).step == CONFIG.max_steps
    assert len(module.seen) == 2 * CONFIG.max_steps


def test_epochs_of_a_loader_are_shuffled_by_the_seed() -> None:
    data = TensorDataset(torch.arange(10.0))
    numbers = [[float(v) for v in shuffled(data, 3, seed=1)(n)[0]] for n in range(6)]
    for epoch in (numbers[:3], numbers[3:]):
        assert len({v for batch in epoch for v in batch}) == 9
    assert numbers[:3] != numbers[3:]
    assert numbers[0] != [float(v) for v in shuffled(data, 3, seed=2)(0)[0]]
    with pytest.raises(ConfigError, match="size of the training data is 10, must be at least 11"):
        shuffled(data, 11, seed=1)


def test_a_loader_may_be_given(tmp_path: Path) -> None:
    inputs, targets = draw(0)
    loader = DataLoader(TensorDataset(inputs, targets), batch_size=4, shuffle=True)
    module = Line()
    fit(module, loader, None, out=tmp_path / "line", config=CONFIG)
    sums = [round(a + b, 4) for a, b in zip(module.seen[::2], module.seen[1::2])]
    assert sums == [round(float(inputs.sum()), 4)] * 6, "each epoch has all examples"


def test_events_are_written_for_tensorboard(tmp_path: Path) -> None:
    config = replace(CONFIG, tensorboard=True, max_steps=40, checkpoint_s=60.0)
    fit(Line(), draw, None, out=tmp_path / "line", config=config)
    events = list(training_folder(tmp_path / "line").glob("events.out.tfevents.*"))
    assert len(events) == 1
    assert b"loss" in events[0].read_bytes()


def test_a_checkpoint_of_another_network_is_refused(tmp_path: Path) -> None:
    fit(Line(), draw, None, out=tmp_path / "line", config=CONFIG)
    other = Line()
    other.linear = torch.nn.Linear(3, 2)
    with pytest.raises(ConfigError, match=r"last\.ckpt', must be of this configuration"):
        fit(other, draw, None, out=tmp_path / "line", config=replace(CONFIG, max_steps=20), resume=True)


@pytest.mark.parametrize(("change", "message"), [
    ({"precision": "8-bit"}, "precision is '8-bit', must be one of 32-true"),
    ({"max_steps": 0}, "max_steps is 0, must be at least 1"),
])
def test_wrong_settings_are_named(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        replace(CONFIG, **change)


def test_validation_without_data_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="validate_every_steps is 2, must be 0 without validation data"):
        fit(Line(), draw, None, out=tmp_path / "line", config=replace(CONFIG, validate_every_steps=2))


def test_weights_that_are_not_finite_are_not_returned(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"a trained weight is nan, must be finite\. Lower the learning rate"):
        fit(Line(), lambda n: [draw(n)[0] * math.inf, draw(n)[1]], None, out=tmp_path / "line", config=CONFIG)


@pytest.mark.slow
def test_two_processes_share_the_batches_and_agree_on_the_weights(tmp_path: Path) -> None:
    script = tmp_path / "two.py"
    script.write_text(f"""
import importlib.util, sys, torch
from dataclasses import replace
from pathlib import Path
from speech_gesture_ros.training.engine.fit import fit
from speech_gesture_ros.training.engine.processes import current_process, main_process_first, process_group
spec = importlib.util.spec_from_file_location("cases", {str(Path(__file__))!r})
cases = importlib.util.module_from_spec(spec)
sys.modules["cases"] = cases
spec.loader.exec_module(cases)
folder, rank = Path({str(tmp_path)!r}), current_process().rank
with process_group():
    with main_process_first():
        if rank == 0:
            (folder / "prepared").write_text("once")
        assert (folder / "prepared").exists()
    module = cases.Line()
    fit(module, cases.draw, [cases.draw(99)], out=folder / "line", resume=False,
        config=replace(cases.CONFIG, accelerator="cpu", max_steps=int(sys.argv[-1]), validate_every_steps=4))
    torch.save({{"seen": module.seen, "weight": module.linear.weight.detach()}}, folder / f"{{rank}}.pt")
""")
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2", str(script)]
    done = subprocess.run([*command, "6"], check=False, env=environment, capture_output=True, text=True, timeout=180)
    assert done.returncode == 0, done.stderr[-3000:]
    results = [torch.load(tmp_path / f"{rank}.pt", weights_only=True) for rank in range(2)]
    assert torch.equal(results[0]["weight"], results[1]["weight"])
    for rank, result in enumerate(results):
        assert result["seen"] == [float(draw(2 * i + rank)[0].sum()) for i in range(6)]
    assert (training_folder(tmp_path / "line") / "checkpoints" / "last.ckpt").exists()
