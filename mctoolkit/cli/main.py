"""The verbs: lab, app, sandbox, validate, plan, send, play, audit, rules, params, trim."""

from __future__ import annotations

import gc
import io
import json
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from mctoolkit import __version__
from mctoolkit._core import messages
from mctoolkit._core.errors import MctoolkitError, NoAnswer, UnreadableInput
from mctoolkit.models.event import Event
from mctoolkit.models.problem import Verdict
from mctoolkit.spec import catalog

if TYPE_CHECKING:
    from mctoolkit.models.captured_request import Call

__all__ = ["app", "main"]

DONE, PROBLEMS, UNREADABLE = 0, 1, 2
"""Exit statuses: no error; at least one error, or no 201; something could not be read."""

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, help=messages.say("cli.help"))

Body = Annotated[str, typer.Argument(metavar="FILE|-", help=messages.say("cli.body"))]

_MOST_HELD: Final = 200_000
"""So many calls are held in memory for the charts of a report; a longer capture is read a second time for them."""


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
    version: Annotated[bool, typer.Option("--version", help=messages.say("cli.version"))] = False,
) -> None:
    """Say the version when asked."""
    if version:
        print(f"mctoolkit {__version__}")
        raise typer.Exit


@app.command(help=messages.say("cli.lab"))
def lab(
    notebook: Annotated[Path | None, typer.Argument(help=messages.say("cli.notebook"))] = None,
    browser: Annotated[bool | None, typer.Option(help=messages.say("cli.browser"))] = None,
    port: Annotated[int | None, typer.Option(min=1, max=65535, help=messages.say("cli.lab_port"))] = None,
) -> None:
    """Open JupyterLab on the first notebook."""
    from mctoolkit.cli.lab_server import launch

    raise typer.Exit(launch(notebook, browser=browser, port=port))


@app.command(name="app", help=messages.say("cli.app"))
def page(
    browser: Annotated[bool | None, typer.Option(help=messages.say("cli.browser"))] = None,
    port: Annotated[int | None, typer.Option(min=1, max=65535, help=messages.say("cli.app_port"))] = None,
    to: Annotated[str | None, typer.Option(help=messages.say("cli.app_to"))] = None,
    plan: Annotated[Path | None, typer.Option(help=messages.say("cli.app_plan"))] = None,
    config: Annotated[Path | None, typer.Option(metavar="FILE", help=messages.say("cli.app_config"))] = None,
) -> None:
    """Serve the form as a page by itself."""
    from mctoolkit.cli.app_server import launch

    raise typer.Exit(launch(browser=browser, port=port, to=to, plan=plan, config=config))


@app.command(help=messages.say("cli.sandbox"))
def sandbox(
    port: Annotated[int, typer.Option(min=0, max=65535, help=messages.say("cli.sandbox_port"))] = 8765,
    fault: Annotated[list[str] | None, typer.Option(metavar="FAULT", help=messages.say("cli.sandbox_fault"))] = None,
    lan: Annotated[bool, typer.Option("--lan", help=messages.say("cli.sandbox_lan"))] = False,
    allow_host: Annotated[list[str] | None, typer.Option(metavar="NAME", help=messages.say("cli.sandbox_host"))] = None,
    tls: Annotated[bool, typer.Option("--tls", help=messages.say("cli.sandbox_tls"))] = False,
    tls_cert: Annotated[Path | None, typer.Option(metavar="FILE", help=messages.say("cli.sandbox_tls_cert"))] = None,
    tls_key: Annotated[Path | None, typer.Option(metavar="FILE", help=messages.say("cli.sandbox_tls_key"))] = None,
    lenient: Annotated[bool, typer.Option("--lenient", help=messages.say("cli.sandbox_lenient"))] = False,
) -> None:
    """Run a sandbox until it is stopped."""
    from mctoolkit.sandbox.config import SandboxConfig
    from mctoolkit.sandbox.server import serve

    config = SandboxConfig(
        port=port,
        faults=fault or (),
        lan=lan,
        allow_hosts=allow_host or (),
        tls=tls,
        tls_cert=tls_cert,
        tls_key=tls_key,
        lenient=lenient,
    )
    thresholds = gc.get_threshold()
    gc.freeze()  # imported objects stay, and requests wait during a full collection: this process collects less often
    gc.set_threshold(*thresholds[:2], 1000)
    status = serve(config)
    gc.set_threshold(*thresholds)
    gc.unfreeze()
    raise typer.Exit(status)


