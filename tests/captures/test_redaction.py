"""Redaction: only API requests, no personal data, and all that a finding needs."""

from __future__ import annotations

import gzip
import json
import os
import re
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mctoolkit import InputError, validate
from mctoolkit.captures import read_requests, redact
from mctoolkit.captures.pseudonyms import Pseudonyms
from tests.captures.builders import HOST, SESSIONS, SID, START, entry, event, har, lines, start

ECID = "02501234567890123456789012345678901234"
IDENTIFIERS = {
    "analytics.visitorId": "ann-4711",
    "analytics.reportSuite": "acmeprod",
    "analytics.trackingServer": "acme.sc.omtrdc.net",
    "visitor.marketingCloudOrgId": "ABCDEF0123456789ABCDEF01@AdobeOrg",
    "visitor.marketingCloudUserId": ECID,
    "visitor.customerIDs": {"crm": {"id": "ann@acme.example", "authState": 1}},
}
SECRETS = ["ann-4711", "acmeprod", "acme", "ABCDEF0123456789", ECID, "ann@", "secret-77", "10.0.0.7", "sekret"]


def recording() -> bytes:
    url = "https://acme.hb-api.omtrdc.net/api/v1/sessions"
    start_body = {**START, "params": {**START["params"], **IDENTIFIERS}}  # type: ignore[dict-item]
    ping = {**event(), "customMetadata": {"mail": "to ann@acme.example", "ecid": f"x{ECID}"}}
    secret_headers = [
        {"name": "Cookie", "value": "secret-77"},
        {"name": "Authorization", "value": "secret-77"},
        {"name": "Referer", "value": "https://acme.example/?user=secret-77"},
        {"name": "X-Adobe-AEP-Validation-Token", "value": "secret-77"},
        {"name": "Content-Type", "value": "application/json"},
    ]
    members = {"headers": secret_headers, "cookies": [{"name": "a", "value": "secret-77"}]}
    first = entry(start_body, f"{url}?token=sekret", status=201, location=f"/api/v1/sessions/{SID}", request=members)
    first["response"]["headers"].append({"name": "Set-Cookie", "value": "secret-77"})
    first |= {"serverIPAddress": "10.0.0.7", "connection": "443"}
    refused = {"content": {"size": 9, "text": '{"message": "no ann@acme.example"}'}}
    others = [entry(None, "https://acme.example/secret-77", method="GET") for _ in range(5)]
    return har(
        *others,
        first,
        others[0],
        entry(ping, f"{url}/{SID}/events", at="2017-10-26T19:15:34.153Z", response=refused, status=400),
        entry({**start_body, "eventType": "sessionStart"}, url, at="2017-10-26T19:16:34.153Z", status=0),
        entry('{"analytics.visitorId": "ann-4711",}', url + f"/{SID}/events", at="2017-10-26T19:17:34.153Z"),
        pages=[{"title": "secret-77"}],
    )


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "in.har"
    path.write_bytes(recording())
    return path


@pytest.mark.parametrize("name", ["out.har", "out.ndjson", "out.har.gz", "out.jsonl.gz"])
def test_no_identifiers_and_original_numbers(file: Path, tmp_path: Path, name: str) -> None:
    done = redact(file, tmp_path / name)
    assert (done.kept, done.requests) == (4, 10)
    data = (tmp_path / name).read_bytes()
    text = (gzip.decompress(data) if name.endswith(".gz") else data).decode()
    assert [secret for secret in SECRETS if secret in text] == []
    before, after = list(read_requests(file)), list(read_requests(tmp_path / name))
    assert [request.number for request in after] == [request.number for request in before] == [6, 8, 9, 10]
    for name_of_attribute in (
        "endpoint",
        "event_type",
        "at_ms",
        "ts_ms",
        "status",
        "session_id",
        "session_key",
        "matched",
        "elapsed_ms",
    ):
        assert [getattr(request, name_of_attribute) for request in after] == [
            getattr(request, name_of_attribute) for request in before
        ]
    if ".har" in name:
        assert [request.response_body.decode() for request in after][1].startswith('{"message":"no pseudonym-')
        assert "content-type" in text.lower()
        assert json.loads(text)["log"]["entries"][0]["comment"] == "Entry 6 of the original"


