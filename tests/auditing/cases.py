"""By rule: a session that violates only this rule, and a similar one that violates none; see ``scripts``."""

from __future__ import annotations

S = "0 start; 0.5 play;"
STATES = "; ".join(f"{1 + n / 10:.1f} stateStart state=state{n}" for n in range(10))

CASES: dict[str, tuple[str, str]] = {
    # --- order
    "play-before-preroll": (
        "0 start; 0.5 play; break 0.9 3; 5 play; pings 15 25 10; 30 sessionEnd 25",
        "0 start; break 0.9 3; 5 play; pings 15 25 10; 30 sessionEnd 25",
    ),
    "playback-between-ads": (
        "0 start; 0.1 adBreakStart; 0.2 play; 0.3 adStart; 1 ping; 2 ping; 3.3 adComplete; 3.4 adBreakComplete; 4 play",
        "0 start; 0.1 adBreakStart; 0.2 adStart; 0.3 play; 1 ping; 2 ping; 3.3 adComplete; 3.4 adBreakComplete; 4 play",
    ),
    "pause-while-buffering": (
        f"{S} 5 bufferStart 4.5; 6 pauseStart; 8 play",
        f"{S} 5 bufferStart 4.5; 6 play; 6.1 pauseStart; 8 play",
    ),
    "no-play": ("0 start; pings 10 40 10; 45 sessionEnd 45", "0 start; 1 play; pings 10 40 9; 45 sessionEnd 44"),
    "no-play-after-break": (
        f"{S} 10 ping 9.5; break 15 3 14.5; 20 ping 16.3; 25 sessionEnd 21.3",
        f"{S} 10 ping 9.5; break 15 3 14.5; 18.3 play; 20 ping 16.2; 25 sessionEnd 21.2",
    ),
    "play-missing": (
        f"{S} 10 ping 9.5; 12 pauseStart 11.5; pings 20 50 19.5; 55 sessionEnd 54.5",
        f"{S} 10 ping 9.5; 12 pauseStart 11.5; pings 20 50 =11.5; 55 sessionEnd 11.5",
    ),
    # --- ads
    "ad-outside-break": (
        f"{S} 5 adStart 4.5; 6 ping; 7 ping; 8 adComplete; 8.1 play; pings 15 35 11.4; 40 sessionEnd 36.4",
        f"{S} break 5 3 4.5; 8.3 play; pings 15 35 11.2; 40 sessionEnd 36.2",
    ),
    "ad-not-closed": (
        f"{S} 5 adBreakStart 4.5; 5.1 adStart; 6 ping; 7 ping; 8 adBreakComplete; 8.1 play",
        f"{S} 5 adBreakStart 4.5; 5.1 adStart; 6 ping; 7 ping; 7.9 adSkip; 8 adBreakComplete; 8.1 play",
    ),
    "ad-end-without-start": (
        f"{S} 5 adBreakStart 4.5; 5.1 adStart; 6 ping; 7 ping; 8 adComplete; 8.1 adComplete; 8.2 adBreakComplete; 8.3 play",
        f"{S} 5 adBreakStart 4.5; 5.1 adStart; 6 ping; 7 ping; 8 adComplete; 8.2 adBreakComplete; 8.3 play",
    ),
    "ad-open-at-end": (
        f"{S} 5 adBreakStart 4.5; 5.1 adStart; 6 ping; 7 sessionEnd",
        f"{S} 5 adBreakStart 4.5; 5.1 adStart; 6 ping; 6.8 adSkip; 6.9 adBreakComplete; 7 sessionEnd",
    ),
    "break-not-closed": (
        f"{S} 5 adBreakStart 4.5; 5.1 adStart; 6 ping; 7 ping; 8 adComplete; break 8.1 3 podIndex=1; 12 play",
        f"{S} break 5 3 4.5; break 8.3 3 podIndex=1; 12 play",
    ),
    "break-end-without-start": (
        f"{S} 5 adBreakComplete 4.5; 5.1 play; 10 ping 9.4; 15 sessionEnd 14.4",
        f"{S} 5.1 play 4.6; 10 ping 9.4; 15 sessionEnd 14.4",
    ),
    "break-open-at-end": (
        f"{S} 5 adBreakStart 4.5; 5.1 adStart; 6 ping; 7 ping; 8 adComplete; 8.1 sessionEnd",
        f"{S} break 5 3 4.5; 8.5 sessionEnd",
    ),
    "empty-break": (
        f"{S} 5 adBreakStart 4.5; 5.1 adBreakComplete; 5.2 play",
        f"{S} break 5 3 4.5; 8.3 play",
    ),
    "gap-between-ads": (
        f"""{S} 5 adBreakStart 4.5; 5.1 adStart; 6 ping; 7 ping; 8 adComplete; 8.4 adStart podPosition=2; 9 ping; 10 ping
        11.4 adComplete; 11.5 adBreakComplete; 11.6 play""",
        f"""{S} 5 adBreakStart 4.5; 5.1 adStart; 6 ping; 7 ping; 8 adComplete; 8.2 adStart podPosition=2; 9 ping; 10 ping
        11.4 adComplete; 11.5 adBreakComplete; 11.6 play""",
    ),
    "break-index-negative": (f"{S} break 5 3 4.5 podIndex=-1; 8.3 play", f"{S} break 5 3 4.5 podIndex=0; 8.3 play"),
    "break-index-repeats": (
        f"{S} break 5 3 4.5 podIndex=1; 8.3 play; pings 18 28 14.2; break 30 3 26.2 podIndex=1; 34 play",
        f"""{S} break 5 3 4.5 podIndex=1; 8.3 play; pings 18 28 14.2; 29 pauseStart 25.2; 29.5 play 4
        break 30 3 4.5 podIndex=1; 34 play""",
    ),
    "break-offset": (f"{S} break 5 3 4.5 podSecond=30; 8.3 play", f"{S} break 5 3 4.5 podSecond=6; 8.3 play"),
    "ad-position-zero": (
        f"{S} 5 adBreakStart 4.5; 5.1 adStart podPosition=0; 6 ping; 7 ping; 8 adComplete; 8.2 adBreakComplete; 8.3 play",
        f"{S} 5 adBreakStart 4.5; 5.1 adStart podPosition=1; 6 ping; 7 ping; 8 adComplete; 8.2 adBreakComplete; 8.3 play",
    ),
    "ad-position-order": (
        f"""{S} 5 adBreakStart 4.5; 5.1 adStart podPosition=2; 6 ping; 7 ping; 8 adComplete; 8.1 adStart podPosition=1
        9 ping; 10 ping; 11 adComplete; 11.1 adBreakComplete; 11.2 play""",
        f"""{S} 5 adBreakStart 4.5; 5.1 adStart podPosition=1; 6 ping; 7 ping; 8 adComplete; 8.1 adStart podPosition=1
        9 ping; 10 ping; 11 adComplete; 11.1 adBreakComplete; 11.2 play""",
    ),
    "ad-length-zero": (
        f"{S} 5 adBreakStart 4.5; 5.1 adStart adLength=0; 6 ping; 7 ping; 8 adComplete; 8.2 adBreakComplete; 8.3 play",
        f"{S} 5 adBreakStart 4.5; 5.1 adStart adLength=2.5; 6 ping; 7 ping; 8 adComplete; 8.2 adBreakComplete; 8.3 play",
    ),
    "ad-length-milliseconds": (
        f"{S} 5 adBreakStart 4.5; 5.1 adStart adLength=3000; 6 ping; 7 ping; 8 adComplete; 8.2 adBreakComplete; 8.3 play",
        f"{S} 5 adBreakStart 4.5; 5.1 adStart adLength=999; 6 ping; 7 ping; 8 adSkip; 8.2 adBreakComplete; 8.3 play",
    ),
    "ad-length-differs": (
        f"{S} 5 adBreakStart 4.5; 5.1 adStart adLength=30; 6 ping; 7 ping; 8 adComplete; 8.2 adBreakComplete; 8.3 play",
        f"{S} 5 adBreakStart 4.5; 5.1 adStart adLength=30; 6 ping; 7 ping; 8 adSkip; 8.2 adBreakComplete; 8.3 play",
    ),
    "pod-name-on-ad": (
        f"{S} 5 adBreakStart 4.5; 5.1 adStart podName=x; 6 ping; 7 ping; 8 adComplete; 8.2 adBreakComplete; 8.3 play",
        f"{S} 5 adBreakStart 4.5 podName=x; 5.1 adStart; 6 ping; 7 ping; 8 adComplete; 8.2 adBreakComplete; 8.3 play",
    ),
    # --- chapters
    "chapter-not-closed": (
        f"{S} 1 chapterStart 0.5; 10 ping 9.5; 21 chapterStart 20.5 index=2; 30 ping 29.5; 41 chapterComplete 40.5",
        f"""{S} 1 chapterStart 0.5; 10 ping 9.5; 20 chapterSkip 19.5; 21 chapterStart 20.5 index=2; 30 ping 29.5
        41 chapterComplete 40.5""",
    ),
    "chapter-end-without-start": (
        f"{S} 10 ping 9.5; 20 chapterComplete 19.5",
        f"{S} 1 chapterStart 0.5; 10 ping 9.5; 20 chapterComplete 19.5",
    ),
    "chapter-open-at-end": (
        f"{S} 1 chapterStart 0.5; 10 ping 9.5; 15 sessionEnd 14.5",
        f"{S} 1 chapterStart 0.5; 10 ping 9.5; 14.9 chapterSkip 14.4; 15 sessionEnd 14.5",
    ),
    "chapters-overlap": (
        f"""{S} 1 chapterStart 0.5 offset=0 chapterLength=30; 10 ping 9.5; 20 chapterComplete 19.5
        21 chapterStart 20.5 index=2; 30 ping 29.5; 41 chapterComplete 40.5""",
        f"""{S} 1 chapterStart 0.5 offset=0 chapterLength=22; 10 ping 9.5; 20 chapterComplete 19.5
        21 chapterStart 20.5 index=2; 30 ping 29.5; 41 chapterComplete 40.5""",
    ),
    "chapter-inconsistent": (
        f"""{S} 1 chapterStart 0.5; 10 ping 9.5; 20 chapterComplete 19.5; 21 chapterStart 20.5; 30 ping 29.5
        41 chapterComplete 40.5""",
        f"""{S} 1 chapterStart 0.5; 10 ping 9.5; 20 chapterComplete 19.5; 21 pauseStart 20.5; 21.5 play 0.5
        21.6 chapterStart 0.6; 30 ping 9; 41 chapterComplete 20""",
    ),
    "chapter-length-zero": (
        f"{S} 1 chapterStart 0.5 chapterLength=0; 10 ping 9.5; 20 chapterComplete 19.5",
        f"{S} 1 chapterStart 0.5 chapterLength=19.5; 10 ping 9.5; 20 chapterComplete 19.5",
    ),
    "chapter-beyond-end": (
        "0 start length=40; 0.5 play; 10 ping 9.5; 21 chapterStart 20.5 chapterLength=30; 25 ping 24.5; 28 chapterSkip 27.5",
        "0 start length=40; 0.5 play; 10 ping 9.5; 21 chapterStart 20.5 chapterLength=20; 25 ping 24.5; 28 chapterSkip 27.5",
    ),
    "chapter-offset": (
        f"{S} 10 ping 9.5; 11 chapterStart 10.5 offset=30; 20 ping 19.5; 25 chapterSkip 24.5",
        f"{S} 10 ping 9.5; 11 chapterStart 10.5 offset=0; 20 ping 19.5; 20.5 chapterComplete 20",
    ),
    # --- pings
    "pings-rare": (
        f"{S} 10 ping 9.5; 30 ping 29.5; 40 ping 39.5",
        f"{S} 10 ping 9.5; 21 ping 20.5; 32 ping 31.5; 43 ping 42.5",
    ),
    "no-pings": (f"{S} 30 sessionEnd 29.5", f"{S} 14 sessionEnd 13.5"),
    "pings-stop-in-pause": (
        f"{S} 10 ping 9.5; 15 pauseStart 14.5; 45 play; 50 ping 19.5",
        f"{S} 10 ping 9.5; 15 pauseStart 14.5; pings 25 35 =14.5; 45 play; 50 ping 19.5",
    ),
    "ad-pings-rare": (
        f"{S} 5 adBreakStart 4.5; 5.1 adStart adLength=20; 25.1 adComplete; 25.2 adBreakComplete; 25.3 play",
        f"{S} break 5 20 4.5; 25.3 play",
    ),
    "ad-pings-slow": (
        f"{S} 5 adBreakStart 4.5; 5.1 adStart adLength=5; 10.1 adComplete; 10.2 adBreakComplete; 10.3 play",
        f"{S} break 5 5 4.5; 10.3 play",
    ),
    "ping-after-end": (f"{S} 10 ping 9.5; 15 sessionEnd 14.5; 20 ping", f"{S} 10 ping 9.5; 15 ping 14.5; 20 sessionEnd 19.5"),
    # --- playhead
    "playhead-beyond": (
        "0 start length=30; 0.5 play; pings 10 40 9.5; 41 sessionComplete 30",
        "0 start length=30; 0.5 play; pings 10 20 9.5; 30 ping 29.5; 32 ping 31.5; 33 sessionComplete 30",
    ),
    "playhead-live": (
        "0 start 86380 type=Live length=86400; 0.5 play; 10 ping 86390; 20 ping 86400; 30 ping 86410; 35 sessionEnd 86415",
        "0 start 86380 type=Live length=86400; 0.5 play; 10 ping 86390; 20 ping 86399.5; 30 ping 9.5; 35 sessionEnd 14.5",
    ),
    "playhead-milliseconds": (
        f"{S} pings 10 10 9500; 20 ping 19500; 30 ping 29500; 35 sessionEnd 34500",
        f"{S} pings 10 10 9.5; 20 ping 19.5; 30 ping 29.5; 35 sessionEnd 34.5",
    ),
    "playhead-clock": (
        f"{S} 10 ping 1795421652000; 20 ping 1795421662000",
        f"{S} 10 ping 9.5; 20 ping 19.5",
    ),
    "playhead-negative": ("0 start -1; 0.5 play 0; 10 ping 9.5", "0 start 0; 0.5 play 0; 10 ping 9.5"),
    "playhead-still": (
        f"{S} 10 ping 9.5; pings 20 50 =9.5; 55 sessionEnd",
        f"{S} 10 ping 9.5; 10.1 bufferStart 9.6; pings 20 50 =9.6; 55 sessionEnd",
    ),
    "playhead-jumps": (
        f"{S} 10 ping 9.5; 20 ping 300; 30 ping 310",
        f"{S} 10 ping 9.5; 19 pauseStart 18.5; 19.5 play 299.5; 20 ping 300; 30 ping 310",
    ),
    "playhead-moves-in-ad": (
        f"""{S} 5 adBreakStart 4.5; 5.1 adStart adLength=6; 6 ping 5.5; 7 ping 6.5; 8 ping 7.5; 9 ping 8.5; 10 ping 9.5
        11.1 adComplete 4.5; 11.2 adBreakComplete; 11.3 play""",
        f"{S} break 5 6 4.5; 11.3 play",
    ),
    # --- time
    "ts-equal": (f"{S} 10 ping 9.5; 12 pauseStart 11.5; 12 stateStart state=mute", f"{S} 10 ping 9.5; 12 pauseStart 11.5; 12.001 stateStart state=mute"),
    "ts-falling": (
        f"{S} 10 ping 9.5; 14 bitrateChange 13.5 bitrate=2000000; 14.1 bitrateChange 12.2 ts=12.7 bitrate=2100000; 20 ping 19.5",
        f"{S} 10 ping 9.5; 14 bitrateChange 13.5 bitrate=2000000; 14.1 bitrateChange 13.1 ts=13.6 bitrate=2100000; 20 ping 19.5",
    ),
    "before-start": (
        "0 start; 0.2 stateStart state=mute ts=-3; 0.5 play; 10 ping 9.5",
        "0 start; 0.2 stateStart state=mute ts=-0.5; 0.5 play; 10 ping 9.5",
    ),
    "sent-twice": (f"{S} 10 ping 9.5; 10.05 ping 9.5 ts=10; 20 ping 19.5", f"{S} 10 ping 9.5; 10.05 ping 9.55; 20 ping 19.5"),
    "clock-jumps": (
        f"{S} 10 ping 9.5; 20 ping 19.5 ts=320; 30 ping 29.5 ts=330; 40 ping 39.5 ts=340",
        f"{S} 10 ping 9.5; 20 ping 19.5 ts=70; 30 ping 29.5 ts=80; 40 ping 39.5 ts=90",
    ),
    "idle-timeout": (
        f"{S} 10 ping 9.5; 12 pauseStart 11.5; 20 ping; 625 play; 630 ping 16.5",
        f"{S} 10 ping 9.5; 12 pauseStart 11.5; pings 20 620 =11.5; 625 play; 630 ping 16.5",
    ),
    "playhead-timeout": (
        f"{S} 10 ping 9.5; 12 pauseStart 11.5; pings 20 1820 =11.5; 1830 play",
        f"{S} 10 ping 9.5; 12 pauseStart 11.5; pings 20 1790 =11.5; 1795 play; 1800 ping 16.5",
    ),
    "longer-than-day": (
        "0 start 0 type=Live length=86400; 0.5 play; pings 10 86420 9.5",
        "0 start 0 type=Live length=86400; 0.5 play; pings 10 86390 9.5",
    ),
    # --- player states
    "too-many-states": (f"{S} {STATES}; 3 stateStart state=mute; 10 ping 9.5", f"{S} {STATES}; 3 stateEnd state=state3; 10 ping 9.5"),
    "state-started-twice": (
        f"{S} 1 stateStart state=fullScreen; 2 stateStart state=fullscreen; 10 ping 9.5",
        f"{S} 1 stateStart state=fullScreen; 2 stateEnd state=fullscreen; 3 stateStart state=fullScreen; 10 ping 9.5",
    ),
    "state-end-without-start": (
        f"{S} 1 stateEnd state=mute; 10 ping 9.5",
        f"{S} 1 stateStart state=mute; 2 stateEnd state=mute; 10 ping 9.5",
    ),
    # --- the end
    "after-close": (f"{S} 10 ping 9.5; 15 sessionEnd 14.5; 20 play", f"{S} 10 ping 9.5; 15 sessionEnd 14.5; 15.2 sessionEnd"),
    "after-complete": (
        "0 start length=30; 0.5 play; pings 10 20 9.5; 30 sessionComplete 30; 40 ping",
        "0 start length=30; 0.5 play; pings 10 20 9.5; 30 sessionComplete 30; 30.1 sessionEnd",
    ),
    "two-viewings": (
        "0 start length=30; 0.5 play; pings 10 20 9.5; 30 sessionComplete 30; 40 play 0; 50 ping 10; 55 sessionEnd 15",
        """0 start length=30; 0.5 play; pings 10 20 9.5; 30 sessionComplete 30; 30.1 sessionEnd
        @b 40 start 0 length=30; @b 40.5 play; @b 50 ping 9.5; @b 55 sessionEnd 14.5""",
    ),
    "completed-twice": (
        "0 start length=30; 0.5 play; pings 10 20 9.5; 30 sessionComplete 30; 30.1 sessionComplete",
        "0 start length=30; 0.5 play; pings 10 20 9.5; 30 sessionComplete 30; 30.1 sessionEnd",
    ),
    "complete-early": (
        "0 start length=40; 0.5 play; pings 10 20 9.5; 25 sessionComplete 24.5",
        "0 start length=40; 0.5 play; pings 10 20 9.5; 30 sessionComplete 29.5",
    ),
    "complete-missing": (
        "0 start length=30; 0.5 play; pings 10 20 9.5; 30 ping 29.5; 30.5 sessionEnd 30",
        "0 start length=30; 0.5 play; pings 10 20 9.5; 27 sessionEnd 26.5",
    ),
    "no-end": (f"{S} 10 ping 9.5; until 611", f"{S} 10 ping 9.5; until 609"),
    # --- answers
    "ignored-404": (f"{S} 10 ping 9.5 status=404; 20 ping 19.5 status=404", f"{S} 10 ping 9.5 status=404"),
    "ignored-410": (
        f"{S} 10 ping 9.5 status=410; 20 ping 19.5 status=410",
        f"{S} 10 ping 9.5 status=410; @b 10.5 start 9.5 resume=true; @b 11 play; @b 20 ping 18.5",
    ),
    "refused": (f"{S} 10 ping 9.5 status=400; 20 ping 19.5", f"{S} 10 ping 9.5; 20 ping 19.5"),
    "start-refused": ("0 start status=403", "0 start status=201; 1 play"),
    "server-error": (f"{S} 10 ping 9.5 status=500; 20 ping 19.5", f"{S} 10 ping 9.5 status=204; 20 ping 19.5"),
    "start-lost": ("0 start status=500", "0 start status=201; 1 play"),
    "events-lost": (
        f"{S} 10 ping 9.5 status=500; 20 ping 19.5 status=503; 30 ping 29.5 status=500; 40 ping 39.5 status=500",
        f"{S} 10 ping 9.5; 20 ping 19.5; 30 ping 29.5; 40 ping 39.5",
    ),
    "no-session-id": (
        "0 start; @undefined 0.5 play status=404; @undefined 10 ping 9.5 status=404",
        "0 start; @undefined-1 0.5 play status=404",
    ),
    "start-unanswered": ("0 start status=0; 0.5 play; pings 10 20 9.5", "0 start; 0.5 play; pings 10 20 9.5"),
    "unanswered": (f"{S} 10 ping 9.5 status=0; 20 ping 19.5; 30 ping 29.5", f"{S} 10 ping 9.5; 20 ping 19.5; 21 ping 20.5 status=0"),
    "no-location": ("0 start noid=1; 0.5 play; 10 ping 9.5", f"{S} 10 ping 9.5"),
    # --- addresses
    "wrong-path": (
        "0 start; 0.5 play status=404 path=/api/v1/sessions/a/event; 10 ping 9.5 status=404 path=/api/v1/sessions/a/event",
        "0 start; 0.5 play; 10 ping 9.5",
    ),
    # --- hosts
    "wrong-host": ("0 start host=company.hb.omtrdc.net", "0 start host=company.hb-api.omtrdc.net"),
    "not-https": ("0 start secure=0", "0 start secure=0 host=127.0.0.1"),
    "not-json-type": ("0 start header=text/plain", "0 start header=application/vnd.api+json"),
    "other-host": (f"{S} 10 ping 9.5 host=other.hb-api.omtrdc.net", f"{S} 10 ping 9.5"),
    # --- starts
    "session-id-reused": (
        "0 start; 0.5 play; 10 ping 9.5; 12 sessionEnd 11.5; 60 start 0 viewer=b; 60.5 play; 70 ping 9.5",
        "0 start; 0.5 play; 10 ping 9.5; 12 sessionEnd 11.5; @b 60 start 0 viewer=b; @b 60.5 play; @b 70 ping 9.5",
    ),
    "start-twice": ("0 start; @b 2 start; @b 2.5 play; @b 12 ping 9.5", "0 start; @b 6 start; @b 6.5 play; @b 16 ping 9.5"),
    "resume-missing": (
        f"{S} pings 10 100 9.5; 105 sessionEnd 104.5; @b 900 start 100; @b 901 play; @b 910 ping 109",
        f"{S} pings 10 100 9.5; 105 sessionEnd 104.5; @b 900 start 100 resume=true; @b 901 play; @b 910 ping 109",
    ),
    "resume-at-start": ("0 start 0 resume=true; 0.5 play; 10 ping 9.5", "0 start 30 resume=true; 0.5 play; 10 ping 39.5"),
    "length-changes": ("0 start; @b 60 start length=15 viewer=b", "0 start; @b 60 start length=600.4 viewer=b"),
    "channel-changes": ("0 start; @b 60 start channel=other viewer=b", "0 start; @b 60 start channel=other id=programme-2 viewer=b"),
    # --- numbers and quality
    "number-filler": (f"{S} 10 ping 9.5 frames=-1", f"{S} 10 ping 9.5 frames=0"),
    "bitrate-missing": (f"{S} 5 bitrateChange 4.5; 10 ping 9.5", f"{S} 5 bitrateChange 4.5 bitrate=2000000; 10 ping 9.5"),
    "dropped-frames-fall": (
        f"{S} 10 ping 9.5 frames=5; 20 ping 19.5 frames=3",
        f"{S} 10 ping 9.5 frames=5; 20 ping 19.5 frames=5",
    ),
    "time-to-start-changes": (
        "0 start toStart=100; 0.5 play toStart=500; 10 ping 9.5 toStart=700",
        "0 start toStart=100; 0.5 play toStart=500; 10 ping 9.5 toStart=500",
    ),
    "error-without-id": (f"{S} 5 error 4.5; 10 ping 4.5", f"{S} 5 error 4.5 errorID=E1; 10 ping 4.5"),
}  # fmt: skip
