"""Every error this project raises on purpose.

    NewswireError
    ├── Transient          worth another try, perhaps after `retry_after`
    │   ├── Unreachable    no answer, or an answer cut short
    │   ├── Busy           429, 503, a store that is locked
    │   └── Resting        not even asked: its host wants to be left alone for a while
    └── Permanent          this input will never work as it is; trying again is noise
        ├── Gone           404, 410
        ├── Refused        401, 403 and the other 4xx
        ├── Forbidden      an address or scheme we do not go to (private hosts, javascript:)
        ├── Disallowed     robots.txt asks us not to
        ├── TooLarge       over the byte cap, packed or unpacked
        ├── TooSlow        reading it took longer than a worker may take
        ├── Crashed        reading it ended its worker
        ├── NoLink         an entry that leads nowhere
        ├── NotAFeed
        ├── NotAnArticle   no web page, or nothing to read
        │   ├── Challenged     "Just a moment…": the site wants proof of a human reader
        │   ├── ConsentWall    the site wants consent first
        │   ├── LoginWall      … an account
        │   ├── Paywalled      … a subscription, and shows next to nothing of the story
        │   ├── ErrorPage      "Page not found", maintenance and the like, sent as if all were well
        │   └── IndexPage      a list of stories
        └── Unindexable    the store rejected the document

`ConfigError`, `StoreFailed` and `QueryError` stand apart: they are for the person at the keyboard, and no pipeline
catches them.
"""

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import ClassVar, Final

#: The kinds of failure, as histories, counters and alarms name them: a fixed vocabulary, finer than the classes.
KINDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "dns": "its host has no address",
        "refused": "its host refuses connections",
        "tls": "no secure connection",
        "timeout": "no complete answer in time",
        "dropped": "the answer breaks off, or is no HTTP",
        "server-error": "5xx",
        "busy": "503, 408 or 425",
        "rate-limited": "429",
        "resting": "not asked, since its host is left alone",
        "not-found": "404",
        "gone": "410",
        "denied": "401, 403 or another 4xx",
        "redirects": "redirects without an end",
        "forbidden": "an address that is never fetched",
        "robots": "robots.txt asks us not to",
        "too-large": "more bytes than allowed",
        "too-slow": "reading it took too long",
        "crashed": "reading it ended its worker",
        "not-a-feed": "the answer is no feed",
        "no-link": "an item that leads nowhere",
        "not-an-article": "the answer is no article",
        "unindexable": "the store would not have it",
        "failed": "anything else",
    }
)


class NewswireError(Exception):
    """Base of the two families; pickles, because Beam ships errors between workers.

    `subject` is the URL or document id an operator would search for; `reason` is one line of plain words.
    """

    #: Whether the same request may succeed later.
    retryable: ClassVar[bool] = False
    #: One of KINDS; an error may say a finer one than its class.
    kind: str = "failed"

    def __init__(self, subject: str, reason: str, *, kind: str = "") -> None:
        super().__init__(subject, reason)  # args must equal the signature, or unpickling fails
        self.subject = subject
        self.reason = reason
        if kind:
            self.kind = kind

    def __str__(self) -> str:
        return f"{self.subject}: {self.reason}"


class Transient(NewswireError):
    """The same request may succeed later. `retry_after` is the server's own wish, when it gave one."""

    retryable = True

    def __init__(self, subject: str, reason: str, retry_after: timedelta | None = None, *, kind: str = "") -> None:
        super().__init__(subject, reason, kind=kind)
        self.args = (subject, reason, retry_after)
        self.retry_after = retry_after


class Permanent(NewswireError):
    """The input itself is the problem."""


class Unreachable(Transient):
    """No answer, or an answer cut short."""

    kind = "dropped"


class Busy(Transient):
    """The other side asked for patience: 429, 503, a locked store."""

    kind = "busy"


class Resting(Transient):
    """We did not ask: its host refused others, or asked for patience, and is left alone until `retry_after`."""

    kind = "resting"


class Gone(Permanent):
    """404 or 410."""

    kind = "not-found"


class Refused(Permanent):
    """The server will not give it to us: 401, 403 and the other 4xx."""

    kind = "denied"


class Forbidden(Permanent):
    """We will not go there: a private address, or a scheme other than http and https."""

    kind = "forbidden"


class Disallowed(Permanent):
    """The site's robots.txt asks us not to fetch it."""

    kind = "robots"


class TooLarge(Permanent):
    """More bytes than the cap, as sent or once unpacked."""

    kind = "too-large"


class TooSlow(Permanent):
    """A worker was stopped while reading it."""

    kind = "too-slow"


class Crashed(Permanent):
    """A worker died, or ran out of its memory, while reading it."""

    kind = "crashed"


class NoLink(Permanent):
    """A feed's item without an address of its own."""

    kind = "no-link"


class NotAFeed(Permanent):
    """What the feed's address answered is no feed."""

    kind = "not-a-feed"


class NotAnArticle(Permanent):
    """What the entry's address answered is no article."""

    kind = "not-an-article"


class Challenged(NotAnArticle):
    """A captcha, a browser check or a block stands in place of the page; it may be gone in an hour."""

    retryable = True


class ConsentWall(NotAnArticle):
    """The page asks for consent to cookies and the like before it shows the story."""


class LoginWall(NotAnArticle):
    """The page asks its reader to log in or to register."""


class Paywalled(NotAnArticle):
    """The page asks its reader to pay, and has no more than a line of the story."""


class ErrorPage(NotAnArticle):
    """An error or maintenance page that was sent with a status of success: repaired, or published, some time later."""

    retryable = True


class IndexPage(NotAnArticle):
    """A home, section, tag, search or author page."""


class Unindexable(Permanent):
    """The store rejected this document."""

    kind = "unindexable"


class ConfigError(Exception):
    """The settings cannot be used; the message lists every problem with its place."""


class StoreFailed(Exception):
    """The store cannot be written at all: a full or broken disk, a read-only file. Nothing can be recorded any more."""


class QueryError(ValueError):
    """A search or subscription query that cannot be understood.

    `position` counts characters from 0; None where the problem has no single place.
    """

    def __init__(self, query: str, reason: str, position: int | None = None) -> None:
        super().__init__(query, reason, position)
        self.query = query
        self.reason = reason
        self.position = position

    def __str__(self) -> str:
        if self.position is None:
            return f"{self.reason}: {self.query}"
        return f"{self.reason} (at character {self.position + 1})\n  {self.query}\n  {' ' * self.position}^"
