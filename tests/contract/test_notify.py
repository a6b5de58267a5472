"""The Notifier port on real receivers, which take a message, refuse it, or go wrong."""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, get_args

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from connectors.notify.opening import NotifySpec, open_notifier
from tests.alert_factories import HOSTILE, LONG, full_alert, make_alert, make_message
from tests.receiver import LATE_S, Receiver
from tests.site import RETRY_AFTER_S
from transforms.channels import Kind, channel
from transforms.errors import Busy, Forbidden, Gone, NewswireError, Permanent, Refused, Transient, Unreachable
from transforms.messages import Message, payload

#: Short, since what never answers is waited for in full.
TIMEOUT_S = 0.6
#: What a busy machine may add to a time limit.
SLACK_S = 1.5
#: The example of the Standard Webhooks specification, and a newer key in plain text.
OLD_KEY, NEW_KEY = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "correct horse battery staple"
BASE = "https://news.example"


@pytest.fixture(scope="module")
def shared_receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def receiver(shared_receiver: Receiver) -> Receiver:
    shared_receiver.forget()
    return shared_receiver


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OLD_KEY", OLD_KEY)
    monkeypatch.setenv("NEW_KEY", NEW_KEY)


def spec(**overrides: Any) -> NotifySpec:
    return NotifySpec(
        **{
            "user_agent": "newswire-tests/1",
            "timeout_s": TIMEOUT_S,
            "allow_private_hosts": True,
            "signing": ("${OLD_KEY}",),
            "base_url": BASE,
            **overrides,
        }
    )


def send(address: str, *sent: Message, **overrides: Any) -> None:
    """Send messages, or a boring one, one after the other by one notifier."""

    async def run() -> None:
        async with open_notifier(spec(**overrides)) as notifier:
            for message in sent or (make_message(),):
                await notifier.send(message, channel(address))

    asyncio.run(run())


def failure(address: str, *sent: Message, **overrides: Any) -> NewswireError:
    """What sending ends with; an error that is none of ours goes through."""
    with pytest.raises(NewswireError) as caught:
        send(address, *sent, **overrides)
    return caught.value


# Webhooks: what is sent.


def test_a_webhook_is_signed_json(receiver: Receiver) -> None:
    message = make_message(full_alert())
    send(receiver.url("/hook"), message)
    (got,) = receiver.received
    assert got.headers["content-type"] == "application/json"
    assert got.headers["user-agent"] == "newswire-tests/1"
    assert got.id == message.id
    assert abs(int(got.headers["webhook-timestamp"]) - time.time()) < 5
    assert receiver.verified(OLD_KEY) == [payload(message, base_url=BASE)]


@pytest.mark.parametrize("text", HOSTILE)
def test_whatever_a_headline_says_it_arrives(receiver: Receiver, text: str) -> None:
    send(receiver.url("/hook"), make_message(full_alert(headline=text, outlet=text)))
    (told,) = receiver.verified(OLD_KEY)
    assert told["alerts"][0]["headline"] == text.replace("\ud800", "?")


def test_while_keys_change_both_sign(receiver: Receiver) -> None:
    send(receiver.url("/hook"), signing=("${NEW_KEY}", "${OLD_KEY}"))
    assert receiver.verified(OLD_KEY) == receiver.verified(NEW_KEY.encode()) == [payload(make_message(), base_url=BASE)]
    assert receiver.received[0].headers["webhook-signature"].count("v1,") == 2


def test_a_subscription_has_its_own_keys(receiver: Receiver) -> None:
    send(receiver.url("/hook"), make_message(signing=("${NEW_KEY}",)))
    assert receiver.verified(NEW_KEY.encode())
    with pytest.raises(WebhookVerificationError):
        receiver.verified(OLD_KEY)


@pytest.mark.parametrize("harm", ["key", "body", "id", "timestamp", "old"])
def test_what_was_tampered_with_has_no_good_signature(receiver: Receiver, harm: str) -> None:
    send(receiver.url("/hook"))
    (got,) = receiver.received
    key, body, headers = OLD_KEY, got.body, dict(got.headers)
    match harm:
        case "key":
            key = "whsec_" + base64.b64encode(b"another key").decode()
        case "body":
            body = body.replace(b"Quiet day", b"Quiet war")
        case "id":
            headers["webhook-id"] = "a2"
        case "timestamp":
            headers["webhook-timestamp"] = str(int(headers["webhook-timestamp"]) + 1)
        case "old":
            headers["webhook-timestamp"] = str(int(time.time()) - 3600)
    with pytest.raises(WebhookVerificationError):
        Webhook(key).verify(body, headers)
    assert body is not got.body or Webhook(OLD_KEY).verify(got.body, dict(got.headers))