@app.command(help=messages.say("cli.openapi"))
def openapi() -> None:
    """Print the API as an OpenAPI document."""
    from mctoolkit.spec.openapi import document

    print(json.dumps(document(), indent=2, ensure_ascii=False))


@app.command(help=messages.say("cli.validate"))
def validate(
    body: Body,
    as_json: Annotated[bool, typer.Option("--json", help=messages.say("cli.json"))] = False,
    plan: Annotated[Path | None, typer.Option(help=messages.say("cli.validate_plan"))] = None,
) -> None:
    """Check a body and say all that is wrong with it."""
    from mctoolkit.validation import validate as check

    verdict = check(_read(body))
    if plan is not None:
        from mctoolkit.validation.tracking_plan import Plan

        verdict = Plan.read(plan).judge(verdict)
    if as_json:
        print(json.dumps(verdict.to_dict(), indent=2, ensure_ascii=False))
    else:
        print(_harmless(str(verdict)))
    raise typer.Exit(_status(verdict))


@app.command(help=messages.say("cli.plan"))
def plan(
    out: Annotated[Path, typer.Argument(metavar="OUT.xlsx", help=messages.say("cli.plan_out"))],
) -> None:
    """Write a tracking plan to begin with."""
    from mctoolkit.validation.tracking_plan import Plan

    Plan.template(out)
    print(messages.say("cli.wrote", path=out))


@app.command(help=messages.say("cli.send"))
def send(
    body: Body,
    to: Annotated[str | None, typer.Option(help=messages.say("cli.to"))] = None,
    anyway: Annotated[bool, typer.Option("--anyway", help=messages.say("cli.anyway"))] = False,
) -> None:
    """Send a body and print the answer; without a host, to a sandbox started for it."""
    from contextlib import ExitStack

    from mctoolkit.client.client import Client
    from mctoolkit.sandbox import Sandbox
    from mctoolkit.validation import validate as check

    event = Event(_read(body))
    verdict = check(event, endpoint="sessions")
    if verdict.errors and not anyway:
        _complain(str(verdict))
        _complain(messages.say("cli.not_sent"))
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
        print(messages.say("cli.session_id", id=exchange.session_id))
    raise typer.Exit(DONE if exchange.status == 201 else PROBLEMS)


@app.command(help=messages.say("cli.play"))
def play(
    what: Annotated[str | None, typer.Argument(metavar="SCENARIO", help=messages.say("cli.scenario"))] = None,
    to: Annotated[str | None, typer.Option(help=messages.say("cli.play_to"))] = None,
    speed: Annotated[float | None, typer.Option(help=messages.say("cli.speed"))] = None,
    flaw: Annotated[list[str] | None, typer.Option(metavar="FLAW", help=messages.say("cli.flaw"))] = None,
    go_on: Annotated[bool, typer.Option("--go-on", help=messages.say("cli.go_on"))] = False,
) -> None:
    """Play a scenario and print each answer; without a host, to a sandbox started for it."""
    from contextlib import ExitStack

    from mctoolkit.simulation import known
    from mctoolkit.simulation import scenario as read
    from mctoolkit.simulation.runner import play as run

    if what is None:
        for name, found in known().items():
            print(f"{name:12} {found.about}")
        return
    played = read(what)
    with ExitStack() as stack:
        if to is None:
            from mctoolkit.sandbox import Sandbox

            place: object = stack.enter_context(Sandbox())
        else:
            place = to
        done = run(played, place, speed=speed, flaws=flaw or (), go_on=go_on, on_step=print)
    print(done.words)
    raise typer.Exit(DONE if done.ok else PROBLEMS)


@app.command(help=messages.say("cli.params"))
def params(
    key: Annotated[str | None, typer.Argument(help=messages.say("cli.key"))] = None,
) -> None:
    """Print the reference of the keys, or of one key."""
    if key is None:
        for parameter in catalog.parameters_of("sessionStart"):
            mark = messages.say("form.required" if parameter.required("sessionStart") else "form.optional")
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
    events = ", ".join(parameter.set_on).replace(catalog.EVERY_EVENT, messages.say("cli.every_event"))
    required = ", ".join(parameter.required_on).replace(catalog.EVERY_EVENT, messages.say("cli.every_event"))
    facts = {
        "type": parameter.type + (f", {messages.say('form.unit', unit=parameter.unit)}" if parameter.unit else ""),
        "member": ".".join(parameter.place[:-1]) or messages.say("verdict.top"),
        "set_on": events or messages.say("cli.no_event"),
        "required_on": required,
        "values": ", ".join(parameter.values),
        "example": json.dumps(parameter.example) if parameter.example is not None else "",
        "context": parameter.context or "",
        "xdm": parameter.xdm or "",
        "source": parameter.source,
    }
    lines = [f"{parameter.key}  {parameter.label}", parameter.help]
    return lines + [f"  {messages.say(f'cli.fact.{name}')}: {value}" for name, value in facts.items() if value]


