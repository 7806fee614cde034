"""Exchange: outcome, explanation, text and HTML, with identifiers hidden and values escaped."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any, get_args

import pytest

from mctoolkit import UsageError, example, validate
from mctoolkit.models.exchange import OLD_HOST, Exchange, Failure, FailureKind, Outcome, Request, Response
from mctoolkit.spec import catalog

KINDS = get_args(FailureKind)
URL = "https://acme.hb-api.omtrdc.net/api/v1/sessions"
CREATED = Response(201, "Created", (("Location", "/api/v1/sessions/7f3a"), ("Content-Length", "0")), b"")


def exchange(response: Response | None = CREATED, failure: Failure | None = None, **others: Any) -> Exchange:
    url = others.pop("url", URL)
    body = others.pop("body", b'{"eventType": "sessionStart"}')
    headers = others.pop("headers", (("Host", "acme.hb-api.omtrdc.net"), ("Content-Type", "application/json")))
    values: dict[str, Any] = {"target": "acme.hb-api.omtrdc.net", "sent_at_ms": 1_509_045_324_153, "elapsed_ms": 4.4}
    return Exchange(
        request=Request("POST", url, headers, body), response=response, failure=failure, **(values | others)
    )


def page(title: str, status: int = 200) -> Response:
    return Response(status, "", (("Content-Type", "text/html"),), f"<title>{title}</title>".encode())


class Reader(HTMLParser):
    """Collects the texts of an HTML document, apart from the collapsed ones."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.collapsed: list[str] = []
        self.tags: list[str] = []
        self.feed(source)
        assert self.tags == [], f"not closed: {self.tags}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.tags.pop() == tag

    def handle_data(self, data: str) -> None:
        if data.strip() and "style" not in self.tags:
            (self.collapsed if "details" in self.tags else self.texts).append(data.strip())


# --- explanation ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("endpoint", ["sessions", "events", "downloaded", "schemas", "preflight", "other"])
@pytest.mark.parametrize("is_sandbox", [False, True])
@pytest.mark.parametrize("response", [None, CREATED], ids=["no response", "part of a response"])
@pytest.mark.parametrize("kind", KINDS)
def test_explanation_of_each_failure(
    kind: FailureKind, response: Response | None, is_sandbox: bool, endpoint: str
) -> None:
    failed = exchange(response, Failure(kind, "a detail", 10), is_sandbox=is_sandbox, endpoint=endpoint)
    assert failed.outcome == "no-response"
    assert failed.in_words
    meaning, consequence, next_step = failed.explanation.sentences
    assert next_step not in (meaning, consequence)
    assert ("Nothing was sent" in consequence) is failed.failure.nothing_was_sent  # type: ignore[union-attr]
    assert ("not sent again" in consequence) is not failed.failure.nothing_was_sent  # type: ignore[union-attr]
    assert "{" not in str(failed.explanation)


def test_exchange_without_response_or_failure_raises() -> None:
    with pytest.raises(UsageError, match="a response or a failure"):
        exchange(None, None)


def test_failures_before_sending() -> None:
    unsent = {kind for kind in KINDS if Failure(kind).nothing_was_sent}
    assert unsent == {"host-not-found", "refused", "unreachable", "tls", "connect-timeout", "proxy", "cancelled-unsent"}


OUTCOMES = {
    "accepted": CREATED,
    "no-id": Response(201, "Created", (), b""),
    "refused": Response(400, "Bad Request", (), b"{}"),
    "failed": Response(500, "", (), b""),
    "redirect": Response(302, "Found", (("Location", "https://login.example/"),), b""),
    "page": page("Sign in"),
    "unexpected": Response(418, "I'm a teapot", (), b""),
    "no-response": None,
}


def test_outcomes_are_complete() -> None:
    assert set(OUTCOMES) == set(get_args(Outcome))


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_explanation_of_each_outcome(outcome: str) -> None:
    response = OUTCOMES[outcome]
    found = exchange(response, None if response else Failure("cut"))
    assert found.outcome == outcome
    assert len(found.explanation.sentences) >= 2
    assert found.in_words
    assert "\n" not in found.in_words
    assert len(found.in_words) < 40
    if response is not None:
        assert found.explanation.headline.startswith(response.status_line)


