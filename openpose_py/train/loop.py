"""The training itself: samples -> network -> losses -> weights, until the steps or the time end."""

import copy
import dataclasses
import logging
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader

from openpose_py.errors import OutputError, UsageError
from openpose_py.train.checkpoint import FILE, State, load_state, recipe_text, save_state
from openpose_py.train.initial import load_initial
from openpose_py.train.log_file import Log, Row
from openpose_py.train.losses import EmptyCells, stage_losses
from openpose_py.train.one_person import OnePersonSamples
from openpose_py.train.optimizers import Average, freeze, make_optimizer, set_rate, train_mode
from openpose_py.train.processes import Processes, join_processes
from openpose_py.train.recipe import Recipe
from openpose_py.train.result import write_result
from openpose_py.train.samples import Sample, Samples, batch_numbers
from openpose_py.train.schedule import between, falls_of, kept_share, rate_at
from openpose_py.train.stages import AllStages, build_for, normalised
from openpose_py.train.stop_wish import StopWish
from openpose_py.zoo.cards import TOP_DOWN, card_named

log = logging.getLogger(__name__)

ROW_SECONDS = 10.0  # between two rows of the log
Batch = tuple[torch.Tensor, torch.Tensor, torch.Tensor]
Validate = Callable[[nn.Module], float]


@dataclasses.dataclass(frozen=True)
class TrainOptions:
    """minutes: stop after so long, with everything saved; 0: never. workers: processes that make
    samples; 0: the training itself does. init: a weight file to start from."""

    data: Path
    output: Path
    minutes: float = 0.0
    resume: bool = False
    init: Path | None = None
    device: str = "auto"
    workers: int = 0


def train(
    recipe: Recipe, options: TrainOptions, report: Callable[[Row], None], validate: Validate | None
) -> Path | None:
    """Trains to the recipe's last step or the time limit; returns the new model's card, to the
    first process only.

    report is told every row of the log. validate measures the average precision of a network.
    """
    processes = join_processes(options.device)
    try:
        run = Run(recipe, options, processes, report, validate)
        with StopWish(options.minutes) as wish:
            run.go(wish)
            # Within the block: an interrupted training leaves its weights, too.
            if processes.first:
                return write_result(run.average, recipe, options.output, run.step)
        return None
    finally:
        processes.close()


