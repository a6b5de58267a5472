"""What failures of channels say."""

from transforms.errors import Transient
from transforms.text import one_line
from transforms.urls import redact

#: Characters of a receiver's own words that are quoted.
MAX_QUOTED = 200
#: What a channel may lack of the settings.
NOT_SIGNED = "not sent without a signature: set [alerts] signing, or the subscription's own"
NO_SERVER = "no mail server: set [alerts] smtp, such as smtp+starttls://mail.example.org:587"
NO_SENDER = "no sender: set [alerts] mail_from, such as alerts@example.org"


def not_set_up(subject: str, what: str) -> Transient:
    """A channel that lacks a setting, or has a wrong one: what waits for it is delivered once somebody has mended
    that. `what` says what to set."""
    return Transient(subject, what, kind="failed")


def quoted(said: bytes | str) -> str:
    """A receiver's words on one line, short, without what moves a cursor, and without the secrets of addresses."""
    text = said.decode(errors="replace") if isinstance(said, bytes) else said
    line = one_line(text[: MAX_QUOTED * 10])
    line = " ".join(redact(word) for word in line.split())
    return line if len(line) <= MAX_QUOTED else f"{line[: MAX_QUOTED - 1]}…"
