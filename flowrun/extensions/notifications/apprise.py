"""AppriseNotification: messages through any service that Apprise knows."""

from __future__ import annotations

import asyncio
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr

from ..extension import extension
from .notification import Notification
from .own_thread import in_own_thread


def _with_apprise(urls: list[SecretStr]) -> list[SecretStr]:
    from importlib.util import find_spec

    if find_spec("apprise") is None:
        raise ValueError("needs the package Apprise, which is not installed: pip install 'flowrun-jobs[notify]'")
    return urls


@extension
class AppriseNotification(Notification):
    """Sends messages to the addresses of Apprise, such as `mailto://…`, `tgram://…`, `msteams://…`."""

    urls: Annotated[list[SecretStr], AfterValidator(_with_apprise)] = Field(
        min_length=1, description="Where to send, as Apprise writes it. Secrets."
    )

    async def send_notification(self, title: str, msg: str) -> None:
        """Send to all addresses at once. Raises if one of them does not take it."""
        works = [
            in_own_thread(lambda url=url, number=number: _send(url, number, title, msg))  # type: ignore[misc]
            for number, url in enumerate(self.urls, 1)
        ]
        ended = await asyncio.gather(*works, return_exceptions=True)
        for error in ended:
            if error is not None:
                raise error


def _send(url: SecretStr, number: int, title: str, msg: str) -> None:
    """Send to one address. Messages do not show it: it holds passwords."""
    import logging

    from apprise import Apprise

    log = logging.getLogger("apprise")
    if not log.handlers:
        log.addHandler(logging.NullHandler())  # what it says is said by a notice, and must not reach the terminal
    service = Apprise()
    if not service.add(url.get_secret_value()):
        raise ValueError(f"Apprise does not understand address {number} of `urls`")
    if not service.notify(title=title, body=msg):
        raise ConnectionError(f"the service of address {number} of `urls` did not take the message")
