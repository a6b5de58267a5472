"""Whether a fetched page is no article: a challenge, a wall, an error page, an index, an empty shell. A story refused
by mistake is worse than a notice kept, so the words of a notice count only where there is little text beside them, and
never against what the feed announced or the page states of itself; a vendor's mark counts against both.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from transforms.notices import NOTICES
from transforms.seen import Seen, see
from transforms.text import one_line

Kind = Literal["challenge", "consent", "login", "paywall", "error", "index", "empty"]

#: A text this long, in characters, is no notice.
LITTLE_TEXT = 1_500
#: … but some consent walls go on and on.
LONGEST_CONSENT = 6_000
#: So much of a story is worth keeping even where the rest is for subscribers.
TEASER = 200
#: Vendors put their marks near the top of a page.
RAW = 100_000
MAX_SHOWN = 80
#: So much of a page's text, in characters, is searched for notices.
MAX_SEEN = 4_000
#: How soon after a text that says nothing about its price the asking must come.
AT_ONCE = 400
#: How many words of consent there must be, and how much of the text they must make up. An article about the law on
#: cookies stays below a tenth.
CONSENT_WORDS, CONSENT_SHARE = 5, 0.1
#: An index has so many links that read like headlines, and so much of its text is links.
HEADLINES, LINKED_SHARE = 8, 0.6
#: A page of cards with teasers has less of its text in links; then its address or its own word must say what it is.
CARDS, CARDS_SHARE = 12, 0.3
#: A paragraph this long is prose.
PROSE = 200

#: What only challenge pages contain. Not here: scripts that the same vendors put on every page they protect. (Looked
#: for one by one, in half the time that one regular expression takes.)
_MARKS = tuple(
    b"""_cf_chl_opt cf-chl- cf_chl_ cf-browser-verification cf-error-details captcha-delivery.com px-captcha _pxBlock
    _Incapsula_Resource?CWUDNSAI _Incapsula_Resource?SWUDNSAI check.ddos-guard.net /.well-known/ddos-guard/ gokuProps
    AwsWafIntegration. awsWafCookieDomainList sec-if-cpt-container bm-verify= /_sec/cp_challenge errors.edgesuite.net
    sucuri_cloudproxy_js cloudproxy@sucuri distil_r_captcha distilIdentificationBlock validate.perfdrive.com bobcmn
    acw_sc__v2 aliyun_waf /.within.website/x/ anubis_challenge /.well-known/sgcaptcha __qrator/ google.com/sorry
    /_fs-ch- __arcsjs slowAES.decrypt""".split()
)
#: What challenge pages contain, and other pages now and then.
_HINTS = re.compile(
    rb"g-recaptcha|h-captcha|hcaptcha\.com|_Incapsula_Resource|challenges\.cloudflare\.com|awswaf|ddos-guard|KPSDK"
    rb"|datadome|/TSPD/|smartcaptcha|geetest|friendly-?captcha",
    re.IGNORECASE,
)
_APART = re.compile(r"\s*[|｜–—·•»«_…]\s*|\s+[-~]\s+|\.{3}")
_PHRASES_APART = re.compile(r"[:：!！?？.。()（）,，]+")
_CODES = re.compile(r"4(?:0[0-9]|10|29|51)|50[0-4]|52[0-6]")
_CODE_WORDS = re.compile("http|error|status|code|fehler|erreur|erro|errore|bład|hata|ошибка|помилка|خطا|エラー|오류")
_LOADING = re.compile(
    "loading|ladt|wird geladen|chargement|cargando|carregando|caricamento|laden|laddar|ładowanie|nacitani|yukleniyor"
    "|загрузка|завантаження|加载中|載入中|正在加载|memuat"
)
_CONSENT_TALK = re.compile(
    r"cookie|consent|privacy|datenschutz|çerez|kakor|süti|隐私|隱私|同意|동의|プライバシ|согласи|الخصوصية|הפרטיות"
)
_CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_NOT_WORDS = re.compile(r"\W+")
_SECTIONS = re.compile(
    r"""tags?|hashtag|topics?|them[ae]n?|themes|temas?|authors?|autor(?:en|e|es|i)?|auteurs?|writers?|people|profile
    |categor(?:y|ies|ia|ie)|kategor(?:ie|i)|sections?|rubri(?:k|que|ka)|seccion|search|suche|recherche|buscar?|cerca
    |zoeken|archives?|archivi?o?|page|etiquetas?|etiket|schlagwort|mot-cle|dossiers?|haberleri""",
    re.VERBOSE,
)
_STORY_URL = re.compile(r"\d{5,}|/(?:19|20)\d\d[/-]\d\d?|(?:[^/]*[-_]){4}[^/]*/?$|\.s?html?$", re.IGNORECASE)
_SEARCH = re.compile(r"(?:^|&)(?:q|s|query|search|suche|text|keyword)=", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A page that was fetched, and what was read off it."""

    #: The parsed page; it stays as it is.
    tree: HtmlElement
    #: The page as sent, or its beginning: vendors' marks stand in scripts, which the tree has no more.
    raw: bytes = b""
    #: Where redirects led.
    url: str = ""
    #: The text of <title>, and of each <h1>.
    title: str = ""
    headings: tuple[str, ...] = ()
    #: What was extracted as the story's text.
    body: str = ""
    #: The headline that the feed announced; empty when unknown.
    expected: str = ""
    #: Whether the page's JSON-LD or OpenGraph says that it is an article, with a headline.
    stated_article: bool = False
    #: Whether its JSON-LD says that it is a collection, a search or a profile.
    listing: bool = False
    #: Its og:type.
    og_type: str = ""
    #: Its JSON-LD's isAccessibleForFree; None when it does not say.
    free: bool | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a page is no article."""

    kind: Kind
    #: The words that gave it away, at most 80 characters of them.
    shown: str


def refusal(page: Shown) -> Refusal | None:
    """What the page is instead of an article; None when it may be one."""
    if len(page.body) > LITTLE_TEXT:
        return None if page.stated_article or _is_announced(page) else _consent(page.body) or _index(page)
    return _Short(page).refusal()


def is_partial(page: Shown) -> bool:
    """Whether the page breaks off for want of a subscription: it says that it is not free, and after the text asks for
    one or has a place for asking. Of a short page that does not say, the asking has to come at once."""
    if page.free or not page.body or (page.free is None and len(page.body) > LITTLE_TEXT):
        return False
    seen = see(page.tree)
    told = [line for line in page.body.splitlines() if not _asks(plain(line))]
    last = one_line(told[-1])[-30:] if told else ""
    end = seen.text.rfind(last)
    if not last or end < 0:
        return False
    if page.free is None:
        return _asks(plain(seen.text[end + len(last) :][:AT_ONCE]))
    # An empty wall may be a form that scripts fill in on any page: it counts where the text is short as well.
    walls = (full or len(page.body) <= LITTLE_TEXT for at, full in seen.walls if at > end)
    return any(walls) or _asks(plain(seen.text[end + len(last) :]))


class _Short:
    """A page with little text, looked at from all sides; what several of them need is found once."""

    def __init__(self, page: Shown) -> None:
        self.page = page
        self.known = page.stated_article or _is_announced(page)
        self.lines = [plain(line) for line in page.body.splitlines()]
        #: How long the story is without what asks for a subscription or for JavaScript.
        self.length = sum(
            _length(line)
            for line, words in zip(page.body.splitlines(), self.lines, strict=True)
            if not (_asks(words) or "javascript" in words or _LOADING.fullmatch(words))
        )

    @cached_property
    def seen(self) -> Seen:
        return see(self.page.tree)

    @cached_property
    def words(self) -> str:
        """What may hold a notice: all that a reader sees, where the story has less than a teaser."""
        parts = [*map(plain, (self.page.title, *self.page.headings)), *self.lines]
        return "\n".join(parts if self.length >= TEASER else [*parts, plain(self.seen.text[:MAX_SEEN])])

    def refusal(self) -> Refusal | None:
        if self.length > LITTLE_TEXT:  # Chinese says as much in fewer characters
            return None
        looks = (self._headed, self._marked, self._worded, self._consent, self._index, self._empty)
        return next((found for look in looks if (found := look())), None)

    def _headed(self) -> Refusal | None:
        """A title or heading that is a notice. A heading beside others may be that of a pop-up."""
        if self.page.stated_article and self.length >= TEASER:
            return None
        headings = self.page.headings if len(self.page.headings) == 1 or not self.known else ()
        for text in (self.page.title, *headings):
            kind = _notice(text, bare=self.length < TEASER)
            if kind is None or _holds(text, self.page.expected):
                continue
            if self.length < TEASER or kind in ("challenge", "error") or self._is_form(kind):
                return Refusal(kind, one_line(text)[:MAX_SHOWN])
        return None

    def _is_form(self, kind: Kind) -> bool:
        return self.seen.asks_password if kind == "login" else kind == "consent" and "cookie" in self.words

    def _marked(self) -> Refusal | None:
        raw = self.page.raw[:RAW]
        if self.page.stated_article and self.length >= TEASER:
            return None
        if mark := next((mark for mark in _MARKS if mark in raw), b""):
            return Refusal("challenge", mark.decode())
        if (
            not self.known
            and self.length < TEASER
            and len(self.seen.text) < 3 * TEASER
            and (hint := _HINTS.search(raw))
        ):
            return Refusal("challenge", hint[0].decode())
        return None

    def _worded(self) -> Refusal | None:
        """Sentences that only notices have: one is enough where there is no story, two where there is little."""
        if self.length >= TEASER and self.known:
            return None
        kinds: tuple[Kind, ...] = (
            ("challenge", "error") if self.length >= TEASER else ("challenge", "error", "login", "paywall")
        )
        hits = {kind: _hits(kind, self.words) for kind in (kinds[2:] if self.known else kinds)}
        best = max(hits, key=lambda kind: len(hits[kind]))
        if len(hits[best]) >= (1 if self.length < TEASER else 2):
            return Refusal(best, max(hits[best], key=len))
        if self.page.free is False and self.length < TEASER and (self.seen.walls or not self.length):
            return Refusal("paywall", "not free to read")
        return None

    def _consent(self) -> Refusal | None:
        return _consent(self.page.body) or (
            _consent(self.seen.text[:MAX_SEEN]) if not self.length and not self.known else None
        )

    def _index(self) -> Refusal | None:
        return None if self.known else _index(self.page)

    def _empty(self) -> Refusal | None:
        if self.length or (self.known and not self.lines):  # a flash may be all headline
            return None
        return Refusal("empty", one_line(self.page.body or self.page.title)[:MAX_SHOWN])


def _is_announced(page: Shown) -> bool:
    return any(_holds(text, page.expected) for text in (page.title, *page.headings))


def _holds(text: str, headline: str) -> bool:
    return bool(words := plain(headline)) and words in plain(text)


def _consent(text: str) -> Refusal | None:
    """Refused where the text is made of the words of consent. Even where the page is known: the story of such a page
    is behind its wall."""
    if len(text) > LONGEST_CONSENT or not _CONSENT_TALK.search(text.lower()):
        return None
    words = plain(text)
    found = {phrase: count for phrase in _TALK["consent"] if (count := words.count(phrase))}
    share = sum(len(phrase) * count for phrase, count in found.items()) / len(words)
    if share < CONSENT_SHARE or len(found) < CONSENT_WORDS:
        return None
    return Refusal("consent", one_line(text)[:MAX_SHOWN])


def _index(page: Shown) -> Refusal | None:
    """Refused where the page is made of links to stories, and neither its address nor prose speaks against it."""
    try:
        address = urlsplit(page.url)
    except ValueError:  # "http://[half"
        return None
    parts = [part for part in address.path.lower().split("/") if part]
    named = not parts or any(map(_SECTIONS.fullmatch, parts)) or bool(_SEARCH.search(address.query))
    told = any(len(line) >= PROSE for line in page.body.splitlines())
    if told and not (named and page.listing):
        return None
    if not (named or page.listing) and (address.query or _STORY_URL.search(address.path)):
        return None
    seen = see(page.tree)
    headlines = {text for text in seen.links if len(text.split()) >= 4 or len(_CJK.findall(text)) >= 10}
    share = sum(map(len, seen.links)) / max(1, len(seen.text))
    cards = (named or page.listing) and len(headlines) >= CARDS and share >= CARDS_SHARE
    if cards or (len(headlines) >= HEADLINES and share >= LINKED_SHARE):
        return Refusal("index", f"{len(headlines)} headlines that are links")
    return None


def plain(text: str) -> str:
    """The words of `text` for comparing notices: no accents, no capitals, one blank between."""
    if not text.isascii():
        text = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c)).replace("ı", "i")
    return _NOT_WORDS.sub(" ", text).casefold().strip()


def _table() -> Iterator[tuple[Kind, str, str]]:
    """(kind, phrase, mark) of NOTICES; the mark is "~", "*" or nothing."""
    kind: Any = ""
    for line in NOTICES.strip().splitlines():
        if not line.startswith(" "):
            head, _, line = line.partition(": ")
            kind = head.split()[1]
        for phrase in filter(None, map(str.strip, line.split(";"))):
            yield kind, plain(phrase), "~" if phrase[0] == "~" else "*" if phrase[-1] == "*" else ""


_WHOLE: dict[str, Kind] = {phrase: kind for kind, phrase, mark in _table() if (kind, mark) != ("consent", "~")}
_BEGIN = tuple(phrase for kind, phrase, mark in _table() if mark and phrase in _WHOLE)
_TALK: dict[Kind, tuple[str, ...]] = {
    wanted: tuple(dict.fromkeys(phrase for kind, phrase, mark in _table() if (kind, mark) == (wanted, "~")))
    for wanted in ("challenge", "error", "login", "paywall", "consent")
}
_ASKING = _TALK["login"] + _TALK["paywall"]


def _hits(kind: Kind, words: str) -> list[str]:
    return [phrase for phrase in _TALK[kind] if phrase in words]


def _asks(words: str) -> bool:
    return any(phrase in words for phrase in _ASKING)


def _notice(text: str, *, bare: bool) -> Kind | None:
    """The kind of notice that a title or heading is; None when it is none. `bare`: a number before a colon may be an
    error's, too."""
    whole = plain(text)
    apart = [part for part in map(plain, _APART.split(text)) if part]
    finer = [part for part in map(plain, _PHRASES_APART.split(text)) if part]
    finest = [part for piece in _APART.split(text) for part in map(plain, _PHRASES_APART.split(piece)) if part]
    for part in (whole, *apart, *finer, *finest):
        if kind := _WHOLE.get(part):
            return kind
    for part in (whole, *apart, *(finest if bare else ())):
        words = [word for word in part.split() if not _CODES.fullmatch(word)]
        if len(words) < len(part.split()):
            rest = " ".join(word for word in words if not _CODE_WORDS.fullmatch(word))
            if not rest:
                return "error"
            if kind := _WHOLE.get(rest):
                return kind
    for part in {whole, *apart[:1]}:
        for begin in _BEGIN:  # scripts without blanks have no ends of words
            if part.startswith(begin) and (not begin.isascii() or part[len(begin) :][:1] in ("", " ")):
                return _WHOLE[begin]
    return None


def _length(text: str) -> int:
    """In characters, of which those of Chinese, Japanese and Korean count two and a half times."""
    return len(text) + len(_CJK.findall(text)) * 3 // 2
