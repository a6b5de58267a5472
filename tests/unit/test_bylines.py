"""Who wrote it, as papers in forty languages say it. All names are invented."""

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.bylines import MAX_VALUE, MAX_VISIBLE, from_visible, is_person, people

LANTERN = {"outlet": "The Lantern", "domain": "lantern.example"}

#: An author value or a whole byline | the people it names. Every language once at least.
NAMED = """
Ann Lee | Ann Lee
By Ann Lee | Ann Lee
by ann lee | ann lee
BY ANN LEE AND BO CHAN | Ann Lee; Bo Chan
By: Ann Lee | Ann Lee
Written by Ann Lee | Ann Lee
Reporting by Ann Lee; Editing by Bo Chan | Ann Lee
Story by Ann Lee, photographs by Bo Chan | Ann Lee
Words by Ann Lee. Video by Bo Chan | Ann Lee
Words and pictures by Ann Lee | Ann Lee
Posted by Ann Lee | Ann Lee
Analysis by Ann Lee, CNN Editor-at-large | Ann Lee
Author: Ann Lee | Ann Lee
By Ann Lee, Bo Chan and Cy Dee | Ann Lee; Bo Chan; Cy Dee
Ann Lee, Bo Chan, and Cy Dee | Ann Lee; Bo Chan; Cy Dee
Ann Lee, Bo Chan; Cy Dee | Di Eck & Ed Fox | Ann Lee; Bo Chan; Cy Dee; Di Eck; Ed Fox
Ann Lee with Bo Chan | Ann Lee; Bo Chan
Ann Lee with Reuters | Ann Lee
Ann Lee / Bo Chan | Ann Lee; Bo Chan
Ann Lee • Bo Chan | Ann Lee; Bo Chan
Ann Lee, Senior Correspondent | Ann Lee
Ann Lee Senior Correspondent | Ann Lee
Ann Lee Political editor | Ann Lee
Ann Lee political editor | Ann Lee
Political editor Ann Lee | Ann Lee
Ann West correspondent | Ann West
Ann Lee, BBC News | Ann Lee
Ann Lee BBC News, Beirut | Ann Lee
Ann Lee, BBC Arabic, Cairo | Ann Lee
Ann Lee in Damascus | Ann Lee
Ann Lee in Damascus and Bo Chan in Beirut | Ann Lee; Bo Chan
Ann Lee, Beirut | Ann Lee
Ann Lee, Hong Kong | Ann Lee
Ann Lee | Staff Writer | Ann Lee
Ann Lee, Staff Writer | Ann Lee
Ann Lee | Fox News | Ann Lee
Ann Lee | NJ Advance Media for NJ.com | Ann Lee
Ann Lee, Cleveland.com | Ann Lee
Ann Lee, Business Insider | Ann Lee
Ann Lee, Futurism | Ann Lee
Ann Lee. Sputnik International | Ann Lee
Ann Lee - Live Science Contributor | Ann Lee
Ann Lee - Kettlebridge Echo | Ann Lee
Ann Lee — Kettlebridge Mercury | Ann Lee
Ann Lee, Kettlebridge Post | Ann Lee
Ann Lee for The Lantern | Ann Lee
Ann Lee, special to The Lantern | Ann Lee
Ann Lee | Special to the Kettlebridge Press | Ann Lee
Ann Lee The Lantern | Ann Lee
Ann Lee and Bo Chan, Associated Press | Ann Lee; Bo Chan
By ANN LEE, AP Auto Writer | Ann Lee
By ANN LEE, MARY CLARE STONE and BO CHAN Associated Press | Ann Lee; Mary Clare Stone; Bo Chan
Ann Lee Associated Press | Ann Lee
Ann Lee, Reuters | Ann Lee
Ann Lee (AFP) | Ann Lee
Ann Lee [Reuters] | Ann Lee
Ann Lee/AP | Ann Lee
AFP/Ann Lee | Ann Lee
Reuters - Ann Lee | Ann Lee
Ann Lee, MS, RDN | Ann Lee
Ann Lee PhD | Ann Lee
Ann Lee, Jr. | Ann Lee Jr.
Ann Lee Jr. and Bo Chan III | Ann Lee Jr.; Bo Chan III
Lee, Ann | Ann Lee
Lee, Ann B. | Ann B. Lee
Lee, Ann; Chan, Bo | Ann Lee; Bo Chan
Dr. Ann Lee | Ann Lee
Prof. Dr. Ann Lee | Ann Lee
Dr Lee | Dr Lee
Ann Lee • 3 min read | Ann Lee
Ann Lee Published: 3 Dec | Ann Lee
Ann Lee, November 18, 2026 | Ann Lee
Ann Lee Nov 18, 2026 4:26 pm | Ann Lee
Ann Lee Monday, 18 Nov 2026 | Ann Lee
Monday November 18, 2026 7:45 am PST by Ann Lee | Ann Lee
Ann Lee @annlee | Ann Lee
Ann Lee@annlee | Ann Lee
Ann Lee, ann.lee@wire.example | Ann Lee
ann@wire.example (Ann Lee) | Ann Lee
Ann Lee <ann@wire.example> | Ann Lee
Ann Lee Ann Lee | Ann Lee
Ann Lee, Ann Lee | Ann Lee
ANN McDONALD | Ann McDonald
BO MCDONALD | Bo McDonald
SEAN O'NEILL | Sean O'Neill
JEAN-PAUL D'ANGELO | Jean-Paul D'Angelo
J.K. STONE | J.K. Stone
A. B. Stone | A. B. Stone
AJ STONE | AJ Stone
TROY L. STONE | Troy L. Stone
ANA DE LA CRUZ | Ana de la Cruz
JAN VAN DER BERG | Jan van der Berg
ANN LEE III | Ann Lee III
Ann LEE | Ann LEE
Jean-Paul DUPIN | Jean-Paul DUPIN
Anderson Sandy | Anderson Sandy
Byron Lee | Byron Lee
Di Eck | Di Eck
Emily Post | Emily Post
Ann Press | Ann Press
Ann Times | Ann Times
Will Young | Will Young
Madonna | Madonna
By Regan | Regan
Zerocalcare | Zerocalcare
Ann & Bo | Ann; Bo
Ann B. C. Lee | Ann B. C. Lee
Ann “Annie” Lee | Ann “Annie” Lee
Ann O’Hara-Lee | Ann O’Hara-Lee
Von Ann Lee und Bo Chan | Ann Lee; Bo Chan
Von Anna Müller, Berlin | Anna Müller
Von Anna Müller und Jörg Weiß, dpa | Anna Müller; Jörg Weiß
Ein Kommentar von Anna Müller | Anna Müller
Text: Anna Müller Foto: Jörg Weiß | Anna Müller
Text und Fotos: Anna Müller | Anna Müller
Anna Müller, Korrespondentin in Kairo | Anna Müller
Anna Müller Redakteurin Politik | Anna Müller
Anna von der Heide | Anna von der Heide
Anna Müller (am) | Anna Müller
Par Léa Morel et Guy Petit | Léa Morel; Guy Petit
Par Léa Morel avec AFP | Léa Morel
Par Léa Morel (avec AFP) | Léa Morel
Propos recueillis par Léa Morel | Léa Morel
Par Léa Morel, à Beyrouth | Léa Morel
Léa Morel, envoyée spéciale à Kiev | Léa Morel
Léa de La Tour | Léa de La Tour
Jean d’Armor | Jean d’Armor
Por Ana Gil y Luis Mar | Ana Gil; Luis Mar
Texto de Ana Gil | Ana Gil
Ana Gil, redactora | Ana Gil
Ana Gil | Madrid | Ana Gil
Ana Gil en Madrid | Ana Gil
José Ortega y Gasset | José Ortega y Gasset
Ana Ramón y Cajal | Ana Ramón y Cajal
Ana María del Río | Ana María del Río
Ana Gil, enviada especial | Ana Gil
Ana Gil Corresponsal en París | Ana Gil
Por Maria Souza e João Costa | Maria Souza; João Costa
Maria Oliveira e Silva | Maria Oliveira e Silva
Maria Souza, colaboração para a Lanterna | Maria Souza
Por Maria Souza, g1 | Maria Souza
di Anna Rossi | Anna Rossi
Di Anna Rossi e Luca Bianchi | Anna Rossi; Luca Bianchi
A cura di Anna Rossi | Anna Rossi
Anna Rossi, inviata a Kiev | Anna Rossi
Door Anna de Vries en Jan van den Berg | Anna de Vries; Jan van den Berg
Door onze redacteur Anna de Vries | Anna de Vries
Av Anna Berg och Nils Ek | Anna Berg; Nils Ek
Text: Anna Berg, foto: Nils Ek | Anna Berg
Anna Berg, TT | Anna Berg
Av Kari Dahl og Nils Vik | Kari Dahl; Nils Vik
Tekst: Kari Dahl | Kari Dahl
Af Mette Holm | Mette Holm
Skrevet af Mette Holm | Mette Holm
Teksti Aino Laine | Aino Laine
Aino Laine ja Eero Salo | Aino Laine; Eero Salo
Aino Laine, toimittaja | Aino Laine
Autor: Anna Nowak | Anna Nowak
Anna Nowak i Jan Zając | Anna Nowak; Jan Zając
Opracowała Anna Nowak | Anna Nowak
Rozmawiał Jan Zając | Jan Zając
Jana Nová a Petr Malý | Jana Nová; Petr Malý
Napsal Petr Malý | Petr Malý
Autor: Petr Malý, ČTK | Petr Malý
Napísala Jana Nová | Jana Nová
Írta: Kis Anna | Kis Anna
Szerző: Kis Anna és Nagy Béla | Kis Anna; Nagy Béla
de Ion Pop | Ion Pop
Autor: Ion Pop și Ana Rus | Ion Pop; Ana Rus
От Иван Петков | Иван Петков
Автор: Иван Петков | Иван Петков
Του Νίκου Παππά | Νίκου Παππά
Γράφει ο Νίκος Παππάς | Νίκος Παππάς
Νίκος Παππάς και Άννα Λάμπρου | Νίκος Παππάς; Άννα Λάμπρου
Yazan: Ayşe Kaya | Ayşe Kaya
Ayşe Kaya ve Ali Demir | Ayşe Kaya; Ali Demir
ALİ YILDIZ | Ali Yıldız
Ayşe Kaya, Muhabir | Ayşe Kaya
Автор: Анна Ли | Анна Ли
Анна Ли и Бо Чан | Анна Ли; Бо Чан
Анна Ли, корреспондент РИА | Анна Ли
Текст: Анна Ли Фото: Бо Чан | Анна Ли
АННА ЛИ | Анна Ли
Автор текста: Анна Ли | Анна Ли
Олена Коваль та Іван Мороз | Олена Коваль; Іван Мороз
Від Олена Коваль | Олена Коваль
Мар'яна Коваль, журналістка | Мар'яна Коваль
Пише: Јована Илић | Јована Илић
Piše: Ana Horvat | Ana Horvat
Autor: Ana Horvat i Ivan Babić | Ana Horvat; Ivan Babić
Hina, Ana Horvat | Ana Horvat
بقلم أحمد علي | أحمد علي
بقلم: أحمد علي | أحمد علي
كتب أحمد علي | أحمد علي
كتبت: منى حسن | منى حسن
د. أحمد علي | أحمد علي
أحمد علي - دمشق | أحمد علي
دمشق - أحمد علي | أحمد علي
أحمد علي، منى حسن | أحمد علي; منى حسن
أحمد علي ومنى حسن | أحمد علي; منى حسن
أحمد علي وليد حسن | أحمد علي وليد حسن
نوشته رضا احمدی | رضا احمدی
نویسنده: رضا احمدی | رضا احمدی
تحریر: علی رضا | علی رضا
מאת דנה לוי | דנה לוי
דנה לוי, כתבת | דנה לוי
דנה לוי ויוסי כהן | דנה לוי; יוסי כהן
लेखक: रवि शर्मा | रवि शर्मा
Written By: रवि शर्मा | रवि शर्मा
रवि शर्मा, नई दिल्ली | रवि शर्मा
रवि शर्मा और मीना गुप्ता | रवि शर्मा; मीना गुप्ता
লেখক: রহিম উদ্দিন | রহিম উদ্দিন
எழுதியவர் கவிதா ராஜன் | கவிதா ராஜன்
Oleh Budi Hartono | Budi Hartono
Penulis: Budi Hartono | Budi Hartono
Penulis: Budi Hartono, Editor: Siti Aminah | Budi Hartono
Budi Hartono dan Siti Aminah | Budi Hartono; Siti Aminah
Oleh: Siti binti Ahmad | Siti binti Ahmad
Tác giả: Nguyễn Văn An | Nguyễn Văn An
Nguyễn Văn An và Trần Thị Bình | Nguyễn Văn An; Trần Thị Bình
โดย สมชาย ใจดี | สมชาย ใจดี
ผู้เขียน สมชาย ใจดี | สมชาย ใจดี
記者王小明／台北報導 | 王小明
（記者王小明台北3日電） | 王小明
(中央社記者王小明台北3日電) | 王小明
新华社记者 王小明 李小红 | 王小明; 李小红
作者：王小明 | 王小明
文／王小明 | 王小明
王小明、李小红 | 王小明; 李小红
王小明 | 王小明
责任编辑：王小明 | -
责任编辑 王小明 | -
山田太郎記者 | 山田太郎
山田太郎、鈴木花子 | 山田太郎; 鈴木花子
文・写真　山田太郎 | 山田太郎
ワシントン＝山田太郎 | 山田太郎
ジョン・スミス | ジョン・スミス
山田 太郎 | 山田 太郎
홍길동 기자 | 홍길동
홍길동기자 | 홍길동
홍길동 기자 hong@wire.example | 홍길동
홍길동·김철수 기자 | 홍길동; 김철수
서울=홍길동 기자 | 홍길동
(서울=연합뉴스) 홍길동 기자 = | 홍길동
홍길동 국제부 기자 | 홍길동
홍길동 특파원 | 홍길동
Na ASHA JUMA | Asha Juma
Imeandikwa na Asha Juma | Asha Juma
Autorius Jonas Petraitis | Jonas Petraitis
Jonas Petraitis ir Ona Kazlė | Jonas Petraitis; Ona Kazlė
Anna Kalniņa un Jānis Bērzs | Anna Kalniņa; Jānis Bērzs
Autor: Mari Tamm | Mari Tamm
Höfundur: Jón Jónsson | Jón Jónsson
ავტორი: ნინო ბერიძე | ნინო ბერიძე
Հեղինակ՝ Անի Պետրոսյան | Անի Պետրոսյան
Əli Həsən və Leyla Quliyeva | Əli Həsən; Leyla Quliyeva
Nga: Agim Hoxha dhe Ana Leka | Agim Hoxha; Ana Leka
Deur Anna Botha | Anna Botha
"""

