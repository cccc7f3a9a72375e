"""Screen a file in ASReview itself, through the interface that its pages use, and export what was decided.

Run by the Python of ASReview's own environment: ``screen_there.py FILE OUT LABELS``, where LABELS is JSON: titles to
``[label, note]``. Prints the titles in the order in which ASReview offers them.
"""

from __future__ import annotations

import io
import json
import os
import sys
from pathlib import Path


def main(file: Path, out: Path, labels: dict[str, list]) -> None:
    """Make a project of the file, label records, train ASReview's model, export."""
    from asreview.webapp.app import create_app

    app = create_app(AUTHENTICATION=False, TESTING=True, SECRET_KEY="none", SECURITY_PASSWORD_SALT="none")
    client = app.test_client()
    form = {"mode": "oracle", "file": (io.BytesIO(file.read_bytes()), file.name)}
    made = client.post("/api/projects/create", data=form, content_type="multipart/form-data")
    assert made.status_code == 201, made.get_json()
    project = f"/api/projects/{made.get_json()['id']}"

    held = read_records(app, made.get_json()["id"])
    print(json.dumps(held))  # noqa: T201  # what the test reads
    by_title = {record["title"]: record["record_id"] for record in held}
    for title, (label, note) in labels.items():
        number = by_title[title]
        said = client.post(
            f"{project}/record/{number}", data={"record_id": number, "label": label, "tags": "[]", "retrain_model": "1"}
        )
        assert said.status_code == 200, said.get_json()
        if note:
            assert client.put(f"{project}/record/{number}/note", data={"note": note}).status_code == 200
    collections = "&".join(f"collections={name}" for name in ("relevant", "irrelevant", "not_seen"))
    got = client.get(f"{project}/export_dataset?format={out.suffix[1:]}&{collections}")
    assert got.status_code == 200, got.get_json()
    out.write_bytes(got.get_data())


def read_records(app, project_id: str) -> list[dict]:  # Flask is in the other environment
    """Return what ASReview read of the file."""
    import asreview
    from asreview.webapp.utils import get_project_path

    with app.app_context(), asreview.Project(get_project_path(project_id)) as project, project.db as db:
        labelled = db.get_results_table()
        labels = dict(zip(labelled["record_id"].tolist(), labelled["label"].tolist(), strict=True))
        return [
            {
                "record_id": record.record_id, "title": record.title, "authors": record.authors, "year": record.year,
                "doi": record.doi, "abstract": record.abstract, "label": labels.get(record.record_id),
            }
            for record in db.input.get_records()
        ]  # fmt: skip


if __name__ == "__main__":
    os.environ.setdefault("ASREVIEW_PATH", str(Path(sys.argv[2]).parent / "asreview"))
    main(Path(sys.argv[1]), Path(sys.argv[2]), json.loads(sys.argv[3]))
