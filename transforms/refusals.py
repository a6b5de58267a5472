"""Whether a fetched page is no article: a challenge, a wall, an error page, an index, an empty shell. A story refused
by mistake is worse than a notice kept, so the words of a notice count only where there is little text beside them, and
never against what the feed announced or the page states of itself; a vendor's mark counts against both.
"""

import re
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from transforms.phrases import Kind, asks, hits, notice_of, plain
from transforms.seen import Seen, see
from transforms.text import one_line

#: A text this long, in characters, is no notice.
LITTLE_TEXT = 1_500
#: … but some consent walls go on and on.
LONGEST_CONSENT = 6_000
#: So much of a story is worth keeping even where the rest is for subscribers.
TEASER = 200
#: Vendors put their marks near the top of a page.
RAW = 100_000
MAX_SHOWN = 80
#: A page that shows no more than this, in characters, is nothing but its notice.
BARE = 600
#: … and no more than this of it besides "Loading…": that is a site's name.
NAME = 40
#: A page of so many bytes may be all notice.
SMALL = 30_000
#: So much of a page's text, in characters, is searched for notices.
MAX_SEEN = 2_000
#: How soon after a text that says nothing about its price the asking must come.
AT_ONCE = 400
#: Talk of consent has so many words of consent, which make up so much of it, and speaks to its reader ("we and our
#: partners", "your data") once in so many characters. An article about the law on cookies has the words, but is silent.
CONSENT_WORDS, CONSENT_SHARE, ADDRESSED = 4, 0.1, 250
#: How much more of that there must be on a page that is known to be an article.
STRICTER = 1.5
#: An index has so many links that read like headlines, and so much of its text is links.
HEADLINES, LINKED_SHARE = 8, 0.6
#: A page of cards with teasers has less of its text in links; then its address or its own word must say what it is.
CARDS, CARDS_SHARE = 6, 0.25
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
_LOADING = re.compile(
    "loading|ladt|wird geladen|chargement|cargando|carregando|caricamento|laden|laddar|ładowanie|nacitani|yukleniyor"
    "|загрузка|завантаження|加载中|載入中|正在加载|読み込み中|로딩 ?중|memuat"
)
_CONSENT_TALK = re.compile(
    "cookie|consent|privacy|datenschutz|çerez|kakor|süti|隐私|隱私|同意|동의|プライバシ|согласи|الخصوصية|הפרטיות"
)
#: "We", "our", "you", "your"; without those that mean something common in another language ("ön", "bạn").
_ADDRESS = re.compile(
    r"""\b(?:we|our|you|your|wir|unsere|ihre|ihrer|ihren|nous|nos|vous|votre|vos|nosotros|nuestros|utilizamos|usamos|tus?
    |puedes|seu|sua|pode|noi|nostri|nostro|tuo|tua|tuoi|utilizziamo|puoi|wij|onze|jouw|uw|je|vi|vara|ditt|din|my|nasi|nasze
    |twojej|twoje|uzywamy|mozesz|pouzivame|muzete|mi|partnereink|onnek|hasznalunk|nostri|folosim|utilizam|puteti|εμεισ
    |μασ|σασ|biz|ortaklarimiz|kullaniyoruz|мы|наши|наших|вы|вам|ваше|вашего|можете|ми|наши|ви|вашу|نحن|يمكنك|شركائنا
    |وشركاونا|شركاونا|ما|شما|אנחנו|אנו|שלך|שלנו|kami|anda|chung|cua ban)\b
    |我们|我們|您|当社|弊社|お客様|당사|귀하|우리|हम|आप""",
    re.VERBOSE,
)
#: What servers show that nobody has set up, however long.
_DEFAULT_PAGE = re.compile(r"^(?:apache2? .*default page|welcome to nginx|iis windows|test page for|index of /)", re.I)
_CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
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
        if page.stated_article or _is_announced(page):
            return None
        if _DEFAULT_PAGE.search(page.title):
            return Refusal("error", one_line(page.title)[:MAX_SHOWN])
        return _consent(page.body) or _index(page)
    return _Short(page).refusal()


