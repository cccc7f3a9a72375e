"""Make the logs of lm-evaluation-harness of the tests: its dummy model under six names, run by the harness itself.

Needs lm-eval. Run in this folder: ``python make_lm_eval.py``. The dummy model answers by chance, so that the curve is
flat at the level of guessing.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

SIZES = ("70m", "160m", "410m", "1b", "2.8b", "12b")
ITEMS = 12
TASK = """task: next_letter
dataset_path: json
dataset_kwargs: {{data_files: {{test: {data}}}}}
test_split: test
output_type: multiple_choice
doc_to_text: "After {{{{letter}}}} comes"
doc_to_choice: "{{{{choices}}}}"
doc_to_target: answer
metric_list:
  - {{metric: acc, aggregation: mean, higher_is_better: true}}
metadata: {{version: 1.0}}
"""


def main() -> None:
    """Run the harness once for each name."""
    shutil.rmtree("lm_eval", ignore_errors=True)
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "letters.jsonl"
        rows = [{"letter": chr(65 + i % 25), "choices": [chr(66 + i % 25), "?", "!", "-"], "answer": 0} for i in range(ITEMS)]  # fmt: skip
        data.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        (Path(folder) / "next_letter.yaml").write_text(TASK.format(data=data), encoding="utf-8")
        for seed, size in enumerate(SIZES):
            subprocess.run(
                [
                    sys.executable, "-m", "lm_eval", "run", "--model", "dummy", "--model_args", f"pretrained=toy/toy-{size}",
                    "--tasks", "next_letter", "--include_path", folder, "--output_path", "lm_eval", "--seed", str(seed),
                    "--log_samples",
                ],
                check=True,
            )  # fmt: skip
        for path in Path("lm_eval").rglob("results*.json"):  # whose folder it was says nothing
            path.write_text(path.read_text(encoding="utf-8").replace(f"{folder}/", ""), encoding="utf-8")


if __name__ == "__main__":
    main()