@pytest.mark.parametrize("endpoint", ["sessions", "events", "downloaded", "schemas"])
def test_documented_response_uses_the_catalog(endpoint: str) -> None:
    for status, documented in catalog.responses(endpoint).items():
        headers = (("Location", "/api/v1/sessions/7f3a"),) if status == 201 else ()
        found = exchange(Response(status, documented.reason, headers, b""), endpoint=endpoint)
        assert found.outcome == documented.outcome
        assert found.explanation.headline == f"{status} {documented.reason}: {documented.short}"
        assert found.explanation.sentences == (documented.meaning, documented.next_step)


@pytest.mark.parametrize(
    ("status", "kind", "outcome"),
    [
        (200, "text/html", "page"),
        (204, "text/html", "page"),
        (400, "text/html; charset=utf-8", "page"),
        (403, "application/xhtml+xml", "page"),
        (304, "application/json", "unexpected"),
        (201, "text/html", "no-id"),
        (500, "text/html", "failed"),
        (503, "text/html", "unexpected"),
        (200, "application/json", "unexpected"),
    ],
)
def test_outcome_of_html_responses(status: int, kind: str, outcome: str) -> None:
    found = exchange(Response(status, "", (("content-type", kind),), b"<title>Oops</title>"))
    assert found.outcome == outcome
    assert ('"Oops"' in str(found.explanation)) is ("html" in kind)


def test_redirect_with_html_is_a_redirect() -> None:
    headers = (("Content-Type", "text/html"), ("Location", "https://login.example/"))
    assert exchange(Response(302, "", headers, b"")).outcome == "redirect"


def test_created_with_html_is_accepted() -> None:
    headers = (("Content-Type", "text/html"), ("Location", "/api/v1/sessions/7f3a"))
    assert exchange(Response(201, "", headers, b"")).outcome == "accepted"


@pytest.mark.parametrize(
    "location",
    ["https://acme.hb-api.omtrdc.net/api/v1/sessions/7f3a", "/mc/api/v1/sessions/7f3a", "/api/v1/sessions/7f3a/"],
)
def test_undocumented_location_gets_a_warning(location: str) -> None:
    found = exchange(Response(201, "", (("Location", location),), b""))
    assert found.session_id == "7f3a"
    assert "Adobe's own players" in found.explanation.sentences[-1]
    assert "acme" not in found.explanation.sentences[-1]


def test_status_200_with_id_is_unexpected() -> None:
    found = exchange(Response(200, "", CREATED.headers, b""))
    assert (found.outcome, found.session_id) == ("unexpected", "7f3a")


@pytest.mark.parametrize("host", ["acme.hb.omtrdc.net", "HB.omtrdc.net", "a.b.hb.omtrdc.net"])
def test_old_host_is_explained_with_each_failure(host: str) -> None:
    assert OLD_HOST.search(host)
    for response, failure in ((None, Failure("host-not-found")), (page("x"), None), (Response(404, "", (), b""), None)):
        found = exchange(response, failure, url=f"https://{host}/api/v1/sessions")
        assert "the old heartbeat protocol" in found.explanation.sentences[-1]
    assert "old" not in str(exchange(url=f"https://{host}/api/v1/sessions").explanation)


@pytest.mark.parametrize("host", ["acme.hb-api.omtrdc.net", "xhb.omtrdc.net", "hb.omtrdc.net.example.com"])
def test_other_hosts_do_not_match_old_host(host: str) -> None:
    assert OLD_HOST.search(host) is None


def test_in_words_names_the_first_error_of_a_refusal() -> None:
    verdict = validate({"eventType": "sessionStart", "playerTime": {"playhead": 0, "ts": 1}}, endpoint="sessions")
    assert exchange(Response(400, "", (), b""), verdict=verdict).in_words == "refused: media.id missing"
    assert exchange(Response(400, "", (), b""), verdict=None).in_words == "refused, no session"


# --- text and HTML -------------------------------------------------------------------------------------------------

SECRETS = ("acme", "secret-77")
SECRET_BODY = (
    b'{"eventType": "sessionStart", "params": {"analytics.reportSuite": "secret-77", "media.id": "Pilot", '
    b'"analytics.visitorId": "secret-77", "visitor.marketingCloudOrgId": "secret-77"}}'
)
SECRET_RESPONSE = Response(
    302,
    "Found",
    (
        ("Location", "https://acme.hb-api.omtrdc.net/login?token=secret-77"),
        ("Set-Cookie", "id=secret-77"),
        ("set-cookie", "b=secret-77"),
        ("X-Seen", "by acme.hb-api.omtrdc.net"),
    ),
    b'{"analytics.visitorId": "secret-77", "message": "to acme.hb-api.omtrdc.net"}',
)
SECRET_REQUEST = (
    ("Host", "acme.hb-api.omtrdc.net"),
    ("Cookie", "id=secret-77"),
    ("Authorization", "Basic secret-77"),
    ("Proxy-Authorization", "Basic secret-77"),
)