#: Values that name nobody.
NOBODY = """
Staff
Staff Reporter
Staff Reports
By Staff Reports -
HNN Staff
Lantern Staff
The Lantern
lantern.example
Redaktion Lantern
LANTERN
Lantern
By The Lantern
News Desk
Web Desk
Newsroom
Editorial Board
Editorial
Editors
Admin
admin
administrator
jdadmin1
Super User
Guest
Guest Contributor
Contributor
Anonymous
Unknown
N/A
null
None
Agencies
AFP
Reuters
By Reuters
The Associated Press
AFP/dpa
AP, Reuters
PTI, Washington
BBC News
CNN Business
CBS Detroit
News Nation Bureau
India Press Trust News Weekly
Practical Horseman Editorial Staff
Washington Post
Wall Street Journal
Telegraph Sport
Our Correspondent
Special Correspondent
A Correspondent
Kettlebridge Media Ltd
Kettlebridge GmbH
Kettlebridge Radio
Kettlebridge Zeitung
Condé Nast
gto
KWCHCIK
LinkNaija
rmb8090
ann.lee@wire.example
https://wire.example/authors/ann-lee
https://www.facebook.com/annlee
www.wire.example
@annlee
Tel 0123
18 November 2026
November 18, 2026 | 4:10pm
3 min read
Photos by Bo Chan
Photo: Bo Chan
Foto: Bo Chan
Фото: Бо Чан
Redaktion
Onlineredaktion
Die Redaktion
Deutsche Presse-Agentur
dpa
La Rédaction
Rédaction web
Redacción
La Redacción
Agencias
Redação
Da Redação
Redazione
La Redazione
Redactie
Onze redactie
Redaktionen
Redaksjonen
Toimitus
Redakcja
Redakce
Redakcia
Szerkesztőség
Redacția
Редакция
Редакція
Новости
РИА Новости
ТАСС
Σύνταξη
Haber Merkezi
التحرير
هيئة التحرير
رويترز
العربي الجديد
وكالات
تحریریه
מערכת
वेब डेस्क
ডেস্ক রিপোর্ট
Tim Redaksi
Ban Biên tập
กองบรรณาธิการ
編集部
编辑部
新华社
朝日新聞
小编
온라인뉴스팀
연합뉴스
편집부
-
,
...
"""

