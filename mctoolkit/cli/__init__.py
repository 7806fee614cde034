"""The command line: each command calls a public function."""

from __future__ import annotations

from mctoolkit.cli.main import main

__all__ = ["main"]
