"""Which clock an outlet goes by: zones of countries, of languages, and of the letters behind a clock time.

Source of zones and their daylight saving: the IANA tz database, through zoneinfo.
"""

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_NO_OFFSET = timedelta(0)
#: Country, as the end of a domain or the region of a language tag → its zone. Countries with several zones have the one
#: that their national press goes by: it is nearer to the truth than UTC, which is nobody's clock there. Left out are
#: the United States and Canada, where no zone prevails, and endings that the world has made its own (.co .io .me .tv).
_COUNTRIES = """
ad Europe/Andorra  ae Asia/Dubai  af Asia/Kabul  al Europe/Tirane  am Asia/Yerevan  ao Africa/Luanda
ar America/Argentina/Buenos_Aires  at Europe/Vienna  au Australia/Sydney  az Asia/Baku  ba Europe/Sarajevo
bd Asia/Dhaka  be Europe/Brussels  bf Africa/Ouagadougou  bg Europe/Sofia  bh Asia/Bahrain  bj Africa/Porto-Novo
bn Asia/Brunei  bo America/La_Paz  br America/Sao_Paulo  bt Asia/Thimphu  bw Africa/Gaborone  by Europe/Minsk
cat Europe/Madrid  cd Africa/Kinshasa  ch Europe/Zurich  ci Africa/Abidjan  cl America/Santiago  cm Africa/Douala
cn Asia/Shanghai  com.co America/Bogota  cr America/Costa_Rica  cu America/Havana  cy Asia/Nicosia  cz Europe/Prague
de Europe/Berlin  dk Europe/Copenhagen  do America/Santo_Domingo  dz Africa/Algiers  ec America/Guayaquil
ee Europe/Tallinn  eg Africa/Cairo  es Europe/Madrid  et Africa/Addis_Ababa  fi Europe/Helsinki  fj Pacific/Fiji
fr Europe/Paris  gb Europe/London  ge Asia/Tbilisi  gh Africa/Accra  gn Africa/Conakry  gr Europe/Athens
gt America/Guatemala  hk Asia/Hong_Kong  hn America/Tegucigalpa  hr Europe/Zagreb  ht America/Port-au-Prince
hu Europe/Budapest  id Asia/Jakarta  ie Europe/Dublin  il Asia/Jerusalem  in Asia/Kolkata  iq Asia/Baghdad
ir Asia/Tehran  is Atlantic/Reykjavik  it Europe/Rome  jm America/Jamaica  jo Asia/Amman  jp Asia/Tokyo
ke Africa/Nairobi  kg Asia/Bishkek  kh Asia/Phnom_Penh  kr Asia/Seoul  kw Asia/Kuwait  kz Asia/Almaty  lb Asia/Beirut
li Europe/Vaduz  lk Asia/Colombo  lt Europe/Vilnius  lu Europe/Luxembourg  lv Europe/Riga  ma Africa/Casablanca
mc Europe/Monaco  md Europe/Chisinau  mg Indian/Antananarivo  mk Europe/Skopje  ml Africa/Bamako  mm Asia/Yangon
mn Asia/Ulaanbaatar  mo Asia/Macau  mt Europe/Malta  mw Africa/Blantyre  mx America/Mexico_City  my Asia/Kuala_Lumpur
mz Africa/Maputo  na Africa/Windhoek  ne Africa/Niamey  ng Africa/Lagos  ni America/Managua  nl Europe/Amsterdam
no Europe/Oslo  np Asia/Kathmandu  nz Pacific/Auckland  om Asia/Muscat  pa America/Panama  pe America/Lima
ph Asia/Manila  pk Asia/Karachi  pl Europe/Warsaw  pr America/Puerto_Rico  ps Asia/Gaza  pt Europe/Lisbon
py America/Asuncion  qa Asia/Qatar  ro Europe/Bucharest  rs Europe/Belgrade  ru Europe/Moscow  rw Africa/Kigali
sa Asia/Riyadh  sd Africa/Khartoum  se Europe/Stockholm  sg Asia/Singapore  si Europe/Ljubljana  sk Europe/Bratislava
sn Africa/Dakar  so Africa/Mogadishu  su Europe/Moscow  sv America/El_Salvador  sy Asia/Damascus  td Africa/Ndjamena
tg Africa/Lome  th Asia/Bangkok  tj Asia/Dushanbe  tm Asia/Ashgabat  tn Africa/Tunis  tr Europe/Istanbul
tt America/Port_of_Spain  tw Asia/Taipei  tz Africa/Dar_es_Salaam  ua Europe/Kyiv  ug Africa/Kampala  uk Europe/London
uy America/Montevideo  uz Asia/Tashkent  va Europe/Vatican  ve America/Caracas  vn Asia/Ho_Chi_Minh
xk Europe/Belgrade  ye Asia/Aden  za Africa/Johannesburg  zm Africa/Lusaka  zw Africa/Harare
"""
#: Language → country of most of its press, for outlets that are at home under .com and the like. Not English, Spanish,
#: Arabic, Serbian's kin in exile or Swahili: they have too many homes. German, French, Portuguese and Russian have some
#: beyond their first, too, but one is by far the likeliest.
_LANGUAGES = """
az az  be by  bg bg  bn bd  bs ba  ca es  cs cz  da dk  de de  el gr  et ee  eu es  fa ir  fi fi  fil ph  fr fr  gl es
gu in  he il  hi in  hr hr  hu hu  hy am  id id  is is  it it  iw il  ja jp  ka ge  kk kz  km kh  kn in  ko kr  ky kg
lt lt  lv lv  mk mk  ml in  mn mn  mr in  ms my  mt mt  my mm  nb no  ne np  nl nl  nn no  no no  or in  pa in  pl pl
ps af  pt br  ro ro  ru ru  si lk  sk sk  sl si  sq al  sr rs  sv se  ta in  te in  th th  tl ph  tr tr  uk ua  ur pk
uz uz  vi vn  zh cn
"""
#: Letters behind a clock time → hours from UTC, or the zone that says it for the day. "EST" in July is what people in
#: New York write and machines do not: it is the clock on the wall that is meant, so EST and its like are zones here.
_ABBREVIATIONS = """
Z 0  UTC 0  GMT 0  WET Europe/Lisbon  WEST 1  BST 1  CET Europe/Berlin  CEST 2  MEZ Europe/Berlin  MESZ 2
EET Europe/Helsinki  EEST 3  MSK 3  МСК 3  мск 3  TRT 3  TSI 3
ET America/New_York  EST America/New_York  EDT -4  CT America/Chicago  CST America/Chicago  CDT -5
MT America/Denver  MST -7  MDT -6  PT America/Los_Angeles  PST America/Los_Angeles  PDT -7
AKST -9  AKDT -8  HST -10  AST -4  ADT -3  NST -3.5  NDT -2.5  BRT -3  ART -3  COT -5  VET -4
SAST 2  CAT 2  EAT 3  WAT 1  IDT 3  IRST 3.5  GST 4  AFT 4.5  PKT 5  IST 5.5  SLST 5.5  NPT 5.75
ICT 7  WIB 7  WITA 8  WIT 9  SGT 8  MYT 8  HKT 8  PHT 8  PHST 8  AWST 8  JST 9  KST 9
ACST 9.5  ACDT 10.5  AEST 10  AEDT 11  NZST 12  NZDT 13
"""
#: The same letters elsewhere: where the outlet's own zone is one of these, they mean its clock.
_AT_HOME = {
    "AST": {"Asia/Riyadh", "Asia/Baghdad", "Asia/Kuwait", "Asia/Qatar", "Asia/Bahrain", "Asia/Aden"},
    "BST": {"Asia/Dhaka"},
    "CST": {
        "Asia/Shanghai",
        "Asia/Taipei",
        "Asia/Macau",
        "America/Mexico_City",
        "America/Costa_Rica",
        "America/Havana",
    },
    "EST": {"Australia/Sydney", "America/Jamaica", "America/Panama"},
    "IST": {"Asia/Jerusalem", "Europe/Dublin"},
    "PST": {"Asia/Manila"},
    "WIT": {"Asia/Jakarta"},
}