VISIBLE = """
By Ann Lee | Ann Lee
By Ann Lee and Bo Chan Monday, November 18, 2026, 04:05 pm PT (07:05 pm ET) | Ann Lee; Bo Chan
by Ann Lee @annlee Nov 18, 2026 at 9:24 pm ET • 2 min read | Ann Lee
Ann Lee5 Min Read | Ann Lee
by Ann Lee19 Nov 2026 05:44 GMT | Ann Lee
By ANN LEE and BO STONEAssociated Press | Ann Lee; Bo Stone
by Ann FrostMonday, November 18, 2026 | Ann Frost
By Ann Lee, CNN BusinessUpdated 0339 GMT (1139 HKT) November 19, 2026 | Ann Lee
By Ann Lee | Fox News | Ann Lee
By Ann Lee - Staff Writer 2026-11-18T23:30:00Z Health Shares | Ann Lee
By Ann Lee About Ann Lee Follow Ann Lee on Twitter | Ann Lee
Ann Lee Follow | Ann Lee
Ann Lee Senior Contributor | Ann Lee
Ann Lee ann.lee@wire.example @annlee | Ann Lee
Ann Lee 27/09/2026 Comente! Brinquedos e Brincadeiras | Ann Lee
Von Anna Müller, 18.11.2026, 10:20 Uhr | Anna Müller
Par Léa Morel, Publié le 3 décembre 2026 | Léa Morel
Par Léa Morel le 3 décembre 2026 | Léa Morel
Ana Gil en Madrid | Ana Gil
Анна Ли, 18 ноября 2026 | Анна Ли
记者 王小明 | 王小明
홍길동 기자 | 홍길동
作者：王小明 | 王小明
The Russian and Syrian defense ministries | -
by European Space Agency | -
By Staff Reports | -
By | -
By Catherine | -
Catherine | -
Bo Chan commented on | -
Bo C | -
Ann Lee has covered the city since the flood and now lives there | -
Follow @annlee | -
Reuters November 18, 2026 11:03 PM | -
Share This Article | -
Read More | -
Latest News | -
Top Stories | -
November 19, 2026 | 4:20am | -
16 hours ago on iOS Blog | -
facebook | -
Гость | -
文化 | -
王小明 | -
ann lee | -
Washington, | -
Ann Lee\xa0 | Ann Lee
"""


