"""The verbs: lab, sandbox, validate, send, params."""

from __future__ import annotations

import io
import json
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from mctoolkit import __version__, texts
from mctoolkit.errors import MctoolkitError, NoAnswer
from mctoolkit.events import Event
from mctoolkit.facts import catalog
from mctoolkit.problems import Verdict

__all__ = ["app", "main"]

DONE, PROBLEMS, UNREADABLE = 0, 1, 2
"""Exit statuses: no error; at least one error, or no 201; something could not be read."""

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, help=texts.say("cli.help"))

Body = Annotated[str, typer.Argument(metavar="FILE|-", help=texts.say("cli.body"))]


def main() -> None:
    """Run the command line; a slip of the user ends it with a sentence, never with a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal may lack letters that a body has
    try:
        app()
    except MctoolkitError as error:
        _complain(str(error))
        raise SystemExit(UNREADABLE) from None
    except BrokenPipeError:  # the reader of our output has gone, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(DONE) from None


@app.callback(invoke_without_command=True)
def root(
    version: Annotated[bool, typer.Option("--version", help=texts.say("cli.version"))] = False,
) -> None:
    """Say the version when asked."""
    if version:
        print(f"mctoolkit {__version__}")
        raise typer.Exit


@app.command(help=texts.say("cli.lab"))
def lab(
    notebook: Annotated[Path | None, typer.Argument(help=texts.say("cli.notebook"))] = None,
    browser: Annotated[bool | None, typer.Option(help=texts.say("cli.browser"))] = None,
    port: Annotated[int | None, typer.Option(min=1, max=65535, help=texts.say("cli.lab_port"))] = None,
) -> None:
    """Open JupyterLab on the first notebook."""
    from mctoolkit.cli.lab import launch

    raise typer.Exit(launch(notebook, browser=browser, port=port))


@app.command(help=texts.say("cli.sandbox"))
def sandbox(
    port: Annotated[int, typer.Option(min=0, max=65535, help=texts.say("cli.sandbox_port"))] = 8765,
) -> None:
    """Run a sandbox until it is stopped."""
    from mctoolkit.sandbox.server import serve

    raise typer.Exit(serve(port))


@app.command(help=texts.say("cli.validate"))
def validate(
    body: Body,
    as_json: Annotated[bool, typer.Option("--json", help=texts.say("cli.json"))] = False,
) -> None:
    """Check a body and say all that is wrong with it."""
    from mctoolkit.validation import validate as check

    verdict = check(_read(body))
    if as_json:
        print(json.dumps(verdict.to_dict(), indent=2, ensure_ascii=False))
    else:
        print(verdict)
    raise typer.Exit(_status(verdict))


@app.command(help=texts.say("cli.send"))
def send(
    body: Body,
    to: Annotated[str | None, typer.Option(help=texts.say("cli.to"))] = None,
    anyway: Annotated[bool, typer.Option("--anyway", help=texts.say("cli.anyway"))] = False,
) -> None:
    """Send a body and print the answer; without a host, to a sandbox started for it."""
    from contextlib import ExitStack

    from mctoolkit.client import Client
    from mctoolkit.sandbox import Sandbox
    from mctoolkit.validation import validate as check

    event = Event(_read(body))
    verdict = check(event, endpoint="sessions")
    if verdict.errors and not anyway:
        _complain(str(verdict))
        _complain(texts.say("cli.not_sent"))
        raise typer.Exit(_status(verdict))
    with ExitStack() as stack:
        target = to if to is not None else stack.enter_context(Sandbox())
        client = stack.enter_context(Client(target))
        try:
            exchange = client.start_session(event, send_anyway=anyway)
        except NoAnswer as silence:
            _complain(str(silence.exchange))
            raise typer.Exit(PROBLEMS) from None
    print(exchange)
    if exchange.session_id is not None:
        print(texts.say("cli.session_id", id=exchange.session_id))
    raise typer.Exit(DONE if exchange.status == 201 else PROBLEMS)


@app.command(help=texts.say("cli.params"))
def params(
    key: Annotated[str | None, typer.Argument(help=texts.say("cli.key"))] = None,
) -> None:
    """Print the reference of the keys, or of one key."""
    if key is None:
        for parameter in catalog.parameters_of("sessionStart"):
            mark = texts.say("form.required" if parameter.required("sessionStart") else "form.optional")
            print(f"{parameter.key:38} {parameter.type:8} {mark:9} {parameter.label}")
        return
    slip = catalog.slips().get(key)
    if slip is not None:
        print(f"{key}: {slip.why}")
        key = slip.meant
        if key is None:
            return
    parameter = catalog.parameters().get(key) or _only_match(key)
    for line in _describe(parameter):
        print(line)


def _only_match(words: str) -> catalog.Parameter:
    """Return the one key that these words find; otherwise say which ones they find, and end."""
    found = catalog.search(words)
    if len(found) == 1:
        return found[0]
    if found:
        for parameter in found:
            print(f"{parameter.key:38} {parameter.label}")
        raise typer.Exit(DONE)
    return catalog.parameter(words)


def _describe(parameter: catalog.Parameter) -> list[str]:
    events = ", ".join(parameter.set_on).replace(catalog.EVERY_EVENT, texts.say("cli.every_event"))
    required = ", ".join(parameter.required_on).replace(catalog.EVERY_EVENT, texts.say("cli.every_event"))
    facts = {
        "type": parameter.type + (f", {texts.say('form.unit', unit=parameter.unit)}" if parameter.unit else ""),
        "member": ".".join(parameter.place[:-1]) or texts.say("verdict.top"),
        "set_on": events or texts.say("cli.no_event"),
        "required_on": required,
        "values": ", ".join(parameter.values),
        "example": json.dumps(parameter.example) if parameter.example is not None else "",
        "context": parameter.context or "",
        "xdm": parameter.xdm or "",
        "source": parameter.source,
    }
    lines = [f"{parameter.key}  {parameter.label}", parameter.help]
    return lines + [f"  {texts.say(f'cli.fact.{name}')}: {value}" for name, value in facts.items() if value]


def _read(body: str) -> bytes | Path:
    return sys.stdin.buffer.read() if body == "-" else Path(body)


def _status(verdict: Verdict) -> int:
    if any(problem.rule == "not-json" for problem in verdict.problems):
        return UNREADABLE
    return PROBLEMS if verdict.errors else DONE


def _complain(words: str) -> None:
    print(words, file=sys.stderr)