def test_display_hides_identifiers_and_attributes_keep_them() -> None:
    found = exchange(SECRET_RESPONSE, body=SECRET_BODY, headers=SECRET_REQUEST)
    failed = exchange(None, Failure("other", "no way to acme.hb-api.omtrdc.net"), body=SECRET_BODY)
    for shown in (
        str(found),
        repr(found),
        found._repr_html_(),
        found.request_text,
        str(failed),
        failed._repr_html_(),
    ):
        for secret in SECRETS:
            assert secret not in shown
    assert "Pilot" in found.request_text
    assert found.request.body == SECRET_BODY
    assert found.response is SECRET_RESPONSE
    assert found.target == "acme.hb-api.omtrdc.net"
    assert found.request.url == URL


def test_display_replaces_the_sandbox_address() -> None:
    headers = (("Location", "http://127.0.0.1:43211/api/v1/sessions/7f3a"),)
    found = exchange(
        Response(201, "Created", headers, b'{"at": "127.0.0.1:43211"}'),
        target="sandbox",
        is_sandbox=True,
        url="http://127.0.0.1:43211/api/v1/sessions",
        headers=(("Host", "127.0.0.1:43211"),),
    )
    for shown in (str(found), found._repr_html_(), found.request_text):
        assert "43211" not in shown
        assert "{sandbox}" in shown


EVIL = "<script>alert(1)</script>&\"'"


def test_html_escapes_every_value() -> None:
    response = Response(
        400,
        EVIL,
        (("Location", f"/{EVIL}"), (EVIL, EVIL), ("Content-Type", f"text/html{EVIL}")),
        f"<title>{EVIL}</title>{EVIL}".encode(),
    )
    verdict = validate({EVIL: EVIL, "eventType": EVIL}, endpoint="sessions")
    for found in (
        exchange(response, verdict=verdict, body=EVIL.encode(), headers=((EVIL, EVIL),)),
        exchange(Response(201, EVIL, (("Location", f"/api/v1/sessions/{EVIL}x"),), EVIL.encode())),
        exchange(None, Failure("tls", EVIL), verdict=verdict, url=f"https://{EVIL}/", target=EVIL),
    ):
        shown = found._repr_html_()
        assert "<script" not in shown
        assert "alert(1)" in shown
        Reader(shown)


def test_html_order_of_a_refusal() -> None:
    verdict = validate({"eventType": "sessionStart"}, endpoint="sessions")
    found = exchange(Response(400, "Bad Request", (("X-A", "1"),), b'{"message": "No."}'), verdict=verdict)
    read = Reader(found._repr_html_())
    wanted = [
        "Problem",
        "400 Bad Request: refused, no session",
        "Reasons, as found by mctoolkit (10 errors):",
        "playerTime",
        "The server rejected the body",
        "Correct the body and send it again",
        "Message from the server:",
        "No.",
    ]
    assert "No." in read.texts, "the documented message is not collapsed"
    joined = "\n".join(read.texts)
    places = [joined.index(text) for text in wanted]
    assert places == sorted(places)
    collapsed = "\n".join(read.collapsed)
    assert collapsed.index("All headers (1)") < collapsed.index("X-A") < collapsed.index("POST /api/v1/sessions")


def test_html_of_an_accepted_start_shows_the_id_first() -> None:
    read = Reader(exchange()._repr_html_())
    assert read.texts[:4] == ["OK", "201 Created: session started", "Session id:", "7f3a"]
    assert "The response took 4 ms, including its body." in read.texts


@pytest.mark.parametrize(
    ("response", "body", "heading"),
    [
        (Response(400, "", (), b""), {}, "Reasons, as found by mctoolkit (11 errors):"),
        (CREATED, {}, "The server accepted it, but mctoolkit finds errors (11 errors):"),
        (CREATED, "hint", "Accepted, with hints by mctoolkit (1 hint):"),
        (Response(503, "", (), b""), {}, "Validation by mctoolkit (11 errors):"),
        (None, {}, "Validation by mctoolkit (11 errors):"),
        (Response(400, "", (), b""), "hint", "Validation by mctoolkit (1 hint):"),
    ],
)
def test_heading_of_the_problems(response: Response | None, body: Any, heading: str) -> None:
    if body == "hint":
        body = example("sessionStart").value
        body["params"]["media.length"] = 60_390
    verdict = validate(body, endpoint="sessions")
    found = exchange(response, None if response else Failure("cut"), verdict=verdict)
    assert heading in str(found)
    assert heading in Reader(found._repr_html_()).texts


