"""The command line: every command with its help text. The commands import what they use when they run."""

from __future__ import annotations

import io
import os
import sys
from typing import Annotated

import typer

from mctoolkit._core.errors import MctoolkitError
from mctoolkit._core.messages import gettext as _
from mctoolkit._core.version import __version__
from mctoolkit.cli import checking, reference, sending, serving
from mctoolkit.cli.console import OK, UNREADABLE, print_error

__all__ = ["app", "main"]

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help=_("Validate, send and audit events of Adobe's Media Collection API, or run a sandbox of the API."),
)

app.command(help=_("Run JupyterLab with your copy of the first notebook, in my_notebooks."))(serving.lab)
app.command("app", help=_("Serve the form as a web page, without a notebook."))(serving.form_app)
app.command(help=_("Run a sandbox of the API on this computer until Ctrl+C."))(serving.sandbox)
app.command(
    help=_(
        "Validate the body of one event. Exit status: 0 without errors, 1 with errors, 2 if it cannot be read or "
        "is not JSON."
    )
)(checking.validate)
app.command(
    help=_(
        "Audit the sessions in captures. Exit status: 0 without errors and warnings, 1 with any, 2 if a capture cannot "
        "be read or has no requests to the API."
    )
)(checking.audit)
app.command(help=_("Send a sessionStart and print the response. Exit status: 0 for 201, otherwise 1."))(sending.send)
app.command(
    help=_(
        "Send the events of a scenario and print the responses. Exit status: 0 if every event was sent and accepted, "
        "otherwise 1."
    )
)(sending.simulate)
app.command(
    help=_("Copy only the requests to the API from captures, with pseudonyms for identifiers, to share the copy.")
)(checking.redact)
app.command(help=_("Write a template for a tracking plan, an Excel file with the rules of your company."))(
    checking.plan
)
app.command(help=_("Print the keys of sessionStart, or details about one key."))(reference.explain)
app.command(help=_("Print the rules of sessions: id, level, title and source."))(reference.rules)
app.command(help=_("Print the API as an OpenAPI 3.1 document."))(reference.openapi)


@app.callback(invoke_without_command=True)
def root(version: Annotated[bool, typer.Option("--version", help=_("Print the version."))] = False) -> None:
    """Print the version on request."""
    if version:
        print(f"mctoolkit {__version__}")
        raise typer.Exit


def main() -> None:
    """Run the command line; an error of mctoolkit ends it with a message instead of a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # the encoding of a terminal may lack characters of a body
    try:
        app()
    except MctoolkitError as error:
        print_error(str(error))
        raise SystemExit(UNREADABLE) from None
    except BrokenPipeError:  # the reader of the output has closed it, such as `head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(OK) from None
