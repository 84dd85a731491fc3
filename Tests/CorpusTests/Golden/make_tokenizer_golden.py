"""Writes vocab.txt and tokenizer.json here: what Hugging Face's BertTokenizer makes of texts chosen to trip tokenizers.

    python make_tokenizer_golden.py

Needs transformers 5. The texts are text, not markup: `split_special_tokens=True` makes a literal "[MASK]" ordinary words.
"""

import collections
import json
import pathlib

import tokenizers
import transformers
from tokenizers import normalizers, pre_tokenizers

HERE = pathlib.Path(__file__).resolve().parent
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]

TEXTS = [
    # Nothing, or nothing that is left.
    "", " ", "\t\n\r ", "\u0000", "\ufffd", "\u00ad", "\u200b\u200c\u200d", "\ufeff", "\u0301", "\u007f\u0085\u009f", "\ue000\U000f0000",
    # Plain words, case, digits.
    "The ferry leaves the island at seven.", "THE HARBOUR IS STILL GREY", "The Captain's 4,000 crossings", "sixty-one",
    "12 March 1958, 4:17", "3.14159 1e-6 0x7F 1,000,000", "x2y3z", "unbelievablyremembered meshesharbour",
    # Accents, composed and decomposed, where they are stripped and where not.
    "Théodore a planté un pommier près de l'école", "The\u0301odore", "Łódź Çanakkale Kraków Malmö Århus Zürich",
    "naïve façade Ångström Å \u212b", "e\u0301e\u0300e\u0302 o\u0328\u0304 o\u0304\u0328", "ǭ ǖ ṩ ệ", "\u0301abc a\u0301\u0301\u0301",
    "Vi\u1ec7t Nam ti\u1ebfng Vi\u1ec7t", "d\u0323\u0307 d\u0307\u0323 \u1e0b\u0323", "\u0340\u0341\u0344\u0374\u037e\u0387\u1fef\u2000\u2126\u212a",
    # Case that is not one to one.
    "İstanbul ISPARTA ısı I\u0307", "Straße STRASSE \u1e9e", "ΣΊΣΥΦΟΣ ΟΔΟΣ σ ς Σ", "ǅ ǆ Ǆ ﬁn ﬂow ﬃ ﬀ ſ", "Ⅷ ⓐ Ⓐ ª º", "Ꭰ ꭰ Ა ა Ω ω",
    # Ideographs and their neighbours.
    "船は七時に島を出る。", "中文字符without空格mixed", "東京tower", "\u3400\U00020000\U0002a6df\U0002a700\U0002b820\U0002ceb0\U0002f800\uf900\ufa0e",
    "七\u0301時", "ひらがな カタカナ ｶﾀｶﾅ ー・", "がぎ か\u3099き\u3099", "〇々〆ヶ",
    # Korean: syllables come apart where accents are stripped.
    "배는 일곱 시에 떠난다", "한글 \u1112\u1161\u11ab 가각힣", "ㄱㄴㄷ",
    # South and South-East Asia: signs that are marks and signs that are not.
    "नाव सुबह सात बजे निकलती है।", "क्षत्रिय क\u093c \u0958 ज़", "เรือออกตอนเจ็ดโมง", "ကမ္ဘာ ភាសា ລາວ", "தமிழ் తెలుగు ಕನ್ನಡ മലയാളം",
    "\u0dda\u0ddd\u0dcf\u0dca \u09cb \u0b94", "\u111c9 \u166d \U000111c9",
    # Right to left.
    "القطار متأخر دائما", "ٱلْعَرَبِيَّة", "الـــعربية ١٢٣ ،؛؟", "השעון בתחנה עצר", "שָׁלוֹם \ufb2a\ufb49 \u05be\u05f3", "\u200fab\u200e \u202ecd\u202c \u2067x\u2069 \u061c",
    # Cyrillic, Georgian, Armenian, Ethiopic.
    "Снег шёл всю ночь, Й й Ё", "ѝ Ѷ҃ ԱՐԵՎ և", "ქართული ენა", "ሰላም፡ለዓለም።",
    # Emoji: joiners go, selectors are marks, modifiers stay.
    "👩‍👩‍👧‍👦 family", "👍🏽 ok 👍", "❤️ ❤ ☺︎", "🇫🇷🇩🇪", "1️⃣ #️⃣", "🏴\U000e0067\U000e0062\U000e007f", "🧑🏿‍🚀x",
    # Letters that look like letters.
    "𝐇𝐞𝐥𝐥𝐨 𝓌𝑜𝓇𝓁𝒹 𝟙𝟚𝟛 ℌ ℍ", "ｆｕｌｌ　ｗｉｄｔｈ！＂＃", "x² y₃ ½ ①", "™ © ® ℃ №",
    # Spaces of every kind, and what only looks like one.
    "a\u00a0b\u1680c\u2000d\u2003e\u2009f\u200ag\u202fh\u205fi\u3000j", "a\u2028b\u2029c", "a\u000bb\u000cc\u0085d", "a\u180eb\u200bc\u2060d\ufeffe",
    "a\tb\nc\rd\r\ne", "the\u0000harbour", "the\u0007har\u001bbour", "soft\u00adhyphen\u00ad", "no\u2011break \u2010",
    # Punctuation, ASCII and not; symbols that are not punctuation outside ASCII.
    "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", "...---___", "don't they'll 'quoted'", "“quoted” ‘single’ «guillemets» „low“ ‹›", "– — … ‥ • ‣ ※ ‽ ⁂",
    "¡Hola! ¿Qué?", "§ ¶ † ‡ · °", "€ £ ¥ ¢ ₽ ₿", "± × ÷ ≠ ∑ ∞ → ⇒", "´ ¨ ¯ ¸ ˆ ˜", "。、「」『』【】〜・：；！？", "﹏﹐﹑﹔﹕︰︱", "⸮⸘⸺⹀ ⹃⹕⹝", "a_b a-b a.b@c.d",
    # Newer than Unicode 8: no punctuation and no marks there.
    "\u1df6a\u1dfb \u0d3b \U0001e944\U0001e94a \U0001e94a\U0001e944 \U0001e900\U0001e922", "\u061d \u09fd \U0001145b \U00011660",
    # Marks that stripping keeps change places.
    "\U0001d15e\U0001d165 \U0001d157\U0001d165\U0001d16d \U0001d16d\U0001d165 \U0001d160", "\u302e\u302f \u302f\u302e\u0334 \U0001e94a\u0334\U0001e944", "\U0001e944\u0900\U0001e94a \U0001e944\u0301\U0001e94a",
    # Long words.
    "a" * 99, "a" * 100, "a" * 101, "a" * 100 + " " + "b" * 101 + " c", "é" * 100, "é" * 101, "e\u0301" * 101, "中" * 101, "a" * 101 + "." + "b" * 100,
    "\u1112\u1161\u11ab" * 34, "한" * 33, "한" * 34, "İ" * 60, "the" * 40,
    # The names of special tokens are text.
    "[UNK]", "[MASK]", "[CLS] a [SEP] b [PAD]", "the [MASK] leaves", "[mask] [ MASK ] [MASK", "##the ##s # ## ###", "the##ing",
    # Characters that the vocabulary lacks make their word unknown, and only that.
    "the ☃ snowman", "the☃man the", "ꙮ", "harbour\u0e5bs",
    # Unassigned and non-characters.
    "\u0378\u0380 \ufdd0 \uffff \U0001ffff \U000e0fff a\u0378b",
    # All at once.
    "Café №5: “naïve” 東京タワー—Straße\u00a0№\u2009Ⅳ, İzmir’de 👩🏽‍💻 писал(а)\u0301 ΣΟΦΟΣ… हिन्दी\u200d!", "\ufeffThe ferry\u200b leaves\u2028at se\u0301ven\u0000.",
]
LACKING = set("☃ꙮ\u0e5b")


