"""The training loop of the notes, complete: LoRA, P-tuning v2 or all parameters, on one device or many.

Run it with `python -m reference_trainer.train`, or on several devices with
`accelerate launch -m reference_trainer.train`. Alone, it adapts the built-in tiny model to the built-in task.
"""

import contextlib
import sys
import time
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import torch
from accelerate import Accelerator, PartialState
from accelerate.utils import set_seed
from safetensors import SafetensorError
from torch import Tensor, distributed, nn
from transformers import PreTrainedModel

from ankillm.evidence import Refusal
from reference_trainer.support.architectures import first_line
from reference_trainer.support.versions import checkpoint_layers
from reference_trainer.training import checkpoint, inputs, runs
from reference_trainer.training.batches import Example, Order, by_length, collate, share
from reference_trainer.training.errors import Stopped
from reference_trainer.training.journal import Journal, Progress
from reference_trainer.training.optim import adamw, linear_warmup
from reference_trainer.training.options import plan, read_options
from reference_trainer.training.parent import end_with_parent
from reference_trainer.training.processes import (
    LESS_MEMORY,
    asked_to_end,
    check_sharding,
    on_cpu,
    on_first_process,
    out_of_memory,
    precision_of,
    sharded,
    tell,
)
from reference_trainer.training.progress import Bar, print_table
from reference_trainer.training.scoring import Quality, evaluate, summed_loss
from reference_trainer.training.settings import TINY, Settings
from reference_trainer.training.suitability import require_suitable, rows_of
from reference_trainer.training.tuning import adapt, counts, save, tied_targets

DAMAGED = (OSError, ValueError, ArithmeticError, LookupError, TypeError, AttributeError, RuntimeError, SafetensorError)
"""What reading a damaged checkpoint raises; RuntimeError stands for nesting without end and for other shapes too."""
NOTHING_MOVES = (
    "the run has one step, whose learning rate is 0 as it warms up, so that no weight moves; "
    "take more --epochs, a smaller --batch-size or --warmup-ratio 0"
)


@dataclass(frozen=True, slots=True)
class Data:
    """What a model is trained and evaluated on, as tokens, and the token that fills short rows."""

    train: Sequence[Example]
    dev: Sequence[Example]
    padding: int

    @property
    def fingerprint(self) -> int:
        """Return a number that other data would hardly give."""
        return zlib.crc32(repr((self.train, self.dev)).encode())


def train(settings: Settings, base: Path, accelerator: Accelerator) -> runs.Result:
    """Run the training that `settings` describe, or go on with it, and return its result, kept in `settings.output`.

    `base` is the folder of the built-in model. Raises `Refusal` before anything is done, `Stopped` in the middle.
    The accelerator keeps nothing of the run: the next method starts with the memory empty, and its peak is its own.
    """
    if accelerator.device.type == "cuda":
        torch.cuda.reset_peak_memory_stats()
    try:
        return learn(settings, base, accelerator)
    finally:
        accelerator.free_memory()


def learn(settings: Settings, base: Path, accelerator: Accelerator) -> runs.Result:
    """Load model and data, train, and write what came out; as `train` says."""
    folder = Path(settings.output)
    set_seed(settings.seed)
    lines = inputs.lines(settings)
    if settings.model == TINY:
        on_first_process(lambda: inputs.write_tiny(base))
    model, tokenizer = inputs.load(settings, base)
    (examples, told), (dev, told_of_dev) = (inputs.encode_all(part, tokenizer, settings) for part in lines)
    told = list(dict.fromkeys((*told, *told_of_dev)))
    for text in told:
        tell(text, "!")
    padding = tokenizer.pad_token_id or 0
    # Padding is masked: where its token was added to the tokenizer alone, and has no row, any will do.
    data = Data(examples, dev, padding=padding if padding < rows_of(model) else 0)
    torch.nn.Module.to(model, accelerator.device)
    before = untouched(model, data, accelerator, settings)

    # Keep each layer's input only, and compute the rest again in the backward pass.
    if settings.checkpointing:
        checkpoint_layers(model)
    mergeable = settings.method == "lora" and not tied_targets(model, settings.targets)
    # LoRA's matrices, or a prefix, in float32; everything else is frozen.
    adapted = adapted_to(model, data, settings)

    on_first_process(lambda: runs.write_settings(folder, settings))
    with Bar(settings.method, visible=accelerator.is_main_process) as bar:
        progress = fit(adapted, data, settings, accelerator, bar)
    result = summary(adapted, progress, before, settings, accelerator.device)
    if accelerator.is_main_process:
        tokenizer.save_pretrained(folder)
        name = str(base) if settings.model == TINY else settings.model
        about = runs.About(name, len(data.train), len(data.dev), tuple(told), mergeable=mergeable)
        runs.write_readme(folder, result, settings, about)
        if result.is_worse:
            tell(f"{settings.method}: {runs.WORSE.format(before=result.loss_before, after=result.loss)}", "!")
    return result


