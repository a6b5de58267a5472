"""The Notifier port into files, read back by feedparser."""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import feedparser
import pytest
from lxml import etree

from connectors.notify.opening import NotifySpec, open_notifier
from tests.alert_factories import HOSTILE, MARKUP, full_alert, make_alert, make_match, make_message
from tests.factories import NOON
from transforms.atom import MAX_ENTRIES
from transforms.channels import channel
from transforms.errors import NewswireError, Permanent, Transient
from transforms.messages import Message

ATOM = "{http://www.w3.org/2005/Atom}"
TAG = "tag:newswire,2026:alert:"


def send(folder: Path | str, *sent: Message) -> None:
    async def run() -> None:
        spec = NotifySpec(user_agent="newswire-tests/1", atom_folder=str(folder), base_url="https://news.example")
        async with open_notifier(spec) as notifier:
            for message in sent or (make_message(),):
                await notifier.send(message, channel("atom:"))

    asyncio.run(run())


def failure(folder: Path | str, *sent: Message) -> NewswireError:
    with pytest.raises(NewswireError) as caught:
        send(folder, *sent)
    return caught.value


def read(file: Path) -> Any:
    """What a feed reader makes of it; and it is what RFC 4287 asks for."""
    parsed = feedparser.parse(file.read_bytes())
    assert not parsed.bozo
    assert parsed.version == "atom10"
    root = etree.fromstring(file.read_bytes())
    for one in (root, *root.findall(f"{ATOM}entry")):  # 4.1.1 and 4.1.2: exactly one of each
        assert [len(one.findall(ATOM + name)) for name in ("id", "title", "updated")] == [1, 1, 1]
        assert one.find(f"{ATOM}author/{ATOM}name").text
    ids = [one.text for one in root.iter(f"{ATOM}id")]
    assert len(set(ids)) == len(ids)
    return parsed


def ids(file: Path) -> list[str]:
    return [entry.id.removeprefix(TAG) for entry in read(file).entries]


def numbered(n: int) -> Message:
    return make_message(make_alert(id=f"a{n}", story=f"s{n}", made_at=NOON + timedelta(minutes=n)))


def test_a_feed_has_everything(tmp_path: Path) -> None:
    send(tmp_path / "new" / "alerts", make_message(full_alert()))
    parsed = read(tmp_path / "new" / "alerts" / "quiet.atom")
    assert parsed.feed.title == "Quiet days"
    assert parsed.feed.subtitle == "quiet"
    assert parsed.feed.id == "tag:newswire,2026:subscription:quiet"
    (entry,) = parsed.entries
    assert entry.id == f"{TAG}a2"
    assert entry.title == "CORRECTED: Quiet day"
    assert entry.link == "https://wire.example/world/quiet-day"
    assert entry.author == "Wire"
    assert entry.updated == parsed.feed.updated == "2026-11-18T13:00:00.000000Z"
    assert entry.published == "2026-11-18T08:30:00.000000Z"
    assert [(one.term, one.label) for one in entry.tags] == [("airstrikes", "Air strikes")]
    (content,) = entry.content
    assert content.type == "text/html"
    assert "https://news.example/trace/1a" in content.value
    assert "&lt;mark&gt;Quiet&lt;/mark&gt; day" in (tmp_path / "new" / "alerts" / "quiet.atom").read_text("utf-8")
    assert [one.name for one in (tmp_path / "new" / "alerts").iterdir()] == ["quiet.atom"]


def test_the_latest_comes_first_and_the_oldest_goes(tmp_path: Path) -> None:
    count = MAX_ENTRIES + 5
    send(tmp_path, *map(numbered, range(count)))
    assert ids(tmp_path / "quiet.atom") == [f"a{n}" for n in range(count - 1, 4, -1)]


def test_what_comes_late_takes_its_place(tmp_path: Path) -> None:
    send(tmp_path, numbered(1), numbered(3), numbered(2))
    assert ids(tmp_path / "quiet.atom") == ["a3", "a2", "a1"]


def test_a_digest_is_an_entry_for_each_alert(tmp_path: Path) -> None:
    send(tmp_path, make_message(make_alert(id="a1", story="1"), make_alert(id="a2", story="1"), make_alert(id="a3")))
    assert ids(tmp_path / "quiet.atom") == ["a3", "a2", "a1"]


def test_sent_again_it_is_the_same_feed(tmp_path: Path) -> None:
    file = tmp_path / "quiet.atom"
    send(tmp_path, numbered(1), numbered(2))
    before, written = file.read_bytes(), file.stat().st_mtime_ns
    send(tmp_path, numbered(1), numbered(2), numbered(1))
    assert (file.read_bytes(), file.stat().st_mtime_ns) == (before, written)


