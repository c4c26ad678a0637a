"""SlackWebhookNotification: messages in a Slack channel."""

from __future__ import annotations

import json

from pydantic import Field

from ..extension import extension
from .notification import Notification
from .own_thread import in_own_thread
from .web_address import WebAddress, post


@extension
class SlackWebhookNotification(Notification):
    """Posts to an incoming webhook of Slack, or of a chat that understands the same."""

    webhook: WebAddress = Field(description="The address of the webhook. A secret.")

    async def send_notification(self, title: str, msg: str) -> None:
        """Post the title, with the message attached."""
        body = json.dumps({"text": _escaped(title), "attachments": [{"text": _escaped(msg)}]}).encode()
        await in_own_thread(lambda: post(self.webhook, body, "application/json", self.timeout_seconds))


def _escaped(text: str) -> str:
    """Text in which Slack finds no mention and no link."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
