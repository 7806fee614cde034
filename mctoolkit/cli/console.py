"""What the commands share: exit statuses, output, and the arguments that several of them take."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mctoolkit._core.errors import InputError
from mctoolkit._core.messages import gettext as _

if TYPE_CHECKING:
    from mctoolkit.models.problem import Verdict

__all__ = [
    "FAILED",
    "OK",
    "UNREADABLE",
    "Body",
    "TrackingPlanFile",
    "print_error",
    "print_json",
    "print_text",
    "read_body",
    "verdict_status",
    "write_file",
]

OK, FAILED, UNREADABLE = 0, 1, 2
"""Exit statuses: success; errors in the input or no success response; input or usage that cannot be processed."""

Body = Annotated[
    str, typer.Argument(metavar="FILE|-", help=_("A file with the JSON body of one event, or - for standard input."))
]
TrackingPlanFile = Annotated[
    Path | None, typer.Option(help=_("Your tracking plan, an Excel or CSV file; its rules are checked too."))
]


def read_body(argument: str) -> bytes | Path:
    """Return standard input for ``-``, otherwise the path of a file."""
    return sys.stdin.buffer.read() if argument == "-" else Path(argument)


def verdict_status(verdict: Verdict) -> int:
    """Return the exit status for the verdict on a body."""
    if any(problem.rule == "not-json" for problem in verdict.problems):
        return UNREADABLE
    return FAILED if verdict.errors else OK


def print_text(value: object) -> None:
    """Print text that can contain data from a capture or a server."""
    print(_escape_control_chars(str(value)))


def print_json(value: Any) -> None:
    """Print a value as indented JSON."""
    print(json.dumps(value, indent=2, ensure_ascii=False))


def print_error(message: str) -> None:
    """Print a message to standard error."""
    print(_escape_control_chars(message), file=sys.stderr)


def write_file(path: Path, text: str) -> None:
    """Write a report, and name the file on standard error.

    Raises
    ------
    InputError
        The file cannot be written.
    """
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        reason = error.strerror or error
        raise InputError(_("Cannot write {path}: {reason}.").format(path=path, reason=reason)) from None
    print_error(_("Written: {path}").format(path=path))


def _escape_control_chars(text: str) -> str:
    """Escape control characters, with which data could control the terminal; keep tabs and line ends."""
    return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]|\r(?!\n)", lambda found: repr(found[0])[1:-1], text)
