"""Working copies of the notebooks: which are copied, updated, kept and trusted."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mctoolkit.cli.working_copies import STATE, shipped, trust, update_copies
from tools import run_notebooks

PROJECT = Path(__file__).parents[2]
FIRST = "00_start_here.ipynb"
NEW = "00_start_here.new.ipynb"


@pytest.fixture
def originals(tmp_path: Path) -> Path:
    return Path(shutil.copytree(PROJECT / "notebooks", tmp_path / "notebooks"))


@pytest.fixture
def copies(originals: Path) -> Path:
    folder = originals.with_name("my_notebooks")
    assert update_copies(originals, folder) == []
    return folder


def change(path: Path, edit: Callable[[Any], object]) -> None:
    notebook = json.loads(path.read_text("utf-8"))
    edit(notebook)
    path.write_text(json.dumps(notebook, indent=1), "utf-8")


def release(path: Path, words: str = "a new release") -> bytes:
    """Change an original, as a new release does."""
    change(path, lambda notebook: notebook["cells"][0].update(source=words))
    return path.read_bytes()


def run_in_jupyterlab(notebook: dict[str, Any]) -> None:
    """Make the changes of JupyterLab when a user runs all cells, the last with Shift+Enter, and saves."""
    notebook["metadata"]["language_info"] = {"name": "python", "version": "3.13.1"}
    for number, cell in enumerate(notebook["cells"]):
        cell["id"] = f"other-{number}"
        cell["metadata"] = {**cell["metadata"], "editable": True, "scrolled": True}
        cell["source"] = "".join(cell["source"]).splitlines(keepends=True)
        if cell["cell_type"] == "code":
            cell["execution_count"] = number + 100
            cell["outputs"] = []
    empty: dict[str, Any] = {
        "cell_type": "code",
        "id": "e",
        "metadata": {},
        "source": [],
        "execution_count": None,
        "outputs": [],
    }
    notebook["cells"].append(empty)


EDITS: dict[str, Callable[[Any], object]] = {
    "source": lambda notebook: notebook["cells"][-1].update(source="mine"),
    "new cell": lambda notebook: notebook["cells"].append({"cell_type": "raw", "metadata": {}, "source": "mine"}),
    "cell removed": lambda notebook: notebook["cells"].pop(),
    "cells moved": lambda notebook: notebook["cells"].reverse(),
    "cell type": lambda notebook: notebook["cells"][0].update(cell_type="raw"),
    "tag": lambda notebook: notebook["cells"][0]["metadata"].update(tags=["mine"]),
    "pasted picture": lambda notebook: notebook["cells"][0].update(attachments={"a.png": {"image/png": "iVBO"}}),
    "no cells": lambda notebook: notebook.pop("cells"),
}


def test_only_shipped_files_are_copied(originals: Path) -> None:
    (originals / "my own.ipynb").write_text("{}")
    (originals / "captures" / "secret.har").write_text("{}")
    copies = originals.with_name("my_notebooks")
    update_copies(originals, copies)
    found = {path.relative_to(copies).as_posix() for path in copies.rglob("*") if path.is_file()}
    assert found == {*shipped(), STATE}
    assert "captures/example-player.har" in found
    assert all((copies / name).read_bytes() == (originals / name).read_bytes() for name in shipped())


def test_copy_that_was_only_run_is_updated(originals: Path, copies: Path) -> None:
    change(copies / FIRST, run_in_jupyterlab)
    before = (copies / FIRST).read_bytes()
    assert update_copies(originals, copies) == []
    assert (copies / FIRST).read_bytes() == before, "outputs are kept until the original changes"
    new = release(originals / FIRST)
    assert update_copies(originals, copies) == []
    assert (copies / FIRST).read_bytes() == new
    assert not (copies / NEW).exists()


def test_new_outputs_update_the_copy(originals: Path, copies: Path) -> None:
    change(originals / FIRST, run_in_jupyterlab)
    update_copies(originals, copies)
    assert (copies / FIRST).read_bytes() == (originals / FIRST).read_bytes()


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_edited_copy_is_kept_beside_the_new_original(
    edit: Callable[[Any], object], originals: Path, copies: Path
) -> None:
    change(copies / FIRST, edit)
    edited = (copies / FIRST).read_bytes()
    assert update_copies(originals, copies) == []
    new = release(originals / FIRST)
    assert update_copies(originals, copies) == [(copies / FIRST, copies / NEW)]
    assert update_copies(originals, copies) == [], "it is reported once"
    assert (copies / FIRST).read_bytes() == edited
    assert (copies / NEW).read_bytes() == new


def test_new_original_beside_a_copy_is_updated(originals: Path, copies: Path) -> None:
    change(copies / FIRST, EDITS["source"])
    release(originals / FIRST, "1")
    update_copies(originals, copies)
    second = release(originals / FIRST, "2")
    assert update_copies(originals, copies) == [(copies / FIRST, copies / NEW)]
    assert (copies / NEW).read_bytes() == second
    change(copies / NEW, EDITS["source"])
    edited = (copies / NEW).read_bytes()
    third = release(originals / FIRST, "3")
    ((_, beside),) = update_copies(originals, copies)
    assert (copies / NEW).read_bytes() == edited
    assert (beside.name, beside.read_bytes()) == ("00_start_here.new2.ipynb", third)


def test_renamed_new_original_is_updated(originals: Path, copies: Path) -> None:
    change(copies / FIRST, EDITS["source"])
    release(originals / FIRST, "1")
    update_copies(originals, copies)
    (copies / NEW).replace(copies / FIRST)
    second = release(originals / FIRST, "2")
    assert update_copies(originals, copies) == []
    assert (copies / FIRST).read_bytes() == second


def test_deleted_copy_is_created_again(originals: Path, copies: Path) -> None:
    (copies / FIRST).unlink()
    update_copies(originals, copies)
    assert (copies / FIRST).read_bytes() == (originals / FIRST).read_bytes()


@pytest.mark.parametrize("state", ["", "[]", '{"a": 1}', None])
def test_without_record_differing_copies_are_kept(state: str | None, originals: Path, copies: Path) -> None:
    change(copies / FIRST, EDITS["source"])
    edited = (copies / FIRST).read_bytes()
    if state is None:
        (copies / STATE).unlink()
    else:
        (copies / STATE).write_text(state)
    assert update_copies(originals, copies) == [(copies / FIRST, copies / NEW)]
    assert (copies / FIRST).read_bytes() == edited


def test_unreadable_copy_is_kept(originals: Path, copies: Path) -> None:
    (copies / FIRST).write_text("incomplete")
    release(originals / FIRST)
    update_copies(originals, copies)
    assert (copies / FIRST).read_text() == "incomplete"


def test_unedited_copy_of_removed_notebook_is_deleted(
    originals: Path, copies: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    second = "01_sessions_request.ipynb"
    change(copies / FIRST, EDITS["source"])
    remaining = {name: fingerprint for name, fingerprint in shipped().items() if name not in (FIRST, second)}
    monkeypatch.setattr("mctoolkit.cli.working_copies.shipped", lambda: remaining)
    update_copies(originals, copies)
    assert (copies / FIRST).exists()
    assert not (copies / second).exists()


def test_parallel_starts_leave_complete_files(originals: Path) -> None:
    copies = originals.with_name("my_notebooks")
    code = (
        "import sys; from pathlib import Path; from mctoolkit.cli.working_copies import update_copies; "
        f"sys.stdin.read(); assert update_copies(Path({str(originals)!r}), Path({str(copies)!r})) == []"
    )
    started = [subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE) for _ in range(3)]
    for process in started:
        assert process.stdin is not None
        process.stdin.close()
    assert [process.wait(timeout=60) for process in started] == [0, 0, 0]
    assert {path.name for path in copies.iterdir()} == {*(name.split("/")[0] for name in shipped()), STATE}
    assert all((copies / name).read_bytes() == (originals / name).read_bytes() for name in shipped())


def test_failed_write_keeps_the_copy(originals: Path, copies: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = (copies / FIRST).read_bytes()
    release(originals / FIRST)
    real = Path.write_bytes

    def write_half(path: Path, data: bytes) -> int:
        real(path, data[:100])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", write_half)
    with pytest.raises(OSError, match="No space left"):
        update_copies(originals, copies)
    assert (copies / FIRST).read_bytes() == before
    assert not list(copies.glob(f".{FIRST}*"))


def test_only_shipped_notebooks_are_trusted(copies: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    signed: list[int] = []
    monkeypatch.setattr("nbformat.sign.NotebookNotary.sign", lambda _, notebook: signed.append(len(notebook.cells)))
    ours = sorted(copies.glob("*.ipynb"))
    expected = [len(json.loads(path.read_text("utf-8"))["cells"]) for path in ours]
    trust(copies)
    assert signed == expected

    signed.clear()
    ours[0].write_bytes(ours[0].read_bytes().replace(b"\n", b"\r\n"))  # git on Windows can check it out like this
    change(ours[1], lambda notebook: notebook["cells"][0].update(source="<script>"))
    (copies / "half saved.ipynb").write_text('{"cells": [', "utf-8")
    trust(copies)
    assert signed == expected[:1] + expected[2:]


def test_recorded_fingerprints_match_the_files() -> None:
    """If this fails, run `make notebooks`."""
    assert run_notebooks.fingerprints(shipped()) == shipped()


def test_every_tracked_file_is_shipped() -> None:
    """If this fails, run `make notebooks ARGS="NAME"` with the name of the new notebook."""
    git = shutil.which("git")
    if git is None or not (PROJECT / ".git").exists():
        pytest.skip("needs git and a checkout")
    tracked = subprocess.run([git, "ls-files", "notebooks"], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert {name.removeprefix("notebooks/") for name in tracked.stdout.split()} == set(shipped())
    ignored = subprocess.run([git, "check-ignore", "-q", f"my_notebooks/{FIRST}"], cwd=PROJECT)
    assert ignored.returncode == 0