def test_every_try_says_the_same(receiver: Receiver) -> None:
    url = receiver.answers("/hook", 500)
    message = make_message(full_alert(), make_alert())
    failure(url, message)
    send(url, message)
    first, second = receiver.received
    assert (first.id, first.body) == (second.id, second.body)


def test_many_messages_share_a_connection(receiver: Receiver) -> None:
    send(receiver.url("/hook"), *(make_message(make_alert(id=f"a{n}")) for n in range(20)))
    assert receiver.ids() == [f"a{n}" for n in range(20)]
    assert len({one.headers["webhook-id"] for one in receiver.received}) == 20


def test_user_and_password_of_an_address_are_sent_as_such(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOK", receiver.url("/hook").replace("//", "//desk:s3cret@"))
    send("webhook:${HOOK}")
    assert receiver.received[0].headers["authorization"] == "Basic " + base64.b64encode(b"desk:s3cret").decode()


# Webhooks: what receivers say.


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_every_success_is_one(receiver: Receiver, status: int) -> None:
    send(receiver.answers("/hook", status))
    assert receiver.ids() == ["a1"]


@pytest.mark.parametrize(
    ("status", "kind", "error"),
    [
        (400, "denied", Refused),
        (401, "denied", Refused),
        (404, "not-found", Gone),
        (410, "gone", Gone),
        (422, "denied", Refused),
        (429, "rate-limited", Busy),
        (500, "server-error", Unreachable),
        (502, "server-error", Unreachable),
        (503, "busy", Busy),
        (304, "denied", Refused),
    ],
)
def test_every_refusal_is_of_a_family(receiver: Receiver, status: int, kind: str, error: type[NewswireError]) -> None:
    told = failure(receiver.answers("/hook", status))
    assert (type(told), told.kind) == (error, kind)
    assert f"HTTP {status}" in told.reason


@pytest.mark.parametrize("status", [429, 503])
def test_a_receiver_says_when(receiver: Receiver, status: int) -> None:
    told = failure(receiver.answers("/hook", status, headers={"Retry-After": "90"}))
    assert isinstance(told, Transient)
    assert told.retry_after == timedelta(seconds=90)
    told = failure(receiver.url(f"/{status}-date"))
    assert isinstance(told, Transient)
    assert told.retry_after is not None
    assert told.retry_after.total_seconds() == pytest.approx(RETRY_AFTER_S, abs=5)


def test_redirects_are_not_followed(receiver: Receiver) -> None:
    told = failure(receiver.url("/moved"))
    assert isinstance(told, Permanent)
    assert told.kind == "redirects"
    assert "not followed" in told.reason
    assert receiver.ids() == []


def test_a_refusal_is_quoted_in_short(receiver: Receiver) -> None:
    words = "no such \x1b[2J\u202e event\r\n" + receiver.url("/a?token=s3cret") + " " + LONG
    told = failure(receiver.put("/hook", words.encode(), status=400))
    assert told.reason.startswith("HTTP 400: no such [2J event http")
    assert len(told.reason) < 230
    assert told.reason.isprintable()
    assert "s3cret" not in told.reason


# Webhooks: receivers that go wrong.


@pytest.mark.parametrize("path", ["/drop", "/reset", "/garbage", "/headers-huge", "/header-long", "/unread"])
def test_no_answer_at_all(receiver: Receiver, path: str) -> None:
    message = make_message(make_alert(headline="x" * 5_000_000)) if path == "/unread" else make_message()
    told = failure(receiver.url(path), message, timeout_s=5.0)
    assert isinstance(told, Transient | Refused)
    assert receiver.host in told.subject


@pytest.mark.parametrize("path", ["/forever", "/drip-headers", "/late"])
def test_one_time_limit_for_everything(receiver: Receiver, path: str) -> None:
    start = time.monotonic()
    told = failure(receiver.url(path))
    assert time.monotonic() - start < TIMEOUT_S + SLACK_S < LATE_S
    assert isinstance(told, Unreachable)
    assert told.kind == "timeout"


@pytest.mark.parametrize("path", ["/drip", "/partial", "/huge", "/announced-huge", "/cut-chunks", "/bomb"])
def test_what_was_taken_is_taken_however_the_answer_ends(receiver: Receiver, path: str) -> None:
    start = time.monotonic()
    send(receiver.url(path), timeout_s=30.0)
    assert time.monotonic() - start < 1.0 + SLACK_S
    assert receiver.ids(path) == ["a1"]


def test_nobody_listens() -> None:
    with Receiver() as gone:
        url = gone.url("/hook")
    told = failure(url)
    assert isinstance(told, Unreachable)
    assert told.kind == "refused"


def test_a_host_without_an_address() -> None:
    assert failure("https://nobody.invalid/hook", timeout_s=5.0).kind == "dns"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "10.0.0.1", "169.254.169.254", "[::1]"])
