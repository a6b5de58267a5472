"""The Notifier port through Apprise, to a service of its kind `json` on loopback."""

from __future__ import annotations

import asyncio
import json
import logging
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest

from connectors.notify.opening import NotifySpec, open_notifier
from tests.alert_factories import HOSTILE, MARKUP, full_alert, make_alert, make_message
from tests.receiver import Receiver
from transforms.channels import channel
from transforms.errors import NewswireError, Transient, Unreachable
from transforms.messages import Message

TIMEOUT_S, SLACK_S = 0.6, 1.5
SECRET = "s3cret-part"


@pytest.fixture(scope="module")
def shared_receiver() -> Iterator[Receiver]:
    send_once_to_load_it()
    with Receiver() as receiver:
        yield receiver


def send_once_to_load_it() -> None:
    """Loading Apprise takes longer than the time limits here."""
    import apprise

    apprise.Apprise.instantiate("json://127.0.0.1")


@pytest.fixture
def receiver(shared_receiver: Receiver) -> Receiver:
    shared_receiver.forget()
    return shared_receiver


def url(receiver: Receiver, path: str) -> str:
    return receiver.url(path).replace("http://", f"json://desk:{SECRET}@")


def send(*sent: Message, **overrides: Any) -> None:
    async def run() -> None:
        options = {"user_agent": "newswire-tests/1", "timeout_s": 10.0, "base_url": "https://news.example"}
        async with open_notifier(NotifySpec(**{**options, **overrides})) as notifier:
            for message in sent or (make_message(),):
                await notifier.send(message, channel("apprise:${SERVICE}"))

    asyncio.run(run())


def failure(**overrides: Any) -> NewswireError:
    with pytest.raises(NewswireError) as caught:
        send(**overrides)
    return caught.value


def said(receiver: Receiver) -> list[dict[str, str]]:
    return [json.loads(one.body) for one in receiver.received]


def test_a_message_arrives_as_text(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERVICE", url(receiver, "/hook"))
    send(make_message(full_alert()), make_message(make_alert(), make_alert(id="a3", story="2")))
    first, second = said(receiver)
    assert first["title"] == "CORRECTED: Quiet day"
    assert second["title"] == "2 stories: Quiet days"
    for words in ("*Quiet* day", "https://wire.example/world/quiet-day", "[ten -> twelve]", "https://news.example/tr"):
        assert words in first["message"]


@pytest.mark.parametrize("text", HOSTILE)
def test_whatever_a_headline_says_it_is_only_said(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv("SERVICE", url(receiver, "/hook"))
    send(make_message(full_alert(headline=text)))
    (told,) = said(receiver)
    assert told["title"].startswith("CORRECTED: ")
    assert len(told["message"]) < 2_000
    assert told["title"].isprintable()
    if text == MARKUP:
        assert told["title"] == f"CORRECTED: {MARKUP}"


@pytest.mark.parametrize("path", ["/404", "/500", "/reset", "/drop", "/garbage"])
def test_no_failure_tells_the_address(
    receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    path: str,
) -> None:
    monkeypatch.setenv("SERVICE", url(receiver, path))
    with caplog.at_level(logging.INFO):
        told = failure()
    assert isinstance(told, Transient)
    assert told.subject == "apprise:${SERVICE}"
    seen = "".join(capfd.readouterr())
    assert SECRET not in f"{told!r} {told} {told.__cause__!r} {caplog.text} {seen}"
    assert caplog.text == seen == ""


@pytest.mark.parametrize(
    ("value", "words"),
    [(None, "SERVICE"), ("", "no address"), (f"nonsense {SECRET}", "no address"), ("x://y", "no ad")],
)
def test_what_is_no_address(monkeypatch: pytest.MonkeyPatch, value: str | None, words: str) -> None:
    if value is None:
        monkeypatch.delenv("SERVICE", raising=False)
    else:
        monkeypatch.setenv("SERVICE", value)
    told = failure()
    assert isinstance(told, Transient)
    assert words in told.reason
    assert SECRET not in repr(told)


def test_one_time_limit(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERVICE", url(receiver, "/forever"))
    start = time.monotonic()
    told = failure(timeout_s=TIMEOUT_S)
    assert time.monotonic() - start < TIMEOUT_S + SLACK_S
    assert (type(told), told.kind) == (Unreachable, "timeout")


def test_a_service_that_hangs_holds_up_nobodys_exit(receiver: Receiver) -> None:
    """A process whose thread waits for a service ends when it wants to."""
    code = """if True:
        import asyncio
        from connectors.notify.opening import NotifySpec, open_notifier
        from tests.alert_factories import make_message
        from transforms.channels import channel
        from transforms.errors import Unreachable

        async def main():
            async with open_notifier(NotifySpec(user_agent="t", timeout_s=2.0)) as notifier:
                try:
                    await notifier.send(make_message(), channel("apprise:${SERVICE}"))
                except Unreachable as e:
                    print(e.kind)

        asyncio.run(main())
    """
    service = url(receiver, "/drip") + "?rto=60"
    start = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", code], env={"SERVICE": service}, capture_output=True, text=True, check=True, timeout=30
    )
    assert done.stdout.strip() == "timeout"
    assert time.monotonic() - start < 15


def test_it_is_loaded_only_where_something_is_sent_by_it() -> None:
    code = """if True:
        import asyncio, sys
        from connectors.notify.opening import NotifySpec, open_notifier

        before = {"aiohttp", "jinja2", "smtplib", "apprise"} & sys.modules.keys()

        async def main():
            async with open_notifier(NotifySpec(user_agent="t")):
                print(sorted(before), "apprise" in sys.modules)

        asyncio.run(main())
    """
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[] False"
