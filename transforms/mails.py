"""Messages for people: a subject, a text, and the same as HTML."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined

from transforms.alert_words import Pieces, Story, about, stories, subject
from transforms.messages import Message

_HTML = Environment(
    loader=PackageLoader("transforms"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    keep_trailing_newline=True,
    auto_reload=False,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """What a mail says; the subject is one line."""

    subject: str
    text: str
    html: str


def mail(message: Message, *, base_url: str = "", unsubscribe: str = "") -> Mail:
    """A message as a mail. `unsubscribe`: an address (https: or mailto:) that ends the subscription, or empty."""
    told, title = stories(message, base_url=base_url), subject(message)
    html = _HTML.get_template("mail.html.j2").render(
        subject=title, stories=told, about=about(message.subscription), unsubscribe=unsubscribe
    )
    text = as_text(message, base_url=base_url)
    ending = f"-- \n{about(message.subscription)}\n" + (f"Unsubscribe: {unsubscribe}\n" if unsubscribe else "")
    return Mail(subject=title, text=f"{text}\n{ending}", html=html)


def as_text(message: Message, *, base_url: str = "") -> str:
    """What a message says, as plain text; matched words stand between *."""
    return "\n\n".join("\n".join(_lines(one)) for one in stories(message, base_url=base_url)) + "\n"


def as_html(story: Story) -> str:
    """What is told of a story, as the inside of an HTML element."""
    return _HTML.get_template("alert.html.j2").render(it=story)


def unsubscribe_at(setting: str, sender: str, subscription_id: str) -> str:
    """Where one subscription is ended: at the `setting`, an https: or mailto: address, or by a mail to `sender`."""
    address = setting or f"mailto:{sender}"
    mark = "&" if urlsplit(address).query else "?"
    if not address.lower().startswith("mailto:"):
        return f"{address}{mark}subscription={quote(subscription_id)}"
    asked = "subject=" in urlsplit(address).query
    return address if asked else f"{address}{mark}subject={quote(f'unsubscribe {subscription_id}')}"


def _lines(story: Story) -> Iterator[str]:
    yield f"{story.label} {story.headline}".strip()
    yield story.facts
    if story.url:
        yield story.url
    if story.description:
        yield f"\n{story.description}"
    if story.note:
        yield f"\nNote: {story.note}"
    yield from (f"\n{said}" for said in story.remarks)
    if story.why:
        yield "\nWhy:"
        yield from (f"  {head}: {_starred(pieces)}" if pieces else f"  {head}" for head, pieces in story.why)
    if story.topics:
        yield "\nTopics:"
        for name, proofs in story.topics:
            yield f"  {name}"
            yield from (f"    {_starred(pieces)}" for pieces in proofs)
    if story.changes:
        yield "\nChanged:"
        yield from (f"  {one.field}: {one.left}[{one.old} -> {one.new}]{one.right}" for one in story.changes)
    if story.earlier:
        yield "\nBefore:"
        yield from (f"  {said}" for said in story.earlier)
    if story.reprints:
        yield "\nAlso in:"
        yield from (f"  {outlet}: {headline} {url}".rstrip() for outlet, headline, url in story.reprints)
    yield f"\nHow it came here: {story.trace}"


def _starred(pieces: Pieces) -> str:
    return "".join(f"*{text}*" if hit else text for text, hit in pieces)
