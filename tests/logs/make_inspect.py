"""Make the Inspect logs of the tests: a mock model of eight sizes that adds numbers, run by Inspect itself.

Needs the extra ``logs``. Run in this folder: ``python make_inspect.py``. Each digit of an answer is right with a chance
that rises smoothly with size, so that exact match rises steeply and the share of right digits does not.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from itertools import cycle

from inspect_ai import Task, eval  # noqa: A004  # Inspect's own name
from inspect_ai.dataset import Sample
from inspect_ai.model import GenerateConfig, ModelOutput, ModelUsage, get_model
from inspect_ai.scorer import Score, choice, match, mean, scorer, stderr
from inspect_ai.solver import multiple_choice

SIZES = {"70m": 0.30, "160m": 0.38, "410m": 0.50, "1b": 0.66, "1.4b": 0.74, "2.8b": 0.86, "6.9b": 0.94, "12b": 0.97}
"""Chance of each digit to be right, by size."""

ITEMS = 200


def sums() -> list[Sample]:
    """Return sums of two numbers, each with four digits."""
    draw = random.Random(7)
    pairs = [(draw.randrange(1000, 5000), draw.randrange(1000, 5000)) for _ in range(ITEMS)]
    return [Sample(input=f"{a} + {b} =", target=str(a + b)) for a, b in pairs]


@scorer(metrics=[mean(), stderr()])
def digits():
    """Score the share of digits that are right."""

    async def score(state, target):
        said = state.output.completion
        return Score(value=sum(x == y for x, y in zip(said, target.text, strict=True)) / len(target.text))

    return score


def output(said: str) -> ModelOutput:
    """Return an answer with a count of tokens, so that no tokenizer is asked for."""
    made = ModelOutput.from_content("mockllm", said)
    made.usage = ModelUsage(input_tokens=8, output_tokens=4, total_tokens=12)
    return made


def answers(chance: float, seed: int) -> Iterator[ModelOutput]:
    """Yield an answer to each sum, each of its digits right with this chance."""
    draw = random.Random(seed)
    for sample in sums():
        yield output("".join(d if draw.random() < chance else str((int(d) + 5) % 10) for d in sample.target))


def run(task: Task, name: str, made: Iterator[ModelOutput], folder: str, form: str, samples: bool, seed: int) -> None:
    """Run Inspect once and keep its log."""
    model = get_model(f"mockllm/toy-{name}", custom_outputs=lambda *_: next(made), config=GenerateConfig(seed=seed))
    eval(
        task, model=model, log_dir=folder, log_format=form, log_samples=samples, display="none",
        max_connections=1, max_samples=1, log_realtime=False,
    )  # fmt: skip


if __name__ == "__main__":
    for folder in ("inspect", "inspect_choices"):
        shutil.rmtree(folder, ignore_errors=True)
    for at, (name, chance) in enumerate(SIZES.items()):
        run(Task(sums(), name="four_digit_sums", scorer=[match(), digits()]), name, answers(chance, at), "inspect", "eval", False, at)  # fmt: skip
    colours = [Sample(input=f"Which is number {i}?", choices=["red", "green", "blue"], target="B") for i in range(5)]
    for form in ("eval", "json"):
        said = map(output, cycle(["ANSWER: A", "ANSWER: B"]))
        run(Task(colours, name="colours", solver=multiple_choice(), scorer=choice()), "70m", said, "inspect_choices", form, True, 0)  # fmt: skip