def rows(table: str) -> list[tuple[str, tuple[str, ...]]]:
    """Byline and names of each line; the last bar parts them, "-" is nobody."""
    cut = [line.rpartition(" | ") for line in table.strip().splitlines()]
    return [(byline, () if names == "-" else tuple(names.split("; "))) for byline, _, names in cut]


@pytest.mark.parametrize(("byline", "names"), rows(NAMED))
def test_people(byline: str, names: tuple[str, ...]) -> None:
    assert people([byline], **LANTERN) == names


@pytest.mark.parametrize("value", NOBODY.strip().splitlines())
def test_nobody(value: str) -> None:
    assert people([value], **LANTERN) == ()
    assert from_visible(value, **LANTERN) == ()
    assert not is_person(value) or "antern" in value  # which only the outlet's name gives away


@pytest.mark.parametrize(("text", "names"), rows(VISIBLE))
def test_visible(text: str, names: tuple[str, ...]) -> None:
    assert from_visible(text, **LANTERN) == names


def test_many_values_name_each_person_once() -> None:
    assert people(["Ann Lee", "Madonna", "", "By ANN LEE", "Bo Chan"]) == ("Ann Lee", "Madonna", "Bo Chan")
    assert people([]) == ()


def test_lines_part_names() -> None:
    assert people(["Ann Lee\nBo Chan\n"]) == ("Ann Lee", "Bo Chan")
    assert people(["<p>Ann Lee</p><p>Bo &amp; Cy</p>"]) == ("Ann Lee",)


