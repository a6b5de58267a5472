"""The Notifier port over real SMTP: aiosmtpd on loopback, and servers that hang, drip or hang up."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from email.utils import parsedate_to_datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from connectors.notify.opening import NotifySpec, open_notifier
from tests.alert_factories import ARABIC, HOSTILE, LONG, MARKUP, full_alert, make_alert, make_match, make_message
from tests.servers.tls import Certificates, certificates
from transforms.channels import channel
from transforms.errors import Busy, NewswireError, Refused, Transient, Unreachable
from transforms.messages import Message

TIMEOUT_S = 0.6
#: What a busy machine may add to a time limit.
SLACK_S = 1.5
TO = "mailto:reader@example.net"
#: All that a mail of ours has; anything else was put there by somebody else.
HEADERS = {"Content-Type", "MIME-Version", "From", "To", "Subject", "Date", "Message-ID", "List-Id"} | {
    "List-Unsubscribe",
    "Auto-Submitted",
}


class Inbox:
    """Takes what comes, unless it is to answer otherwise: by the command, `RCPT`, `MAIL` or `DATA`."""

    def __init__(self) -> None:
        self.envelopes: list[Envelope] = []
        self.sessions: list[Session] = []
        self.answers: dict[str, str] = {}

    async def handle_MAIL(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any) -> str:
        envelope.mail_from = address
        return self.answers.get("MAIL", "250 OK")

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any) -> str:
        envelope.rcpt_tos.append(address)
        return self.answers.get("RCPT", "250 OK")

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.envelopes.append(envelope)
        self.sessions.append(session)
        return self.answers.get("DATA", "250 OK")

    def mails(self) -> list[EmailMessage]:
        """What arrived, as a mail program reads it."""
        parsed = []
        for one in self.envelopes:
            assert isinstance(one.content, bytes)
            mail = BytesParser(policy=default).parsebytes(one.content)
            assert isinstance(mail, EmailMessage)
            assert not [defect for part in mail.walk() for defect in part.defects]
            parsed.append(mail)
        return parsed


class _AnyPort(Controller):
    """On a port that the system chooses."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def listening(inbox: Inbox, **options: Any) -> Iterator[str]:
    """`host:port` of an SMTP server."""
    controller = _AnyPort(inbox, hostname="127.0.0.1", port=0, **options)
    controller.start()
    try:
        yield f"127.0.0.1:{controller.port}"
    finally:
        controller.stop()


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def server(inbox: Inbox) -> Iterator[str]:
    with listening(inbox) as address:
        yield f"smtp://{address}"


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> tuple[Certificates, ssl.SSLContext]:
    folder = tmp_path_factory.mktemp("tls")
    made = certificates(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem", folder / "server.key")
    return made, context


def spec(**overrides: Any) -> NotifySpec:
    boring = {"user_agent": "newswire-tests/1", "timeout_s": 10.0, "mail_from": "Desk <desk@example.org>"}
    return NotifySpec(**{**boring, "base_url": "https://news.example", **overrides})


def send(*sent: Message, to: str = TO, **overrides: Any) -> None:
    async def run() -> None:
        async with open_notifier(spec(**overrides)) as notifier:
            for message in sent or (make_message(),):
                await notifier.send(message, channel(to))

    asyncio.run(run())


def failure(*sent: Message, **overrides: Any) -> NewswireError:
    with pytest.raises(NewswireError) as caught:
        send(*sent, **overrides)
    return caught.value


def text_of(mail: EmailMessage, kind: str) -> str:
    body = mail.get_body((kind,))
    assert body is not None
    return str(body.get_content())


class Tags(HTMLParser):
    """The elements of a page, with their attributes, and what stands in `mark`."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.marked: list[str] = []
        self._within = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._within = tag == "mark"

    def handle_endtag(self, tag: str) -> None:
        self._within = False

    def handle_data(self, data: str) -> None:
        if self._within:
            self.marked.append(data)

    @property
    def links(self) -> list[str | None]:
        return [attributes.get("href") for tag, attributes in self.tags if tag == "a"]


# What is sent.


def test_a_mail_has_the_headers_of_a_list(inbox: Inbox, server: str) -> None:
    send(smtp=server)
    (mail,) = inbox.mails()
    assert set(mail.keys()) == HEADERS
    assert mail["From"] == "Desk <desk@example.org>"
    assert mail["To"] == "reader@example.net"
    assert mail["Subject"] == "Quiet day"
    assert mail["Message-ID"] == "<a1@example.org>"
    assert mail["List-Id"] == "<quiet.newswire.example.org>"
    assert mail["List-Unsubscribe"] == "<mailto:desk@example.org?subject=unsubscribe%20quiet>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert abs(parsedate_to_datetime(mail["Date"]).timestamp() - time.time()) < 60
    assert inbox.envelopes[0].mail_from == "desk@example.org"
    assert inbox.envelopes[0].rcpt_tos == ["reader@example.net"]


def test_it_says_everything_as_text_and_as_html(inbox: Inbox, server: str) -> None:
    send(make_message(full_alert()), smtp=server)
    (mail,) = inbox.mails()
    assert mail["Subject"] == "CORRECTED: Quiet day"
    text, page = text_of(mail, "plain"), text_of(mail, "html")
    assert mail.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    for said in ("Wire, AFP", "Nothing at all.", "corrects the number of dead", "Air strikes", "At least ", "Post"):
        assert said in text
        assert said in page
    assert "*Quiet* day" in text
    assert "[ten -> twelve]" in text
    assert "<del>ten</del> &rarr; <ins>twelve</ins>" in page
    tags = Tags(page)
    assert tags.marked == ["Quiet", "air strike"]
    assert tags.links == [
        "https://wire.example/world/quiet-day",
        "https://other.example/q",
        "https://news.example/trace/1a",
        "mailto:desk@example.org?subject=unsubscribe%20quiet",
    ]
    assert "This version is not what was asked for any longer." in page


def test_one_click_leaves_where_it_can(inbox: Inbox, server: str) -> None:
    send(smtp=server, unsubscribe="https://news.example/leave?by=mail")
    (mail,) = inbox.mails()
    assert mail["List-Unsubscribe"] == "<https://news.example/leave?by=mail&subscription=quiet>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "https://news.example/leave?by=mail&subscription=quiet" in Tags(text_of(mail, "html")).links


def test_a_digest_is_one_mail_and_a_story_stands_together(inbox: Inbox, server: str) -> None:
    told = (
        make_alert(id="a1", story="s1", headline="First of one"),
        make_alert(id="a2", story="s2", headline="Another story"),
        full_alert(id="a3", story="s1", headline="Second of one"),
    )
    send(make_message(*told), smtp=server)
    (mail,) = inbox.mails()
    assert mail["Subject"] == "2 stories: Quiet days"
    for kind in ("plain", "html"):
        said = text_of(mail, kind)
        places = [said.index(headline) for headline in ("Second of one", "First of one", "Another story")]
        assert places == sorted(places)


def test_every_try_says_the_same(inbox: Inbox, server: str) -> None:
    inbox.answers["DATA"] = "451 later"
    message = make_message(full_alert(), make_alert(story="2"))
    failure(message, smtp=server)
    del inbox.answers["DATA"]
    send(message, smtp=server)
    first, second = inbox.mails()
    del first["Date"], second["Date"]
    assert first.as_bytes() == second.as_bytes()


@pytest.mark.parametrize("text", HOSTILE)
def test_whatever_a_headline_says_it_is_only_said(inbox: Inbox, server: str, text: str) -> None:
    hostile = full_alert(
        headline=text,
        outlet=text,
        agency=text,
        description=text,
        edition_note=text,
        matches=(make_match(f"a {text}", 0, 1, clause=text or "quiet"),),
    )
    send(make_message(hostile, name=text), smtp=server)
    (mail,) = inbox.mails()
    assert set(mail.keys()) == HEADERS
    assert mail["To"] == "reader@example.net"
    subject = str(mail["Subject"])
    assert subject.isprintable()
    assert subject.startswith("CORRECTED: ")
    assert len(subject) < 320
    shown = " ".join(text.split()).strip()
    if text.isprintable() and len(text) < 200 and shown:
        assert subject == f"CORRECTED: {shown}"
    page = text_of(mail, "html")
    tags = Tags(page)
    assert not {"script", "img"} & {tag for tag, _ in tags.tags}
    assert not {name for _, attributes in tags.tags for name in attributes} - {"charset", "dir", "href"}
    for said in (page, text_of(mail, "plain")):
        assert all(line.isprintable() for line in said.replace("\r\n", "\n").split("\n"))
    assert len(inbox.envelopes[0].content or b"") < 30_000
    assert max(map(len, (inbox.envelopes[0].original_content or b"").split(b"\r\n"))) < 100


def test_a_digest_of_many_long_stories_is_bounded(inbox: Inbox, server: str) -> None:
    send(make_message(*(full_alert(id=f"a{n}", story=f"s{n}", headline=LONG) for n in range(50))), smtp=server)
    assert len(inbox.envelopes[0].content or b"") < 120_000


def test_what_is_read_from_right_to_left_says_so(inbox: Inbox, server: str) -> None:
    send(make_message(full_alert(headline=ARABIC)), smtp=server)
    (mail,) = inbox.mails()
    assert ARABIC in str(mail["Subject"])
    directed = [tag for tag, attributes in Tags(text_of(mail, "html")).tags if attributes.get("dir") == "auto"]
    assert "h2" in directed
    assert "li" in directed


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "https://a.example/\nx", ""])
def test_only_web_addresses_become_links(inbox: Inbox, server: str, url: str) -> None:
    send(make_message(full_alert(url=url)), smtp=server)
    links = Tags(text_of(inbox.mails()[0], "html")).links
    assert all(link is not None and link.startswith(("https://", "mailto:")) for link in links)
    assert len(links) == 3


def test_many_at_once(inbox: Inbox, server: str) -> None:
    async def run() -> None:
        async with open_notifier(spec(smtp=server, timeout_s=30.0)) as notifier:
            told = [make_message(make_alert(id=f"a{n}")) for n in range(60)]
            await asyncio.gather(*(notifier.send(one, channel(TO)) for one in told))

    asyncio.run(run())
    assert {mail["Message-ID"] for mail in inbox.mails()} == {f"<a{n}@example.org>" for n in range(60)}


# Who may send.


def authenticator(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
    good = isinstance(data, LoginPassword) and (data.login, data.password) == (b"desk", b"s3cret")
    return AuthResult(success=good, handled=good)


def test_password_over_starttls(
    inbox: Inbox, tls: tuple[Certificates, ssl.SSLContext], monkeypatch: pytest.MonkeyPatch
) -> None:
    made, context = tls
    monkeypatch.setenv("MAIL_PASSWORD", "s3cret")
    options: dict[str, Any] = {"smtp_user": "desk", "smtp_password": "${MAIL_PASSWORD}"}
    with listening(
        inbox, tls_context=context, require_starttls=True, authenticator=authenticator, auth_required=True
    ) as address:
        send(smtp=f"smtp+starttls://{address}", smtp_ca_file=str(made.ca_file), **options)
        assert len(inbox.mails()) == 1
        assert inbox.sessions[0].authenticated
        assert inbox.sessions[0].ssl is not None
        monkeypatch.setenv("MAIL_PASSWORD", "wr0ng")
        told = failure(smtp=f"smtp+starttls://{address}", smtp_ca_file=str(made.ca_file), **options)
        assert isinstance(told, Transient)
        assert "SMTP 535" in told.reason
        assert "[alerts] smtp_user" in told.reason
        assert "wr0ng" not in repr(told)
        unknown = failure(smtp=f"smtp+starttls://{address}", **options)
        assert (type(unknown), unknown.kind) == (Unreachable, "tls")
        assert "smtp_ca_file" in unknown.reason
    assert len(inbox.mails()) == 1


def test_tls_from_the_first_byte(inbox: Inbox, tls: tuple[Certificates, ssl.SSLContext]) -> None:
    made, context = tls
    with listening(inbox, ssl_context=context) as address:
        send(smtp=f"smtps://{address}", smtp_ca_file=str(made.ca_file))
    assert len(inbox.mails()) == 1


def test_no_starttls_no_mail(inbox: Inbox, server: str) -> None:
    told = failure(smtp=server.replace("smtp:", "smtp+starttls:"))
    assert isinstance(told, Transient)
    assert "STARTTLS" in told.reason
    assert inbox.envelopes == []


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"smtp": ""}, "[alerts] smtp"),
        ({"smtp": "smtp://"}, "[alerts] smtp"),
        ({"smtp": "http://mail.example"}, "[alerts] smtp"),
        ({"smtp": "smtp://mail.example:99999"}, "[alerts] smtp"),
        ({"smtp": "smtp://[half"}, "[alerts] smtp"),
        ({"mail_from": ""}, "[alerts] mail_from"),
        ({"mail_from": "desk"}, "[alerts] mail_from"),
        ({"mail_from": "Desk <desk@example.org>\r\nBcc: x@example.org"}, "[alerts] mail_from"),
        ({"smtp_user": "desk", "smtp_password": "${PASSWORD}"}, "in the clear"),
        ({"smtp": "smtps://mail.invalid", "smtp_user": "desk", "smtp_password": "s3cret"}, "by reference"),
        ({"smtp": "smtps://mail.invalid", "smtp_user": "desk", "smtp_password": "${NOT_SET}"}, "NOT_SET"),
        ({"smtp": "smtps://127.0.0.1:1", "smtp_ca_file": "/nowhere.pem"}, "[alerts] smtp_ca_file"),
        ({"unsubscribe": "https://news.example/\nx"}, "[alerts] unsubscribe"),
        ({"unsubscribe": "https://[half"}, "[alerts] unsubscribe"),
    ],
)
def test_what_is_not_set_up_says_what_to_set(inbox: Inbox, server: str, wrong: dict[str, str], said: str) -> None:
    told = failure(**{"smtp": server, **wrong})
    assert isinstance(told, Transient)
    assert said in told.reason
    assert "s3cret" not in repr(told)
    assert inbox.envelopes == []


# Servers that refuse.


@pytest.mark.parametrize("command", ["RCPT", "DATA"])
@pytest.mark.parametrize(("answer", "error"), [("451 4.7.1 greylisted", Busy), ("550 5.1.1 no such user", Refused)])
def test_a_mail_that_is_refused(
    inbox: Inbox, server: str, command: str, answer: str, error: type[NewswireError]
) -> None:
    inbox.answers[command] = answer
    told = failure(smtp=server)
    assert type(told) is error
    assert told.reason == f"SMTP {answer[:3]}: {answer[4:]}"
    assert told.subject == TO


def test_a_sender_that_is_refused_is_a_matter_of_settings(inbox: Inbox, server: str) -> None:
    inbox.answers["MAIL"] = "553 5.7.1 not your address"
    told = failure(smtp=server)
    assert isinstance(told, Transient)
    assert "[alerts] mail_from" in told.reason
    inbox.answers["MAIL"] = "421 too busy"
    assert isinstance(failure(smtp=server), Busy)


def test_a_refusal_is_quoted_in_short(inbox: Inbox, server: str) -> None:
    inbox.answers["DATA"] = "554 spam, see https://mail.example/why?token=s3cret \x1b[2J " + "x" * 300
    told = failure(smtp=server)
    assert len(told.reason) < 250
    assert told.reason.isprintable()
    assert "s3cret" not in told.reason


# Servers that go wrong.


@contextmanager
def answering(behave: Callable[[socket.socket, threading.Event], None]) -> Iterator[str]:
    """A server that does with each connection what it is told to, until the end."""
    listener, over = socket.create_server(("127.0.0.1", 0)), threading.Event()

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=handle, args=(connection,), daemon=True).start()

    def handle(connection: socket.socket) -> None:
        with connection:
            try:
                behave(connection, over)
            except OSError:
                return

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f"smtp://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        over.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def hang(connection: socket.socket, over: threading.Event) -> None:
    over.wait(30)


def drip(connection: socket.socket, over: threading.Event) -> None:
    while not over.wait(0.05):
        connection.sendall(b"2")


def hang_up(connection: socket.socket, over: threading.Event) -> None:
    connection.sendall(b"220 mail.example\r\n")
    connection.recv(100)


def hang_at_the_end(connection: socket.socket, over: threading.Event) -> None:
    """Takes the mail, and does not say that it did."""
    connection.sendall(b"220 mail.example\r\n")
    with connection.makefile("rb") as lines:
        for line in lines:
            if line.lower().startswith(b"data"):
                connection.sendall(b"354 go on\r\n")
                over.wait(30)
                return
            connection.sendall(b"250 OK\r\n")


def hang_at_parting(connection: socket.socket, over: threading.Event) -> None:
    """Takes the mail, says so, and never says another word."""
    connection.sendall(b"220 mail.example\r\n")
    data = False
    with connection.makefile("rb") as lines:
        for line in lines:
            if line.lower().startswith(b"data"):
                data = True
                connection.sendall(b"354 go on\r\n")
            elif line == b".\r\n":
                data = False
                connection.sendall(b"250 OK\r\n")
            elif line.lower().startswith(b"quit"):
                over.wait(30)
            elif not data:
                connection.sendall(b"250 OK\r\n")


def threads() -> int:
    return sum(one.name == "mail" for one in threading.enumerate())


@pytest.mark.parametrize("behave", [hang, drip, hang_at_the_end])
def test_one_time_limit_for_everything(behave: Callable[[socket.socket, threading.Event], None]) -> None:
    with answering(behave) as server:
        start = time.monotonic()
        told = failure(smtp=server, timeout_s=TIMEOUT_S)
        assert time.monotonic() - start < TIMEOUT_S + SLACK_S
        assert isinstance(told, Unreachable)
        assert told.kind == "timeout"


@pytest.mark.parametrize("behave", [hang, drip])
def test_a_server_that_hangs_keeps_no_threads(behave: Callable[[socket.socket, threading.Event], None]) -> None:
    async def run(server: str) -> None:
        async with open_notifier(spec(smtp=server, timeout_s=TIMEOUT_S)) as notifier:
            tries = [notifier.send(make_message(), channel(TO)) for _ in range(50)]
            ended = await asyncio.gather(*tries, return_exceptions=True)
            assert all(isinstance(one, Unreachable) for one in ended)
            deadline = time.monotonic() + 5
            while threads() and time.monotonic() < deadline:
                await asyncio.sleep(0.02)
            assert threads() == 0

    with answering(behave) as server:
        asyncio.run(run(server))


def test_what_was_taken_is_taken_however_it_parts() -> None:
    with answering(hang_at_parting) as server:
        start = time.monotonic()
        send(smtp=server, timeout_s=30.0)
        assert time.monotonic() - start < SLACK_S


def test_a_server_that_hangs_up() -> None:
    with answering(hang_up) as server:
        told = failure(smtp=server)
    assert (type(told), told.kind) == (Unreachable, "dropped")


def test_no_server_at_all(tmp_path: Path) -> None:
    with answering(hang) as server:
        pass
    told = failure(smtp=server)
    assert (type(told), told.kind) == (Unreachable, "refused")
    assert failure(smtp="smtp://nobody.invalid").kind == "dns"


def test_markup_is_shown_as_it_was_typed(inbox: Inbox, server: str) -> None:
    send(make_message(full_alert(headline=MARKUP)), smtp=server)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text_of(inbox.mails()[0], "html")
