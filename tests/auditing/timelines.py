"""The three timelines of the documentation, as printed and corrected.

A row is: seconds since the start, event, playhead, params and quality. ``printed`` leaves in what the documentation has
wrong; see each row that differs.
"""

from __future__ import annotations

from typing import Any

from mctoolkit.models.captured_request import CapturedRequest

T0 = 1_795_421_642_000
START: dict[str, Any] = {
    "media.playerName": "sample-html5-api-player",
    "analytics.trackingServer": "company.sc.omtrdc.net",
    "analytics.reportSuite": "company-test",
    "analytics.visitorId": "viewer-1",
    "media.contentType": "VOD",
    "media.length": 60.3333333333333,
    "media.id": "VA API Sample Player",
    "visitor.marketingCloudOrgId": "0123456789ABCDEF@AdobeOrg",
    "media.name": "ClickMe",
    "media.channel": "sample-channel",
    "media.sdkVersion": "va-api-0.0.0",
    "analytics.enableSSL": False,
}
Row = tuple[Any, ...]


def _pod(index: int, second: float) -> dict[str, Any]:
    return {
        "media.ad.podFriendlyName": f"ad_pod{index + 1}",
        "media.ad.podIndex": index,
        "media.ad.podSecond": second,
    }


def _ad(name: str, number: str, length: float, position: int, pod: str | None) -> dict[str, Any]:
    params = {
        "media.ad.name": name,
        "media.ad.id": number,
        "media.ad.length": length,
        "media.ad.podPosition": position,
        "media.ad.playerName": "Sample Player",
        "media.ad.advertiser": "Ad Guys",
        "media.ad.campaignId": "1",
        "media.ad.creativeId": "42",
        "media.ad.siteId": "XYZ",
        "media.ad.creativeURL": "https://example.com",
        "media.ad.placementId": "sample_placement",
    }
    return params | {"media.ad.podFriendlyName": pod} if pod else params


def _chapter(index: int, offset: float, length: float) -> dict[str, Any]:
    return {"media.chapter.index": index, "media.chapter.offset": offset, "media.chapter.length": length}


def _pings(begin: float, end: float, playhead: float) -> list[Row]:
    """Return a ping for every second inside an ad."""
    return [(begin + n, "ping", playhead) for n in range(1, round(end - begin))]


def first(printed: bool) -> list[Row]:
    pod1, pod2 = ("ad_pod1", "ad_pod2") if printed else (None, None)
    return [
        (0, "sessionStart", 0, START),
        (0, "adBreakStart", 0, _pod(0, 0)),
        (0, "adStart", 0, _ad("Ad 1", "001", 15, 1, pod1)),
        *([(1, "ping", 0), (2, "ping", 0), (3, "ping", 0)] if printed else _pings(0, 15, 0)),
        (15, "adComplete", 0),
        (15, "adStart", 0, _ad("Ad 2", "002", 7, 1 if printed else 2, pod1)),
        *([(20, "ping", 0)] if printed else _pings(15, 22, 0)),
        (22, "adComplete", 0),
        (22, "adBreakComplete", 0),
        (22, "play", 0),
        (30, "ping", 8),
        (33, "bufferStart", 11),
        (36, "play", 11),
        (40, "ping", 15),
        (46, "adBreakStart", 21, _pod(1, 21)),
        (46, "adStart", 21, _ad("Ad 3", "003", 8, 2 if printed else 1, pod2)),
        *([(50, "ping", 21)] if printed else _pings(46, 54, 21)),
        (54, "adComplete", 21),
        (54, "adBreakComplete", 21),
        *([] if printed else [(54, "play", 21)]),
        (60, "ping", 27),
        (64, "pauseStart", 31),
        (70, "ping", 31),
        (74, "play", 31),
        (80, "ping", 37),
        (88, "sessionComplete", 45),
    ]