@pytest.mark.parametrize(
    ("value", "outlet", "domain"),
    [
        ("Kettlebridge Echo", "Kettlebridge Echo", ""),
        ("Dawgs By Day", "Dawgs By Day", ""),
        ("Wise Owl", "Wise Owl | Tales from the wood", ""),
        ("Florida Hoy", "", "www.floridahoy.example"),
        ("Florida-Hoy", "", "news.floridahoy.co.example"),
        ("Beachbody", "The Beachbody Blog", ""),
        ("Vortex", "", "vortexcannon.example"),
        ("Sky", "Sky Tonight", ""),
    ],
)
def test_the_outlet_is_nobody(value: str, outlet: str, domain: str) -> None:
    assert people([value], outlet=outlet, domain=domain) == ()
    assert people([f"By Ann Lee, {value}"], outlet=outlet, domain=domain) == ("Ann Lee",)


def test_the_outlet_behind_the_name() -> None:
    assert people(["Ann Lee Florida Hoy"], domain="floridahoy.example") == ("Ann Lee",)
    assert people(["Ann Lee KETTLE TODAY"], outlet="Kettle Today") == ("Ann Lee",)


@pytest.mark.parametrize(
    "name",
    [
        *("Ann Lee", "ANN LEE", "Ann B. Lee", "Jan van der Berg", "Léa d'Armor", "José Ortega y Gasset", "Emily Post"),
        *("Анна Ли", "Νίκος Παππάς", "أحمد علي", "דנה לוי", "रवि शर्मा", "สมชาย ใจดี", "Nguyễn Văn An", "ნინო ბერიძე"),
        *("Անի Պետրոսյան", "王小明", "山田 太郎", "홍길동"),
    ],
)
def test_reads_like_a_person(name: str) -> None:
    assert is_person(name)


