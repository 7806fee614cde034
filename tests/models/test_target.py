"""read_target: accepted addresses, hints and errors."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from mctoolkit import HostError, UsageError
from mctoolkit.models.target import Target, read_target

API = "https://company.hb-api.omtrdc.net"


@pytest.mark.parametrize(
    ("written", "base"),
    [
        ("company.hb-api.omtrdc.net", API),
        ("  company.hb-api.omtrdc.net\n", API),
        ("\ufeffcompany.hb-api.omtrdc.net\u200b", API),
        ("//company.hb-api.omtrdc.net", API),
        ("Company.HB-API.omtrdc.net", API),
        ("HTTPS://company.hb-api.omtrdc.net/", API),
        ("https://company.hb-api.omtrdc.net.", API),
        ("https://company.hb-api.omtrdc.net:443", API),
        ("https://company.hb-api.omtrdc.net:", API),
        ("https://https://company.hb-api.omtrdc.net", API),
        ("company.hb-api.omtrdc.net:8443", f"{API}:8443"),
        (f"{API}/api/v1/sessions", API),
        (f"{API}/api/v1/sessions/", API),
        (f"{API}/api/v1", API),
        (f"{API}//api/v1/sessions/7f3a/events", API),
        (f"{API}/API/V1/sessions", API),
        ("media.example.com/mc", "https://media.example.com/mc"),
        ("https://media.example.com/Mc/eu/api/v1/sessions", "https://media.example.com/Mc/eu"),
        ("https://media.example.com/api/v1x", "https://media.example.com/api/v1x"),
        ("media.example.com/mé/a%20b", "https://media.example.com/m%C3%A9/a%20b"),
        ("localhost", "http://localhost"),
        ("localhost:8080/", "http://localhost:8080"),
        ("https://localhost:8443", "https://localhost:8443"),
        ("http://127.0.0.1:80", "http://127.0.0.1"),
        ("127.8.9.10:8000", "http://127.8.9.10:8000"),
        ("[::1]:8000", "http://[::1]:8000"),
        ("::1", "http://[::1]"),
        ("[::ffff:127.0.0.1]:8000", "http://[::ffff:127.0.0.1]:8000"),
        ("http://practice.localhost:8000", "http://practice.localhost:8000"),
        ("10.1.2.3", "https://10.1.2.3"),
        ("[2001:db8::7]:8443", "https://[2001:db8::7]:8443"),
        ("mock:8443", "https://mock:8443"),
    ],
)
def test_read_address(written: str, base: str) -> None:
    target = read_target(written)
    assert (target.base, target.hints, target.is_sandbox) == (base, (), False)
    assert target.label == target.base.partition("://")[2]


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("", "it is empty"),
        (" \t ", "it is empty"),
        ("a.example b.example", "contains a space"),
        ("a.example\u00a0b.example", "invisible character (U+00A0)"),
        ("a\u200b.example", "invisible character (U+200B)"),
        ("a.example\r\nX: y", "invisible character (U+000D)"),
        ("https:\\\\a.example", "backslash"),
        ("https://{uri}/api/v1/sessions", "placeholder"),
        ("<your-host>", "placeholder"),
        ("https:/a.example", "two slashes are missing"),
        ("http:a.example", "two slashes are missing"),
        ("ftp://a.example", "the scheme ftp is not supported"),
        ("wss://a.example", "the scheme wss is not supported"),
        ("https://", "no host"),
        ("https:///api/v1/sessions", "no host"),
        ("https://?x=1", "no host"),
        (":8080", "no host"),
        ("a.example:0", "0 is not a port"),
        ("a.example:65536", "65536 is not a port"),
        ("a.example:http", "http is not a port"),
        ("a.example:٤٤٣", "is not a port"),
        ("a.example:-1", "-1 is not a port"),
        ("a..example", ".. is not valid in a host"),
        (".example.com", ".. is not valid in a host"),
        ("-a.example", "-a is not valid in a host"),
        ("a,b.example", "a,b is not valid in a host"),
        ("a%2eb.example", "a%2eb is not valid in a host"),
        ("[::1", "is not valid in a host"),
        ("[company.example]", "company.example is not valid in a host"),
        ("[fe80::1%25eth0]", "is not valid in a host"),
        (f"{'a' * 64}.example", "is not valid in a host"),
        ("mün\u2024chen..example", "is not valid in a host"),
        (".".join(["a" * 60] * 5), "longer than 253 characters"),
        ("127.1", "ends in a number"),
        ("256.1.1.1", "ends in a number"),
        ("a.example.0x7f", "ends in a number"),
        ("http://0.0.0.0:8000", "use 127.0.0.1"),
        ("media.example.com/mc/../x", "one of dots"),
        ("media.example.com/mc//x", "empty segment"),
    ],
)
def test_invalid_address_raises(written: str, message: str) -> None:
    with pytest.raises(HostError) as found:
        read_target(written)
    assert message in str(found.value)
    assert str(found.value).startswith("Cannot use ")
    assert isinstance(found.value, ValueError)


@pytest.mark.parametrize(
    "written", ["company", "Company", "https://company", "company/", "company.hb-api", "company.hbapi"]
)
def test_namespace_suggests_the_whole_host(written: str) -> None:
    with pytest.raises(HostError, match=r"Did you mean company\.hb-api\.omtrdc\.net\?"):
        read_target(written)


@pytest.mark.parametrize(
    "written",
    [
        "user:secret-77@a.example",
        "https://user:secret-77@a.example/x?y",
        "https://user:sec/secret-77@a.example",
        "user@a.example",
    ],
)
def test_password_is_refused_and_hidden(written: str) -> None:
    with pytest.raises(HostError, match="This API has no login") as found:
        read_target(written)
    assert "secret-77" not in str(found.value)
    assert "user" not in str(found.value)


def test_query_is_hidden_in_errors() -> None:
    with pytest.raises(HostError) as found:
        read_target("ftp://a.example/x?token=secret-77")
    assert "secret-77" not in str(found.value)


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        (
            "acme.hb.omtrdc.net",
            "acme.hb.omtrdc.net is a host of the old heartbeat protocol. The host of this API is acme.hb-api.omtrdc.net.",
        ),
        (
            "hb.omtrdc.net",
            "hb.omtrdc.net is a host of the old heartbeat protocol. The host of this API is company.hb-api.omtrdc.net.",
        ),
        ("hb-api.omtrdc.net", "The name of your company is missing"),
        ("acme.sc.omtrdc.net", "a host of another Adobe service"),
        ("edge.adobedc.net", "a host of another Adobe service"),
        (f"{API}/api/v1/sessions?debug=1", "after ? or #"),
        (f"{API}#top", "after ? or #"),
        ("münchen.example", "is xn--mnchen-3ya.example"),
        (f"{API}/api/v2/sessions", "has version 2"),
    ],
)
def test_address_with_hint(written: str, hint: str) -> None:
    target = read_target(written)
    assert len(target.hints) == 1
    assert hint in target.hints[0]
    assert "?" not in target.base
    assert "#" not in target.base
    assert target.base.isascii()


def test_http_to_another_computer_requires_allow_http() -> None:
    with pytest.raises(HostError, match="allow_http=True"):
        read_target("http://media.example.com")
    target = read_target("http://media.example.com", allow_http=True)
    assert target.base == "http://media.example.com"
    assert "not encrypted" in target.hints[0]


def test_http_to_lookalikes_of_localhost_raises() -> None:
    for written in ("http://localhost.example.com", "http://127.0.0.1.example.com", "http://notlocalhost:80"):
        with pytest.raises(HostError, match="is not this computer"):
            read_target(written)


def test_sandbox_label() -> None:
    target = read_target(SimpleNamespace(url="http://127.0.0.1:43211/", is_sandbox=True))
    assert (target.base, target.label, target.is_sandbox) == ("http://127.0.0.1:43211", "sandbox", True)
    assert target.authority == "127.0.0.1:43211"
    assert repr(target) == "Target(sandbox)"


@pytest.mark.parametrize("is_sandbox", [False, None, "yes", 1])
def test_is_sandbox_must_be_true(is_sandbox: object) -> None:
    target = read_target(SimpleNamespace(url="http://127.0.0.1:43211", is_sandbox=is_sandbox))
    assert (target.label, target.is_sandbox) == ("127.0.0.1:43211", False)


def test_remote_host_is_not_a_sandbox() -> None:
    target = read_target(SimpleNamespace(url=API, is_sandbox=True))
    assert (target.label, target.is_sandbox) == ("company.hb-api.omtrdc.net", False)


@pytest.mark.parametrize("to", [None, 5, b"a.example", SimpleNamespace(), SimpleNamespace(url=None), ["a.example"]])
def test_value_that_is_not_text_raises(to: object) -> None:
    with pytest.raises(UsageError, match="An address is text"):
        read_target(to)


def test_target_is_returned_unchanged() -> None:
    target = Target("https://a.example", "a.example")
    assert read_target(target) is target


def test_repr_hides_the_namespace() -> None:
    target = read_target("acme.hb-api.omtrdc.net")
    assert repr(target) == "Target(•••.hb-api.omtrdc.net)"
    assert target.label == "acme.hb-api.omtrdc.net"