def words_of(text, cased):
    normalizer = normalizers.BertNormalizer(clean_text=True, handle_chinese_chars=True, strip_accents=None, lowercase=not cased)
    return [word for word, _ in pre_tokenizers.BertPreTokenizer().pre_tokenize_str(normalizer.normalize_str(text))]


def vocabulary():
    """Special tokens, the characters of the sample and of the texts, the sample's words, and common ends of words."""
    sample = (HERE / "sample.txt").read_text(encoding="utf-8")
    counts, ends, characters = collections.Counter(), collections.Counter(), set()
    for cased in (False, True):
        for word in words_of(sample, cased):
            counts[word] += 1
            for start in range(max(1, len(word) - 4), len(word) - 1):
                ends[word[start:]] += 1
        for text in [sample, *TEXTS]:
            for word in words_of(text, cased):
                characters |= set(word)
    characters = sorted(characters - LACKING)
    tokens = SPECIAL + characters + [f"##{c}" for c in characters]
    tokens += sorted(word for word, n in counts.items() if n >= 3 and len(word) > 1)
    tokens += sorted(f"##{end}" for end, n in ends.items() if n >= 6)
    return list(dict.fromkeys(tokens))


tokens = vocabulary()
(HERE / "vocab.txt").write_text("".join(f"{token}\n" for token in tokens), encoding="utf-8", newline="\n")
ids = {token: index for index, token in enumerate(tokens)}
golden = {"transformers": transformers.__version__, "tokenizers": tokenizers.__version__, "cases": []}
uncased, cased = (transformers.BertTokenizer(vocab=ids, do_lower_case=lower) for lower in (True, False))
for text in TEXTS:
    options = dict(add_special_tokens=False, split_special_tokens=True, verbose=False)
    golden["cases"].append(
        {"text": text, "uncased": uncased(text, **options).input_ids, "cased": cased(text, **options).input_ids}
    )
lines = ",\n".join("    " + json.dumps(case) for case in golden.pop("cases"))
head = json.dumps(golden)[1:-1]
(HERE / "tokenizer.json").write_text("{" + head + ', "cases": [\n' + lines + "\n]}\n", encoding="utf-8")
print(len(tokens), "tokens,", len(TEXTS), "texts")