def untouched(model: PreTrainedModel, data: Data, accelerator: Accelerator, settings: Settings) -> Quality:
    """Evaluate a model before anything is trained.

    Raises `Refusal` if it can't be trained on the data, or can't compute at all: its files are anybody's.
    """
    try:
        require_suitable(model, (*data.train, *data.dev), settings)
        return evaluate(model, data.dev, accelerator, settings.batch_size, data.padding)
    except (RuntimeError, ValueError, LookupError, TypeError, AttributeError) as error:
        if out_of_memory(error):
            raise
        why = first_line(error)[:120]
        raise Refusal(f"--model {settings.model}: it can't compute ({why}); check its config.json") from None


def adapted_to(model: PreTrainedModel, data: Data, settings: Settings) -> nn.Module:
    """Return the model with what the method trains; raise `Refusal` where peft can't put it there."""
    try:
        return adapt(model, settings, [token for example in data.train for token in example.ids])
    except (ValueError, LookupError, TypeError, AttributeError, NotImplementedError) as error:
        targets = f" with --targets {','.join(settings.targets)}" if settings.method == "lora" else ""
        why = first_line(error).rstrip(".")
        raise Refusal(f"{settings.method} can't be put on {type(model).__name__}{targets}: {why}") from None


def fit(model: nn.Module, data: Data, settings: Settings, accelerator: Accelerator, bar: Bar) -> Progress:
    """Train `model` on `data`; the weights with the lowest evaluation loss are kept in `settings.output`.

    Goes on from the last checkpoint there, if there is one. Raises `Stopped` if the loss is no number any more, or
    the process is asked to end.
    """
    folder = Path(settings.output)
    order = Order(len(data.train), accelerator.num_processes * settings.step_size, settings.seed)
    steps = order.steps_per_epoch * settings.epochs

    optimizer = adamw(model, settings)
    schedule = linear_warmup(optimizer, steps, settings.warmup_ratio)
    if steps == 1 and not schedule.get_last_lr()[0]:
        tell(f"{settings.method}: {NOTHING_MOVES}", "!")
    model, optimizer = accelerator.prepare(model, optimizer)
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    # The cache of keys and values serves generation; in training it would only take memory.
    config = accelerator.unwrap_model(model).config
    usual, config.use_cache = getattr(config, "use_cache", None), False

    run = checkpoint.Run(model, optimizer, schedule, accelerator)
    progress = restore(folder, run, data)
    journal = Journal(folder, accelerator, bar)
    journal.resume(progress)
    clock = time.monotonic() - progress.seconds

    model.train()
    bar.start(steps, progress.step)
    with asked_to_end(alone=accelerator.num_processes == 1) as ending:
        for step in range(progress.step, steps):
            examples = [data.train[index] for index in order.step(step)]
            loss = gradients(model, examples, data.padding, settings, accelerator)
            norm = accelerator.clip_grad_norm_(trained, settings.clip) if settings.clip else None
            lr = float(schedule.get_last_lr()[0])
            optimizer.step()
            # fp16's scaler leaves a step out when gradients overflow: the schedule waits for it.
            if not accelerator.optimizer_step_was_skipped:
                schedule.step()
            optimizer.zero_grad()

            progress.step = step + 1
            progress.seconds = time.monotonic() - clock
            journal.step(loss, examples, progress)
            saving = progress.step % settings.save_freq == 0 or progress.step == steps
            if saving or progress.step % settings.logging_steps == 0:
                journal.line(progress, progress.step / order.steps_per_epoch, lr, norm)
            paused = time.monotonic()
            if saving:
                quality = evaluate(model, data.dev, accelerator, settings.batch_size, data.padding)
                if journal.quality(progress, quality):
                    config.use_cache = usual  # it is saved with the weights
                    keep(model, folder, accelerator)
                    config.use_cache = False
            if saving or ending:
                progress.pending = journal.pending()
                checkpoint.write_run(folder, run, asdict(progress))
                if progress.step < steps:
                    journal.pause(time.monotonic() - paused, progress)
            if ending and progress.step < steps:
                raise Stopped(f"stopped after step {progress.step} of {steps}; go on with --resume --output {folder}")
    return progress


def gradients(
    model: nn.Module, examples: Sequence[Example], padding: int, settings: Settings, accelerator: Accelerator
) -> Tensor:
    """Add up the gradients of one optimizer step and return this process's part of its loss, a number on the device.

    The sum of all losses is divided by the number of learned tokens in the whole step. Dividing each batch by its own
    number first would weigh tokens of short answers more, and another split of the same examples would train another
    model. Where there are several processes, their gradients are averaged: hence the factor.
    """
    learned = sum(example.learned for example in examples)
    parts = list(share(by_length(examples), accelerator.process_index, accelerator.num_processes, settings.batch_size))
    total = torch.zeros((), device=accelerator.device)
    for number, part in enumerate(parts, 1):
        batch = collate(part, padding).to(accelerator.device)
        # Processes exchange gradients once a step, with its last batch.
        with contextlib.nullcontext() if number == len(parts) else accelerator.no_sync(model):
            loss = summed_loss(model, batch) / learned
            accelerator.backward(loss * accelerator.num_processes)
        total += loss.detach()
    return total


