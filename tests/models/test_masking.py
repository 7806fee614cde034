"""Masking of identifiers in JSON, text, HTML and hosts."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mctoolkit import Event, validate
from mctoolkit.models import masking
from mctoolkit.spec import catalog

IDENTIFIERS = [p.key for p in catalog.parameters().values() if p.identifies]


@pytest.mark.parametrize("key", IDENTIFIERS)
def test_identifier_is_hidden_at_any_depth(key: str) -> None:
    for body in (
        {"params": {key: "secret-77"}},
        {key: "secret-77"},
        {"x": [{"y": {key: {"crm": {"id": "secret-77"}}}}]},
    ):
        assert "secret-77" not in json.dumps(masking.mask(body))
        assert "secret-77" not in masking.mask_text(json.dumps(body).encode())
        assert "secret-77" not in Event(body)._repr_html_()


@pytest.mark.parametrize(
    "key",
    ["analytics.visitorID", "visitorId", "ANALYTICS.REPORTSUITE", "analytics.reportSuit", "rsid", "ecid"],
)
def test_misspelled_identifier_is_hidden(key: str) -> None:
    assert masking.mask({key: "secret-77"}) == {key: masking.HIDDEN}


@pytest.mark.parametrize(
    "key",
    [
        "uid",
        "memberId",
        "crm_id",
        "deviceId",
        "device-id",
        "subscriberid",
        "account_id",
        "accountnumber",
        "username",
        "login",
        "email_hash",
        "hashedemail",
        "e-mail",
        "emailSHA256",
        "phone",
        "phone2",
        "profileId",
        "profileName",
        "householdid",
        "HOUSEHOLD_KEY",
        "IDFA",
        "gaid",
        "aaid",
        "my.user.ids",
        "userIDs",
        "CRMId",
        "customerKey",
        "hh_id",
        "userName",
        "first_name",
        "device",
        "advertisingId",
        "client.id",
        "personId",
        "members",
    ],
)
def test_custom_key_with_personal_words_is_hidden(key: str) -> None:
    body = {"customMetadata": {key: "secret-77"}}
    assert masking.mask(body) == {"customMetadata": {key: masking.HIDDEN}}
    assert "secret-77" not in masking.mask_text(f'{{"{key}": "secret-77",'.encode())


@pytest.mark.parametrize(
    "key",
    [
        "deviceType",
        "accountType",
        "account_status",
        "profileTier",
        "userType",
        "loginMethod",
        "episodeId",
        "showName",
        "season",
        "remember",
        "liquid",
        "playerName",
        "clientVersion",
        "networkName",
        "telenovela",
        "contentKey",
        "app",
    ],
)
def test_custom_key_without_personal_words_is_kept(key: str) -> None:
    assert masking.mask({"customMetadata": {key: "x-77"}}) == {"customMetadata": {key: "x-77"}}


@pytest.mark.parametrize("value", [4711, True, ["a"], {"a": 1}, 3.5])
def test_value_of_any_type_is_hidden(value: Any) -> None:
    assert masking.mask({"analytics.visitorId": value}) == {"analytics.visitorId": masking.HIDDEN}


@pytest.mark.parametrize("value", ["demo-visitor-1", "<your-userId>", "", None])
def test_public_value_is_kept(value: Any) -> None:
    assert masking.mask({"analytics.visitorId": value}) == {"analytics.visitorId": value}


@pytest.mark.parametrize("key", ["media.id", "media.name", "media.playerName", "eventType"])
def test_content_key_is_kept(key: str) -> None:
    assert masking.mask({key: "Pilot"}) == {key: "Pilot"}


def test_invalid_json_hides_the_rest_of_the_line() -> None:
    text = b'{"analytics.visitorId": "secret-77", "x": "secret-78"\n "media.id": "Pilot"'
    shown = masking.mask_text(text)
    assert "secret" not in shown
    assert "Pilot" in shown


def test_invalid_json_hides_a_whole_object() -> None:
    shown = masking.mask_text(b'{"media.id": "Pilot",\n"visitor.customerIDs": {\n "crm": {"id": "secret-77"}\n}, }')
    assert "secret" not in shown
    assert "Pilot" in shown


@pytest.mark.parametrize(
    "text",
    [
        b'{"params": {"analytics.visitorId": \'secret-77\'}}',
        b'{"params": {"analytics.visitorId": secret-77}}',
        b'{"visitor_id": "secret-77"',
        b'"analytics.visitorId"    : "secret-77" {',
        '{"analytics.visitorId": "secret-77"'.encode("utf-16"),
        b"analytics.visitorId = secret-77",
        b'{"a": [{"visitor.customerIDs": [\n"secret-77"',
    ],
)
def test_invalid_json_of_any_kind_is_masked(text: bytes) -> None:
    assert "secret" not in masking.mask_text(text)
    assert "secret" not in str(validate(text)) + validate(text)._repr_html_() + Event(text)._repr_html_()


@pytest.mark.parametrize(
    "body",
    [
        {"params": [{"analytics.visitorId": "secret-77"}]},
        {"params": '{"analytics.visitorId":"secret-77"}'},
        {"params": {"media.name": {"analytics.visitorId": "secret-77"}}},
        {"eventType": {"analytics.visitorId": "secret-77"}},
        {"playerTime": [{"analytics.visitorId": "secret-77"}]},
        {"params": {"analytics.visitorId": "secret-77\ud800"}},
        {"params": {"analytics.visitorId": {"secret-77"}}},
        {"params": {"visitor.customerIDs": {"crm": {"id": 3, "authState": "secret-77"}}}},
    ],
)
def test_problems_do_not_show_identifiers(body: dict[str, Any]) -> None:
    verdict = validate(body)
    assert verdict.errors
    assert "secret" not in str(verdict) + verdict._repr_html_() + str(verdict.to_dict())


def test_mask_does_not_change_its_argument() -> None:
    body = {"params": {"analytics.visitorId": "secret-77"}}
    masking.mask(body)
    assert body == {"params": {"analytics.visitorId": "secret-77"}}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://acme.hb-api.omtrdc.net/api", "https://•••.hb-api.omtrdc.net/api"),
        ("ACME.hb.omtrdc.net", "•••.hb.omtrdc.net"),
        ("company.hb-api.omtrdc.net", "company.hb-api.omtrdc.net"),
        ("http://127.0.0.1:8765", "http://127.0.0.1:8765"),
    ],
)
def test_mask_host_hides_namespace(text: str, shown: str) -> None:
    assert masking.mask_host(text) == shown
