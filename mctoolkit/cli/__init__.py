"""The command line: thin, every verb a public function."""

from __future__ import annotations

from mctoolkit.cli.main import main

__all__ = ["main"]
