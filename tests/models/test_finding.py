"""Finding and AuditedSession: text, JSON, order and summary."""

from __future__ import annotations

from mctoolkit.models.finding import AuditedSession, Finding, in_words, ranked

AT = 1_795_421_642_123
FINDING = Finding(
    "wrong-host",
    "error",
    "Requests go to acme.hb.omtrdc.net <b>&.",
    "They are lost.",
    "Send to acme.hb-api.omtrdc.net.",
    "EL overview",
    "7f3a",
    tuple(range(1, 21)),
    42,
    AT,
    "",
    "web.har",
    204,
    "7f3a",
)


def test_ticket_has_all_parts() -> None:
    ticket = FINDING.ticket()
    for part in ("7f3a", "web.har", "the first of 42", "Mon 23 Nov 2026, 08:14:02.123 UTC", "204", "wrong-host"):
        assert part in ticket
    for part in ("They are lost.", "EL overview", "Send to", "Ask the player team"):
        assert part in ticket


def test_ticket_hides_the_namespace() -> None:
    assert "acme" not in FINDING.ticket()
    assert "acme" not in Finding("x", "hint", "company.hb-api.omtrdc.net and acme.hb-api.omtrdc.net").ticket()


def test_html_is_escaped() -> None:
    assert "<b>&." not in FINDING._repr_html_()
    assert "&lt;b&gt;&amp;." in FINDING._repr_html_()


def test_to_dict() -> None:
    found = FINDING.to_dict()
    assert (found["rule"], found["level"], found["session"]) == ("wrong-host", "error", "7f3a")
    assert (found["entries"], found["count"]) == (list(range(1, 21)), 42)
    assert Finding("x", "hint", ".", session_key="#12").to_dict()["session"] == "#12"


def test_where_as_text() -> None:
    assert Finding("x", "hint", ".", entries=(3,)).where == "Entry 3"
    assert Finding("x", "hint", ".", entries=(3, 4), count=2).where == "Entries 3, 4"
    assert Finding("x", "hint", ".").where == ""


def test_ranked_by_level_then_entry() -> None:
    made = [
        Finding("c", "hint", ".", entries=(1,)),
        Finding("b", "warning", ".", entries=(9,)),
        Finding("a", "error", ".", entries=(12,)),
        Finding("d", "warning", ".", entries=(2,)),
    ]
    assert [finding.rule for finding in ranked(made)] == ["a", "d", "b", "c"]


def test_in_words_counts_levels() -> None:
    assert in_words([FINDING, FINDING, Finding("x", "hint", ".")]) == "2 errors, 1 hint"
    assert in_words([]) == "in order"


def _session(*findings: Finding, events: int = 5, without_body: int = 0) -> AuditedSession:
    return AuditedSession("#1", None, 1000, 61_000, events, 1, True, "", "m", "p", "", findings, without_body)


def test_audited_session_verdict() -> None:
    assert (_session().ok, _session().verdict, _session().lasted_ms) == (True, "in order", 60_000)
    assert not _session(FINDING).ok
    assert _session(Finding("x", "hint", ".")).ok
    assert "not audited" in _session(without_body=5).verdict
    assert "2 bodies are missing" in _session(without_body=2).verdict