def test_people_in_custom_metadata_get_pseudonyms(tmp_path: Path) -> None:
    people = {"uid": "ann-1", "memberId": 4711, "crm_id": "ann-1", "deviceId": "ann-3", "email_hash": "ann-4"}
    body = {**event(), "customMetadata": {**people, "deviceType": "phone", "season": "3"}}
    redact(har(start(), entry(body, at="2017-10-26T19:15:34.153Z")), tmp_path / "out.ndjson")
    written = (tmp_path / "out.ndjson").read_text()
    kept = json.loads(written.splitlines()[1])["body"]["customMetadata"]
    assert "ann-" not in written
    assert kept["uid"] == kept["crm_id"] != kept["deviceId"]
    assert isinstance(kept["memberId"], int)
    assert kept["memberId"] != 4711
    assert (kept["deviceType"], kept["season"]) == ("phone", "3")


def test_pseudonym_is_the_same_within_one_file_only(file: Path, tmp_path: Path) -> None:
    def visitors(name: str) -> list[str]:
        redact(file, tmp_path / name)
        return [
            request.value["params"]["analytics.visitorId"]
            for request in read_requests(tmp_path / name)
            if request.endpoint == "sessions"
        ]

    first, second = visitors("a.har"), visitors("b.har")
    assert first[0] == first[1]
    assert first[0].startswith("pseudonym-")
    assert first[0] != second[0]


def test_validation_finds_the_same_problems(file: Path, tmp_path: Path) -> None:
    redact(file, tmp_path / "out.har")

    def rules(path: Path) -> list[list[str]]:
        return [[p.rule for p in validate(request.body or b"").problems] for request in read_requests(path)]

    assert rules(tmp_path / "out.har") == rules(file)


@pytest.mark.parametrize(
    ("value", "pattern"),
    [
        ("ann", r"pseudonym-[0-9a-f]{10}"),
        ("ABC@AdobeOrg", r"pseudonym-[0-9a-f]{10}@AdobeOrg"),
        ("ABC", r"pseudonym-[0-9a-f]{10}"),
        ("acme.sc.omtrdc.net", r"pseudonym-[0-9a-f]{10}\.sc\.omtrdc\.net"),
        ("https://acme.example", r"https://pseudonym-[0-9a-f]{10}"),
        (" ann ", r" pseudonym-[0-9a-f]{10} "),
        (ECID, r"[0-9]{38}"),
        (4711, r"[0-9]{1,12}"),
        ("N/A", "N/A"),
        ("", ""),
        (-1, "-1"),
        (None, "None"),
        (True, "True"),
        ("<your-visitor-id>", "<your-visitor-id>"),
    ],
)
def test_pseudonym_keeps_type_and_suffix(value: Any, pattern: str) -> None:
    found = Pseudonyms().redact_value({"params": {"analytics.visitorId": value}})["params"]["analytics.visitorId"]
    assert re.fullmatch(pattern, str(found)), found
    assert type(found) is type(value)
    if "[" in pattern:
        assert found != value


def test_redact_url() -> None:
    pseudonyms = Pseudonyms(b"k")
    assert pseudonyms.redact_url(f"https://{HOST}/api/v1/sessions") == SESSIONS
    hidden = pseudonyms.redact_url(
        "https://user:secret-77@acme.hb-api.omtrdc.net:443/api/v1/sessions?a=secret-77&b#secret-77"
    )
    assert re.fullmatch(
        r"https://pseudonym-\w{10}\.hb-api\.omtrdc\.net:443/api/v1/sessions\?a=pseudonym-\w{10}&b", hidden
    )
    assert pseudonyms.redact_url("http://[broken") == ""


