"""Where and when wire copy was filed, as the agencies of the world write it."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.datelines import Dateline, find_days, read_dateline
from transforms.text import one_line

DEC_18 = (None, 12, 18)
IN_2025 = (2025, 12, 18)
PIECES = [
    "GENEVA",
    ", ",
    "Dec 18",
    " (",
    "Reuters",
    ")",
    " - ",
    "—",
    "/ТАСС/",
    ". ",
    "\n",
    "新华社",
    "日电",
    "[",
    "]",
    "18",
]
BODIES = st.lists(st.sampled_from(PIECES) | st.text(max_size=4), max_size=14).map("".join)
HOSTILE = ["(", "A. ", "1 ", "/", " ", "A", "AP ", "\n", "—", "1. ", "A, ", "Dec 1 ", "[", "【", "日", "(AP) - A "]


@pytest.mark.parametrize(
    ("start", "text", "located", "agencies", "day"),
    [
        ("GENEVA, Dec 18 (Reuters) - The", "GENEVA, Dec 18 (Reuters)", "GENEVA", "Reuters", DEC_18),
        ("ROME/BEIRUT, Dec 18 (Reuters) – The", "ROME/BEIRUT, Dec 18 (Reuters)", "ROME/BEIRUT", "Reuters", DEC_18),
        ("NEW YORK (Reuters) - Oil", "NEW YORK (Reuters)", "NEW YORK", "Reuters", None),
        ("(Reuters) - President Ann Lee said", "(Reuters)", "", "Reuters", None),
        ("(Reuters) - Assad - who fled - said", "(Reuters)", "", "Reuters", None),
        ("BEIRUT (AP) — The army", "BEIRUT (AP)", "BEIRUT", "AP", None),
        ("BEIRUT, Lebanon (AP) — The army", "BEIRUT, Lebanon (AP)", "BEIRUT, Lebanon", "AP", None),
        ("HAYWARD, Calif. (AP) — The Latest", "HAYWARD, Calif. (AP)", "HAYWARD, Calif.", "AP", None),
        ("ST. JOSEPH, Mich. (AP) — A", "ST. JOSEPH, Mich. (AP)", "ST. JOSEPH, Mich.", "AP", None),
        ("ABOARD AIR FORCE ONE (AP) — The", "ABOARD AIR FORCE ONE (AP)", "ABOARD AIR FORCE ONE", "AP", None),
        ("WASHINGTON — The president", "WASHINGTON", "WASHINGTON", "", None),
        ("WASHINGTON, D.C. — The president", "WASHINGTON, D.C.", "WASHINGTON, D.C.", "", None),
        ("MANILA, Philippines -- “The", "MANILA, Philippines", "MANILA, Philippines", "", None),
        ("GENEVA, 18 December 2025 – The UN", "GENEVA, 18 December 2025", "GENEVA", "", IN_2025),
        ("Bern, 18.12.2025 - Der Bundesrat", "Bern, 18.12.2025", "Bern", "", IN_2025),
        ("Damascus (AFP) – The", "Damascus (AFP)", "Damascus", "AFP", None),
        ("BEYROUTH, 18 déc 2025 (AFP) - Le", "BEYROUTH, 18 déc 2025 (AFP)", "BEYROUTH", "AFP", IN_2025),
        ("Port-au-Prince, 18 déc. (AFP) - Le", "Port-au-Prince, 18 déc. (AFP)", "Port-au-Prince", "AFP", DEC_18),
        ("Paris (AFP)", "Paris (AFP)", "Paris", "AFP", None),
        ("Beirut (Lebanon) (AFP) - The", "Beirut (Lebanon) (AFP)", "Beirut (Lebanon)", "AFP", None),
        ("SANA'A (AFP) - The", "SANA'A (AFP)", "SANA'A", "AFP", None),
        ("Berlin (dpa) - Die", "Berlin (dpa)", "Berlin", "dpa", None),
        ("Berlin/Damaskus (dpa) – Die", "Berlin/Damaskus (dpa)", "Berlin/Damaskus", "dpa", None),
        ("Berlin (dpa/bb) - Die", "Berlin (dpa/bb)", "Berlin", "dpa", None),
        ("Frankfurt am Main (dpa-AFX) - Die", "Frankfurt am Main (dpa-AFX)", "Frankfurt am Main", "dpa", None),
        ("WIEN/GENF (APA/Reuters/dpa) - Die", "WIEN/GENF (APA/Reuters/dpa)", "WIEN/GENF", "APA Reuters dpa", None),
        ("Ginebra, 18 dic (EFE).- La", "Ginebra, 18 dic (EFE)", "Ginebra", "EFE", DEC_18),
        ("MADRID 18 Dic. (EUROPA PRESS) -", "MADRID 18 Dic. (EUROPA PRESS)", "MADRID", "Europa_Press", DEC_18),
        ("(ANSA) - ROMA, 18 DIC - Il", "(ANSA) - ROMA, 18 DIC", "ROMA", "ANSA", DEC_18),
        ("MOSCOW, December 18. /TASS/. The", "MOSCOW, December 18. /TASS/", "MOSCOW", "TASS", DEC_18),
        ("МОСКВА, 18 декабря. /ТАСС/. Армия", "МОСКВА, 18 декабря. /ТАСС/", "МОСКВА", "TASS", DEC_18),
        ("МОСКВА, 18 дек. /Корр. ТАСС Анна Ли/. А", "МОСКВА, 18 дек. /Корр. ТАСС Анна Ли/", "МОСКВА", "TASS", DEC_18),
        ("МОСКВА, 18 дек — РИА Новости. А", "МОСКВА, 18 дек — РИА Новости", "МОСКВА", "RIA_Novosti", DEC_18),
        ("МОСКВА, 18 дек - РИА Новости, Анна Ли. А", "МОСКВА, 18 дек - РИА Новости", "МОСКВА", "RIA_Novosti", DEC_18),
        ("Москва. 18 декабря. ИНТЕРФАКС.RU - А", "Москва. 18 декабря. ИНТЕРФАКС.RU", "Москва", "Interfax", DEC_18),
        ("Moscow. Dec 18 (Interfax) - The", "Moscow. Dec 18 (Interfax)", "Moscow", "Interfax", DEC_18),
        ("DAMASCUS, Dec. 18 (Xinhua) -- The", "DAMASCUS, Dec. 18 (Xinhua)", "DAMASCUS", "Xinhua", DEC_18),
        ("新华社大马士革12月18日电（记者张三）叙", "新华社大马士革12月18日电", "大马士革", "Xinhua", DEC_18),
        ("中新网12月18日电 据", "中新网12月18日电", "", "China_News_Service", DEC_18),
        ("（中央社台北18日電）", "中央社台北18日電", "台北", "CNA", None),
        ("（中央社記者張三台北18日電）", "中央社記者張三台北18日電", "", "CNA", None),
        ("TOKYO, Dec. 18, Kyodo - The", "TOKYO, Dec. 18, Kyodo", "TOKYO", "Kyodo", DEC_18),
        ("【カイロ共同】シリア", "【カイロ共同】", "カイロ", "Kyodo", None),
        ("【ジュネーブ時事】シリア", "【ジュネーブ時事】", "ジュネーブ", "Jiji", None),
        ("【12月18日 AFP】シリア", "【12月18日 AFP】", "", "AFP", DEC_18),
        ("[東京 18日 ロイター] - シリア", "[東京 18日 ロイター]", "東京", "Reuters", None),
        ("SEOUL, Dec. 18 (Yonhap) -- The", "SEOUL, Dec. 18 (Yonhap)", "SEOUL", "Yonhap", DEC_18),
        ("(서울=연합뉴스) 홍길동 기자 = 시리아", "(서울=연합뉴스)", "서울", "Yonhap", None),
        ("(카이로 AFP=연합뉴스) 시리아", "(카이로 AFP=연합뉴스)", "카이로", "AFP Yonhap", None),
        ("ANKARA (AA) - Suriye", "ANKARA (AA)", "ANKARA", "Anadolu", None),
        ("ŞAM (AA)", "ŞAM (AA)", "ŞAM", "Anadolu", None),
        ("Lisboa, 18 dez 2025 (Lusa) – O", "Lisboa, 18 dez 2025 (Lusa)", "Lisboa", "Lusa", IN_2025),
        ("København (Ritzau) - Den", "København (Ritzau)", "København", "Ritzau", None),
        ("Warszawa (PAP)", "Warszawa (PAP)", "Warszawa", "PAP", None),
        ("Praha 18. prosince (ČTK) - Vláda", "Praha 18. prosince (ČTK)", "Praha", "CTK", DEC_18),
        ("Budapest, 2025. december 18. (MTI) - A", "Budapest, 2025. december 18. (MTI)", "Budapest", "MTI", IN_2025),
        ("DAMASCUS, Dec. 18 (SANA) - The", "DAMASCUS, Dec. 18 (SANA)", "DAMASCUS", "SANA", DEC_18),
        ("Damascus, SANA-The ministry", "Damascus, SANA", "Damascus", "SANA", None),
        ("دمشق-سانا", "دمشق-سانا", "دمشق", "SANA", None),
        ("RAMALLAH, December 18, 2025 (WAFA) – T", "RAMALLAH, December 18, 2025 (WAFA)", "RAMALLAH", "WAFA", IN_2025),
        ("رام الله 18-12-2025 وفا- قال", "رام الله 18-12-2025 وفا", "رام الله", "WAFA", IN_2025),
        ("New Delhi, Dec 18 (PTI) The", "New Delhi, Dec 18 (PTI)", "New Delhi", "PTI", DEC_18),
        ("Agra [India], May 3 (ANI): A", "Agra [India], May 3 (ANI)", "Agra [India]", "ANI", (None, 5, 3)),
        ("دمشق 18 كانون الأول (رويترز) - قال", "دمشق 18 كانون الأول (رويترز)", "دمشق", "Reuters", DEC_18),
        ("بيروت (أ ف ب) – قال", "بيروت (أ ف ب)", "بيروت", "AFP", None),
        ("GENEVA, Thursday, Dec 18 (Reuters) - A", "GENEVA, Thursday, Dec 18 (Reuters)", "GENEVA", "Reuters", DEC_18),
        ("By Ann Lee\n\nGENEVA (AP) — The", "GENEVA (AP)", "GENEVA", "AP", None),
        ("  GENEVA (AP)\u00a0— The", "GENEVA (AP)", "GENEVA", "AP", None),
    ],
)  # fmt: skip
def test_read_dateline(
    start: str, text: str, located: str, agencies: str, day: tuple[int | None, int, int] | None
) -> None:
    assert read_dateline(start) == Dateline(
        text=text, located=located, agencies=tuple(name.replace("_", " ") for name in agencies.split()), day=day
    )


@pytest.mark.parametrize(
    "line",
    [
        "",
        "\n\n",
        "The army moved on.",
        "Paris (Reuters Photo) looked on",
        "Smith (AP) said - well",
        "The army (AFP) - said",
        "Ann Lee (AFP)",
        "Ann Lee, Reuters",
        "By Ann Lee, Associated Press",
        "By Ann Lee (AP) - more",
        "In Paris, AFP - the agency - said",
        "Paris, Reuters reported on Monday, was quiet",
        "According to AFP (France) - news",
        "President Smith, AFP said.",
        "He told Reuters - and others - that",
        "He said (Reuters) - and",
        "The Australian Federal Police (AFP) - a force - said",
        "AA batteries (AA) sold",
        "(AP Photo/Ann Lee)",
        "(AFP) a thing",
        "AFP",
        "Reuters - London",
        "Reuters/Ann Lee",
        "2025 (AFP) - ",
        '"Peace" (AFP) - now',
        "Dec 18 (Reuters)",
        "UPDATE — The army moves",
        "WATCH — The army moves",
        "NATO — The allies",
        "WASHINGTON - The president",
        "WASHINGTON — where it rains",
        "Damascus — A city of gardens",
        "Assad – der Präsident",
        "On 18 December 2025 – The UN",
        "Monday, 18 December 2025 – The UN",
        "It was May 3 - The day",
        "قال أحمد (رويترز) إن",
        "قال الرئيس السوري أحمد الشرع (رويترز) - إن",
        "【速報】シリア",
        "[写真]シリア",
        "新华社记者说",
        "叙利亚12月18日电影",
        "(서울) 홍길동",
        "One.\nTwo.\nThree.\nGENEVA (AP) — Four.",
        "x" * 150 + " GENEVA (AP) — The",
    ],
)
def test_what_is_no_dateline(line: str) -> None:
    assert read_dateline(line) is None


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("Dec. 18, 2025", [IN_2025]),
        ("18 December 2025", [IN_2025]),
        ("18.12.2025 und 2025-12-18", [IN_2025, IN_2025]),
        ("18 de dezembro de 2025", [IN_2025]),
        ("EMBARGO 18 Dec 2025", [IN_2025]),
        ("18. Dezember, 3rd May", [DEC_18, (None, 5, 3)]),
        ("18 of them, 2025, at 10", []),
        ("Dec 99, 45.13.2025", []),
        ("", []),
    ],
)
def test_find_days(text: str, days: list[tuple[int | None, int, int]]) -> None:
    assert list(find_days(text)) == days


@given(BODIES)
def test_a_dateline_is_part_of_the_text(body: str) -> None:
    if found := read_dateline(body):
        assert found.text
        assert found.text in one_line(body)
        assert found.located in found.text
        assert found.located or found.agencies


@settings(deadline=None)
@given(st.sampled_from(HOSTILE), st.sampled_from(HOSTILE))
def test_hostile_text_costs_no_more(piece: str, end: str) -> None:
    text = piece * 100_000 + end
    began = time.process_time()
    read_dateline(text)
    list(find_days(text))
    assert time.process_time() - began < 1
