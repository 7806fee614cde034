"""What an exchange says and shows: every sentence is there, nothing hidden shows, every value is escaped."""

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
    """Reads HTML as a person does: the texts in order, and how deep the folded parts lie."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.folded: list[str] = []
        self.tags: list[str] = []
        self.feed(source)
        assert self.tags == [], f"left open: {self.tags}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.tags.pop() == tag

    def handle_data(self, data: str) -> None:
        if data.strip() and "style" not in self.tags:
            (self.folded if "details" in self.tags else self.texts).append(data.strip())


# --- the sentences -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("endpoint", ["sessions", "events", "downloaded", "schemas"])
@pytest.mark.parametrize("is_sandbox", [False, True])
@pytest.mark.parametrize("response", [None, CREATED], ids=["no response", "part of a response"])
@pytest.mark.parametrize("kind", KINDS)
def test_each_failure_is_explained(
    kind: FailureKind, response: Response | None, is_sandbox: bool, endpoint: str
) -> None:
    failed = exchange(response, Failure(kind, "a detail", 10), is_sandbox=is_sandbox, endpoint=endpoint)
    assert failed.outcome == "no-answer"
    assert failed.in_words
    happened, follows, next_step = failed.explanation.sentences
    assert next_step not in (happened, follows)
    assert ("Nothing was sent" in follows) is failed.failure.nothing_was_sent  # type: ignore[union-attr]
    assert ("not sent again" in follows) is not failed.failure.nothing_was_sent  # type: ignore[union-attr]
    assert "{" not in str(failed.explanation)


def test_neither_a_response_nor_a_failure_is_no_exchange() -> None:
    with pytest.raises(UsageError, match="a response, or a failure"):
        exchange(None, None)


def test_where_it_ends_decides_what_is_known() -> None:
    before = {kind for kind in KINDS if Failure(kind).nothing_was_sent}
    assert before == {"host-not-found", "refused", "unreachable", "tls", "connect-timeout", "proxy", "cancelled-unsent"}


OUTCOMES = {
    "accepted": CREATED,
    "no-id": Response(201, "Created", (), b""),
    "refused": Response(400, "Bad Request", (), b"{}"),
    "failed": Response(500, "", (), b""),
    "redirect": Response(302, "Found", (("Location", "https://login.example/"),), b""),
    "page": page("Sign in"),
    "unexpected": Response(418, "I'm a teapot", (), b""),
    "no-answer": None,
}


def test_the_table_of_outcomes_is_whole() -> None:
    assert set(OUTCOMES) == set(get_args(Outcome))


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_each_outcome_is_explained(outcome: str) -> None:
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
def test_each_documented_response_says_what_the_facts_say(endpoint: str) -> None:
    for status, fact in catalog.responses(endpoint).items():
        headers = (("Location", "/api/v1/sessions/7f3a"),) if status == 201 else ()
        found = exchange(Response(status, fact.reason, headers, b""), endpoint=endpoint)
        assert found.outcome == fact.outcome
        assert found.explanation.headline == f"{status} {fact.reason}: {fact.short}"
        assert found.explanation.sentences == (fact.meaning, fact.next_step)


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
def test_a_page_is_told_from_a_page_of_the_server(status: int, kind: str, outcome: str) -> None:
    found = exchange(Response(status, "", (("content-type", kind),), b"<title>Oops</title>"))
    assert found.outcome == outcome
    assert ('"Oops"' in str(found.explanation)) is ("html" in kind)


def test_a_redirect_that_comes_with_a_page_is_a_redirect() -> None:
    headers = (("Content-Type", "text/html"), ("Location", "https://login.example/"))
    assert exchange(Response(302, "", headers, b"")).outcome == "redirect"


def test_an_id_in_a_page_is_an_id_all_the_same() -> None:
    headers = (("Content-Type", "text/html"), ("Location", "/api/v1/sessions/7f3a"))
    assert exchange(Response(201, "", headers, b"")).outcome == "accepted"


@pytest.mark.parametrize(
    "location",
    ["https://acme.hb-api.omtrdc.net/api/v1/sessions/7f3a", "/mc/api/v1/sessions/7f3a", "/api/v1/sessions/7f3a/"],
)
def test_a_location_that_players_cannot_read_gets_a_warning(location: str) -> None:
    found = exchange(Response(201, "", (("Location", location),), b""))
    assert found.session_id == "7f3a"
    assert "Adobe's own players" in found.explanation.sentences[-1]
    assert "acme" not in found.explanation.sentences[-1]


def test_only_a_201_begins_a_session() -> None:
    found = exchange(Response(200, "", CREATED.headers, b""))
    assert (found.outcome, found.session_id) == ("unexpected", "7f3a")


@pytest.mark.parametrize("host", ["acme.hb.omtrdc.net", "HB.omtrdc.net", "a.b.hb.omtrdc.net"])
def test_the_old_host_is_named_whatever_goes_wrong(host: str) -> None:
    assert OLD_HOST.search(host)
    for response, failure in ((None, Failure("host-not-found")), (page("x"), None), (Response(404, "", (), b""), None)):
        found = exchange(response, failure, url=f"https://{host}/api/v1/sessions")
        assert "the old heartbeat host" in found.explanation.sentences[-1]
    assert "old" not in str(exchange(url=f"https://{host}/api/v1/sessions").explanation)


@pytest.mark.parametrize("host", ["acme.hb-api.omtrdc.net", "xhb.omtrdc.net", "hb.omtrdc.net.example.com"])
def test_other_hosts_are_not_taken_for_the_old_one(host: str) -> None:
    assert OLD_HOST.search(host) is None


def test_a_refusal_that_the_checker_understands_is_short_in_a_table() -> None:
    verdict = validate({"eventType": "sessionStart", "playerTime": {"playhead": 0, "ts": 1}}, endpoint="sessions")
    assert exchange(Response(400, "", (), b""), verdict=verdict).in_words == "refused: media.id missing"
    assert exchange(Response(400, "", (), b""), verdict=None).in_words == "refused, no session"


# --- what is shown -------------------------------------------------------------------------------------------------

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


def test_what_is_shown_hides_people_tenants_and_secrets_and_what_is_held_does_not() -> None:
    found = exchange(SECRET_RESPONSE, body=SECRET_BODY, headers=SECRET_REQUEST)
    failed = exchange(None, Failure("other", "no way to acme.hb-api.omtrdc.net"), body=SECRET_BODY)
    for shown in (
        str(found),
        repr(found),
        found._repr_html_(),
        found.same_request_sent,
        str(failed),
        failed._repr_html_(),
    ):
        for secret in SECRETS:
            assert secret not in shown
    assert "Pilot" in found.same_request_sent
    assert found.request.body == SECRET_BODY
    assert found.response is SECRET_RESPONSE
    assert found.target == "acme.hb-api.omtrdc.net"
    assert found.request.url == URL


def test_a_practice_server_is_shown_by_its_name_not_by_its_port() -> None:
    headers = (("Location", "http://127.0.0.1:43211/api/v1/sessions/7f3a"),)
    found = exchange(
        Response(201, "Created", headers, b'{"at": "127.0.0.1:43211"}'),
        target="sandbox",
        is_sandbox=True,
        url="http://127.0.0.1:43211/api/v1/sessions",
        headers=(("Host", "127.0.0.1:43211"),),
    )
    for shown in (str(found), found._repr_html_(), found.same_request_sent):
        assert "43211" not in shown
        assert "{sandbox}" in shown


EVIL = "<script>alert(1)</script>&\"'"


def test_every_value_is_escaped() -> None:
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


def test_it_reads_from_what_it_means_to_the_bytes() -> None:
    verdict = validate({"eventType": "sessionStart"}, endpoint="sessions")
    found = exchange(Response(400, "Bad Request", (("X-A", "1"),), b'{"message": "No."}'), verdict=verdict)
    read = Reader(found._repr_html_())
    wanted = [
        "Problem",
        "400 Bad Request: refused, no session",
        "Why, as mctoolkit's own checker sees it (10 errors):",
        "playerTime",
        "The server has refused the message",
        "Correct the form of the message",
        "Message from the server:",
        "No.",
    ]
    assert "No." in read.texts, "the one documented sentence is not to be folded"
    joined = "\n".join(read.texts)
    places = [joined.index(words) for words in wanted]
    assert places == sorted(places)
    folded = "\n".join(read.folded)
    assert folded.index("All headers (1)") < folded.index("X-A") < folded.index("POST /api/v1/sessions")


def test_a_created_session_shows_its_id_before_what_it_means() -> None:
    read = Reader(exchange()._repr_html_())
    assert read.texts[:4] == ["OK", "201 Created: session started", "Session id:", "7f3a"]
    assert "The response took 4 ms, including its body." in read.texts


@pytest.mark.parametrize(
    ("response", "body", "heading"),
    [
        (Response(400, "", (), b""), {}, "Why, as mctoolkit's own checker sees it (11 errors):"),
        (CREATED, {}, "The server has taken it, but mctoolkit's own checker would not have (11 errors):"),
        (CREATED, "tip", "Worth a look all the same (1 hint):"),
        (Response(503, "", (), b""), {}, "What mctoolkit's own checker says of the message (11 errors):"),
        (None, {}, "What mctoolkit's own checker says of the message (11 errors):"),
        (Response(400, "", (), b""), "tip", "What mctoolkit's own checker says of the message (1 hint):"),
    ],
)
def test_the_list_of_problems_says_what_it_is(response: Response | None, body: Any, heading: str) -> None:
    if body == "tip":
        body = example("sessionStart").value
        body["params"]["media.length"] = 60_390
    verdict = validate(body, endpoint="sessions")
    found = exchange(response, None if response else Failure("cut"), verdict=verdict)
    assert heading in str(found)
    assert heading in Reader(found._repr_html_()).texts


def test_a_refusal_without_a_known_reason_says_that() -> None:
    verdict = validate(example("sessionStart"), endpoint="sessions")
    found = exchange(Response(400, "", (), b""), verdict=verdict)
    assert "finds no error in this message" in str(found)


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_never_sent_is_not_called_sent(kind: FailureKind) -> None:
    failed = exchange(None, Failure(kind))
    read = Reader(failed._repr_html_())
    folded = read.folded
    assert not any("The response took" in text for text in read.texts)
    assert ("The request as sent, identifiers hidden" in folded) is not Failure(kind).nothing_was_sent


def test_headers_are_explained_in_any_spelling() -> None:
    found = exchange(Response(201, "", (("LOCATION", "/x"), ("X-Own", "1")), b""))
    (name, value, meaning), own = found.header_rows
    assert (name, value) == ("LOCATION", "/x")
    assert "session id" in meaning
    assert own == ("X-Own", "1", "")


def test_the_source_of_a_page_is_folded_and_left_out_of_the_text() -> None:
    found = exchange(page("Sign in"))
    assert "<title>" not in str(found)
    assert "<title>Sign in</title>" in "".join(Reader(found._repr_html_()).folded)


def test_a_body_without_the_documented_member_is_shown_as_it_is() -> None:
    for body in (b'{"error": "No."}', b'{"message": 7}', b"No.", b'["message"]'):
        found = exchange(Response(400, "", (), body))
        assert body.split(b'"')[-2 if b'"' in body else 0].decode() in "".join(Reader(found._repr_html_()).texts)


def test_a_practice_server_s_list_is_not_written_out_twice() -> None:
    body = b'{"message": "No.", "sandbox": {"problems": ["the list"]}}'
    found = exchange(Response(400, "", (), body), is_sandbox=True)
    assert "the list" not in str(found)
    assert "Message from the server: No." in str(found)
    assert "the list" in str(exchange(Response(400, "", (), body)))
    assert "the list" in "".join(Reader(found._repr_html_()).folded)


def test_a_long_body_is_cut_in_what_is_shown_and_not_in_what_is_held() -> None:
    for body in (b"x" * 100_000, b'{"message": "' + b"x" * 99_985 + b'"}'):
        found = exchange(Response(500, "", (), body), body=b"y" * 100_000)
        assert len(str(found)) < 10_000
        assert len(found._repr_html_()) < 40_000
        assert len(found.body) == len(found.request.body) == 100_000


@pytest.mark.parametrize("url", ["http://[bad", "", "not a url", "https:///x"])
def test_a_recorded_request_may_have_any_text_for_its_url(url: str) -> None:
    for found in (exchange(url=url), exchange(None, Failure("other"), url=url)):
        assert str(found)
        assert found._repr_html_()


@pytest.mark.parametrize("body", [b"", b"\xff\xfe\x00", b"{", "☃".encode(), b"[1, 2]", b"null"])
def test_any_body_can_be_shown(body: bytes) -> None:
    found = exchange(Response(500, "", (), body), body=body)
    assert re.search("500", str(found))
    Reader(found._repr_html_())


def test_the_parts_of_a_response_can_be_had_one_by_one() -> None:
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