def test_our_own_network_is_out_of_reach(receiver: Receiver, host: str) -> None:
    told = failure(f"http://{host}:{receiver.port}/hook", allow_private_hosts=False)
    assert isinstance(told, Forbidden)
    assert "allow_private_hosts" in told.reason
    assert receiver.received == []


# Webhooks: secrets, and what is not set up.


@pytest.mark.parametrize(
    "path", ["/echo", "/404", "/moved", "/garbage", "/forever", "/drop", "/500", "/unread", "/header-long"]
)
def test_no_failure_tells_a_secret_address(receiver: Receiver, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    receiver.put("/404", b"no such thing: /404?who=s3cret-part", status=404)
    receiver.put("/500", b"s3cret-part", status=500)
    monkeypatch.setenv("HOOK", receiver.url(f"{path}?who=s3cret-part"))
    told = failure("webhook:${HOOK}")
    assert "s3cret-part" not in f"{told!r} {told} {told.__cause__!r}"
    assert told.subject == "webhook:${HOOK}"


@pytest.mark.parametrize("address", ["ftp://a/s3cret-part", "s3cret-part", "", "https://[s3cret-part/", "http://"])
def test_a_secret_that_is_no_address(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("HOOK", address)
    told = failure("webhook:${HOOK}")
    assert isinstance(told, Transient)
    assert "s3cret-part" not in repr(told)


def test_a_private_address_that_is_secret(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOK", receiver.url("/hook/s3cret-part"))
    told = failure("webhook:${HOOK}", allow_private_hosts=False)
    assert isinstance(told, Forbidden)
    assert "allow_private_hosts" in told.reason
    assert "s3cret-part" not in repr(told)


def test_nothing_is_sent_without_a_signature(receiver: Receiver) -> None:
    told = failure(receiver.url("/hook"), signing=())
    assert isinstance(told, Transient)
    assert "[alerts] signing" in told.reason
    assert receiver.received == []


@pytest.mark.parametrize(
    ("value", "said"), [(None, "not set"), ("", "empty"), ("whsec_", "empty"), ("whsec_s3cret!!", "base64")]
)
def test_a_key_that_cannot_be_used(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch, value: str | None, said: str
) -> None:
    if value is None:
        monkeypatch.delenv("OLD_KEY")
    else:
        monkeypatch.setenv("OLD_KEY", value)
    told = failure(receiver.url("/hook"))
    assert isinstance(told, Transient)
    assert said in told.reason
    assert "OLD_KEY" in told.reason
    assert "s3cret" not in repr(told)
    assert receiver.received == []


def test_a_key_that_is_written_out_is_not_repeated(receiver: Receiver) -> None:
    told = failure(receiver.url("/hook"), signing=(OLD_KEY,))
    assert "by reference" in told.reason
    assert OLD_KEY not in repr(told)


def test_each_kind_of_channel_has_its_sender() -> None:
    async def kinds() -> set[str]:
        async with open_notifier(NotifySpec(user_agent="test")) as notifier:
            return set(notifier._senders)  # type: ignore[attr-defined]

    assert asyncio.run(kinds()) == set(get_args(Kind))
