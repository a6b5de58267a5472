"""Agencies by all their names, and the credits under pictures."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.agencies import agencies_in, find_agencies, is_agency, split_credit

HOSTILE = ["(", "[", "A", "A. ", "/", " ", "—", "AP ", "Ann Lee/", "Photo: ", "Credit", "أ ف ", "時", ". A", "(c) "]
PIECES = ["AP", "AFP", "/", " ", ". ", "(", ")", "Photo: ", "© ", "Ann Lee", "—", "reuters", "時事", "Foto: dpa", "via"]
CREDITS = st.lists(st.sampled_from(PIECES) | st.text(max_size=4), max_size=12).map("".join)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        pytest.param("Reuters", ("Reuters",), id="Reuters"),
        pytest.param("Thomson Reuters", ("Reuters",), id="its owner"),
        pytest.param("Рейтер, رويترز, ロイター, 路透社, 로이터", ("Reuters",), id="in five scripts, once"),
        pytest.param("By Ann Lee, Associated Press", ("AP",), id="byline"),
        pytest.param("Ann Lee/AP", ("AP",), id="stroke"),
        pytest.param("AP Photo/Ann Lee", ("AP",), id="picture desk"),
        pytest.param("Ann Lee/AFP via Getty Images", ("AFP",), id="via a library"),
        pytest.param("Agence France-Presse", ("AFP",), id="hyphen"),
        pytest.param("AGENCE FRANCE PRESSE", ("AFP",), id="capitals"),
        pytest.param("أ ف ب", ("AFP",), id="Arabic letters"),
        pytest.param("أ.ف.ب", ("AFP",), id="Arabic letters with full stops"),
        pytest.param("(وكالة فرانس برس)", ("AFP",), id="Arabic name"),
        pytest.param("AFP時事", ("AFP", "Jiji"), id="two scripts without a blank"),
        pytest.param("dpa/AFP/Reuters", ("dpa", "AFP", "Reuters"), id="in their order"),
        pytest.param("DPA", ("dpa",), id="small letters in capitals"),
        pytest.param("EPA-EFE", ("EFE",), id="EPA-EFE"),
        pytest.param("Ansa", ("ANSA",), id="Ansa alone"),
        pytest.param("Foto Ansa", ("ANSA",), id="Ansa beside a small word"),
        pytest.param("ИТАР-ТАСС", ("TASS",), id="ITAR-TASS"),
        pytest.param("РИА Новости", ("RIA Novosti",), id="RIA"),
        pytest.param("ИНТЕРФАКС.RU", ("Interfax",), id="domain"),
        pytest.param("新华社记者张三", ("Xinhua",), id="Xinhua's reporter"),
        pytest.param("(서울=연합뉴스)", ("Yonhap",), id="Yonhap"),
        pytest.param("Anadolu Ajansı", ("Anadolu",), id="Anadolu"),
        pytest.param("ANADOLU AJANSI", ("Anadolu",), id="Anadolu in capitals"),
        pytest.param("Agência Lusa", ("Lusa",), id="Lusa"),
        pytest.param("ČTK", ("CTK",), id="CTK"),
        pytest.param("Keystone-SDA/dpa", ("Keystone-SDA", "dpa"), id="Keystone-SDA"),
        pytest.param("Australian Associated Press", ("AAP",), id="the longest name counts"),
        pytest.param("PA Media", ("PA",), id="PA"),
        pytest.param("Ann Lee/Bloomberg", ("Bloomberg",), id="Bloomberg after a stroke"),
        pytest.param("By Bloomberg", ("Bloomberg",), id="By Bloomberg"),
        pytest.param("سانا", ("SANA",), id="SANA"),
        pytest.param("AP's Ann Lee", ("AP",), id="genitive"),
        pytest.param("Ann Lee", (), id="a person"),
        pytest.param("", (), id="nothing"),
        pytest.param("the ap and the pa", (), id="codes in small letters"),
        pytest.param("Tt, Sana, Mena, Ani", ("SANA",), id="names of people; one is an agency when alone"),
        pytest.param("Sana Khan", (), id="Sana Khan"),
        pytest.param("Michael Bloomberg", (), id="Michael Bloomberg"),
        pytest.param("Antara Das", (), id="Antara Das"),
        pytest.param("Hina Khan", (), id="Hina Khan"),
        pytest.param("Petra Schmidt", (), id="Petra Schmidt"),
        pytest.param("Anadolu University", (), id="Anatolia"),
        pytest.param("la prensa belga", (), id="Belgian"),
        pytest.param("equipa lusa", (), id="Portuguese"),
        pytest.param("SANA'A", (), id="a town"),
        pytest.param("APPLE, GAPS, PAP-smears", ("PAP",), id="whole words"),
        pytest.param("Fans", (), id="part of a word"),
        pytest.param("France, Presse", (), id="words of a name with a comma between"),
    ],
)
def test_agencies_in(text: str, names: tuple[str, ...]) -> None:
    assert agencies_in(text) == names


@pytest.mark.parametrize(
    "name",
    [
        "Reuters", "AFP/dpa", "Staff with AFP", "AFP and Reuters", "Reuters Staff", "AP News", "By Associated Press",
        "Agencies", "Agenturen", "Agences", "Agencias", "Агентства", "وكالات", "wires", "AFP, AP, dpa", "dpa/lby",
        "AFP/dpa/cbr", "AP通信", "新华社", "新华社记者", "ИНТЕРФАКС.RU", "Agence France-Presse", "(AFP)", "Agencia EFE",
    ],
)  # fmt: skip
def test_is_agency(name: str) -> None:
    assert is_agency(name)


@pytest.mark.parametrize(
    "name",
    [
        "", " ", "Ann Lee", "Ann Lee/AP", "Ann Lee, AFP", "Staff", "Newsroom", "News Agency", "The", "By", "cbr",
        "ABC News", "ABC News and AFP", "新华社记者张三", "Sana Khan", "Michael Bloomberg", "Reuters Institute",
        "AFP Kabul", "-", "AFP 2", "Иван Петров, ТАСС", "Petra Schmidt", "AP" * 500,
    ],
)  # fmt: skip
def test_is_no_agency(name: str) -> None:
    assert not is_agency(name)


FERRY = "A ferry at the quay."


@pytest.mark.parametrize(
    ("caption", "expected"),
    [
        pytest.param(f"{FERRY} Image: Ann Lee / Sea/Press Pool", (FERRY, "Ann Lee / Sea/Press Pool"), id="Image:"),
        pytest.param(f"{FERRY} Photo by: Ann Lee", (FERRY, "Ann Lee"), id="Photo by:"),
        pytest.param(f"{FERRY} Photo by Ann Lee", (FERRY, "Ann Lee"), id="Photo by"),
        pytest.param(f"{FERRY} Photograph by Ann Lee/AFP/Getty", (FERRY, "Ann Lee/AFP/Getty"), id="Photograph by"),
        pytest.param("A ferry - Photograph: Ann Lee/AP", ("A ferry", "Ann Lee/AP"), id="hyphen"),
        pytest.param("A ferry at the quay Photo: Ann Lee", ("A ferry at the quay", "Ann Lee"), id="no full stop"),
        pytest.param("A ferry (Ann Lee/AP)", ("A ferry", "Ann Lee/AP"), id="brackets"),
        pytest.param("A ferry (AP Photo/Ann Lee)", ("A ferry", "AP Photo/Ann Lee"), id="AP"),
        pytest.param(
            "A ferry (Photo by X Y/AFP via Getty Images)", ("A ferry", "X Y/AFP via Getty Images"), id="Getty"
        ),
        pytest.param("A ferry (Photo: Ann Lee/AP)", ("A ferry", "Ann Lee/AP"), id="label in brackets"),
        pytest.param("A ferry (Credit: Ann Lee)", ("A ferry", "Ann Lee"), id="Credit in brackets"),
        pytest.param("A ferry [File: Ann Lee/AP]", ("A ferry", "Ann Lee/AP"), id="square brackets"),
        pytest.param("A ferry [Ann Lee/Al Jazeera]", ("A ferry", "Ann Lee/Al Jazeera"), id="Al Jazeera"),
        pytest.param("A ferry (AFP)", ("A ferry", "AFP"), id="agency in brackets"),
        pytest.param(f"{FERRY} REUTERS/Ann Lee", (FERRY, "REUTERS/Ann Lee"), id="Reuters"),
        pytest.param("A ferry REUTERS/Ann Lee/File Photo", ("A ferry", "REUTERS/Ann Lee/File Photo"), id="no stop"),
        pytest.param(f"{FERRY} EPA-EFE/ANN LEE", (FERRY, "EPA-EFE/ANN LEE"), id="EPA"),
        pytest.param(f"{FERRY} Ann Lee/Getty Images", (FERRY, "Ann Lee/Getty Images"), id="library"),
        pytest.param(f"{FERRY} J. Scott Lee / AP file", (FERRY, "J. Scott Lee / AP file"), id="an initial"),
        pytest.param(f"{FERRY}Ann Lee / Reuters file", (FERRY, "Ann Lee / Reuters file"), id="glued to the stop"),
        pytest.param("A ferry at the quayCredit: EPA", ("A ferry at the quay", "EPA"), id="glued label"),
        pytest.param(f"{FERRY}Credit...Ann Lee/The Lantern", (FERRY, "Ann Lee/The Lantern"), id="New York Times"),
        pytest.param(f"{FERRY} AFP", (FERRY, "AFP"), id="agency as last sentence"),
        pytest.param(f"{FERRY} —AFP", (FERRY, "AFP"), id="Dawn"),
        pytest.param(f"{FERRY} Handout via REUTERS", (FERRY, "Handout via REUTERS"), id="handout"),
        pytest.param(f"{FERRY} Ann Lee, AFP", (FERRY, "Ann Lee, AFP"), id="comma"),
        pytest.param("A ferry © Coastline", ("A ferry", "Coastline"), id="sign"),
        pytest.param(f"{FERRY} © AFP", (FERRY, "AFP"), id="sign and agency"),
        pytest.param(f"{FERRY} Copyright AFP", (FERRY, "AFP"), id="Copyright"),
        pytest.param(f"{FERRY} (c) dpa", (FERRY, "dpa"), id="(c)"),
        pytest.param(f"{FERRY} Courtesy of Ann Lee", (FERRY, "Ann Lee"), id="Courtesy of"),
        pytest.param(f"{FERRY} Source: Ministry of Health", (FERRY, "Ministry of Health"), id="Source:"),
        pytest.param(f"{FERRY} Photo credit: Ann Lee", (FERRY, "Ann Lee"), id="Photo credit:"),
        pytest.param("A ferry | Foto: Ann Lee", ("A ferry", "Ann Lee"), id="stroke and label"),
        pytest.param("Eine Fähre. Foto: dpa", ("Eine Fähre.", "dpa"), id="dpa"),
        pytest.param("Eine Fähre. Foto: Ann Lee/dpa", ("Eine Fähre.", "Ann Lee/dpa"), id="dpa and name"),
        pytest.param("Eine Fähre. Bild: Ann Lee", ("Eine Fähre.", "Ann Lee"), id="Bild"),
        pytest.param("Un ferry. Crédits: Ann Lee", ("Un ferry.", "Ann Lee"), id="French"),
        pytest.param("Un ferry. Crédit photo : Ann Lee / AFP", ("Un ferry.", "Ann Lee / AFP"), id="French, longer"),
        pytest.param("Паром у причала. Фото: Анна Ли", ("Паром у причала.", "Анна Ли"), id="Russian"),
        pytest.param("عبارة في الميناء (صورة: أ ف ب)", ("عبارة في الميناء", "أ ف ب"), id="Arabic"),
        pytest.param("フェリー。写真：ロイター", ("フェリー。", "ロイター"), id="Japanese"),
        pytest.param("渡轮停靠码头。图源：新华社", ("渡轮停靠码头。", "新华社"), id="Chinese"),
        pytest.param("여객선 사진=연합뉴스", ("여객선", "연합뉴스"), id="Korean"),
        pytest.param("여객선 [사진 연합뉴스]", ("여객선", "연합뉴스"), id="Korean in brackets"),
        pytest.param("Photo: Ann Lee", ("", "Ann Lee"), id="nothing but a credit"),
        pytest.param("Photo: Ann Lee (AP)", ("", "Ann Lee (AP)"), id="brackets of its own"),
        pytest.param("REUTERS/Ann Lee", ("", "REUTERS/Ann Lee"), id="nothing but a signature"),
        pytest.param("Foto: picture alliance/dpa", ("", "picture alliance/dpa"), id="small letters"),
        pytest.param("Getty Images", ("", "Getty Images"), id="nothing but a library"),
    ],
)
def test_split_credit(caption: str, expected: tuple[str, str]) -> None:
    assert split_credit(caption) == expected


@pytest.mark.parametrize(
    "caption",
    [
        "",
        "A ferry at the quay",
        "The image: a ferry. It sank.",
        "Photo: a ferry that sank in the old port of Tartus",
        "In the photo: a ferry that sank in the port of Tartus",
        "Image: The minister has agreed a deal to become the manager of the club",
        "Photo: A ferry in the port. The crew was saved",
        "Two ferries (2024 and 2025)",
        "A season (2024/2025)",
        "Assad (1965-2025)",
        "The delegations (left/right) wave",
        "The delegations wave (left/right)",
        "A map (US/UK)",
        "The rebels (HTS/SNA)",
        "The Australian Federal Police (AFP) at work",
        "He works for Reuters.",
        "A man reads the AP",
        "He left. The AP Building",
        "The road between Aleppo/Idlib and Hama. Residents and/or rebels",
        "He paid 10/20 euros",
        "Source code is open",
        "Copyright law is changing",
        "A ferry. Copyright law is changing",
        "Modules: (a) red, (b) blue and (c) green",
        "Photo:",
        "Image (c)",
        "FILE PHOTO: Traders work on the floor in New York.",
    ],
)
def test_a_caption_without_a_credit_stays(caption: str) -> None:
    assert split_credit(caption) == (caption, "")


@given(CREDITS)
def test_credits_are_parts_of_the_caption(caption: str) -> None:
    rest, credit = split_credit(caption)
    assert caption.startswith(rest)
    assert credit in caption[len(rest) :]


@given(CREDITS)
def test_agencies_are_found_where_they_stand(text: str) -> None:
    found = find_agencies(text)
    assert [agency.start for agency in found] == sorted(agency.start for agency in found)
    assert all(0 <= agency.start < agency.end <= len(text) for agency in found)
    assert agencies_in(text) == tuple(dict.fromkeys(agency.name for agency in found))
    is_agency(text)


@settings(deadline=None)
@given(st.sampled_from(HOSTILE), st.sampled_from(HOSTILE))
def test_hostile_text_costs_no_more(piece: str, end: str) -> None:
    text = piece * 100_000 + end
    began = time.process_time()
    split_credit(text)
    agencies_in(text)
    is_agency(text)
    assert time.process_time() - began < 1
