"""The three documented timelines, event by event: as in Adobe's pages, and with their mistakes fixed.

Source: Experience League, "Timeline 1 - View to end of content", "Timeline 2 - User abandons session", "Timeline 3 -
Chapters". The time stamps in the pages are placeholders; these are made from the seconds since the start.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

STARTED_MS = 1_795_421_642_000


class Step(NamedTuple):
    """One event: its time in seconds since the start, its body, and the rule that it violates, if any."""

    at_s: int
    body: bytes
    violated_rule: str | None = None


START = {
    "media.playerName": "sample-html5-api-player",
    "analytics.trackingServer": "<ANALYTICS_TRACKING_SERVER>",
    "analytics.reportSuite": "<ANALYTICS_RSID>",
    "analytics.visitorId": "<ANALYTICS_VISITOR_ID>",
    "media.contentType": "VOD",
    "media.length": 60.3333333333333,
    "media.id": "VA API Sample Player",
    "visitor.marketingCloudOrgId": "<ORG_ID>",
    "media.name": "ClickMe",
    "media.channel": "sample-channel",
    "media.sdkVersion": "va-api-0.0.0",
    "analytics.enableSSL": False,
}


def ad(name: str, ad_id: str, length: int, position: int, pod: str, campaign: str, creative: str) -> dict[str, Any]:
    return {
        "params": {
            "media.ad.podFriendlyName": pod,
            "media.ad.name": name,
            "media.ad.id": ad_id,
            "media.ad.length": length,
            "media.ad.podPosition": position,
            "media.ad.playerName": "Sample Player",
            "media.ad.advertiser": "Ad Guys",
            "media.ad.campaignId": campaign,
            "media.ad.creativeId": creative,
            "media.ad.siteId": "XYZ",
            "media.ad.creativeURL": "https://xyz-creative.com",
            "media.ad.placementId": "sample_placement",
        }
    }


CUSTOM = {"customMetadata": {"myCustomData1": "CustomData1", "myCustomData2": "CustomData2"}}
A1 = ad("Ad 1", "001", 15, 1, "ad_pod1", "1", "42") | CUSTOM
A2 = ad("Ad 2", "002", 7, 1, "ad_pod1", "2", "44")
A3 = ad("Ad 3", "003", 8, 2, "ad_pod2", "7", "40")
B1, B2 = ad("Ad 1", "002", 7, 1, "ad_pod1", "1", "42"), ad("Ad 1", "002", 8, 1, "ad_pod1", "1", "42")


def pod(name: str, index: int, second: int) -> dict[str, Any]:
    return {"params": {"media.ad.podFriendlyName": name, "media.ad.podIndex": index, "media.ad.podSecond": second}}


def chapter(index: int, offset: int, length: int, name: str) -> dict[str, Any]:
    params = {"index": index, "offset": offset, "length": length, "friendlyName": name}
    return {"params": {f"media.chapter.{key}": value for key, value in params.items()}}


def step(at_s: int, playhead: float, kind: str, members: dict[str, Any] | None = None) -> Step:
    time = {"playhead": playhead, "ts": STARTED_MS + at_s * 1000}
    return Step(at_s, json.dumps({"playerTime": time, "eventType": kind, **(members or {})}).encode())


def _session_start(*, fixed: bool) -> Step:
    valid = step(0, 0, "sessionStart", {"params": START})
    if fixed:
        return valid
    return Step(0, valid.body.replace(b'"sessionStart", "params": {', b'"sessionStart, "params" {'), "not-json")


def _second_ad(*, fixed: bool) -> Step:
    valid = step(15, 0, "adStart", A2)
    return valid if fixed else Step(15, valid.body[:-2] + b",}}", "not-json")


def _play(at_s: int, playhead: float, *, fixed: bool) -> Step:
    key = "media.qoe.bitrate" if fixed else "bitrate"
    valid = step(at_s, playhead, "play", {"qoeData": {key: 10000}})
    return valid if fixed else valid._replace(violated_rule="slip-key")


def timeline_1(*, fixed: bool) -> list[Step]:
    return [
        _session_start(fixed=fixed),
        step(0, 0, "adBreakStart", pod("ad_pod1", 0, 0)),
        step(0, 0, "adStart", A1),
        *(step(second, 0, "ping") for second in (1, 2, 3)),
        step(15, 0, "adComplete"),
        _second_ad(fixed=fixed),
        step(20, 0, "ping"),
        step(22, 0, "adComplete"),
        step(22, 0, "adBreakComplete"),
        step(22, 0, "play"),
        step(30, 8, "ping"),
        step(33, 11, "bufferStart"),
        step(36, 11, "play"),
        step(40, 15, "ping"),
        step(46, 21, "adBreakStart", pod("ad_pod2", 1, 21)),
        step(46, 21, "adStart", A3),
        step(50, 21, "ping"),
        step(54, 21, "adComplete"),
        step(54, 21, "adBreakComplete"),
        step(60, 27, "ping"),
        step(64, 31, "pauseStart"),
        step(70, 31, "ping"),
        step(74, 31, "play"),
        step(80, 37, "ping"),
        step(88, 45, "sessionComplete"),
    ]


def timeline_2(*, fixed: bool) -> list[Step]:
    return [
        step(0, 0, "sessionStart", {"params": START}),
        step(0, 0, "adBreakStart", pod("ad_pod1", 0, 0)),
        step(0, 0, "adStart", B1),
        step(1, 0, "ping"),
        step(12, 0, "adComplete"),
        step(12, 0, "adBreakComplete"),
        _play(12, 0, fixed=fixed),
        step(20, 8, "ping"),
        step(30, 18, "ping"),
        step(32, 20, "error"),
        _play(37, 20 if fixed else 18, fixed=fixed),
        step(40, 23 if fixed else 28, "ping"),
        step(45, 33, "adBreakStart", pod("ad_pod2", 1, 33)),
        step(45, 33, "adStart", B2),
        step(48, 33, "sessionEnd"),
    ]


def timeline_3(*, fixed: bool) -> list[Step]:
    return [
        _session_start(fixed=fixed),
        step(0, 0, "adBreakStart", pod("ad_pod1", 0, 0)),
        step(0, 0, "adStart", A1),
        step(10, 0, "ping"),
        step(15, 0, "adComplete"),
        _second_ad(fixed=fixed),
        step(16, 0, "ping"),
        step(22, 0, "adComplete"),
        step(22, 0, "adBreakComplete"),
        step(22, 0, "play"),
        step(23, 1 if fixed else 0, "chapterStart", chapter(1, 0, 20, "Chapter Uno")),
        step(30, 8, "ping"),
        step(33, 11, "bufferStart"),
        step(36, 11, "play"),
        step(40, 15, "ping"),
        step(45, 20, "chapterComplete"),
        step(46, 21, "adBreakStart", pod("ad_pod2", 1, 21)),
        step(46, 21, "adStart", A3),
        step(47, 21, "ping"),
        step(54, 21, "adComplete"),
        step(54, 21, "adBreakComplete"),
        step(55, 22, "chapterStart", chapter(2, 22, 22, "Chapter Dos")),
        step(60, 27, "ping"),
        step(64, 31, "pauseStart"),
        step(70, 31, "ping"),
        step(74, 31, "play"),
        step(80, 37, "ping"),
        step(87, 44 if fixed else 0, "chapterComplete"),
        step(88, 45, "sessionComplete"),
    ]


TIMELINES = {"1: to the end": timeline_1, "2: abandoned": timeline_2, "3: chapters": timeline_3}
