"""PushoverNotification: messages on a telephone."""

from __future__ import annotations

from pydantic import Field, SecretStr

from ..extension import extension
from .notification import Notification
from .own_thread import in_own_thread
from .web_address import WebAddress, post

_LONGEST_TITLE = 250
_LONGEST_MESSAGE = 1024


@extension
class PushoverNotification(Notification):
    """Sends messages through Pushover."""

    app_token: SecretStr = Field(description="The token of the application. A secret.")
    user_key: SecretStr = Field(description="The key of the user or group. A secret.")
    api_url: WebAddress = Field(
        default=SecretStr("https://api.pushover.net/1/messages.json"), description="Where messages are posted."
    )

    async def send_notification(self, title: str, msg: str) -> None:
        """Post the message as a form, as long as Pushover takes it."""
        from urllib.parse import urlencode

        form = {
            "token": self.app_token.get_secret_value(),
            "user": self.user_key.get_secret_value(),
            "title": title[:_LONGEST_TITLE],
            "message": msg[:_LONGEST_MESSAGE],
        }
        body = urlencode(form).encode("ascii")
        await in_own_thread(lambda: post(self.api_url, body, "application/x-www-form-urlencoded", self.timeout_seconds))