class Run:
    """A training on its way. step: how many are done. average: the network that is kept."""

    step: int
    minutes: float
    average: nn.Module
    figures: list[float]  # that the rate depends on
    _falls: int
    _network: nn.Module
    _state: State | None
    _kept_norms: list[str]

    def __init__(
        self, recipe: Recipe, options: TrainOptions, processes: Processes,
        report: Callable[[Row], None], validate: Validate | None,
    ) -> None:  # fmt: skip
        self.recipe, self._options, self._processes = recipe, options, processes
        self._report, self._validate = report, validate
        self._begin()
        self._network = self._network.to(processes.device)
        self.average = self.average.to(processes.device).eval()
        for network in (self._network, self.average):
            # A tenth faster than torch's own order of axes on a CPU.
            nn.utils.convert_conv2d_weight_memory_format(network, torch.channels_last)
        freeze(self._network, recipe.groups)
        self._stages = processes.shared(AllStages(self._network))
        self._optimizer = make_optimizer(self._network, recipe)
        if self._state:
            self._optimizer.load_state_dict(self._state.optimizer)
            torch.set_rng_state(self._state.random)
        self._follow = Average(self._network, self.average)
        self._card = card_named(recipe.card)
        kind = OnePersonSamples if self._card.kind == TOP_DOWN else Samples
        self._samples = kind(recipe, options.data, recipe.seed, recipe.data)
        self._empty = EmptyCells(self._samples.skeleton, processes.device)
        log.info("%d pictures, %s", self._samples.pictures, processes.device)

    def go(self, wish: StopWish) -> None:
        first = self._processes.first
        rows = Rows(Log(self._options.output, self.step) if first else None, self)
        saved = time.monotonic()
        for batch in self._batches():
            rows.add(self._processes.mean(self._step(batch)), len(batch[0]))
            ending = self._processes.agreed(wish.now()) or self.step >= self.recipe.steps
            due = time.monotonic() - saved > self.recipe.checkpoint_minutes * 60
            judged = (
                bool(self.recipe.validate_steps) and self.step % self.recipe.validate_steps == 0
            )
            if (ending or due or judged) and first:
                self._judge_and_save(rows, judged)
                saved = time.monotonic()
            elif rows.due() and first:
                rows.write(None, self._report)
            if judged:
                self._fall()
            if ending:
                return

    def rate(self) -> float:
        return rate_at(self.step, self.recipe.steps, self.recipe.optimizer, self._falls)

    def _judge_and_save(self, rows: "Rows", judged: bool) -> None:
        """judged: whether the rate depends on this figure, so that it must not get lost."""
        if not judged:
            self._save(rows.minutes)
        figure = self._validate(self.average) if self._validate else None
        if judged:
            self.figures += [] if figure is None else [figure]
            self._save(rows.minutes)
        rows.write(figure, self._report)

    def _fall(self) -> None:
        """Only the first process has figures, but the rate is everybody's."""
        own = falls_of(self.figures, self.recipe.optimizer.patience)
        self._falls = self._processes.largest(own)

    def _begin(self) -> None:
        """Network, average and step: fresh, from a weight file, or from a checkpoint."""
        recipe, options = self.recipe, self._options
        torch.manual_seed(recipe.seed)
        self._network = build_for(recipe)
        self.average = copy.deepcopy(self._network).requires_grad_(False)
        self._state = load_state(options.output, recipe) if options.resume else None
        self.step, self.minutes, self._kept_norms = 0, 0.0, []
        self.figures, self._falls = [], 0
        if self._state:
            self.step, self.minutes = self._state.step, self._state.minutes
            self._kept_norms, self.figures = self._state.kept_norms, self._state.figures
            self._falls = falls_of(self.figures, recipe.optimizer.patience)
            self._network.load_state_dict(self._state.network)
            self.average.load_state_dict(self._state.average)
            return
        _new_folder(options.output)
        if options.init:
            self._kept_norms = load_initial(self._network, options.init)
            self.average.load_state_dict(self._network.state_dict())

    def _batches(self) -> Iterator[Batch]:
        """Endless, from the samples of the next step on."""
        processes, workers = self._processes, self._options.workers
        if self.step >= self.recipe.steps:
            return
        numbers = batch_numbers(self.step, self.recipe.batch, processes.rank, processes.ranks)
        on_gpu = processes.device.type == "cuda"
        loader: Iterable[Batch] = DataLoader(
            self._samples, batch_sampler=numbers, collate_fn=_stacked, num_workers=workers,
            pin_memory=on_gpu, worker_init_fn=_start_worker,
            prefetch_factor=4 if workers else None,
        )  # fmt: skip
        for batch in loader:
            pixels, targets, weights = (
                array.to(processes.device, non_blocking=on_gpu) for array in batch
            )
            pixels = normalised(pixels, self._card.normalisation)
            yield pixels.contiguous(memory_format=torch.channels_last), targets, weights

    def _step(self, batch: Batch) -> torch.Tensor:
        """One step of the optimizer; the losses of the stages."""
        recipe, device = self.recipe, self._processes.device
        pixels, targets, weights = batch
        train_mode(self._network, recipe.groups, self._kept_norms)
        set_rate(self._optimizer, self.rate())
        empty = between(recipe.loss.empty, self.step, recipe.steps)
        with torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda"):
            outputs = self._stages(pixels)
        losses = stage_losses(outputs, targets, self._empty.weighed(targets, weights, empty))
        self._optimizer.zero_grad(set_to_none=True)
        losses.sum().backward()
        if recipe.optimizer.clip:
            nn.utils.clip_grad_norm_(self._network.parameters(), recipe.optimizer.clip)
        self._optimizer.step()
        self._follow.follow(kept_share(self.step, recipe.optimizer))
        self.step += 1
        return losses.detach()

    def _save(self, minutes: float) -> None:
        state = State(
            step=self.step,
            network=self._network.state_dict(),
            average=self.average.state_dict(),
            optimizer=self._optimizer.state_dict(),
            random=torch.get_rng_state(),
            kept_norms=self._kept_norms,
            recipe=recipe_text(self.recipe),
            minutes=minutes,
            figures=self.figures,
        )
        save_state(self._options.output, state)


class Rows:
    """Gathers the losses of the steps since the last row."""

    def __init__(self, file: Log | None, run: Run) -> None:
        self._file, self._run = file, run
        self._begun = time.monotonic() - 60 * run.minutes
        self._clear()

    @property
    def minutes(self) -> float:
        """Of the whole training, those before it was resumed included."""
        return (time.monotonic() - self._begun) / 60

    def add(self, losses: torch.Tensor, pictures: int) -> None:
        self._losses.append(losses)
        self._pictures += pictures * self._run._processes.ranks

    def due(self) -> bool:
        return time.monotonic() - self._since > ROW_SECONDS

    def write(self, ap: float | None, report: Callable[[Row], None]) -> None:
        stages = torch.stack(self._losses).mean(dim=0).tolist()
        seconds = time.monotonic() - self._since
        row = Row(
            step=self._run.step,
            minutes=self.minutes,
            loss=sum(stages),
            stages=tuple(stages),
            rate=self._run.rate(),
            images_a_second=self._pictures / seconds,
            ap=ap,
        )
        if self._file:
            self._file.add(row)
        report(row)
        self._clear()

    def _clear(self) -> None:
        self._losses: list[torch.Tensor] = []
        self._pictures, self._since = 0, time.monotonic()


def _new_folder(folder: Path) -> None:
    if (folder / FILE).exists():
        raise UsageError("holds a training already", where=str(folder),
                         hint="use --resume to go on, or another --output")  # fmt: skip
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise OutputError(f"cannot be made: {problem.strerror}", where=str(folder)) from problem


def _stacked(samples: list[Sample]) -> Batch:
    pixels, targets, weights = (
        torch.from_numpy(np.stack([getattr(sample, name) for sample in samples]))
        for name in ("pixels", "targets", "weights")
    )
    return pixels, targets, weights


def _start_worker(_: int) -> None:
    torch.set_num_threads(1)
