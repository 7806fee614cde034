"""The README is true: its example runs and prints what it says, its files are there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]
README = (PROJECT / "README.md").read_text(encoding="utf-8")


def test_the_example_runs_and_prints_what_the_readme_says(tmp_path: Path) -> None:
    code, printed = _example("From Python")
    script = tmp_path / "example.py"
    script.write_text(code, encoding="utf-8")
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.startswith(printed)
    status, session_id = done.stdout.splitlines()[-1].split()
    assert status == "201"
    assert re.fullmatch(r"[0-9a-f]{64}", session_id)


def test_the_verdict_on_the_recording_is_what_the_readme_says(tmp_path: Path) -> None:
    code, printed = _example("Find what is wrong with a player")
    *before, last = code.strip().splitlines()
    script = tmp_path / "example.py"
    script.write_text("\n".join([*before, f"print({last})"]), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, timeout=60, check=True, cwd=PROJECT
    )
    assert done.stdout.startswith(printed)


def _example(section: str) -> tuple[str, str]:
    """Return the code of a section, and what it prints."""
    text = README.split(f"\n## {section}\n")[1].split("\n## ")[0]
    (code,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    (printed,) = re.findall(r"```text\n(.*?)```", text, re.DOTALL)
    return code, printed


@pytest.mark.parametrize("link", re.findall(r"\]\((?!http)([^)]+)\)", README))
def test_each_link_leads_to_a_file(link: str) -> None:
    assert (PROJECT / link).exists()


@pytest.mark.parametrize("verb", re.findall(r"^    mctoolkit (\w+)", README, re.MULTILINE))
def test_each_command_exists(verb: str) -> None:
    done = subprocess.run([sys.executable, "-m", "mctoolkit", verb, "--help"], capture_output=True, timeout=60)
    assert done.returncode == 0


def test_it_says_once_that_it_is_not_adobes() -> None:
    assert len(re.findall(r"not made or endorsed by Adobe", README)) == 1