def keep(model: nn.Module, folder: Path, accelerator: Accelerator) -> None:
    """Save what is trained; where each process has a part of it, all give theirs to the first, which writes."""
    whole = accelerator.get_state_dict(model) if sharded(accelerator) else None
    if accelerator.is_main_process:
        save(accelerator.unwrap_model(model), folder, whole)


def restore(folder: Path, run: checkpoint.Run, data: Data) -> Progress:
    """Put the run back to its last checkpoint and return where that was; the beginning without one.

    Raises `Refusal` if the data or the number of processes is another: the result would be another too.
    """
    place, processes = checkpoint.latest(folder), run.accelerator.num_processes
    if not place:
        return Progress(processes=processes, data=data.fingerprint)
    try:
        progress = Progress(**checkpoint.read_run(place, run))
    except DAMAGED as error:
        what = f"{type(error).__name__}: {error}".splitlines()[0][:120]
        raise Refusal(f"{place}: the checkpoint is damaged ({what}); remove it, and --resume starts anew") from None
    if progress.processes != processes:
        raise Refusal(f"--resume: the run has {progress.processes} processes, not {processes}")
    if progress.data != data.fingerprint:
        raise Refusal("--resume: the data has changed since the run was started; a new --output starts anew")
    return progress


def summary(
    model: nn.Module, progress: Progress, before: Quality, settings: Settings, device: torch.device
) -> runs.Result:
    """Return what came out of a run."""
    trained, parameters = counts(model)
    return runs.Result(
        method=settings.method,
        trained=trained,
        parameters=parameters,
        steps=progress.step,
        loss_before=before.loss,
        exact_before=before.exact,
        loss=progress.best_loss,
        exact=progress.best_exact,
        seconds=progress.seconds,
        tokens_per_second=progress.tokens / max(progress.seconds - progress.aside, 1e-9),
        peak_bytes=torch.cuda.max_memory_allocated() if device.type == "cuda" else None,
        folder=settings.output,
    )


def run_all(given: Mapping[str, object], *, resume: bool) -> list[runs.Result]:
    """Run what the options ask for, a method after the other, and return their results."""
    root, options, made = on_first_process(lambda: runs.place(given, resume=resume))
    with contextlib.ExitStack() as stack:
        if PartialState().is_main_process:
            stack.enter_context(runs.held(root))
        try:
            return _run_all(root, options, resume=resume)
        except (OSError, SafetensorError):  # of a run that was on its way: --resume goes on with it
            raise
        except Exception:
            stack.close()  # Windows removes no folder with a lock in it
            if not resume:
                on_first_process(lambda: runs.release(root, made))
            raise


def _run_all(root: Path, options: Mapping[str, object], *, resume: bool) -> list[runs.Result]:
    wanted = [replace(settings, precision=precision_of(settings.precision)) for settings in plan(options)]
    accelerator = device_for(wanted[0])
    for settings in wanted:
        check_sharding(accelerator, settings, resume=resume)
    return [train(settings, root / "base", accelerator) for settings in wanted]


def device_for(settings: Settings) -> Accelerator:
    """Return the device or devices to compute on, in the precision asked for."""
    if settings.model == TINY and on_cpu():
        torch.set_num_threads(1)  # it is too small to be shared: threads would only wait for each other
    return Accelerator(cpu=on_cpu(), mixed_precision={"fp32": "no"}.get(settings.precision, settings.precision))


def end_together() -> None:
    """Leave the group of processes once all have come so far: one that ends while another still talks may abort."""
    if distributed.is_available() and distributed.is_initialized():
        distributed.barrier()
        distributed.destroy_process_group()


def main(argv: Sequence[str]) -> int:
    """Train as the command line says; return the exit code: 0 done, 1 stopped in the middle, 2 refused."""
    end_with_parent()
    try:
        given, resume = read_options(argv)
        results = run_all(given, resume=resume)
        if PartialState().is_main_process:
            print_table(results)
        end_together()
    except (Refusal, Stopped) as error:
        tell(str(error))
        return 2 if isinstance(error, Refusal) else 1
    except KeyboardInterrupt:
        tell("interrupted; --resume goes on from the last checkpoint")
        return 130
    except (OSError, SafetensorError) as error:
        why = getattr(error, "strerror", None) or error
        tell(f"the run cannot go on ({why}); what was saved is whole: --resume goes on from the last checkpoint")
        return 1
    except (torch.OutOfMemoryError, MemoryError, RuntimeError) as error:
        if not out_of_memory(error):
            raise
        tell(LESS_MEMORY)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
