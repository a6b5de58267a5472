"""Months by the names and numbers that people give them, and years by other counts than the Gregorian.

Sources: Unicode CLDR 48 for the names; the Islamic Republic's civil calendar in its usual arithmetic form.
"""

import re
import unicodedata
from datetime import date, timedelta

#: Month names of some fifty languages, folded (`fold`), months in their order. Names of four letters and more are
#: beginnings, whatever the language makes of their ends (ноября, ноябрь); shorter ones are whole words, a full stop may
#: follow. No two languages of these disagree, save Croatian (below).
_NAMES = """
1 djan ene ener gen gene genn ian ianu jaan jan jana jane jann janu janv led lede ledn oca ocak saus sij sije sty styc
  tamm xan xane yan yanv ιαν ιανο стд сту студ січ січе січн ян янв янва яну януа јан јану қаң қаңт հնվ հունվ ינו ינוא
  جانف جنور ژانو کانونالث ینای जन जनवर जाने জানু ਜਨ ਜਨਵਰ જાન્ ஜன ஜனவர జన జనవర ಜನ ಜನವರ ജനു ജനുവ ජන ජනවා มกรา มค იან
  იანვ
2 feb febb febe febr fev feve fevr helm lut lute luty peb pebr shk shku sub suba uno unor unr vas vasa veeb velj φεβ
  φεβρ ақп ақпа лют люта люти люто люты фв феб фебр фев февр փետր փտվ פבר פברו شباط فبرا فبرو فرور فوری فیفر فېبر फर
  फरवर फेब् ফেব ফেব্ ਫਰ ਫਰਵਰ ફેબ્ பிப் ఫిబ్ ಫೆಬ್ ഫെബ് පෙබ පෙබර กพ กุมภ თებ თებე
3 bre brez kov kova kovo maal maar mac mach mar marc mare mars mart marz mrt mrz ozu ozuj μαρ μαρτ бер бере мар март
  нау наур сак сака մարտ մրտ מארס מרס מרץ اذار مارس مارچ मार् মার্ ਮਾਰਚ માર્ மார் మార్ ಮಾರ್ മാർ മാർച මාර් มีค มีนา მარ
  მარტ
4 abr abri apr apre apri avr avri bal bala dub dube dubn huht kwi kwie nis nisa pri pril tra trav απρ απρι ап апр апре
  апри кві квіт кра крас крс сәу сәуі ապր ապրի אפר אפרי ابری افری اوری اپری نیسا अप्र एप्र এপ্র ਅਪ੍ਰ એપ્ર ஏப் ஏப்ர
  ఏప్ర ಏಪ್ರ ഏപ്ര අප්ර เมย เมษา აპრ აპრი
5 geg gegu kve kvet mag magg mai maig maij maio maj maja maju may mayi mayo mei svi svib touk μαι μαιο маи мам мамы
  мая мај тра трав трау մայի մյս מאי ایار مای مایو مه می میی مۍ मई मे মে ਮਈ મે மே మే ಮೇ മേയ് මැයි พค พฤษภ მაი მაის
6 birz cer cerven cervn cvn cze czer djun giu giug haz hazi hun huny iun iuni iyn iyun juin jun juna june junh juni
  juny juun kesa lipn qer qers xuno ιουν июн июнь июня мау маус чер черв чэр чэрв юн юни јун јуни հնս հունի יונ יוני
  جوان جون حزیر ژوین یونی जुन जून জুন ਜੂਨ જૂન ஜூன் జూన్ ಜೂನ್ ജൂൺ ජූනි มิถุ มิย ივნ ივნი
7 cervenc cervene crc crv cvc djul hein hul huly iul iuli iyl iyul juil jul jula julh juli july juul kor korr liep lip
  lipc lipi lug lugl srpa srpnj tem temm xul xull ιουλ июл июль июля лип липе липн ліп ліпе шіл шілд юл юли јул јули
  հլս հուլ יול יולי تموز جولا جویل ژویی یولی जुल जुला जुलै জুল জুলা ਜੁਲਾ જુલા ஜூலை జులై ಜುಲೈ ജൂലൈ ජූලි กค กรกฎ กรกฏ
  ივლ ივლი
8 ago agos agt agu agus aou aout aug augu avg avgu avq avqu elo elok gsh gush kol kolo ogo ogos rugp sie sier srp srpe
  srpna srpnu αυγ αυγο авг авгу жнв жні жнів жніу сер серп там тамы օգոս օգս אוג אוגו اب اغسط اوت اګست اگست غشت अग
  अगस् ऑग ऑगस् আগ আগস্ ਅਗ ਅਗਸਤ ઑગસ્ ஆக ஆகஸ் ఆగ ఆగస్ ಆಗ ಆಗಸ್ ഓഗ ഓഗസ് අගෝ අගෝස สค สิงห აგვ აგვი
9 eyl eylu rugs ruj ruja rujn sen sent sep sept set sete seti sett sety sht shta syys szep wrz wrze zar zari σεπ σεπτ
  вер вера вере врс сен сент сеп септ қыр қырк սեպ սեպտ ספט ספטמ ایلو سبتم ستمب سپتا سپتم سېپت شتنب सप्ट सित सितं सितम
  सेप् সেপ সেপ্ ਸਤੰ ਸਤੰਬ સપ્ટ செப் సెప్ ಸೆಪ್ സെപ് සැප් กย กันย სექ სექტ
10 eki ekim loka oct octo octu okt okta okto oktu okty ott otto out outu paz pazd rij rije rijn spal tet teto οκτ οκτω
  жов жовт кас каст кст окт окто октя қаз қаза հոկ հոկտ אוק אוקט اکتب اکتو تشرینالا अक्ट अक्त ऑक्ट অক্ট ਅਕਤੂ ઑક્ટ அக்
  அக்ட అక్ట ಅಕ್ಟ ഒക്ട ඔක් ඔක්ත ตค ตุลา ოქტ ოქტო
11 kas kasi lapk lis list marr nen nent nob noby noie nop nope nov nove novi noy noya stu stud νοε νοεμ лис лист ліс
  ліст нов нове ное ноем ноя нояб қар қара նոյ նոյե נוב נובמ تشرینالث تشرینث نوام نوفم نومب نونب नव नवंब नवम् नोभे
  नोव् নভে নভেম ਨਵੰ ਨਵੰਬ નવે નવેમ நவ நவம் నవం నవంబ ನವೆಂ നവം നവംബ නොවැ พย พฤศจ ნოე ნოემ
12 ara aral dec dece dek deka des dese dets dez deze dhj dhje dic dice dici dis dise disy gru grud gruo joul pro pros
  δεκ δεκε гру груд дек дека деке дец деце жел желт сне снеж снж դեկ դեկտ דצמ דצמב دجنب دسام دسمب دیسم کانونالا डिसे
  दिस दिसं दिसम ডিসে ਦਸੰ ਦਸੰਬ ડિસે டிச டிசம డిసె ಡಿಸೆ ഡിസം දෙසැ ธค ธันว დეკ დეკე
"""
#: Croatian calls June, July and October what its neighbours call July, August and November.
_CROATIAN = {"lip": 6, "srp": 7, "lis": 10}
#: The months of Iran, and those of Afghanistan.
_SOLAR_HIJRI = """
فروردین اردیبهشت خرداد تیر مرداد شهریور مهر آبان آذر دی بهمن اسفند
حمل ثور جوزا سرطان اسد سنبله میزان عقرب قوس جدی دلو حوت
"""
#: Languages whose press dates by the solar Hijri calendar; elsewhere such years are lunar, and said beside ours.
_SOLAR_LANGUAGES = frozenset(["fa", "ps", "prs"])
_SOLAR_COUNTRIES = (".ir", ".af")
_SOLAR_YEARS = range(1370, 1500)
_BUDDHIST_YEARS = range(2530, 2650)
_BUDDHIST_AHEAD = 543
#: Accents and vowel points, which are written or not; joiners; and the mark of Indian abbreviations.
_OPTIONAL = re.compile(
    "[\u0300-\u036f\u0591-\u05c7\u05f3\u064b-\u065f\u0670\u093c\u0970\u09bc\u0a3c\u200b-\u200f\u061c\u202a-\u202e\u2066-\u2069]"
)
_LETTERS = str.maketrans({"ı": "i", "ي": "ی", "ى": "ی", "ك": "ک", "’": "'", "−": "-", "٫": "."})
#: Names of two words, and abbreviations with a full stop inside, as one word.
_TWO_WORDS = re.compile("(تشرین|کانون) (?=ا|ث)")
_THAI_STOP = re.compile(r"(?<=[\u0e01-\u0e4f])\.(?=[\u0e01-\u0e4f])")
_VIETNAMESE = re.compile(r"\b(?:tháng|thang|thg)\.?\s?(0?[1-9]|1[0-2])(?!\d)", re.IGNORECASE)
_ENGLISH = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()  # noqa: SIM905