def _pairs(table: str) -> dict[str, str]:
    words = iter(table.split())
    return dict(zip(words, words, strict=True))


_ZONE_OF_COUNTRY = _pairs(_COUNTRIES)
_COUNTRY_OF_LANGUAGE = _pairs(_LANGUAGES)
_MEANING = _pairs(_ABBREVIATIONS)
#: All letters that `offset_of` knows, as a part of a regular expression, longest first.
ABBREVIATIONS = "|".join(sorted(_MEANING, key=len, reverse=True))
_REGION = re.compile(r"^[a-z]{2,3}(?:[-_][a-z]{4})?[-_]([a-z]{2})\b", re.IGNORECASE)
_OFFSET = re.compile(r"^([+-])(\d{1,2}):?(\d{2})?$")
#: Countries whose press writes the month first.
_MONTH_FIRST = frozenset(["us", "ph"])
#: All offsets in use, in hours: whole ones from Niue to the Line Islands, and the halves and quarters.
_OFFSETS = frozenset(
    timedelta(hours=hours)
    for hours in (*range(-11, 15), -9.5, -3.5, -2.5, 3.5, 4.5, 5.5, 5.75, 6.5, 8.75, 9.5, 10.5, 12.75, 13.75)
)


def outlet_zone(domain: str, language: str) -> ZoneInfo | None:
    """The zone of the outlet at `domain` that writes in `language` (a BCP 47 tag); None where neither tells.

    The country of the domain comes first, then the region of the tag, then the language. The region of "en-US" is what
    publishing systems write when nobody has set it, so it says nothing.
    """
    return _zone_of(domain.lower(), language.lower())


