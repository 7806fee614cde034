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
    (code,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    (printed,) = re.findall(r"```text\n(.*?)```", README, re.DOTALL)
    script = tmp_path / "example.py"
    script.write_text(code, encoding="utf-8")
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.startswith(printed)
    status, session_id = done.stdout.splitlines()[-1].split()
    assert status == "201"
    assert re.fullmatch(r"[0-9a-f]{64}", session_id)


@pytest.mark.parametrize("link", re.findall(r"\]\((?!http)([^)]+)\)", README))
def test_each_link_leads_to_a_file(link: str) -> None:
    assert (PROJECT / link).exists()


@pytest.mark.parametrize("verb", re.findall(r"^    mctoolkit (\w+)", README, re.MULTILINE))
def test_each_command_exists(verb: str) -> None:
    done = subprocess.run([sys.executable, "-m", "mctoolkit", verb, "--help"], capture_output=True, timeout=60)
    assert done.returncode == 0


def test_it_says_once_that_it_is_not_adobes() -> None:
    assert len(re.findall(r"not made or endorsed by Adobe", README)) == 1
