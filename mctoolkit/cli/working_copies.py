"""Working copies of the notebooks: users edit copies that git ignores, next to the captures that they read.

JupyterLab saves new outputs, execution counts and metadata even if a notebook was only run. In the tracked originals,
that would break the tests of the stored outputs and cause conflicts in ``git pull``.

A copy counts as edited if its cells differ from every original that was copied: in type, source, tags or attachments.
Outputs, execution counts, other metadata and empty cells are ignored.
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
"""The file in this package with the fingerprints of the originals; ``make notebooks`` writes it."""

STATE = ".originals.json"
"""The hidden file in the folder of the copies that records which originals were copied."""


class _Record(TypedDict):
    """The record of one file: the SHA-256 of the last original, and the content hash of each original so far."""

    original: str
    contents: list[str]


def shipped() -> dict[str, str]:
    """Return the fingerprints of the notebooks and captures that mctoolkit ships, by relative path."""
    found: dict[str, str] = json.loads((files("mctoolkit") / "cli" / SHIPPED).read_text(encoding="utf-8"))
    return found


def fingerprint(path: Path) -> str:
    """Return the SHA-256 of a JSON file's content, independent of line ends and layout.

    Raises
    ------
    OSError, ValueError
        The file cannot be read, or is not JSON.
    """
    return _hash(json.loads(path.read_text(encoding="utf-8")))


def update_copies(originals: Path, copies: Path) -> list[tuple[Path, Path]]:
    """Copy new and changed notebooks and captures; never replace an edited copy.

    Several processes can do this at the same time: each file is replaced atomically, and all write the same content.

    Parameters
    ----------
    originals : Path
        The folder of the original notebooks; only files that mctoolkit ships are copied.
    copies : Path
        The folder of the working copies; created if missing.

    Returns
    -------
    list of (Path, Path)
        Each edited copy whose original has changed, with the file beside it that has the new original.

    Raises
    ------
    OSError
        A file cannot be read or written.
    """
    state = _read_state(copies / STATE)
    updated, new_originals = dict(state), []
    for name in shipped():
        if (originals / name).is_file():
            copy = copies / name
            updated[name], written = _update(originals / name, copy, state.get(name))
            if written is not None and written != copy:
                new_originals.append((copy, written))
    for name in state.keys() - shipped().keys():
        if _is_unedited(copies / name, updated.pop(name)["contents"]):
            (copies / name).unlink()
    if updated != state:
        _write(copies / STATE, json.dumps(updated, indent=2).encode())
    return new_originals


def trust(folder: Path) -> None:
    """Sign the shipped notebooks in a folder, so that JupyterLab shows their stored outputs unsanitised.

    Only notebooks with the content of a shipped one are signed, because the outputs of others are not known.
    JupyterLab itself signs notebooks that the user runs.
    """
    import nbformat
    from nbformat.sign import NotebookNotary

    ours = set(shipped().values())
    notary = NotebookNotary()  # type: ignore[no-untyped-call]
    for path in sorted(folder.glob("*.ipynb")):
        try:
            if fingerprint(path) in ours:
                notary.sign(nbformat.read(path, as_version=4))  # type: ignore[no-untyped-call]
        except (OSError, ValueError):  # JupyterLab reports an unreadable file when the user opens it
            continue


def _update(original: Path, copy: Path, known: _Record | None) -> tuple[_Record, Path | None]:
    """Update one copy; return its record, and the file that was written, if any."""
    data, content = original.read_bytes(), _content_hash(original)
    contents = [] if known is None else known["contents"]
    record = _Record(
        original=hashlib.sha256(data).hexdigest(),
        contents=contents if content in contents else [*contents, content],
    )
    if copy.exists() and known is not None and known["original"] == record["original"]:
        return record, None
    edited = copy.exists() and not _is_unedited(copy, record["contents"])
    written = _free_name(copy, record["contents"]) if edited else copy
    _write(written, data)
    return record, written


def _free_name(copy: Path, contents: list[str]) -> Path:
    """Return the first of ``NAME.new.ipynb``, ``NAME.new2.ipynb``, ... that is not an edited notebook."""
    for number in itertools.count(1):
        path = copy.with_name(f"{copy.stem}.new{number if number > 1 else ''}{copy.suffix}")
        if not path.exists() or _is_unedited(path, contents):
            break
    return path


def _is_unedited(copy: Path, contents: list[str]) -> bool:
    """Tell whether a file exists and has one of these contents, so that it is unedited."""
    return copy.is_file() and _content_hash(copy) in contents


def _content_hash(path: Path) -> str:
    """Return the SHA-256 of the user's content of a notebook, or of the whole file if it is not a notebook."""
    data = path.read_bytes()
    try:
        document = json.loads(data)
        return _hash([_user_content(cell) for cell in document["cells"] if "".join(cell["source"]).strip()])
    except (ValueError, LookupError, TypeError, AttributeError):
        return hashlib.sha256(data).hexdigest()


def _user_content(cell: dict[str, Any]) -> list[Any]:
    """Return the user's content of a cell. JupyterLab stores a source as one string or as a list of lines."""
    source = "".join(cell["source"]).rstrip()
    return [cell["cell_type"], source, cell["metadata"].get("tags", []), cell.get("attachments", {})]


def _hash(document: object) -> str:
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()


def _read_state(path: Path) -> dict[str, _Record]:
    """Read the records; return none if the file is missing or damaged, so that every differing copy is kept."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return {name: _Record(original=each["original"], contents=[*each["contents"]]) for name, each in found.items()}
    except (FileNotFoundError, ValueError, LookupError, TypeError, AttributeError):
        return {}


def _write(path: Path, data: bytes) -> None:
    """Replace a file atomically, so that readers see the old or the new content."""
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
