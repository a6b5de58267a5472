"""The subscriber's walk: from a dry run to an alert that was lost, with nothing but the guide; beside runs, and beside
a stream."""

import json
import re
import shlex
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pipelines.demo.server import WireServer
from tests.contract.test_notify_mail import Inbox, listening
from tests.e2e.cli import Shown, typed, write_settings
from tests.e2e.test_guides import ROOT
from tests.e2e.test_stream import QUIET, streaming, until
from tests.receiver import Received, Receiver

GUIDE = (ROOT / "docs" / "subscriber.md").read_text("utf-8")
ASKED = '("air strikes" OR airstrike) AND idlib'
DIGEST = " --to mailto:digest@example.org"
#: The story that is corrected in the second round.
WRONG, RIGHT = "Forty-one killed in air raid on camp near Idlib", "Fourteen killed in air raid on camp near Idlib"


def walk() -> list[str]:
    """The commands of the guide's first section, in order."""
    section = GUIDE.partition("## A first walk\n")[2].partition("\n## ")[0]
    return re.findall(r"`(newswire [^`]+)`", section)


def taken(message: Received, key: str) -> dict[str, Any]:
    """What a receiver that is written as the guide says makes of a message. Raises: WebhookVerificationError."""
    [receiver] = re.findall(r"^```python\n(.*?)^```", GUIDE, re.M | re.S)
    [example] = re.findall(r"whsec_\w+", receiver)
    names: dict[str, Any] = {"body": message.body, "headers": dict(message.headers)}
    exec(receiver.replace(example, key), names)
    return names["message"]


class Desk:
    """Somebody who subscribes to the sample wire, with a receiver and a mailbox."""

    def __init__(self, folder: Path, server: WireServer, receiver: Receiver, smtp: str) -> None:
        self.folder, self.server, self.receiver = folder, server, receiver
        self._alerts = f'[alerts]\nallow_private_hosts = true\nsmtp = "smtp://{smtp}"\nmail_from = "a@news.example"\n'
        self._alerts += 'signing = ["${HOOK_KEY}", "${OLD_KEY}"]\ntimeout_s = 2\n'

    def settings(self, *outlets: str, alerts: bool = True, more: str = "") -> Path:
        """The settings file: of these outlets, or of all."""
        feeds = [(one.id, url) for one, url in self.server.feeds() if not outlets or one.id in outlets]
        return write_settings(self.folder, feeds, timeout_s=2, more=(self._alerts if alerts else "") + more)

    def typed(self, line: str, exit_code: int = 0) -> Shown:
        """What a command of the guide prints, asked to tell our receiver. The wire's week is long over."""
        here = line.replace("https://desk.example", self.receiver.url("")).replace("--since 30d", "--since 2026-11-01")
        program, *arguments = shlex.split(here)
        assert program == "newswire"
        return typed(*arguments, cwd=self.folder, exit_code=exit_code)

    def deliveries(self, *arguments: str) -> list[dict[str, Any]]:
        return json.loads(typed("alerts", "deliveries", *arguments, "--json", cwd=self.folder).stdout)

    def at(self, path: str) -> list[Received]:
        return [one for one in self.receiver.received if one.path == path]


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch) -> str:
    """Made as the guide says; and there is an older one, which receivers may still have."""
    [line] = re.findall(r"^    (echo .*)$", GUIDE, re.M)
    made = subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=True).stdout.strip()
    monkeypatch.setenv("HOOK_KEY", made)
    monkeypatch.setenv("OLD_KEY", OLD)
    return made


OLD = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def desk(tmp_path: Path, inbox: Inbox, key: str) -> Iterator[Desk]:
    with WireServer() as server, Receiver() as receiver, listening(inbox) as smtp:
        yield Desk(tmp_path, server, receiver, smtp)


