"""Write a request as Python that sends the same bytes: with mctoolkit, or with requests alone."""

from __future__ import annotations

import json
import math
from typing import Any

from mctoolkit._core import json_io
from mctoolkit._core.messages import gettext as _
from mctoolkit.reporting.formats.request import CONTENT_TYPE, PreparedRequest, sending
from mctoolkit.validation import validate

__all__ = ["plain_python", "python_cell"]

_DEEPEST = 40
_INDENT = "    "


def python_cell(thing: object, to: object, *, masked: bool = False) -> str:
    """Return a notebook cell that sends a body with mctoolkit.

    Parameters
    ----------
    thing : dict, str, bytes, Path, Event, Draft or Exchange
        The body; the cell sends it to the byte. An object that mctoolkit would write with these bytes stands in it
        as a dict; any other text, also such as is no JSON, as text; bytes that are no text as bytes.
    to : str, Sandbox or Target
        Where it goes, as :class:`mctoolkit.Client` takes it. For a sandbox the cell starts one of its own.
    masked : bool
        Put ``<hidden>`` for the identifiers of people and tenants, to be filled in before it is run.

    Returns
    -------
    str
        Lines of Python without a line break at the end. They can be run as they are. A body with errors has
        ``send_anyway=True``.

    Raises
    ------
    HostError
        ``to`` is a text that cannot be the address of an API.
    UsageError
        ``to`` is no text and has no ``url``.
    InputError
        ``thing`` is a Path to a file that cannot be read, or holds a value that cannot be written at all.

    Examples
    --------
    >>> print(python_cell({"eventType": "sessionStart"}, "company.hb-api.omtrdc.net"))
    from mctoolkit import Client
    <BLANKLINE>
    client = Client("https://company.hb-api.omtrdc.net")
    event = {
        "eventType": "sessionStart",
    }
    exchange = client.start_session(event, send_anyway=True)
    exchange
    """
    what = sending(thing, to, masked=masked)
    errors = validate(what.body, endpoint="sessions", now_ms=0).errors
    anyway = ", send_anyway=True" if errors else ""
    if what.is_sandbox:
        client = ["from mctoolkit import Client, Sandbox", "", "sandbox = Sandbox()", "client = Client(sandbox)"]
    else:
        http = ", allow_http=True" if what.base.startswith("http://") and not what.loopback else ""
        client = ["from mctoolkit import Client", "", f"client = Client({_text(what.base)}{http})"]
    value = _same_value(what.body, json_io.write)
    literal = _text_or_bytes(what.body) if value is None else _literal(value[0])
    return "\n".join(
        [
            *_remark(what),
            *client,
            f"event = {literal}",
            f"exchange = client.start_session(event{anyway})",
            "exchange",
        ]
    )


def plain_python(thing: object, to: object, *, masked: bool = False) -> str:
    """Return a Python script that sends a body with ``requests`` and without mctoolkit.

    Parameters, errors and what is kept to the byte are those of :func:`python_cell`; a sandbox has to be running at
    its address. Redirects are not followed, and nothing is sent again.

    Returns
    -------
    str
        Lines of Python without a line break at the end.

    Examples
    --------
    >>> print(plain_python("{", "company.hb-api.omtrdc.net"))
    import requests
    <BLANKLINE>
    body = "{".encode("utf-8")
    answer = requests.post(
        "https://company.hb-api.omtrdc.net/api/v1/sessions",
        data=body,
        headers={"Content-Type": "application/json"},
        timeout=10,
        allow_redirects=False,
    )
    print(answer.status_code, answer.reason)
    print(answer.headers.get("Location", ""))
    print(answer.text)
    """
    what = sending(thing, to, masked=masked)
    value = _same_value(what.body, _as_json_writes)
    if value is not None:
        imports = ["import json", "", "import requests"]
        lines = [
            f"event = {_literal(value[0])}",
            'body = json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode("utf-8")',
        ]
    else:
        imports = ["import requests"]
        literal = _text_or_bytes(what.body)
        lines = [f"body = {literal}" + ("" if _is_bytes(what.body) else '.encode("utf-8")')]
    poster = "requests"
    if what.loopback:
        lines += [
            "session = requests.Session()",
            "session.trust_env = False  # " + _("straight to this computer, past any proxy"),
        ]
        poster = "session"
    return "\n".join(
        [
            *_remark(what),
            *imports,
            "",
            *lines,
            f"answer = {poster}.post(",
            f"    {_text(what.url)},",
            "    data=body,",
            f'    headers={{"Content-Type": "{CONTENT_TYPE}"}},',
            "    timeout=10,",
            "    allow_redirects=False,",
            ")",
            "print(answer.status_code, answer.reason)",
            'print(answer.headers.get("Location", ""))',
            "print(answer.text)",
        ]
    )


def _remark(what: PreparedRequest) -> list[str]:
    return ["# " + _("Identifiers are hidden: put your own in the place of <hidden>.")] if what.masked else []


def _as_json_writes(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def _same_value(body: bytes, write: Any) -> tuple[Any] | None:
    """Return the value that, written again, gives these very bytes; None where there is none, or it is too deep."""
    try:
        value = json.loads(body)
        same = write(value) == body and _depth(value) <= _DEEPEST
    except (ValueError, RecursionError):  # no JSON, no UTF-8, a number of thousands of digits
        return None
    return (value,) if same and isinstance(value, dict) else None


def _depth(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + max(map(_depth, value.values()), default=0)
    return 1 + max(map(_depth, value), default=0) if isinstance(value, list) else 0


def _literal(value: Any, before: str = "") -> str:
    """Write a JSON value as Python, a member or an entry a line."""
    inner = before + _INDENT
    if isinstance(value, dict) and value:
        lines = [f"{inner}{_text(key)}: {_literal(member, inner)},\n" for key, member in value.items()]
        return "{\n" + "".join(lines) + before + "}"
    if isinstance(value, list) and value:
        return "[\n" + "".join(f"{inner}{_literal(item, inner)},\n" for item in value) + before + "]"
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, float) and not math.isfinite(value):
        return f'float("{value}")'
    return repr(value)


def _text(text: str) -> str:
    """Write a text as Python does, in double quotes where none stands in it."""
    written = repr(text)
    return f'"{written[1:-1]}"' if '"' not in text and written.startswith("'") else written


def _is_bytes(body: bytes) -> bool:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return True
    return False


def _text_or_bytes(body: bytes) -> str:
    """Write bytes as text on its own lines where that is safe, and otherwise as a literal with escapes."""
    if _is_bytes(body):
        return repr(body)
    text = body.decode("utf-8")
    lines = text.split("\n")
    plain = all(line.isprintable() for line in lines) and '"""' not in text and not text.endswith(('"', "\\"))
    if len(lines) > 1 and plain:
        return f'{"r" if chr(92) in text else ""}"""{text}"""'
    return _text(text)
