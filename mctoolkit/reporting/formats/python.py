"""Write a request as Python that sends the same bytes, with mctoolkit or with requests."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any, Literal, get_args

from mctoolkit._core import json_io
from mctoolkit._core.errors import UsageError
from mctoolkit._core.messages import gettext as _
from mctoolkit.reporting.formats.request import CONTENT_TYPE, PreparedRequest, prepare_request
from mctoolkit.validation import validate

__all__ = ["Library", "to_python"]

Library = Literal["mctoolkit", "requests"]

_MAX_DEPTH = 40
"""A body that is nested deeper is written as text: Python's parser has a limit."""
_INDENT = "    "


def to_python(thing: object, host: object, library: Library = "mctoolkit", *, masked: bool = False) -> str:
    """Return Python code that sends a body: a notebook cell with mctoolkit, or a script with requests.

    The code sends exactly the bytes of the body. A JSON object is written as a dict if that gives the same bytes,
    other text as ``str``, and anything else as ``bytes``.

    Parameters
    ----------
    thing : dict, str, bytes, Path, Event, Draft or Exchange
        The body.
    host : str, Sandbox or Target
        The host or URL, as :class:`mctoolkit.Client` accepts it. For a sandbox, code with mctoolkit starts a new one;
        code with requests needs the running one.
    library : {"mctoolkit", "requests"}
        What the code imports. With requests, it does not follow redirects.
    masked : bool
        Replace the identifiers of viewers and companies with ``<hidden>``.

    Returns
    -------
    str
        Lines of Python without a final line break. With mctoolkit, a body with errors has ``send_anyway=True``.

    Raises
    ------
    UsageError
        The library is unknown, or ``host`` is neither text nor an object with a ``url``.
    HostError
        ``host`` is text that cannot be the URL of an API.
    InputError
        ``thing`` is a Path to a file that cannot be read, or contains a value that cannot be written.

    Examples
    --------
    >>> print(to_python({"eventType": "sessionStart"}, "company.hb-api.omtrdc.net"))
    from mctoolkit import Client
    <BLANKLINE>
    client = Client("https://company.hb-api.omtrdc.net")
    event = {
        "eventType": "sessionStart",
    }
    exchange = client.start_session(event, send_anyway=True)
    exchange
    >>> print(to_python("{", "company.hb-api.omtrdc.net", "requests"))
    import requests
    <BLANKLINE>
    body = "{".encode("utf-8")
    response = requests.post(
        "https://company.hb-api.omtrdc.net/api/v1/sessions",
        data=body,
        headers={"Content-Type": "application/json"},
        timeout=10,
        allow_redirects=False,
    )
    print(response.status_code, response.reason)
    print(response.headers.get("Location", ""))
    print(response.text)
    """
    writers = {"mctoolkit": _with_mctoolkit, "requests": _with_requests}
    if library not in writers:
        raise UsageError(
            _("Unknown library {value} for Python. Choose one of: {known}.").format(
                value=repr(library), known=", ".join(get_args(Library))
            )
        )
    request = prepare_request(thing, host, masked=masked)
    return request.comment + "\n".join(writers[library](request))


def _with_mctoolkit(request: PreparedRequest) -> list[str]:
    errors = validate(request.body, endpoint="sessions", now_ms=0).errors
    if request.is_sandbox:
        client = ["from mctoolkit import Client, Sandbox", "", "sandbox = Sandbox()", "client = Client(sandbox)"]
    else:
        http = ", allow_http=True" if request.base.startswith("http://") and not request.loopback else ""
        client = ["from mctoolkit import Client", "", f"client = Client({_format_text(request.base)}{http})"]
    value = _read_object(request.body, json_io.write)
    literal = _format_bytes(request.body) if value is None else _format_literal(value)
    return [
        *client,
        f"event = {literal}",
        f"exchange = client.start_session(event{', send_anyway=True' if errors else ''})",
        "exchange",
    ]


def _with_requests(request: PreparedRequest) -> list[str]:
    value = _read_object(request.body, _dump_compact)
    if value is not None:
        imports = ["import json", "", "import requests"]
        lines = [
            f"event = {_format_literal(value)}",
            'body = json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode("utf-8")',
        ]
    else:
        imports = ["import requests"]
        literal = _format_bytes(request.body)
        lines = [f"body = {literal}" + ("" if literal.startswith(("b'", 'b"')) else '.encode("utf-8")')]
    sender = "requests"
    if request.loopback:
        lines += ["session = requests.Session()", "session.trust_env = False  # " + _("use no proxy for this computer")]
        sender = "session"
    return [
        *imports,
        "",
        *lines,
        f"response = {sender}.post(",
        f"    {_format_text(request.url)},",
        "    data=body,",
        f'    headers={{"Content-Type": "{CONTENT_TYPE}"}},',
        "    timeout=10,",
        "    allow_redirects=False,",
        ")",
        "print(response.status_code, response.reason)",
        'print(response.headers.get("Location", ""))',
        "print(response.text)",
    ]


def _dump_compact(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def _read_object(body: bytes, write: Callable[[Any], bytes]) -> dict[str, Any] | None:
    """Return the JSON object that ``write`` turns into exactly this body, or None."""
    try:
        value = json.loads(body)
        is_same = isinstance(value, dict) and write(value) == body and _depth(value) <= _MAX_DEPTH
    except (ValueError, RecursionError):  # not JSON, not UTF-8, or a number with thousands of digits
        return None
    return value if is_same else None


def _depth(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + max(map(_depth, value.values()), default=0)
    return 1 + max(map(_depth, value), default=0) if isinstance(value, list) else 0


def _format_literal(value: Any, indent: str = "") -> str:
    """Return a JSON value as a Python literal, one member or item per line."""
    inner = indent + _INDENT
    if isinstance(value, dict) and value:
        lines = [f"{inner}{_format_text(key)}: {_format_literal(member, inner)},\n" for key, member in value.items()]
        return "{\n" + "".join(lines) + indent + "}"
    if isinstance(value, list) and value:
        return "[\n" + "".join(f"{inner}{_format_literal(item, inner)},\n" for item in value) + indent + "]"
    if isinstance(value, str):
        return _format_text(value)
    if isinstance(value, float) and not math.isfinite(value):
        return f'float("{value}")'
    return repr(value)


def _format_text(text: str) -> str:
    """Return a string literal, in double quotes unless the text contains one."""
    written = repr(text)
    return f'"{written[1:-1]}"' if '"' not in text and written.startswith("'") else written


def _format_bytes(body: bytes) -> str:
    """Return a literal for a body: a string on several lines if that is safe, a string, or bytes if not UTF-8."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return repr(body)
    lines = text.split("\n")
    plain = all(line.isprintable() for line in lines) and '"""' not in text and not text.endswith(('"', "\\"))
    if len(lines) > 1 and plain:
        return f'{"r" if chr(92) in text else ""}"""{text}"""'
    return _format_text(text)