def second(printed: bool) -> list[Row]:
    quality = {"bitrate": 10000} if printed else {"media.qoe.bitrate": 10000}
    pod = "ad_pod1" if printed else None
    failure = {"media.qoe.errorID": "E1", "media.qoe.errorSource": "player"}
    return [
        (0, "sessionStart", 0, START),
        (0, "adBreakStart", 0, _pod(0, 0)),
        (0, "adStart", 0, _ad("Ad 1", "002", 7 if printed else 12, 1, pod)),
        *([(1, "ping", 0)] if printed else _pings(0, 12, 0)),
        (12, "adComplete", 0),
        (12, "adBreakComplete", 0),
        (12, "play", 0, None, quality),
        (20, "ping", 8),
        (30, "ping", 18),
        (32, "error", 20, None, None if printed else failure),
        (37, "play", 18 if printed else 20, None, quality),
        (40, "ping", 28 if printed else 23),
        (45, "adBreakStart", 33 if printed else 28, _pod(1, 33 if printed else 28)),
        (45, "adStart", 33 if printed else 28, _ad("Ad 1", "002", 8, 1, pod)),
        *([] if printed else _pings(45, 48, 28)),
        *([] if printed else [(48, "adSkip", 28), (48, "adBreakComplete", 28)]),
        (48, "sessionEnd", 33 if printed else 28),
    ]


def third(printed: bool) -> list[Row]:
    pod1, pod2 = ("ad_pod1", "ad_pod2") if printed else (None, None)
    return [
        (0, "sessionStart", 0, START),
        (0, "adBreakStart", 0, _pod(0, 0)),
        (0, "adStart", 0, _ad("Ad 1", "001", 15, 1, pod1)),
        *([(10, "ping", 0)] if printed else _pings(0, 15, 0)),
        (15, "adComplete", 0),
        (15, "adStart", 0, _ad("Ad 2", "002", 7, 1 if printed else 2, pod1)),
        *([(16, "ping", 0)] if printed else _pings(15, 22, 0)),
        (22, "adComplete", 0),
        (22, "adBreakComplete", 0),
        (22, "play", 0),
        (23, "chapterStart", 0 if printed else 1, _chapter(1, 0, 20)),
        (30, "ping", 8),
        (33, "bufferStart", 11),
        (36, "play", 11),
        (40, "ping", 15),
        (45, "chapterComplete", 20),
        (46, "adBreakStart", 21, _pod(1, 21)),
        (46, "adStart", 21, _ad("Ad 3", "003", 8, 2 if printed else 1, pod2)),
        *([(47, "ping", 21)] if printed else _pings(46, 54, 21)),
        (54, "adComplete", 21),
        (54, "adBreakComplete", 21),
        *([] if printed else [(54, "play", 21)]),
        (55, "chapterStart", 22, _chapter(2, 22, 22)),
        (60, "ping", 27),
        (64, "pauseStart", 31),
        (70, "ping", 31),
        (74, "play", 31),
        (80, "ping", 37),
        (87, "chapterComplete", 0 if printed else 44),
        (88, "sessionComplete", 45),
    ]


def calls(rows: list[Row], *, distinct: bool) -> list[CapturedRequest]:
    """Return the requests of a timeline; with ``distinct``, events of the same second have different time stamps."""
    made: list[CapturedRequest] = []
    before = -1
    for number, (second_, event_type, playhead, *more) in enumerate(rows, 1):
        ts = T0 + round(second_ * 1000)
        if distinct and ts <= before:
            ts = before + 1
        before = ts
        body: dict[str, Any] = {"eventType": event_type, "playerTime": {"playhead": playhead, "ts": ts}}
        for name, value in zip(("params", "qoeData"), more, strict=False):
            if value:
                body[name] = value
        starts = event_type == "sessionStart"
        made.append(
            CapturedRequest(
                number, "sessions" if starts else "events", body, None, ts, "a", "a", status=201 if starts else 204
            )
        )
    return made
