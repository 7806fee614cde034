"""The journal, compared with a plain sqlite3 table: append an entry, and find 200 of 100,000.

The plain table has one column with as many bytes, one INSERT and commit for each row, and the same mode (WAL,
synchronous NORMAL). It is searched with LIKE over whole rows and a limit of 200. The journal also writes the columns
and the index for searches, and it parses and validates the 200 exchanges again.
"""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from benchmarks import Goal, Row, in_turns
from mctoolkit import seeded_ids, validate
from mctoolkit.client.journal import Filters, Journal
from mctoolkit.models.draft import Draft
from mctoolkit.models.exchange import Exchange, Request, Response
from mctoolkit.spec import catalog

ENTRIES = 100_000
ROUNDS = 15
START_MS = 1_795_421_642_000
HOST = "company.hb-api.omtrdc.net"
A_SESSION = seeded_ids("benchmark")()

QUERIES: list[tuple[str, Filters, str]] = [
    ("the newest", {}, ""),
    ("status 400", {"status": 400}, "(400,"),
    ("a status that does not occur", {"status": 418}, "(418,"),
    ("one host", {"target": HOST}, f"'{HOST}'"),
    ("one content", {"media_id": "episode-0007"}, "episode-0007"),
    ("one session", {"session_id": A_SESSION}, A_SESSION),
    ("a search that finds many", {"search": "media.channel"}, "media.channel"),
    ("a search that finds few", {"search": "400 episode-0008"}, "episode-0008"),
    ("a search that finds nothing", {"search": "nothing here"}, "nothing here"),
]


def rows() -> Iterator[Row]:
    """Yield the rows."""
    with tempfile.TemporaryDirectory() as folder, Journal(Path(folder) / "journal.sqlite3") as journal:
        bare = sqlite3.connect(Path(folder) / "bare.sqlite3", isolation_level=None)
        bare.execute("PRAGMA journal_mode = WAL")
        bare.execute("PRAGMA synchronous = NORMAL")
        bare.execute("CREATE TABLE entries (number INTEGER PRIMARY KEY, whole BLOB)")
        source = _exchanges()
        yield _append("an empty journal", journal, bare, source)
        while (missing := ENTRIES - journal.count()) > 0:
            for exchange in islice(source, missing):
                journal.append(exchange)
                _append_bare(bare, _whole(exchange))
        yield _append(f"one of {ENTRIES:,} entries", journal, bare, source)
        for name, filters, part in QUERIES:
            yield in_turns(
                f"find {name}",
                lambda filters=filters: journal.entries(**filters),  # type: ignore[misc]
                "LIKE, plain table",
                lambda part=part: _find_bare(bare, part),  # type: ignore[misc]
                Goal(1),
                rounds=ROUNDS,
            )
        bare.close()


def _append(to: str, journal: Journal, bare: sqlite3.Connection, source: Iterator[Exchange]) -> Row:
    ready = iter(list(islice(source, 20_000)))  # an exchange caches its properties: use each once
    whole = _whole(next(ready))
    return in_turns(
        f"append to {to}",
        lambda: journal.append(next(ready)),
        "INSERT and commit, same size",
        lambda: _append_bare(bare, whole),
        rounds=500,
    )


def _append_bare(bare: sqlite3.Connection, whole: bytes) -> None:
    bare.execute("INSERT INTO entries (whole) VALUES (?)", (whole,))


def _find_bare(bare: sqlite3.Connection, part: str) -> None:
    query = "SELECT * FROM entries WHERE whole LIKE ? ORDER BY number DESC LIMIT 200"
    bare.execute(query, (f"%{part}%",)).fetchall()


def _whole(exchange: Exchange) -> bytes:
    response = exchange.response
    parts = (exchange.target, exchange.request, (response and response.status, response), exchange.sent_at_ms)
    return repr(parts).encode()


def _exchanges() -> Iterator[Exchange]:
    """Yield exchanges without end: of ten responses eight are 201, one is 400 and one is 500, for 2,000 media ids."""
    ids = seeded_ids("benchmark")
    documented = catalog.responses("sessions")
    headers = tuple((header.name, header.sample) for header in documented[201].headers if header.name != "Location")
    validated = []
    for content in range(2_000):
        draft = Draft(now_ms=START_MS)
        draft.set("media.id", f"episode-{content:04}")
        validated.append((draft.event.to_bytes(), validate(draft.event, endpoint="sessions", now_ms=START_MS)))
    number = 0
    while True:
        body, verdict = validated[number % len(validated)]
        status = {8: 400, 9: 500}.get(number % 10, 201)
        sent = (("Host", HOST), ("User-Agent", "mctoolkit"), ("Accept", "*/*"), ("Content-Length", str(len(body))))
        location = (("Location", f"/api/v1/sessions/{ids()}"),) if status == 201 else ()
        written = b"" if status == 201 else b'{"message": "Request had improper format."}'
        yield Exchange(
            target=HOST if number % 3 else "sandbox",
            request=Request("POST", f"https://{HOST}/api/v1/sessions", sent, body),
            response=Response(status, documented[status].reason, headers + location, written),
            failure=None,
            sent_at_ms=START_MS + 1000 * number,
            elapsed_ms=4.0,
            verdict=verdict,
            is_sandbox=not number % 3,
        )
        number += 1