def fold(text: str) -> str:
    """`text` as it is compared here: no accents, ASCII digits, compatible forms made one; the case stays."""
    text = _VIETNAMESE.sub(lambda found: f" {_ENGLISH[int(found[1]) - 1]} ", text)
    if text.isascii():
        return text
    bare = _OPTIONAL.sub("", unicodedata.normalize("NFKD", text)).translate(_LETTERS)
    text = "".join(
        str(unicodedata.decimal(letter)) if letter.isdecimal() and letter > "9" else letter
        for letter in unicodedata.normalize("NFC", bare)
    )
    return _THAI_STOP.sub("", _TWO_WORDS.sub(r"\1", text))


def month_of(word: str, language: str) -> int:
    """The number of the month that the folded `word` names in any language; 0 when it names none."""
    word = word.lower()
    if language == "hr" and (month := _CROATIAN.get(word[:3])):
        return month
    if month := _MONTHS.get(word, 0):
        return month
    if word[:1] in ("ב", "ל") and len(word) > 3:  # Hebrew writes "in November" as one word
        return month_of(word[1:], language)
    return next((_MONTHS[word[:end]] for end in range(len(word) - 1, 3, -1) if word[:end] in _MONTHS), 0)


def day_of(year: int, month: int, day: int, *, language: str, domain: str) -> date | None:
    """The Gregorian date of a day that a page of `language` at `domain` counts so; None when there is none."""
    try:
        if year in _BUDDHIST_YEARS:
            return date(year - _BUDDHIST_AHEAD, month, day)
        if year in _SOLAR_YEARS:
            solar = language in _SOLAR_LANGUAGES or domain.endswith(_SOLAR_COUNTRIES)
            return _solar_hijri(year, month, day) if solar else None
        return date(year, month, day)
    except ValueError:
        return None


def _solar_hijri(year: int, month: int, day: int) -> date | None:
    """Eight leap days in 33 years: right for every year from 1210 to 1500."""
    if not (1 <= month <= 12 and 1 <= day <= (31 if month < 7 else 30)):
        return None
    cycles, rest = divmod(year - 1, 33)
    leaps = 8 * cycles + sum(1 for leap in _LEAPS if leap <= rest)
    before = (month - 1) * 31 if month < 7 else 186 + (month - 7) * 30
    return _EPOCH + timedelta(days=365 * (year - 1) + leaps + before + day - 1)


#: The leap years of a cycle, and the first day of year 1.
_LEAPS = (1, 5, 9, 13, 17, 22, 26, 30)
_EPOCH = date(622, 3, 21)


def _months() -> dict[str, int]:
    found: dict[str, int] = {}
    month = 0
    for word in _NAMES.split():
        if word.isdecimal():
            month = int(word)
        else:
            found[word] = month
    for line in _SOLAR_HIJRI.strip().splitlines():
        found |= {fold(name): number for number, name in enumerate(line.split(), 1)}
    return found


_MONTHS = _months()