def test_told_anew_an_entry_says_the_new(tmp_path: Path) -> None:
    send(tmp_path, make_message(make_alert()), make_message(full_alert(id="a1", made_at=NOON)))
    (entry,) = read(tmp_path / "quiet.atom").entries
    assert entry.title == "CORRECTED: Quiet day"


def test_each_subscription_has_its_own(tmp_path: Path) -> None:
    send(tmp_path, make_message(), make_message(id="loud", name=MARKUP, query=MARKUP))
    assert sorted(one.name for one in tmp_path.iterdir()) == ["loud.atom", "quiet.atom"]
    root = etree.parse(tmp_path / "loud.atom").getroot()
    assert root.findtext(f"{ATOM}title", "").startswith("</title><script>")


@pytest.mark.parametrize("text", HOSTILE)
def test_whatever_a_headline_says_it_is_only_said(tmp_path: Path, text: str) -> None:
    hostile = full_alert(headline=text, outlet=text, description=text, matches=(make_match(f"a {text}", 0, 1),))
    send(tmp_path, make_message(hostile, name=text), make_message(full_alert(id="a3")))
    file = tmp_path / "quiet.atom"
    assert len(read(file).entries) == 2
    assert file.stat().st_size < 30_000
    for content in etree.parse(file).iter(f"{ATOM}content"):
        assert "<script" not in (content.text or "")
        assert "<img" not in (content.text or "")


@pytest.mark.parametrize("url", ["javascript:alert(1)", "", "https://a.example/\ufffe"])
def test_only_web_addresses_become_links(tmp_path: Path, url: str) -> None:
    send(tmp_path, make_message(full_alert(url=url)))
    links = [one.get("href", "") for one in etree.parse(tmp_path / "quiet.atom").iter(f"{ATOM}link")]
    assert all(one.startswith("https://") for one in links)
    assert len(links) == url.startswith("https://")


BOMB = (
    b'<!DOCTYPE feed [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]>'
    b'<feed xmlns="http://www.w3.org/2005/Atom"><title>&b;</title></feed>'
)


@pytest.mark.parametrize(
    "broken",
    [
        b"\x00\xff",
        b"<feed",
        b"<html/>",
        b'<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>x</title></entry></feed>',
        b'<!DOCTYPE feed [<!ENTITY x SYSTEM "file:///etc/passwd">]><feed xmlns="http://www.w3.org/2005/Atom">&x;</feed>',
        BOMB,
    ],
)
def test_what_is_no_feed_is_set_aside(tmp_path: Path, caplog: pytest.LogCaptureFixture, broken: bytes) -> None:
    (tmp_path / "quiet.atom").write_bytes(broken)
    with caplog.at_level(logging.WARNING):
        send(tmp_path)
    assert ids(tmp_path / "quiet.atom") == ["a1"]
    assert (tmp_path / "quiet.atom.broken").read_bytes() == broken
    assert "quiet.atom.broken" in caplog.text


def test_a_write_that_was_cut_off_leaves_the_feed_as_it_was(tmp_path: Path) -> None:
    send(tmp_path, numbered(1))
    (tmp_path / ".quiet.atom").write_bytes(b"<feed><ent")
    assert ids(tmp_path / "quiet.atom") == ["a1"]
    send(tmp_path, numbered(2))
    assert ids(tmp_path / "quiet.atom") == ["a2", "a1"]
    assert [one.name for one in tmp_path.iterdir()] == ["quiet.atom"]


def _send_some(folder: str, first: int) -> None:
    send(folder, *map(numbered, range(first, first + 20)))


def test_two_processes_lose_nothing(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    others = [context.Process(target=_send_some, args=(str(tmp_path), first)) for first in (0, 20)]
    for one in others:
        one.start()
    for one in others:
        one.join(60)
    assert [one.exitcode for one in others] == [0, 0]
    assert ids(tmp_path / "quiet.atom") == [f"a{n}" for n in range(39, -1, -1)]


def test_without_a_folder_it_says_what_to_set() -> None:
    told = failure("")
    assert isinstance(told, Transient)
    assert "[alerts] atom_folder" in told.reason


def test_a_folder_that_cannot_be_one(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    told = failure(tmp_path / "file" / "alerts")
    assert isinstance(told, Transient)
    assert "[alerts] atom_folder" in told.reason
    assert str(tmp_path) in told.reason


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full disk at hand")
def test_a_full_disk_leaves_the_feed_as_it_was(tmp_path: Path) -> None:
    send(tmp_path, numbered(1))
    before = (tmp_path / "quiet.atom").read_bytes()
    os.symlink("/dev/full", tmp_path / ".quiet.atom")
    assert isinstance(failure(tmp_path, numbered(2)), Transient)
    assert (tmp_path / "quiet.atom").read_bytes() == before


def test_an_id_that_leads_elsewhere(tmp_path: Path) -> None:
    assert isinstance(failure(tmp_path / "in", make_message(id="../out")), Permanent)
    assert list(tmp_path.iterdir()) == []
