"""Who may import whom. The picture of the house is this table; a line that breaks it turns this red."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "mctoolkit"

# Top floor first; an arrow points down. Within a floor only what SIDEWAYS lists.
FLOORS = [
    ("faces", ["widgets", "cli", "handover"]),
    ("views", ["tables", "charts", "audits", "runner", "watching", "testcard"]),
    ("doors", ["client", "targets", "sandbox", "journal", "profiles", "plans", "formats", "captures", "baselines"]),
    ("thought", ["validation", "auditing", "explaining", "comparing", "playback", "presets", "mistakes"]),
    ("nouns", ["exchanges", "sessions", "problems", "drafts", "events", "calls", "findings", "masking"]),
    ("facts", ["facts"]),
    ("ground", ["wire", "markup", "typed", "texts", "clocks", "errors"]),
]

SIDEWAYS = {
    ("client", "targets"),
    ("profiles", "targets"),
    ("formats", "targets"),
    ("auditing", "validation"),
    ("cli", "handover"),
    ("explaining", "validation"),
    ("playback", "presets"),
    ("runner", "tables"),
    ("watching", "tables"),
    ("testcard", "watching"),
    ("exchanges", "problems"),
    ("exchanges", "events"),
    ("exchanges", "masking"),
    ("problems", "events"),
    ("calls", "exchanges"),
    ("findings", "masking"),
    ("drafts", "events"),
    ("drafts", "problems"),
    ("drafts", "masking"),
    ("events", "masking"),
    ("clocks", "errors"),
    ("clocks", "texts"),
    ("wire", "errors"),
    ("wire", "texts"),
    ("texts", "errors"),
}

# Each outside library has its room, or rooms.
ROOMS = {
    "IPython": {"widgets"},
    "anywidget": {"widgets"},
    "cryptography": {"client"},
    "httptools": {"sandbox"},
    "ipywidgets": {"widgets"},
    "jsonschema_rs": {"validation"},
    "jupyter_server": {"cli"},
    "jupyterlab": {"cli"},
    "jupyterlab_server": {"cli"},
    "zmq": {"cli"},
    "nbformat": {"cli"},
    "markupsafe": {"markup"},
    "matplotlib": {"charts"},
    "openpyxl": {"plans", "formats"},
    "orjson": {"wire"},
    "platformdirs": {"cli", "journal", "profiles"},
    "tornado": {"cli"},
    "traitlets": {"widgets", "cli"},
    "voila": {"cli"},
    "pandas": {"tables", "audits", "widgets"},  # widgets: as a type only
    "requests": {"client"},
    "starlette": {"sandbox"},
    "trustme": {"sandbox"},
    "truststore": {"client"},
    "typer": {"cli"},
    "urllib3": {"client"},
    "uvicorn": {"sandbox"},
}


def _imports(tree: ast.AST) -> set[str]:
    """Return every module that a file imports, except for types alone; also inside functions."""
    found: set[str] = set()
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, "relative imports hide who imports whom"
            found.update({f"{node.module}.{alias.name}" for alias in node.names})
        found |= _imports(node)
    return found


def _room(path: Path) -> str:
    relative = path.relative_to(PACKAGE)
    return relative.parts[0].removesuffix(".py")


FILES = [path for path in sorted(PACKAGE.rglob("*.py")) if _room(path) not in ("__init__", "__main__")]
FLOOR_OF = {room: number for number, (_, rooms) in enumerate(FLOORS) for room in rooms}


def test_every_room_has_a_floor() -> None:
    assert {_room(path) for path in FILES} == set(FLOOR_OF)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_arrows_point_down(path: Path) -> None:
    here = _room(path)
    for name in _imports(ast.parse(path.read_text(encoding="utf-8"))):
        if not name.startswith("mctoolkit."):
            continue
        there = name.split(".")[1]
        if there == here or there.startswith("__"):
            continue
        level = FLOOR_OF[there] - FLOOR_OF[here]
        assert level > 0 or (level == 0 and (here, there) in SIDEWAYS), f"{here} imports {there}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_each_library_stays_in_its_room(path: Path) -> None:
    for name in _imports(ast.parse(path.read_text(encoding="utf-8"))):
        library = name.split(".")[0]
        if library == "mctoolkit" or library in sys.stdlib_module_names:
            continue
        assert _room(path) in ROOMS.get(library, ()), f"{path.name} imports {library}"


def test_no_module_bears_the_name_of_a_public_function() -> None:
    import mctoolkit

    modules = {_room(path) for path in FILES}
    assert not modules & set(mctoolkit.__all__)


def test_the_table_itself_can_fail() -> None:
    tree = ast.parse("def f():\n    import requests\n    from mctoolkit.sandbox import Sandbox\n")
    assert _imports(tree) == {"requests", "mctoolkit.sandbox.Sandbox"}
    assert ("client", "sandbox") not in SIDEWAYS
    assert ("sandbox", "client") not in SIDEWAYS
