"""README.md: its examples print what it says, and its files and commands exist."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import mctoolkit

PROJECT = Path(__file__).parents[1]
README = (PROJECT / "README.md").read_text(encoding="utf-8")


def _example(section: str) -> tuple[str, str]:
    """Return the code of a section and its output."""
    text = README.split(f"\n## {section}\n")[1].split("\n## ")[0]
    (code,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    (output,) = re.findall(r"```text\n(.*?)```", text, re.DOTALL)
    return code, output


def _run(code: str, folder: Path) -> str:
    script = folder / "example.py"
    script.write_text(code, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, timeout=60, check=True, cwd=PROJECT
    )
    return done.stdout


def test_python_example_prints_its_output(tmp_path: Path) -> None:
    code, output = _example("From Python")
    printed = _run(code, tmp_path)
    assert printed.startswith(output)
    assert re.fullmatch(r"201 [0-9a-f]{64}", printed.splitlines()[-1])


def test_audit_example_prints_its_output(tmp_path: Path) -> None:
    code, output = _example("Find what is wrong with a player")
    *before, last = code.strip().splitlines()
    assert _run("\n".join([*before, f"print({last})"]), tmp_path).startswith(output)


def test_linked_files_exist() -> None:
    links = re.findall(r"\]\((?!http)([^)]+)\)", README)
    notebooks = [f"notebooks/{name}.ipynb" for name in re.findall(r"^\| `(\d\d_\w+)` \|", README, re.MULTILINE)]
    assert len(notebooks) == 5
    assert [path for path in [*links, *notebooks] if not (PROJECT / path).exists()] == []


def test_public_names_in_table_exist() -> None:
    cells = re.findall(r"^\| (`.+?`) \|", README.split("\n## From Python\n")[1], re.MULTILINE)
    names = re.findall(r"`(?:mctoolkit\.)?(\w+)", " ".join(cells))
    assert {"validate", "simulate", "formats"} <= set(names)
    assert set(names) <= {*mctoolkit.__all__}


@pytest.mark.parametrize("command", sorted(set(re.findall(r"^    mctoolkit (\w+)", README, re.MULTILINE))))
def test_command_and_its_options_exist(command: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mctoolkit", command, "--help"], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0
    lines = re.findall(rf"^    mctoolkit {command} .*$", README, re.MULTILINE)
    assert [option for option in re.findall(r"--[\w-]+", " ".join(lines)) if option not in done.stdout] == []


def test_disclaimer_occurs_once() -> None:
    assert len(re.findall(r"not made or endorsed by Adobe", README)) == 1
