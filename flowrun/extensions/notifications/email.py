"""EmailNotification: messages by mail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from pydantic import Field, SecretStr, model_validator

from ..extension import extension
from .notification import Notification
from .own_thread import in_own_thread

if TYPE_CHECKING:
    from smtplib import SMTP
    from ssl import SSLContext


@extension
class EmailNotification(Notification):
    """Sends mail from `sender_user@sender_host` through an SMTP server."""

    recipient: str = Field(description="One address, or several with commas between them.")
    smtp_host: str
    smtp_port: int
    sender_user: str
    sender_host: str
    use_tls: bool = Field(default=False, description="The server expects TLS from the first byte, usually on port 465.")
    use_starttls: bool = Field(default=False, description="Change to TLS before anything is sent, usually on port 587.")
    login_user: str | None = Field(default=None, description="Log in as this user.")
    login_password: SecretStr | None = Field(default=None, description="The password of `login_user`. A secret.")

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.use_tls and self.use_starttls:
            raise ValueError("`use_tls` and `use_starttls` exclude each other")
        if (self.login_user is None) != (self.login_password is None):
            raise ValueError("`login_user` and `login_password` belong together")
        return self

    async def send_notification(self, title: str, msg: str) -> None:
        """Send a mail. Raises if the server refuses it or one of the recipients."""
        await in_own_thread(lambda: self._send_mail(title, msg))

    def _send_mail(self, title: str, msg: str) -> None:
        from email.message import EmailMessage
        from email.utils import localtime, make_msgid

        mail = EmailMessage()
        mail["From"] = f"{self.sender_user}@{self.sender_host}"
        mail["To"] = self.recipient
        mail["Subject"] = title
        mail["Date"] = localtime()
        mail["Message-ID"] = make_msgid(domain=self.sender_host)
        mail.set_content(msg)
        with self._server() as server:
            if self.login_user is not None and self.login_password is not None:
                server.login(self.login_user, self.login_password.get_secret_value())
            if refused := server.send_message(mail):
                raise ConnectionError(f"the server refused {', '.join(refused)}")

    def _server(self) -> SMTP:
        from smtplib import SMTP, SMTP_SSL

        if self.use_tls:
            return SMTP_SSL(self.smtp_host, self.smtp_port, timeout=self.timeout_seconds, context=_tls())
        server = SMTP(self.smtp_host, self.smtp_port, timeout=self.timeout_seconds)
        if self.use_starttls:
            try:
                server.starttls(context=_tls())
            except BaseException:
                server.close()
                raise
        return server


def _tls() -> SSLContext:
    from ssl import create_default_context

    return create_default_context()
