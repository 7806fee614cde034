"""Find words in the project that `.ci/words` replaces; exit with 1 if there are any."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).parents[1]
CHECKED = (".js", ".j2", ".md", ".py", ".toml", ".yml", ".ipynb", "Makefile")
SKIPPED = ("CHANGELOG.md", ".ci/check_words.py")


def main() -> int:
    """Print each place as path:line, with the word to write instead."""
    lines = (PROJECT / ".ci" / "words").read_text(encoding="utf-8").splitlines()
    instead = dict(line.split(": ", 1) for line in lines if line and not line.startswith("#"))
    pattern = re.compile(rf"(?<![\w-])({'|'.join(map(re.escape, instead))})(?![\w-])", re.IGNORECASE)
    tracked = subprocess.run(["git", "ls-files"], cwd=PROJECT, capture_output=True, text=True, check=True)
    found = 0
    for name in tracked.stdout.splitlines():
        if not name.endswith(CHECKED) or name in SKIPPED:
            continue
        for number, line in enumerate((PROJECT / name).read_text(encoding="utf-8").splitlines(), 1):
            for match in pattern.finditer(line.replace("_", " ")):
                print(f'{name}:{number}: "{match[0]}": write {instead[match[0].lower()]}')
                found += 1
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
