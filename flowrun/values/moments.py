"""Dates and times under tags. What has no text of its own (a fold, a zone without a name) is left to be pickled."""

from __future__ import annotations

import sys
from typing import Any


def write_datetime(value: Any, *_: Any) -> Any:
    """A text, or [local time, name of the zone, fold]."""
    zone = value.tzinfo
    if zone is None or type(zone) is sys.modules["datetime"].timezone:
        return None if value.fold else {"$datetime": value.isoformat()}
    if type(zone).__module__.startswith("zoneinfo") and isinstance(zone.key, str):
        return {"$datetime": [value.replace(tzinfo=None, fold=0).isoformat(), zone.key, value.fold]}
    return None


def read_datetime(body: Any) -> Any:
    """The inverse of `write_datetime`."""
    from datetime import datetime

    if isinstance(body, str):
        return datetime.fromisoformat(body)
    from zoneinfo import ZoneInfo

    text, key, fold = body
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(key), fold=fold)


def read_date(body: str) -> Any:
    """The date of a text."""
    from datetime import date

    return date.fromisoformat(body)


def write_time(value: Any, *_: Any) -> Any:
    """A text."""
    return None if value.fold or value.tzinfo else {"$time": value.isoformat()}


def read_time(body: str) -> Any:
    """The inverse of `write_time`."""
    from datetime import time

    return time.fromisoformat(body)


def write_timedelta(value: Any, *_: Any) -> Any:
    """[days, seconds, microseconds]."""
    return {"$timedelta": [value.days, value.seconds, value.microseconds]}


def read_timedelta(body: list[int]) -> Any:
    """The inverse of `write_timedelta`."""
    from datetime import timedelta

    return timedelta(*body)