def _read(body: str) -> bytes | Path:
    return sys.stdin.buffer.read() if body == "-" else Path(body)


def _status(verdict: Verdict) -> int:
    if any(problem.rule == "not-json" for problem in verdict.problems):
        return UNREADABLE
    return PROBLEMS if verdict.errors else DONE


def _harmless(text: str) -> str:
    """Write control characters out: what a capture holds must not be able to steer a terminal."""
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", lambda found: repr(found[0])[1:-1], text)


def _complain(words: str) -> None:
    print(words, file=sys.stderr)


@app.command(help=messages.say("cli.trim"))
def trim(
    capture: Annotated[list[str], typer.Argument(metavar="IN... OUT", help=messages.say("cli.trim_files"))],
    force: Annotated[bool, typer.Option("--force", help=messages.say("cli.trim_force"))] = False,
) -> None:
    """Write the calls of the API alone, with aliases for people."""
    from mctoolkit.captures import trim as trimmed

    if len(capture) < 2:
        _complain(messages.say("cli.trim_two"))
        raise typer.Exit(UNREADABLE)
    print(trimmed(capture[:-1], capture[-1], force=force))


@app.command(help=messages.say("cli.audit"))
def audit(
    captures: Annotated[list[str], typer.Argument(metavar="FILE...", help=messages.say("cli.audit_files"))],
    as_json: Annotated[bool, typer.Option("--json", help=messages.say("cli.audit_json"))] = False,
    html: Annotated[Path | None, typer.Option(help=messages.say("cli.audit_html"))] = None,
    junit: Annotated[Path | None, typer.Option(help=messages.say("cli.audit_junit"))] = None,
    baseline: Annotated[Path | None, typer.Option(help=messages.say("cli.audit_baseline"))] = None,
    write_baseline: Annotated[Path | None, typer.Option(help=messages.say("cli.audit_write_baseline"))] = None,
    plan: Annotated[Path | None, typer.Option(help=messages.say("cli.audit_plan"))] = None,
) -> None:
    """Judge the sessions of captures."""
    from mctoolkit.auditing.api import audit as judge
    from mctoolkit.auditing.baseline import Baseline

    calls: list[Call] = []

    def hold(call: Call) -> None:
        if html is not None and len(calls) <= _MOST_HELD:
            calls.append(call)

    found = judge(captures, baseline=baseline, plan=plan, on_call=hold)
    if html is not None:
        from mctoolkit.captures import read_calls
        from mctoolkit.reporting.formats import html_report

        _write(html, html_report(found, calls if len(calls) <= _MOST_HELD else read_calls(captures)))
    if junit is not None:
        from mctoolkit.reporting.formats import junit as junit_of

        _write(junit, junit_of(found))
    print(found.to_json() if as_json else _harmless(str(found)))
    if write_baseline is not None:
        accepted = Baseline.of(found.sessions)
        if baseline is not None:
            accepted = accepted.with_those_of(Baseline.read(baseline))
        accepted.write(write_baseline)
        _complain(messages.say("cli.accepted", number=len(accepted.entries), path=write_baseline))
        raise typer.Exit(UNREADABLE if found.exit_status == UNREADABLE else DONE)
    raise typer.Exit(found.exit_status)


@app.command(help=messages.say("cli.rules"))
def rules() -> None:
    """List the rules of a session."""
    from mctoolkit.spec import session_rules

    for _, rule in sorted(session_rules.rules().items()):
        print(f"{rule.id:26} {rule.level:8} {rule.title:46} {rule.source}")


def _write(path: Path, text: str) -> None:
    """Write a report, and say so where it does not disturb what is printed."""
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UnreadableInput(messages.say("cli.not_written", path=path, reason=error.strerror or error)) from None
    _complain(messages.say("cli.wrote", path=path))
