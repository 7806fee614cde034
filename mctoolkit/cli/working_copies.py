"""Working copies of the notebooks: what the user edits lies outside git, next to the captures it reads.

JupyterLab saves a notebook that was only run: with new outputs, execution counts and metadata. If it saved the tracked
originals, the tests would compare with outputs of another run, and ``git pull`` would conflict.

A copy counts as edited when its cells differ from every original that was copied here: in type, source, tags or
attachments. Outputs, execution counts, other metadata and empty cells do not count.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import os
from importlib.resources import files
from pathlib import Path
from typing import Any, TypedDict

__all__ = ["fingerprint", "shipped", "trust", "update_copies"]

SHIPPED = "shipped.json"
"""The file beside this one with the fingerprints of the originals; ``make notebooks`` writes it."""

STATE = ".originals.json"
"""The file among the copies that records the originals that were copied; JupyterLab does not list it."""


class _Copied(TypedDict):
    """What is recorded of one file: the SHA-256 of the last original, and the content of each original so far."""

    original: str
    contents: list[str]


def shipped() -> dict[str, str]:
    """Return the fingerprint of each file that mctoolkit ships as a notebook or its capture, by relative path."""
    found: dict[str, str] = json.loads((files("mctoolkit") / "cli" / SHIPPED).read_text(encoding="utf-8"))
    return found


def fingerprint(path: Path) -> str:
    """Return the SHA-256 of a JSON file's content, which does not depend on its line ends and layout.

    Raises
    ------
    OSError, ValueError
        The file cannot be read, or is not JSON.
    """
    return _hash(json.loads(path.read_text(encoding="utf-8")))


def update_copies(originals: Path, copies: Path) -> list[tuple[Path, Path]]:
    """Copy the shipped notebooks and captures that are new or changed; never replace a copy that was edited.

    Any number of processes may do this at once: each file is replaced in one step, and all write the same.

    Parameters
    ----------
    originals : Path
        The folder of the tracked notebooks. Of its files, only those that mctoolkit ships are copied.
    copies : Path
        The folder of the working copies; created if missing.

    Returns
    -------
    list of (Path, Path)
        Each edited copy whose original changed too, and the file beside it that holds the new original.

    Raises
    ------
    OSError
        A file cannot be read or written.
    """
    state = _read_state(copies / STATE)
    updated, beside = dict(state), []
    for name in shipped():
        if (originals / name).is_file():
            copy = copies / name
            updated[name], written = _update(originals / name, copy, state.get(name))
            if written is not None and written != copy:
                beside.append((copy, written))
    for name in state.keys() - shipped().keys():
        if _is_one_of(copies / name, updated.pop(name)["contents"]):
            (copies / name).unlink()
    if updated != state:
        _write(copies / STATE, json.dumps(updated, indent=2).encode())
    return beside


def trust(folder: Path) -> None:
    """Sign our own notebooks in a folder, so that JupyterLab shows their stored outputs without sanitising them.

    A notebook is ours if its content equals that of a shipped one. Outputs of any other notebook may hold anything;
    JupyterLab itself signs those that its user runs.
    """
    import nbformat
    from nbformat.sign import NotebookNotary

    ours = set(shipped().values())
    notary = NotebookNotary()  # type: ignore[no-untyped-call]
    for path in sorted(folder.glob("*.ipynb")):
        try:
            if fingerprint(path) in ours:
                notary.sign(nbformat.read(path, as_version=4))  # type: ignore[no-untyped-call]
        except (OSError, ValueError):  # JupyterLab reports a file that it cannot read when the user opens it
            continue


def _update(original: Path, copy: Path, known: _Copied | None) -> tuple[_Copied, Path | None]:
    """Bring one copy up to date; return what to record, and the file that was written, if any."""
    data, content = original.read_bytes(), _content(original)
    contents = [] if known is None else known["contents"]
    record = _Copied(
        original=hashlib.sha256(data).hexdigest(),
        contents=contents if content in contents else [*contents, content],
    )
    if copy.exists() and known is not None and known["original"] == record["original"]:
        return record, None
    edited = copy.exists() and not _is_one_of(copy, record["contents"])
    written = _free_name(copy, record["contents"]) if edited else copy
    _write(written, data)
    return record, written


def _free_name(copy: Path, contents: list[str]) -> Path:
    """Return the first of ``NAME.new.ipynb``, ``NAME.new2.ipynb``, ... that does not hold an edited notebook."""
    for number in itertools.count(1):
        path = copy.with_name(f"{copy.stem}.new{number if number > 1 else ''}{copy.suffix}")
        if not path.exists() or _is_one_of(path, contents):
            break
    return path


def _is_one_of(copy: Path, contents: list[str]) -> bool:
    """Tell whether a file exists and holds one of these contents, that is, was not edited."""
    return copy.is_file() and _content(copy) in contents


def _content(path: Path) -> str:
    """Return the SHA-256 of what a user writes in a notebook; of all of it if the file is not a notebook."""
    data = path.read_bytes()
    try:
        document = json.loads(data)
        return _hash([_typed(cell) for cell in document["cells"] if "".join(cell["source"]).strip()])
    except (ValueError, LookupError, TypeError, AttributeError):
        return hashlib.sha256(data).hexdigest()


def _typed(cell: dict[str, Any]) -> list[Any]:
    """Return what a user writes in a cell. JupyterLab stores a source as one string or as a list of lines."""
    source = "".join(cell["source"]).rstrip()
    return [cell["cell_type"], source, cell["metadata"].get("tags", []), cell.get("attachments", {})]


def _hash(document: object) -> str:
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()


def _read_state(path: Path) -> dict[str, _Copied]:
    """Read what was copied. A file that is missing or damaged counts as empty: then each different copy is kept."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return {name: _Copied(original=each["original"], contents=[*each["contents"]]) for name, each in found.items()}
    except (FileNotFoundError, ValueError, LookupError, TypeError, AttributeError):
        return {}


def _write(path: Path, data: bytes) -> None:
    """Replace a file in one step, so that a reader sees the old or the new content and never a part of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        draft.write_bytes(data)
        draft.replace(path)
    except PermissionError:  # on Windows, while another process replaces the same file
        if not path.is_file() or path.read_bytes() != data:
            raise
    finally:
        draft.unlink(missing_ok=True)
