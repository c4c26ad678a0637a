"""The exam of notifications: each against a real server on this machine."""

from __future__ import annotations

import asyncio
import base64
import json
import shutil
import socket
import socketserver
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Literal
from urllib.parse import parse_qs

import pytest

from flowrun.attempt import Outcome
from flowrun.engine.subscribers import Subscribers
from flowrun.eventbus.execution import ExecutionState, ExecutionStateTransition
from flowrun.extensions.notifications import Notification
from flowrun.extensions.notifications.apprise import AppriseNotification
from flowrun.extensions.notifications.email import EmailNotification
from flowrun.extensions.notifications.pushover import PushoverNotification
from flowrun.extensions.notifications.slack import SlackWebhookNotification

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")  # imported by Apprise

SECRET = "s3cr3t-31337"
Ending = Literal["success", "failure", "abort"]


class WebServer:
    """Keeps what is posted to it and answers with `status`."""

    def __init__(self) -> None:
        self.status = 200
        self.requests: list[tuple[str, str, bytes]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.requests.append((self.path, self.headers["Content-Type"], body))
                self.send_response(outer.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]


class MailServer:
    """As much SMTP as a client needs; keeps the mails. With `tls` it offers STARTTLS, or speaks TLS at once."""

    def __init__(self, tls: ssl.SSLContext | None = None, *, at_once: bool = False) -> None:
        self.status = "250 ok"
        self.mails: list[bytes] = []
        self.logins: list[tuple[str, str]] = []
        self.was_encrypted: list[bool] = []
        outer = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                try:
                    connection = tls.wrap_socket(self.request, server_side=True) if tls and at_once else self.request
                    outer.converse(connection, None if at_once else tls)
                except (ssl.SSLError, ConnectionError):
                    return  # the client does not trust the certificate, or has gone

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True

        self.server = Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]

    def converse(self, connection: socket.socket, tls: ssl.SSLContext | None) -> None:
        """Answer until the client goes."""
        with connection, connection.makefile("rwb", buffering=0) as stream:

            def say(line: str) -> None:
                stream.write(f"{line}\r\n".encode())

            is_encrypted = isinstance(connection, ssl.SSLSocket)
            if not is_encrypted or tls is None:
                say("220 here")
            while command := stream.readline().decode().strip():
                match command.split(" ")[0].upper():
                    case "EHLO":
                        say("250-here")
                        if tls is not None and not is_encrypted:
                            say("250-STARTTLS")
                        say("250 AUTH PLAIN")
                    case "STARTTLS" if tls is not None:
                        say("220 go on")
                        self.converse(tls.wrap_socket(connection, server_side=True), tls)
                        return
                    case "AUTH":
                        _, user, password = base64.b64decode(command.split(" ")[2]).decode().split("\0")
                        self.logins.append((user, password))
                        say("235 welcome" if password == SECRET else "535 wrong")
                    case "RCPT":
                        say(self.status)
                    case "DATA":
                        say("354 go on")
                        self.mails.append(b"".join(iter(stream.readline, b".\r\n")))
                        self.was_encrypted.append(is_encrypted)
                        say("250 kept")
                    case "QUIT":
                        say("221 bye")
                        return
                    case _:
                        say("250 ok")