def is_partial(page: Shown) -> bool:
    """Whether the page breaks off for want of a subscription: it says that it is not free, and after the text asks for
    one or has a place for asking. Of a short page that does not say, the asking has to come at once."""
    if page.free or not page.body or (page.free is None and len(page.body) > LITTLE_TEXT):
        return False
    asking = [asks(plain(line)) for line in page.body.splitlines()]
    if any(asking[1:]) and not all(asking):
        return True
    seen = see(page.tree)
    after = plain(_after(page.body, seen, AT_ONCE if page.free is None else MAX_SEEN))
    if page.free is None:
        return bool(hits("paywall", after))
    # An empty wall may be a form that scripts fill in on any page: it counts where the text is short as well.
    walls = (full or len(page.body) <= LITTLE_TEXT for at, full in seen.walls if at > _end(page.body, seen) >= 0)
    return any(walls) or asks(after)


class _Short:
    """A page with little text, looked at from all sides; what several of them need is found once."""

    def __init__(self, page: Shown) -> None:
        self.page = page
        self.known = page.stated_article or _is_announced(page)
        self.lines = story = page.body.splitlines()
        words = plain(page.body)
        if len(page.body) < TEASER or "javascript" in words or asks(words):
            about = plain(" ".join((page.title, *page.headings, page.expected)))
            story = [line for line in self.lines if not _is_waiting(plain(line), about)]
        #: How many lines the story has, and how long it is, without what asks for a subscription or for JavaScript.
        self.told, self.length = len(story), sum(map(_length, story))

    @cached_property
    def seen(self) -> Seen:
        return see(self.page.tree)

    @cached_property
    def words(self) -> str:
        """What may hold a notice: of a page that is known to be an article, the text and what follows it; of another,
        all that a reader sees, unless it is too much for a notice."""
        parts = [self.page.title, *self.page.headings, self.page.body]
        if self.known and self.told:
            parts.append(_after(self.page.body, self.seen) if self.length < TEASER else "")
        elif self.length < TEASER or len(self.page.raw) < SMALL:
            parts.append(self.seen.text[:MAX_SEEN])
        return plain("\n".join(parts))

    def refusal(self) -> Refusal | None:
        if self.length > LITTLE_TEXT:  # Chinese says as much in fewer characters
            return None
        looks = (self._headed, self._marked, self._worded, self._consent, self._index, self._empty)
        return next((found for look in looks if (found := look())), None)

    def _headed(self) -> Refusal | None:
        """A title or heading that is a notice. A heading beside others may be that of a pop-up."""
        if self.page.stated_article and self.length >= TEASER:
            return None
        sure = self.length < TEASER and not self.known
        headings = self.page.headings if sure or len(self.page.headings) == 1 else ()
        if self.page.stated_article and self.length:
            headings = ()
        for text in (self.page.title, *headings):
            kind = notice_of(text, alone=self.length < TEASER)
            if kind is None or _holds(text, self.page.expected):
                continue
            if text is self.page.title or sure or kind in ("challenge", "error") or len(self.seen.text) < LITTLE_TEXT:
                return Refusal(kind, one_line(text)[:MAX_SHOWN])
        return None

    def _marked(self) -> Refusal | None:
        raw = self.page.raw[:RAW]
        if self.page.stated_article and self.length >= NAME:
            return None
        if mark := next((mark for mark in _MARKS if mark in raw), b""):
            return Refusal("challenge", mark.decode())
        if self._is_bare() and (hint := _HINTS.search(raw)):
            return Refusal("challenge", hint[0].decode())
        return None

    def _is_bare(self) -> bool:
        return not self.known and self.length < TEASER and len(self.seen.text) < BARE

    def _worded(self) -> Refusal | None:
        """Sentences that only notices have: one is enough where there is no story, two where there is little."""
        if self.known and self.length >= TEASER:
            return None
        kinds: list[Kind] = [] if self.known else ["challenge", "error"]
        if self.length < TEASER:
            kinds += ["login", "paywall"]
        found = {kind: hits(kind, self.words) for kind in kinds}
        best = max(kinds, key=lambda kind: len(found[kind]))
        if len(found[best]) >= (1 if self.length < TEASER else 2):
            return Refusal(best, max(found[best], key=len))
        if self.length < TEASER and self.page.free is False and (self.seen.walls or not self.length):
            return Refusal("paywall", "not free to read")
        return Refusal("login", "asks for a password") if self._is_bare() and self.seen.asks_password else None

    def _consent(self) -> Refusal | None:
        text = self.page.body or ("" if self.known else self.seen.text[:MAX_SEEN])
        return _consent(text, known=self.known)

    def _index(self) -> Refusal | None:
        return None if self.known else _index(self.page)

    def _empty(self) -> Refusal | None:
        waits = len(self.lines) > self.told  # for its scripts, and shows a name at most
        if (self.known and not self.lines) or self.length > (NAME if waits and not self.known else 0):
            return None  # a flash may be all headline
        return Refusal("empty", one_line(self.page.body or self.page.title)[:MAX_SHOWN])