@pytest.mark.parametrize(
    "text",
    [
        *("", "Madonna", "ann lee", "By Ann Lee", "Ann Lee, Reuters", "Ann Lee and Bo Chan", "Lee, Ann", "Dr. Ann Lee"),
        *(
            "The Lantern",
            "Read More",
            "Hong Kong",
            "New York",
            "Ann Lee 3",
            "Ann Lee is a reporter",
            "홍길동 기자",
            "編集部",
        ),
    ],
)
def test_reads_like_no_person(text: str) -> None:
    assert not is_person(text)


def test_long_texts() -> None:
    assert from_visible("By Ann Lee" + " " * MAX_VISIBLE) == ()
    assert people(["Ann Lee, " * 1_000]) == ("Ann Lee",)
    assert people(["x" * MAX_VALUE + ", Ann Lee"]) == ()


HOSTILE = [
    "(",
    "by ",
    "a@",
    "Ann, ",
    " y ",
    "Ann y Bo ",
    "A",
    "a:",
    "= ",
    "記者",
    "기자 ",
    "・",
    "Von ",
    "Dr. ",
    "AB",
    "\u0301",
    "1",
]


@pytest.mark.parametrize("piece", HOSTILE)
def test_hostile_texts_take_bounded_time(piece: str) -> None:
    for text in (piece * 50_000, "Ann Lee " + piece * 50_000, "<b>" * 50 + piece * 1_000):
        began = time.process_time()
        people([text], outlet="The Lantern")
        from_visible(text[:MAX_VISIBLE])
        is_person(text)
        assert time.process_time() - began < 1


WORDS = st.sampled_from(
    re.split(
        r"\s*~\s*",
        """By~by~Von~und~et~y~e~i~,~;~|~/~&~-~–~(~)~:~=~Ann~Lee~Jr.~III~Dr.~The~Staff~BBC~ANN~McDONALD~İ~LEE~.~’~“~\n~\t
        ~\u200e~ar@x.example~@ar~12~2026~记者~王小明~기자~홍길동~・~بقلم~أحمد~و~علي~रवि~Foto:~https://x.example/a~<b>~&amp;""",
    )
)


@settings(max_examples=400, deadline=None)
@given(
    st.one_of(st.text(max_size=80), st.lists(WORDS, max_size=12).map(" ".join)),
    st.text(max_size=10),
    st.text(max_size=10),
)
def test_whatever_comes_names_are_clean(text: str, outlet: str, domain: str) -> None:
    names = people([text], outlet=outlet, domain=domain)
    seen = from_visible(text, outlet=outlet, domain=domain)
    is_person(text)
    assert len({name.casefold() for name in names}) == len(names)
    for name in (*names, *seen):
        assert name == name.strip() != ""
        assert not set(name) & set("@\n\r\t;|<>")
        assert not re.search(r"\d", name)
        assert any(map(str.isalpha, name))
