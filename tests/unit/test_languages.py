"""The language of an article: as declared, unless its words clearly say otherwise."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.languages import language
from transforms.records import Origin

TEXTS = {
    "en": "Rescue workers in the northern town pulled nine people from the ruins of a bakery on Wednesday, residents "
    "said. The strike hit shortly after dawn, when dozens of people were waiting for bread, according to the "
    "local council.",
    "de": "Rettungskräfte haben in der Stadt im Norden am Mittwoch neun Menschen aus den Trümmern einer Bäckerei "
    "geborgen. Der Angriff ereignete sich kurz nach Sonnenaufgang, als Dutzende Menschen nach Brot anstanden, "
    "so der Gemeinderat.",
    "fr": "Les secours ont retiré mercredi neuf personnes des décombres d'une boulangerie dans le nord, selon des "
    "habitants. La frappe a eu lieu peu après l'aube, alors que des dizaines de personnes attendaient du pain, "
    "selon le conseil.",
    "es": "Los equipos de rescate sacaron el miércoles a nueve personas de las ruinas de una panadería en el norte "
    "del país. El ataque se produjo poco después del amanecer, cuando decenas de personas esperaban para "
    "comprar pan, dijo el alcalde.",
    "pt": "As equipes de resgate retiraram na quarta-feira nove pessoas das ruínas de uma padaria, disseram os "
    "moradores. O ataque ocorreu pouco depois do amanhecer, quando dezenas de pessoas esperavam na fila do "
    "pão, segundo a prefeitura.",
    "ru": "Спасатели извлекли из-под развалин пекарни девять человек, сообщили в среду жители города на севере "
    "страны. Удар был нанесён вскоре после рассвета, когда десятки людей стояли в очереди за хлебом, говорят в "
    "совете.",
    "uk": "Рятувальники дістали з-під руїн пекарні дев'ятьох людей, повідомили в середу мешканці міста на півночі "
    "країни. Удару було завдано незабаром після світанку, коли десятки людей стояли в черзі по хліб, кажуть у "
    "міській раді.",
    "ar": "انتشل عمال الإنقاذ في البلدة الشمالية تسعة أشخاص من تحت أنقاض مخبز يوم الأربعاء بحسب ما قال السكان هناك. "
    "ووقعت الغارة بعد الفجر بقليل عندما كان العشرات ينتظرون للحصول على الخبز وفقا لما ذكره المجلس المحلي في "
    "البلدة.",
    "fa": "امدادگران روز چهارشنبه نه نفر را از زیر آوار یک نانوایی در شمال کشور بیرون کشیدند، این را ساکنان شهر "
    "گفتند. این حمله اندکی پس از سپیده دم رخ داد، زمانی که ده‌ها نفر در صف نان ایستاده بودند، به گفته شورای "
    "محلی شهر.",
    "he": "כוחות ההצלה בעיירה הצפונית חילצו ביום רביעי תשעה בני אדם מהריסות של מאפייה, כך אמרו התושבים במקום. התקיפה "
    "אירעה זמן קצר לאחר הזריחה, כאשר עשרות אנשים המתינו ללחם, על פי המועצה המקומית של העיירה בצפון.",
    "tr": "Kurtarma ekipleri çarşamba günü kuzeydeki kasabada bir fırının enkazından dokuz kişiyi çıkardı, dedi "
    "bölge sakinleri. Saldırı şafaktan kısa bir süre sonra, onlarca insan ekmek kuyruğunda beklerken meydana "
    "geldi, diye belirtti belediye.",
    "el": "Οι διασώστες ανέσυραν την Τετάρτη εννέα ανθρώπους από τα ερείπια ενός φούρνου στη βόρεια πόλη, είπαν "
    "κάτοικοι. Το χτύπημα έγινε λίγο μετά την αυγή, όταν δεκάδες άνθρωποι περίμεναν για ψωμί, σύμφωνα με το "
    "τοπικό συμβούλιο.",
    "zh": "救援人员星期三从北部城镇一家面包店的废墟中救出九人，居民们说。袭击发生在黎明后不久，当时数十人正在排队等候"
    "购买面包，当地议会表示。国防部一名发言人否认有飞机在该地区活动，并承诺将在数日之内展开调查。",
    "ja": "北部の町で水曜日、救助隊ががれきとなったパン屋から九人を救出したと住民が語った。空爆は夜明け直後、数十人が"
    "パンを買うために並んでいたときに起きたと町議会は説明している。国防省の報道官は付近に航空機はいなかったと述"
    "べ、数日以内に調査を行うと約束した。",
    "ko": "구조대원들이 수요일 북부 마을의 빵집 잔해에서 아홉 명을 구조했다고 주민들이 말했다. 공습은 새벽 직후 수십 "
    "명이 빵을 사려고 기다리고 있을 때 발생했다고 지역 의회가 전했다. 국방부 대변인은 항공기가 그 지역에 있었다"
    "는 것을 부인했다.",
    "hi": "उत्तरी शहर में बचावकर्मियों ने बुधवार को एक बेकरी के मलबे से नौ लोगों को निकाला, निवासियों ने कहा। "
    "स्थानीय परिषद के अनुसार हमला भोर के कुछ ही देर बाद हुआ जब दर्जनों लोग रोटी का इंतजार कर रहे थे।",
    "vi": "Lực lượng cứu hộ hôm thứ Tư đã đưa chín người ra khỏi đống đổ nát của một tiệm bánh ở thị trấn phía bắc, "
    "cư dân cho biết. Vụ tấn công xảy ra ngay sau bình minh, khi hàng chục người đang chờ mua bánh mì, theo "
    "hội đồng địa phương.",
}
LONG = {tag: "\n".join([text] * 3) for tag, text in TEXTS.items()}


@pytest.mark.parametrize("tag", sorted(TEXTS))
def test_nobody_declares_it(tag: str) -> None:
    assert language(TEXTS[tag], ("", "")) == (tag, "page")


@pytest.mark.parametrize("tag", sorted(TEXTS))
@pytest.mark.parametrize("origin", ["jsonld", "opengraph", "meta", "feed"])
def test_declared_rightly(tag: str, origin: Origin) -> None:
    assert language(LONG[tag], (tag, origin)) == (tag, origin)


@pytest.mark.parametrize("tag", sorted(set(TEXTS) - {"en"}))
def test_a_template_says_english(tag: str) -> None:
    assert language(LONG[tag], ("en", "meta")) == (tag, "page")


@pytest.mark.parametrize("tag", ["fr", "de", "ar", "ja"])
def test_a_template_says_another(tag: str) -> None:
    assert language(LONG["en"], (tag, "feed")) == ("en", "page")


@pytest.mark.parametrize(
    ("text", "declared"),
    [
        pytest.param("Air strike.", "fr", id="a flash"),
        pytest.param(TEXTS["en"][:120], "fr", id="a line"),
        pytest.param("", "fr", id="nothing"),
        pytest.param("2026 18 11 10:00 – 12:30 … 4711", "fr", id="numbers"),
        pytest.param(f"{LONG['en']}\n{LONG['ru']}", "en", id="half of it in another"),
        pytest.param(f"{LONG['en']}\n{LONG['ru']}", "ru", id="the other half"),
        pytest.param("\x00\x01" * 99, "fr", id="no characters"),
        pytest.param("\ud83d" * 99, "fr", id="halves of characters"),
    ],
)
def test_what_is_declared_counts_where_the_words_are_not_clear(text: str, declared: str) -> None:
    assert language(text, (declared, "meta")) == (declared, "meta")


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n",
        "Air strike",
        "4711",
        "AFP 2026",
        "\x00\ud800\ufffe",
        "👍" * 50,
    ],
)
def test_too_little_says_nothing(text: str) -> None:
    assert language(text, ("", "")) == ("und", "")


SPASIOCI = (
    "Spasioci su u srijedu izvukli devet ljudi iz ruševina pekare u gradu na sjeveru zemlje, rekli su "
    "stanovnici. Udar se dogodio nedugo nakon zore, dok su deseci ljudi čekali u redu za kruh, priopćilo je "
    "gradsko vijeće. "
)
SPASIOCI_SR = (
    "Spasioci su u sredu izvukli devet ljudi iz ruševina pekare u gradu na severu zemlje, rekli su stanovnici. "
    "Udar se dogodio nedugo posle zore, dok su desetine ljudi čekale u redu za hleb, saopštila je gradska "
    "skupština. "
)
REGU = (
    "Petugas penyelamat pada hari Rabu mengeluarkan sembilan orang dari reruntuhan toko roti di kota utara, "
    "kata warga. Serangan itu terjadi tak lama setelah fajar, ketika puluhan orang sedang menunggu roti, "
    "menurut dewan setempat. "
)
REDNING = (
    "Redningsfolk trakk onsdag ni mennesker ut av ruinene av et bakeri i byen i nord, sier innbyggerne. "
    "Angrepet kom like etter daggry, da dusinvis av mennesker ventet på brød, ifølge det lokale rådet i byen. "
)


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        pytest.param(SPASIOCI, "hr sr bs sh", id="Croatian, Serbian, Bosnian"),
        pytest.param(SPASIOCI_SR, "sr hr bs", id="Serbian in Latin letters"),
        pytest.param(REGU, "id ms", id="Indonesian, Malay"),
        pytest.param(REDNING, "nb no nn da", id="Norwegian, Danish"),
        pytest.param(TEXTS["uk"] + " ", "uk ru", id="Ukrainian, Russian"),
        pytest.param(TEXTS["fa"] + " ", "fa prs", id="Persian, Dari"),
        pytest.param(TEXTS["pt"] + " ", "pt gl", id="Portuguese, Galician"),
        pytest.param(TEXTS["zh"] + " ", "zh yue", id="Chinese, Cantonese"),
    ],
)
def test_neighbours_are_what_they_say(text: str, tags: str) -> None:
    for tag in tags.split():
        assert language(text * 3, (tag, "meta")) == (tag, "meta")


@pytest.mark.parametrize(
    ("text", "expected"),
    [(REGU * 2, "id"), (REDNING * 2, "no"), (TEXTS["he"], "he")],
    ids=["in is id", "nb is no", "iw is he"],
)
def test_tags_are_those_of_today(text: str, expected: str) -> None:
    assert language(text, ("", "")) == (expected, "page")


def test_without_kana_it_is_chinese() -> None:
    assert language("北京市政府召開記者會 宣布新年度預算 總統府回應 國際社會關注 " * 4, ("", ""))[0] == "zh"
    assert language(LONG["zh"], ("ja", "meta")) == ("zh", "page")
    assert language(LONG["ja"], ("zh", "meta")) == ("ja", "page")


def test_traditional_letters_are_chinese_too() -> None:
    text = (
        "救援人員星期三從北部城鎮一家麵包店的廢墟中救出九人，居民們說。"
        "襲擊發生在黎明後不久，當時數十人正在排隊等候購買麵包。"
    )
    assert language(text * 3, ("", "")) == ("zh", "page")
    assert language(text * 3, ("zh", "jsonld")) == ("zh", "jsonld")


@settings(max_examples=150, deadline=1_000)
@given(st.text(max_size=400), st.sampled_from(["", "en", "fr", "zh", "x", "und", "qqq"]))
def test_any_text_has_a_language_or_none(text: str, declared: str) -> None:
    found, origin = language(text, (declared, "meta" if declared else ""))
    assert found
    assert (origin == "") == (found == "und" and not declared)
    assert found == declared or origin in ("page", "")