def _end(body: str, seen: Seen) -> int:
    """Where in what is seen the text ends; -1 where that is not to be found."""
    last = one_line(body.rpartition("\n")[2])[-30:]
    at = seen.text.rfind(last) if last else -1
    return at + len(last) if at >= 0 else -1


def _after(body: str, seen: Seen, far: int = AT_ONCE) -> str:
    """The `far` next characters of what is seen after the text."""
    end = _end(body, seen)
    return seen.text[end : end + far] if end >= 0 else ""


def _is_waiting(words: str, about: str) -> bool:
    """Whether a line asks for a subscription, or waits for scripts; the news may be about JavaScript, too."""
    return asks(words) or ("javascript" in words and "javascript" not in about) or _LOADING.fullmatch(words) is not None


def _is_announced(page: Shown) -> bool:
    return any(_holds(text, page.expected) for text in (page.title, *page.headings))


def _holds(text: str, headline: str) -> bool:
    return bool(words := plain(headline)) and words in plain(text)


def _consent(text: str, *, known: bool = False) -> Refusal | None:
    """Refused where the text is talk of consent, even where the page is known: then its story is behind its wall."""
    if len(text) > LONGEST_CONSENT or not _CONSENT_TALK.search(text.lower()):
        return None
    words, much = plain(text), STRICTER if known else 1.0
    found = hits("consent", words)
    share = sum(len(phrase) * words.count(phrase) for phrase in found) / len(words)
    addressed = len(_ADDRESS.findall(words)) * ADDRESSED / len(words)
    if len(found) < CONSENT_WORDS or share < much * CONSENT_SHARE or addressed < much:
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
    told = any(_length(line) >= PROSE for line in page.body.splitlines())
    if told and not (named and page.listing):
        return None
    if not (named or page.listing) and (address.query or _STORY_URL.search(address.path)):
        return None
    seen = see(page.tree)
    headlines = {text for text in seen.links if len(text.split()) >= 4 or len(_CJK.findall(text)) >= 10}
    share = sum(map(len, seen.links)) / max(1, len(seen.text))
    is_backed = named or page.listing or (page.og_type == "website" and len(headlines) >= 2 * CARDS)
    bare_list = named and page.listing and not page.body.count("\n")
    if (
        bare_list
        or (is_backed and len(headlines) >= CARDS and share >= CARDS_SHARE)
        or (len(headlines) >= HEADLINES and share >= LINKED_SHARE)
    ):
        return Refusal("index", f"{len(headlines)} headlines that are links")
    return None


def _length(text: str) -> int:
    """In characters, of which those of Chinese, Japanese and Korean count two and a half times."""
    return len(text) + len(_CJK.findall(text)) * 3 // 2