@contextmanager
def serving(server: socketserver.BaseServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def web() -> Iterator[WebServer]:
    server = WebServer()
    with serving(server.server):
        yield server


@pytest.fixture
def post_office() -> Iterator[MailServer]:
    server = MailServer()
    with serving(server.server):
        yield server


def mail_to(port: int, **more: Any) -> EmailNotification:
    parameters = {
        "recipient": "ops@example.org",
        "smtp_host": "localhost",
        "smtp_port": port,
        "sender_user": "flowrun",
        "sender_host": "example.org",
        "timeout_seconds": 5,
    }
    return EmailNotification.model_validate({**parameters, **more})


MAKE: dict[str, Callable[[int, float], Notification]] = {
    "slack": lambda port, seconds: SlackWebhookNotification.model_validate(
        {"webhook": f"http://127.0.0.1:{port}/{SECRET}", "timeout_seconds": seconds}
    ),
    "pushover": lambda port, seconds: PushoverNotification.model_validate(
        {
            "app_token": SECRET,
            "user_key": f"{SECRET}-user",
            "api_url": f"http://127.0.0.1:{port}/1/messages.json",
            "timeout_seconds": seconds,
        }
    ),
    "email": lambda port, seconds: mail_to(
        port, login_user="me", login_password=SECRET, timeout_seconds=seconds, smtp_host="127.0.0.1"
    ),
    "apprise": lambda port, seconds: AppriseNotification.model_validate(
        {"urls": [f"json://127.0.0.1:{port}/{SECRET}"], "timeout_seconds": seconds}
    ),
}


def received(service: str, web: WebServer, post_office: MailServer) -> list[tuple[str, str]]:
    """Title and text of the messages that arrived."""
    match service:
        case "slack":
            bodies = [json.loads(body) for _, _, body in web.requests]
            return [(body["text"], body["attachments"][0]["text"]) for body in bodies]
        case "pushover":
            forms = [parse_qs(body.decode()) for _, _, body in web.requests]
            return [(form["title"][0], form["message"][0]) for form in forms]
        case "apprise":
            bodies = [json.loads(body) for _, _, body in web.requests]
            return [(body["title"], body["message"]) for body in bodies]
        case _:
            mails = [message_from_bytes(mail, policy=default) for mail in post_office.mails]
            return [(str(mail["Subject"]), str(mail.get_content())) for mail in mails]


def run(notification: Notification, ending: Ending = "failure") -> list[str]:
    """A job in which one task failed and one was held back; returns the notices."""
    subscribers = Subscribers(
        {}, {"it": notification}, job_name="nightly", loggers_interval_seconds=0, extensions_interval_seconds=0
    )
    moves = [
        ("load", ExecutionState.FAILED, Outcome.failed("ValueError: no <rows>")),
        ("publish", ExecutionState.DEFAULTED, None),
    ]

    async def scenario() -> None:
        await subscribers.open(False)
        for name, to, outcome in moves:
            subscribers.hear(
                ExecutionStateTransition(name=name, from_state=ExecutionState.PENDING, to_state=to, outcome=outcome)
            )
        await subscribers.close(ending)

    asyncio.run(scenario())
    return subscribers.notices


@pytest.fixture(params=list(MAKE))
def service(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def port_of(service: str, web: WebServer, post_office: MailServer) -> int:
    return int(post_office.port if service == "email" else web.port)


@pytest.mark.parametrize(("ending", "word"), [("success", "SUCCESS"), ("failure", "FAILURE"), ("abort", "ABORTED")])
def test_start_and_end_arrive(service: str, web: WebServer, post_office: MailServer, ending: Ending, word: str) -> None:
    """The server receives the start and the end, with the job's name and the tasks that did not complete (FM-83)."""
    notices = run(MAKE[service](port_of(service, web, post_office), 5), ending)

    messages = received(service, web, post_office)
    assert [title for title, _ in messages] == [
        "Flowrun Job Notification: STARTING",
        f"Flowrun Job Notification: {word}",
    ]
    assert all("nightly" in text for _, text in messages)
    assert "load (ValueError: no " in messages[1][1]
    assert "publish" in messages[1][1]
    assert notices == []


def test_a_refused_message_is_one_notice(service: str, web: WebServer, post_office: MailServer) -> None:
    """An answer that is no success is noticed, and shows no secret (FM-84, X-FM-26)."""
    web.status, post_office.status = 500, "550 nobody of this name"

    notices = run(MAKE[service](port_of(service, web, post_office), 5))

    assert len(notices) == 1
    assert "could not send STARTING and FAILURE: " in notices[0]
    assert SECRET not in notices[0]


def test_a_dead_server_is_one_notice(service: str) -> None:
    """Nobody listens: the job goes on, with one notice (FM-84, X-FM-11)."""
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        notices = run(MAKE[service](nobody.getsockname()[1], 5))

    assert len(notices) == 1
    assert notices[0].startswith("extension 'it' (")
    assert SECRET not in notices[0]


def test_a_server_that_never_answers_is_given_up(service: str) -> None:
    """A connection on which nothing happens costs the deadline, no more (X-FM-26)."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        notices = run(MAKE[service](silent.getsockname()[1], 0.3))

    assert len(notices) == 1
    assert "could not send STARTING and FAILURE: " in notices[0]
    assert SECRET not in notices[0]


def test_slack_receives_json(web: WebServer) -> None:
    """`{text, attachments: [{text}]}`, in which nothing is taken for a mention (FM-84)."""
    run(MAKE["slack"](web.port, 5))

    path, kind, body = web.requests[1]
    assert (path, kind) == (f"/{SECRET}", "application/json")
    assert set(json.loads(body)) == {"text", "attachments"}
    assert "no &lt;rows&gt;" in json.loads(body)["attachments"][0]["text"]


def test_pushover_receives_a_form(web: WebServer) -> None:
    """Token, user, title and message, at a configurable address (FM-85)."""
    run(MAKE["pushover"](web.port, 5))

    path, kind, body = web.requests[1]
    form = parse_qs(body.decode())
    assert (path, kind) == ("/1/messages.json", "application/x-www-form-urlencoded")
    assert (form["token"], form["user"]) == ([SECRET], [f"{SECRET}-user"])
    assert set(form) == {"token", "user", "title", "message"}


def test_mail_has_sender_and_recipient(post_office: MailServer) -> None:
    """From is `user@host`; without a login none is tried (FM-86)."""
    assert run(mail_to(post_office.port)) == []

    mail = message_from_bytes(post_office.mails[1], policy=default)
    assert (mail["From"], mail["To"]) == ("flowrun@example.org", "ops@example.org")
    assert mail["Date"]
    assert post_office.logins == []


def test_mail_can_log_in(post_office: MailServer) -> None:
    """With a user and a password it logs in; a wrong password is a notice that does not show it (FM-86)."""
    fine = run(mail_to(post_office.port, login_user="me", login_password=SECRET))
    refused = run(mail_to(post_office.port, login_user="me", login_password="s3cr3t-wrong"))

    assert fine == []
    assert ("me", SECRET) in post_office.logins
    assert len(refused) == 1
    assert "s3cr3t" not in refused[0]


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for localhost, and its key, in one file."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    path = tmp_path / "localhost.pem"
    command = (
        "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost"
    )
    made = subprocess.run([*command.split(), "-keyout", "-", "-out", "-"], check=True, capture_output=True)
    path.write_bytes(made.stdout)
    return path


@pytest.mark.parametrize("option", ["use_tls", "use_starttls"])
def test_mail_can_be_encrypted(certificate: Path, monkeypatch: pytest.MonkeyPatch, option: str) -> None:
    """TLS from the first byte or by STARTTLS; a certificate that nobody vouches for is refused (FM-86)."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    server = MailServer(context, at_once=option == "use_tls")
    with serving(server.server):
        refused = run(mail_to(server.port, **{option: True}))
        refused_mails = len(server.mails)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        taken = run(mail_to(server.port, **{option: True}))

    assert len(refused) == 1
    assert "certificate" in refused[0]
    assert refused_mails == 0
    assert taken == []
    assert server.was_encrypted == [True, True]


def test_a_missing_package_is_named_with_the_job_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without Apprise the job is refused, and the message says what to install."""
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)

    with pytest.raises(ValueError, match=r"pip install 'flowrun-jobs\[notify\]'"):
        AppriseNotification.model_validate({"urls": ["json://localhost"]})


def test_an_address_that_apprise_does_not_know_is_a_notice() -> None:
    """It is counted, not shown."""
    notices = run(AppriseNotification.model_validate({"urls": [f"nosuch://{SECRET}"]}))

    assert len(notices) == 1
    assert "Apprise does not understand address 1 of `urls`" in notices[0]
    assert SECRET not in notices[0]