@lru_cache(maxsize=1024)
def _zone_of(domain: str, language: str) -> ZoneInfo | None:
    name = _ZONE_OF_COUNTRY.get(_country(domain)) or _ZONE_OF_COUNTRY.get(".".join(domain.split(".")[-2:]))
    if not name and (region := _REGION.match(language)):
        name = _ZONE_OF_COUNTRY.get(region[1])
    if not name:
        name = _ZONE_OF_COUNTRY.get(_COUNTRY_OF_LANGUAGE.get(language.replace("_", "-").partition("-")[0], ""))
    return _zone(name) if name else None


def month_first(domain: str, language: str) -> bool:
    """Whether 11/12/2026 is a day in November: in the American press, and in English at no country's domain."""
    country, language = _country(domain.lower()), language.lower().replace("_", "-")
    if country in _ZONE_OF_COUNTRY or country == "us":
        return country in _MONTH_FIRST
    region = _REGION.match(language)
    return language.partition("-")[0] in ("en", "fil", "tl") and (not region or region[1] in _MONTH_FIRST)


def offset_of(letters: str, wall: datetime, outlet: ZoneInfo | None) -> timedelta | None:
    """How far the clock that `letters` name ("ET", "MSK") is ahead of UTC at `wall`, a naive local time.

    `outlet` decides between homonyms: "IST" is Ireland's in Dublin, Israel's in Jerusalem, and India's elsewhere.
    """
    if outlet and outlet.key in _AT_HOME.get(letters, ()):
        return wall.replace(tzinfo=outlet).utcoffset()
    meaning = _MEANING.get(letters)
    if meaning is None:
        return None
    if "/" in meaning:
        return wall.replace(tzinfo=zone).utcoffset() if (zone := _zone(meaning)) else None
    return timedelta(hours=float(meaning))


def offset(written: str) -> timedelta | None:
    """The offset written as +01, +1, +0100 or +01:00; None where no clock on earth has it."""
    found = _OFFSET.match(written)
    if not found:
        return None
    ahead = timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
    ahead = -ahead if found[1] == "-" else ahead
    return ahead if is_real(ahead) else None


def is_real(ahead: timedelta) -> bool:
    """Whether some clock on earth is `ahead` of UTC by just that."""
    return ahead in _OFFSETS


def _zone(name: str) -> ZoneInfo | None:
    """None where this machine's tz database is older than the name: the page is still worth reading."""
    try:
        return ZoneInfo(name)
    except ZoneInfoNotFoundError:
        return None


def _country(domain: str) -> str:
    return domain.rpartition(".")[2].partition(":")[0]


def in_utc(moment: datetime) -> datetime:
    """A moment that somebody wrote, in UTC, which it is taken for where it names no zone.

    Raises: ValueError, where the calendar of UTC ends before it.
    """
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError as e:
        raise ValueError(f"must be a date that is one in UTC, too, got '{moment}'") from e


def require_utc(**moments: datetime | None) -> None:
    """Reject naive and non-UTC datetimes where they enter, not where they break.

    Raises: ValueError, naming the field.
    """
    for name, moment in moments.items():
        if moment is not None and moment.tzinfo is not UTC and moment.utcoffset() != _NO_OFFSET:
            raise ValueError(f"{name} must be an aware UTC datetime, got {moment!r}")
