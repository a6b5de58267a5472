"""A subscription's alerts as an Atom feed (RFC 4287), made of the feed as it was and of what came since."""

from datetime import datetime
from typing import Any

from lxml import etree

from transforms.alert_words import asks, named, story, titled, unbroken
from transforms.alerts import Alert
from transforms.mails import as_html
from transforms.messages import Message
from transforms.subscriptions import Subscription
from transforms.urls import is_followable

#: Entries of a feed; what is older is in the archive.
MAX_ENTRIES = 100
#: Bytes of a feed that is read: many times what MAX_ENTRIES alerts take.
MAX_FEED = 50_000_000
_ATOM = "http://www.w3.org/2005/Atom"
_NAMESPACE: Any = {None: _ATOM}
_ENTRY, _ID, _UPDATED = (f"{{{_ATOM}}}{name}" for name in ("entry", "id", "updated"))
#: RFC 4151: names that nobody resolves.
_TAG = "tag:newswire,2026:"


def feed(before: bytes, message: Message, *, base_url: str = "") -> bytes:
    """The feed with a message's alerts, the latest first; `before` is the feed as it was, or empty. An alert that is in
    it already is told anew in its place.

    Raises: ValueError: `before` is no feed of ours.
    """
    entries = _entries(before) if before else {}
    for alert in message.alerts:
        made = _entry(alert, message.subscription, base_url)
        entries[_text(made, _ID)] = made
    # The moments are written alike, so that their text sorts as they do; of those of one moment the last is first.
    latest = list(entries.values())[::-1]
    latest.sort(key=lambda one: _text(one, _UPDATED), reverse=True)
    del latest[MAX_ENTRIES:]
    root = etree.Element(f"{{{_ATOM}}}feed", nsmap=_NAMESPACE)
    _add(root, "id", f"{_TAG}subscription:{message.subscription.id}")
    _add(root, "title", named(message.subscription))
    _add(root, "subtitle", asks(message.subscription))
    _add(root, "updated", _text(latest[0], _UPDATED))
    _add(_add(root, "author"), "name", "newswire")
    _add(root, "generator", "newswire")
    root.extend(latest)
    return etree.tostring(root, encoding="utf-8", xml_declaration=True)


def _entries(before: bytes) -> dict[str, etree._Element]:
    """By id, oldest first."""
    # Nothing of another file or host is read, and nothing is blown up.
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    if len(before) > MAX_FEED:
        raise ValueError(f"more than {MAX_FEED} bytes")
    try:
        root = etree.fromstring(before, parser)
    except etree.XMLSyntaxError as e:
        raise ValueError(f"no XML: {e}") from None
    if root.tag != f"{{{_ATOM}}}feed" or root.getroottree().docinfo.internalDTD is not None:
        raise ValueError("no Atom feed")
    found = {}
    for one in reversed(root.findall(_ENTRY)):
        if not _text(one, _ID) or not _text(one, _UPDATED):
            raise ValueError("an entry without id or moment")
        found[_text(one, _ID)] = one
    return found


def _entry(alert: Alert, subscription: Subscription, base_url: str) -> etree._Element:
    entry = etree.Element(_ENTRY, nsmap=_NAMESPACE)
    _add(entry, "id", f"{_TAG}alert:{alert.id}")
    _add(entry, "title", titled(alert))
    _add(entry, "updated", _moment(alert.made_at))
    _add(entry, "published", _moment(alert.published_at or alert.first_seen_at))
    _add(_add(entry, "author"), "name", unbroken(alert.outlet[:200]).strip() or "?")
    if is_followable(alert.url):
        _add(entry, "link", rel="alternate", href=unbroken(alert.url))
    for topic in alert.topics:
        _add(entry, "category", term=unbroken(topic.id), label=unbroken(topic.label))
    told = as_html(story((alert,), subscription, base_url=base_url))
    _add(entry, "content", unbroken(told), type="html")
    return entry


def _add(parent: etree._Element, name: str, text: str = "", **attributes: str) -> etree._Element:
    one = etree.SubElement(parent, f"{{{_ATOM}}}{name}", attributes)
    if text:
        one.text = text
    return one


def _text(element: etree._Element, name: str) -> str:
    return element.findtext(name, "").strip()


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S.%fZ}"