def test_input_file_is_never_replaced(file: Path, tmp_path: Path) -> None:
    before = file.read_bytes()
    (tmp_path / "link.har").symlink_to(file)
    os.link(file, tmp_path / "hard.har")
    for out in (file, tmp_path / "link.har", tmp_path / "hard.har", tmp_path / "." / "in.har"):
        with pytest.raises(InputError, match="is the file to read"):
            redact(file, out, force=True)
    with pytest.raises(InputError, match="is the file to read"):
        redact(tmp_path, file, force=True)
    assert file.read_bytes() == before


@pytest.mark.parametrize("name", ["out", "out.txt", "out.gz", "out.har.zip"])
def test_unknown_suffix_is_rejected(name: str, file: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"\.har, for browsers and proxies, or \.ndjson"):
        redact(file, tmp_path / name)
    assert not (tmp_path / name).exists()


def test_existing_file_is_replaced_only_with_force(file: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.har"
    out.write_text("mine")
    with pytest.raises(InputError, match="--force"):
        redact(file, out)
    assert out.read_text() == "mine"
    redact(file, out, force=True)
    assert len(list(read_requests(out))) == 4


def test_failure_leaves_no_files(tmp_path: Path) -> None:
    empty = tmp_path / "in.har"
    empty.write_bytes(har(entry(None, f"https://{HOST}", method="CONNECT")))
    bare = tmp_path / "bare.ndjson"
    bare.write_bytes(lines(event(), event()))
    (tmp_path / "out").mkdir()
    for origin, message in ((empty, "SSL Proxying"), (bare, r"ends in \.ndjson")):
        with pytest.raises(InputError, match=message):
            redact(origin, tmp_path / "out" / "out.har")
    assert list((tmp_path / "out").iterdir()) == []
    with pytest.raises(InputError, match="Cannot write"):
        redact(bare, tmp_path / "nowhere" / "out.ndjson")


def test_bare_bodies_are_redacted_to_ndjson(tmp_path: Path) -> None:
    done = redact([START, event()], tmp_path / "out.ndjson")
    assert "2 of 2 requests kept" in str(done)
    assert [request.session_key for request in read_requests(tmp_path / "out.ndjson")] == ["#1", "#1"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no POSIX file modes")
def test_file_is_readable_by_user_only(file: Path, tmp_path: Path) -> None:
    redact(file, tmp_path / "out.har")
    assert stat.S_IMODE((tmp_path / "out.har").stat().st_mode) & 0o077 == 0


def test_redacted_capture_can_be_redacted_again(file: Path, tmp_path: Path) -> None:
    redact(file, tmp_path / "a.har")
    redact(tmp_path / "a.har", tmp_path / "b.ndjson")
    assert [request.number for request in read_requests(tmp_path / "b.ndjson")] == [6, 8, 9, 10]


def test_odd_bodies_are_redacted(tmp_path: Path) -> None:
    odd: list[Any] = [
        None,
        [],
        {},
        3,
        "x",
        {"playerTime": 3},
        [event()],
        {"params": {"analytics.visitorId": [1, {"a": "b"}]}},
    ]
    data = har(
        *[entry(json.dumps(body)) for body in odd], start(), *[entry(text) for text in ("", "{", "\ud800", "\0")]
    )
    (tmp_path / "in.har").write_bytes(data)
    for name in ("a.har", "a.ndjson"):
        redact(tmp_path / "in.har", tmp_path / name)
        assert [request.number for request in read_requests(tmp_path / name)] == list(range(1, 14))


def test_redact_command(file: Path, tmp_path: Path) -> None:
    def run(*words: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "mctoolkit", "redact", *map(str, words)]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    done = run(file, tmp_path / "out.har")
    assert (done.returncode, done.stderr) == (0, "")
    assert "4 of 10 requests kept" in done.stdout
    again = run(file, tmp_path / "out.har")
    assert (again.returncode, again.stdout) == (2, "")
    assert "--force" in again.stderr
    assert run(file, tmp_path / "out.har", "--force").returncode == 0
    alone = run(file)
    assert alone.returncode == 2
    assert "mctoolkit redact CAPTURE OUT" in alone.stderr
    missing = run(tmp_path / "no.har", tmp_path / "x.har")
    assert missing.returncode == 2
    assert "There is no file" in missing.stderr
    assert "Traceback" not in missing.stderr