def test_refusal_without_a_known_reason() -> None:
    verdict = validate(example("sessionStart"), endpoint="sessions")
    found = exchange(Response(400, "", (), b""), verdict=verdict)
    assert "finds no error in the body" in str(found)


@pytest.mark.parametrize("kind", KINDS)
def test_html_of_a_failure_names_the_request_by_what_was_sent(kind: FailureKind) -> None:
    failed = exchange(None, Failure(kind))
    read = Reader(failed._repr_html_())
    collapsed = read.collapsed
    assert not any("The response took" in text for text in read.texts)
    assert ("The request as sent, identifiers hidden" in collapsed) is not Failure(kind).nothing_was_sent


def test_header_meanings_are_case_insensitive() -> None:
    found = exchange(Response(201, "", (("LOCATION", "/x"), ("X-Own", "1")), b""))
    (name, value, meaning), own = found.header_rows
    assert (name, value) == ("LOCATION", "/x")
    assert "session id" in meaning
    assert own == ("X-Own", "1", "")


def test_source_of_a_web_page_is_collapsed() -> None:
    found = exchange(page("Sign in"))
    assert "<title>" not in str(found)
    assert "<title>Sign in</title>" in "".join(Reader(found._repr_html_()).collapsed)


def test_body_without_message_is_shown() -> None:
    for body in (b'{"error": "No."}', b'{"message": 7}', b"No.", b'["message"]'):
        found = exchange(Response(400, "", (), body))
        assert body.split(b'"')[-2 if b'"' in body else 0].decode() in "".join(Reader(found._repr_html_()).texts)


def test_problems_in_a_sandbox_body_are_not_repeated() -> None:
    body = b'{"message": "No.", "sandbox": {"problems": ["the list"]}}'
    found = exchange(Response(400, "", (), body), is_sandbox=True)
    assert "the list" not in str(found)
    assert "Message from the server: No." in str(found)
    assert "the list" in str(exchange(Response(400, "", (), body)))
    assert "the list" in "".join(Reader(found._repr_html_()).collapsed)


def test_long_body_is_cut_in_display_only() -> None:
    for body in (b"x" * 100_000, b'{"message": "' + b"x" * 99_985 + b'"}'):
        found = exchange(Response(500, "", (), body), body=b"y" * 100_000)
        assert len(str(found)) < 10_000
        assert len(found._repr_html_()) < 40_000
        assert len(found.body) == len(found.request.body) == 100_000


@pytest.mark.parametrize("url", ["http://[bad", "", "not a url", "https:///x"])
def test_url_can_be_any_text(url: str) -> None:
    for found in (exchange(url=url), exchange(None, Failure("other"), url=url)):
        assert str(found)
        assert found._repr_html_()


@pytest.mark.parametrize("body", [b"", b"\xff\xfe\x00", b"{", "☃".encode(), b"[1, 2]", b"null"])
def test_body_can_be_any_bytes(body: bytes) -> None:
    found = exchange(Response(500, "", (), body), body=body)
    assert re.search("500", str(found))
    Reader(found._repr_html_())


def test_attributes() -> None:
    found = exchange(Response(201, "Created", (("A", "1"), ("a", "2"), ("Location", "/api/v1/sessions/7f3a")), b"x"))
    assert (found.status, found.session_id, found.body) == (201, "7f3a", b"x")
    assert found.headers == {"A": "1", "a": "2", "Location": "/api/v1/sessions/7f3a"}
    assert found.response is not None
    assert (found.response.header("A"), found.response.header("LOCATION")) == ("1", "/api/v1/sessions/7f3a")
    assert found.response.header("B") is None
    assert found.sent_at.isoformat() == "2017-10-26T19:15:24.153000+00:00"
    assert found.event.type == "sessionStart"
    silent = exchange(None, Failure("cut"))
    assert (silent.status, silent.session_id, silent.body, dict(silent.headers)) == (None, None, b"", {})