@pytest.mark.slow
def test_the_walk(desk: Desk, inbox: Inbox, key: str) -> None:
    dry_run, add, show, listing, waiting, redeliver = walk()

    # With one wire in the archive, and nothing set up for alerts.
    desk.settings("northline", alerts=False)
    assert "the archive is empty" in desk.typed(dry_run).stdout
    typed("run", cwd=desk.folder)
    tried = desk.typed(dry_run).stdout
    assert "would have fired 2 times since 2026-11-01" in tried
    assert "**air strike** hits **Idlib** hospital" in tried
    lacking = desk.typed(add).stderr
    assert f"nothing goes to {desk.receiver.url('/hook')} yet: not sent without a signature" in lacking
    assert "nothing goes to mailto:desk@example.org yet: no mail server" in lacking

    # Another one follows.
    desk.settings("northline", "meridian")
    said = desk.typed(add)
    assert ("unchanged" in said.stdout, said.stderr) == (True, "")
    hook = "newswire alerts add {} '" + ASKED + "' --to https://desk.example/hook/{}"
    desk.typed(hook.format("away", "away"))
    desk.typed(hook.format("digest", "digest") + DIGEST + " --cron '0 7 1 1 *'")
    typed("run", "--all", cwd=desk.folder)
    [message] = desk.at("/hook")
    for known in (key, OLD):
        [alert] = taken(message, known)["alerts"]
    assert (alert["kind"], alert["outlet"]) == ("new", "The Meridian Courier")
    assert alert["headline"].startswith(WRONG)
    [mail] = inbox.mails()
    assert str(mail["Subject"]).startswith(WRONG)
    assert "*Idlib*" in mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert len(desk.at("/hook/away")) == 1

    # Why?
    shown = desk.typed(show).stdout
    for words in ("airstrike in keywords: ", "idlib in title: Forty-one", "air raid", f"last delivered {_today()}"):
        assert words in shown
    assert alert["trace"] in shown
    assert "announced by meridian" in desk.typed(alert["trace"]).stdout

    # The correction comes while the receiver is away, and another subscription is paused.
    desk.typed("newswire alerts pause away")
    desk.receiver.answers("/hook", 503)
    desk.server.turn(2)
    ended = typed("run", "--all", cwd=desk.folder).stdout
    assert "1 tries failed" in ended
    assert "`newswire alerts list` says which receivers" in ended
    assert "failing: HTTP 503" in desk.typed(listing).stdout
    assert RIGHT in desk.typed(waiting).stdout
    assert [str(mail["Subject"]).startswith(f"CORRECTED: {RIGHT}") for mail in inbox.mails()] == [False, True]
    refused = desk.at("/hook")[-1]
    until(lambda: bool(_delivered(desk)), 30)
    first, again = [one for one in desk.at("/hook") if one.id != message.id]
    assert first.id == again.id == refused.id
    [corrected] = taken(again, key)["alerts"]
    assert [corrected[name] for name in ("kind", "story", "status")] == ["corrected", alert["story"], "corrected"]
    assert next(one for one in corrected["changes"] if one["field"] == "title")["old"].startswith(WRONG)
    assert f"+ {RIGHT}" in desk.typed(show).stdout
    desk.typed("newswire alerts resume away")
    _delivered(desk)
    assert len(desk.at("/hook/away")) == 1, "what came while it was paused is not told"

    # A digest has a story once, in its latest state; a program gets both alerts.
    assert desk.at("/hook/digest") == []
    moved = desk.typed(hook.format("digest", "digest") + DIGEST + " --cool-down 30m").stdout
    assert "2 alerts that were waiting are told so from now on" in moved
    _delivered(desk)
    [digest] = desk.at("/hook/digest")
    told = taken(digest, key)["alerts"]
    assert [(one["kind"], one["story"]) for one in told] == [("new", alert["story"]), ("corrected", alert["story"])]
    [mail] = [mail for mail in inbox.mails() if mail["To"] == "digest@example.org"]
    assert str(mail["Subject"]).startswith(f"CORRECTED: {RIGHT}")
    assert mail.get_body(("plain",)).get_content().count("How it came here: ") == 1  # type: ignore[union-attr]

    # Something was lost: the same once more, under the ids that are known.
    before = [(one.id, one.body) for one in (message, again)]
    assert desk.typed(redeliver).stdout == "4 deliveries will be sent again\n"
    _delivered(desk)
    assert sorted((one.id, one.body) for one in desk.at("/hook")[-2:]) == sorted(before)
    assert [mail["To"] for mail in inbox.mails()].count("desk@example.org") == 4
    assert {one["state"] for one in desk.deliveries("idlib-strikes")} == {"delivered"}


def _today() -> str:
    return f"{datetime.now(UTC):%Y-%m-%d}"


def _delivered(desk: Desk) -> bool:
    """What is due is sent; whether there was anything."""
    return not typed("alerts", "deliver", "--once", cwd=desk.folder).stdout.startswith("0 ")


@pytest.mark.slow
def test_beside_a_stream(desk: Desk, inbox: Inbox, key: str) -> None:
    file = desk.settings(more=QUIET)
    file.write_text(file.read_text().replace("[[feeds]]\n", '[[feeds]]\ninterval = "2s"\n'))
    _, add, show, listing, *_ = walk()
    desk.typed(add)
    hook = "newswire alerts add {} '" + ASKED + "' --to https://desk.example/hook/{}"
    desk.typed(hook.format("quarter", "digest") + " --every 1m")
    desk.typed(hook.format("away", "away"))
    with streaming(desk.folder):
        until(lambda: len(desk.at("/hook")) == len(desk.at("/hook/away")) == len(inbox.mails()) == 3)
        assert {taken(one, key)["alerts"][0]["kind"] for one in desk.at("/hook")} == {"new"}

        desk.typed("newswire alerts pause away")
        time.sleep(5)  # what is asked of changes
        desk.receiver.answers("/hook", 503)
        desk.server.turn(2)
        until(lambda: "failing: HTTP 503" in desk.typed(listing).stdout, 20)
        until(lambda: len(desk.at("/hook")) == 5, 30)  # by itself, when it is tried again
        refused, corrected = desk.at("/hook")[-2:]
        assert refused.id == corrected.id
        assert taken(corrected, key)["alerts"][0]["kind"] == "corrected"
        until(lambda: f"+ {RIGHT}" in desk.typed(show).stdout, 10)

        until(lambda: not desk.deliveries("quarter", "--state", "waiting"), 70)
        digests = [taken(one, key)["alerts"] for one in desk.at("/hook/digest")]
        assert 1 <= len(digests) <= 2, "a digest a minute, for two rounds"
        latest = {one["story"]: one["headline"] for alerts in digests for one in alerts}
        assert len(latest) == 3
        assert sum(headline.startswith(RIGHT) for headline in latest.values()) == 1

        desk.typed("newswire alerts resume away")
        desk.typed("newswire alerts redeliver --subscription idlib-strikes --since 24h")
        until(lambda: len(desk.at("/hook")) == 9, 20)
    assert len(desk.at("/hook/away")) == 3, "what came while it was paused is not told"
    assert len({one.id for one in desk.at("/hook")}) == 4
