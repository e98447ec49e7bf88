"""The texts of this folder: hard cases written by hand, and random ones from a seed."""

import html.entities
import random
import sys
import unicodedata

from clip.simple_tokenizer import SimpleTokenizer

ENTITY_NAMES = sorted(html.entities.html5)
CODECS = ["latin-1", "cp1252", "cp1251", "cp1250", "cp1253", "cp1254", "cp1257", "iso-8859-2", "mac_roman", "cp437"]
SLOPPY = ["sloppy-windows-1250", "sloppy-windows-1251", "sloppy-windows-1252", "sloppy-windows-1253",
          "sloppy-windows-1254", "sloppy-windows-1257"]

CAPTIONS = [
    "a photo of a cat.", "a diagram", "a dog", "A Photo of the Small Bird, seen from above.", "hello world",
    "itap of a 3D-printed TV remote", "a bad photo of the {}.", "The quick brown fox jumps over the lazy dog.",
    "a centered satellite photo of annual crop land.", "graffiti of a great white shark",
    "a photo of a 747-400, a type of aircraft.", "a photo i took in côte d’ivoire.", "rendering of the weird jack-o'-lantern",
    "$1,299.99 — 50% off!!!", "e-mail: someone@example.org", "C++ & C# > Java?", "https://example.org/a_b?c=d&e=f#g",
    "supercalifragilisticexpialidocious", "antidisestablishmentarianism pneumonoultramicroscopicsilicovolcanoconiosis",
    "x" * 76, "word " * 80, "1234567890", "3.14159 2^10=1024 1e-9",
]

CONTRACTIONS = [
    "it's IT'S It'S", "we're WE'RE they've THEY'VE I'm I'M he'll HE'LL you'd YOU'D can't CAN'T", "'s 't 're 've 'm 'll 'd",
    "rock'n'roll o'clock 'tis ''s '''s", "!'s .'t", "dogs' 'quoted' 'dquoted", "it’s ‘it’ ʼs it′s", "a'sb'tc're",
    "'\u017f '\u017fa don'\u017f", "'\u212a", "'S\u0307", "'ſs", "x'ſ y'LL z'D",
]

SPECIALS = [
    "<|startoftext|>", "<|endoftext|>", "<|startoftext|>a cat<|endoftext|>", "<|STARTOFTEXT|>", "<|EndOfText|>",
    "<|startoftext|><|endoftext|>", " <|endoftext|> ", ".<|endoftext|>", "<|endoftext|", "<|endoftext|>>",
    "<<|endoftext|>", "&lt;|endoftext|&gt;", "&amp;lt;|endoftext|&amp;gt;", "＜｜ｅｎｄｏｆｔｅｘｔ｜＞", "<|ſtartoftext|>", "<|ſTARTOFTEXT|>",
    "<|end\u00adoftext|>", "<|endoftext\x00|>", "</w>", "a</w>b", "the</w>", "<w> </w", "<|startoftext|>'s",
]

ENTITIES = [
    "&amp;", "&AMP;", "&amp", "&lt;b&gt;", "&quot;hi&quot;", "AT&T", "R&D;", "&eacute;t&eacute;", "&eacute", "&EACUTE;COLE",
    "&NTILDE;", "&nTILDE;", "BUNDESSTRA&SZLIG;E", "&amp;amp;amp;amp;lt;", "&#65;&#066;&#x43;&#X44;", "&#65 &#x42", "&#65B",
    "&#x1F600;", "&#128512;", "&#0;", "&#x0;x", "&#13;a", "&#x80;&#x99;&#159;", "&#xD800;", "&#xDFFF;", "&#x110000;",
    "&#99999999999999;", "&#xFFFFFFFFFFFFFFFFFFFF;", "&#xFDD0;&#xFFFE;&#x1FFFF;", "&#1;&#11;&#31;a", "&#59;", "&#x3b;",
    "&#38;lt;", "&#38;#38;lt;", "&notit;", "&notin;", "&not", "&notit", "&ampersand", "&ampamp;", "&copy2024", "&copy;2024",
    "&frac12", "&frac12;", "&hellip;&mdash;&ndash;", "&nbsp;a&nbsp;b", "&lsquo;q&rsquo; &ldquo;Q&rdquo;", "&fjlig;",
    "&NotEqualTilde;", "&CounterClockwiseContourIntegral;", "&CounterClockwiseContourIntegralx;", "&unknown;", "&;", "&",
    "& &", "&&amp;&", "&#", "&#;", "&#x", "&#x;", "&#xg;", "&#12a;", "&\u212ahcy;", "&KHcy;", "&amp\u037e", "<b>&amp;</b>",
    "<&lt;", "line one &amp; two\nline < three &amp; four\nfive &amp; six", "&lt;\n<\n&lt;", "&zwj;&zwnj;&shy;", "&ＡＭＰ；", "＆amp;",
    "&#65;\ufe0f", "&" + "a" * 24 + ";", "&" + "a" * 25 + ";", "&" + "x" * 40, "&lt" + "x" * 31 + ";", "&#" + "0" * 30 + "65;",
    "&#" + "0" * 22 + "65;", "&#" + "0" * 23 + "65;", "&bsol;&lbrack;&lowbar;", "&Tab;a&NewLine;b", "&rarr;&larr;",
    "&amp;eacute;", "&amp;amp;eacute;", "&aacutE;", "&AACUTE;", "&Aacute;", "&YEN;", "&COPY;&REG;", "&apos;s", "&#39;s", "&#x2019;s",
    "&Atilde;&copy;", "&Atilde;&#169; &amp;copy;", "&acirc;&euro;&trade;", "&nbsp", "&nbsp&nbsp;x", "&sup2&sup3", "&times", "&timesb;",
]

QUOTES = [
    "“double” „low” ‟high‟", "‘single’ ‚low‘ ‛reversed‛", "«guillemets» ‹single›", "it ʼs", "′prime″", "`back´", "＂full＇",
    "“it’s” ’twas", "5’ 10”", "‘’‚‛“”„‟ʼ",
]

MOJIBAKE = [
    "âœ” No problems", "schÃ¶n", "sÃ³", "voilÃ  le travail", "voilÃ le travail", "Ã la mode", " Ã la carte ", "Ã s oito",
    "Ã quele", "Ã quela hora", "Ã quilo", "Ã  quel point", "fÃ cil", "â€œquotesâ€\x9d", "â€œ like this â€�", "itâ€™s", "donâ€˜t",
    "â€¦ and â€” so", "â€“", "Ã©tÃ©", "Ã‰cole", "ÃƒÂ©", "ÃƒÆ’Ã‚Â©", "Ã¢â‚¬â„¢", "(ã\x83\x84)", "ã\x81\x82ã\x81\x84", "æ—¥æœ¬èªž", "ä¸­æ–‡",
    "ðŸ˜€", "ðŸ‘¨â€�ðŸ‘©", "ðŸ˜Š smile", "ð\x9f\x98\x8d", "рџЏґ", "РїСЂРёРІРµС‚", "Ð¿Ñ€Ð¸Ð²ÐµÑ‚", "ÐŸÑ€Ð¸Ð²ÐµÑ‚, Ð¼Ð¸Ñ€!", "вЂњtextвЂќ", "ГўВЂВ™ a",
    "Ïƒ Î±Î²Î³", "Î‘Î¸Î®Î½Î±", "Ξ\u0081", "Ø§Ù„Ø³Ù„Ø§Ù…", "×©×œ×•×", "à¤¨à¤®à¤¸à¥à¤¤à¥‡", "à¸ªà¸§à¸±à¸ªà¸”à¸µ", "í•œêµ­ì–´", "CÃ´te dâ€™Ivoire",
    "√± √© √ß", "‚Äúquoted‚Äù", "‚Äô", "ÄéÅ", "├⌐ ├í", "Γö╝ΓöÇ", "ΓÇ£quotedΓÇ¥", "Ă©tĂ©", "Â£5", "Â£5 and Â©", "Â°C 20Â°", "25 Â€", "a Â b", "x. Â y",
    "naÃ¯ve cafÃ©", "Ã¼ber Ã¤Ã¶Ã¼ÃŸ", "Ã ", "Ã", "Â ", "à", "à²", "à\u00b2\u00b9", "ā€œ", "ā€™s", "β€™s", "É™", "Å¡ Ä� Ä‡", "Å\x82", "Å‚Ã³dÅº",
    "pi\u00f1ata \u00c3\u00b1", "a\u0080b", "\u0093hello\u0094", "caf\u00e9 \u0092s", "\u0081\u008d\u008f", "\u0085", "what\u0085", "\x9d\x9e",
    "Lâ€™Ã©tÃ© Ã  la plage", "PÃ©rez &amp; SÃ¡nchez", "&Atilde;&sup3;", "Ã?cole", "Ã\x1acole", "â\x80?", "â\x80\x1a", "ï»¿BOM", "ï¿½",
    "\xc3\xa0\xc3\x20b", "\xed\xa0\xbd\xed\xb8\x8d", "\xed\xa0\xbd\xed\xb8\n", "\xed\xa0\xbd\x1a\xed\xb8\x8d", "\xed\xa0\xbd\xed\xb8?", "À\x80 Ã©", "Ã©À\n",
    "Ã©\xc0\x80", "Ã©í\n", "Ã©\xed\xa0\x80", "Ã©\xed\xa0\x80\xed\xb0\n", "é\xed\xa0\x80\xed\xb0\n", "ÿþa", "€œ", "â‚¬ 5", "â„¢", "Æ°Æ¡", "Tiáº¿ng Viá»‡t", "ï¬\x81 ﬁ", "ľščťžýáíé",
    "Å", "Å Å", "Å ", "Ångström", "the mÃ³re mixÐµd", "ÑƒÐ´Ð°Ñ‡Ð¸ Ã©", "l’humanitÃ©", "Ã® Ã´", "Ãªtre Ã  lâ€™aise", "œuvre", "Œuvre", "cœur", "œ.", "œ",
    "¿Qué?", "¡Hola!", "¬_¬", "(ò_ó)", "│ò│", "┌─┐", "×²", "℃ 20°", "À°", "AÂ°", "naïve façade", "Ÿ\u00a0Ž", "\u00c3\u00a1\u00c3", "ÂÂÂ", "ÃÃÃ", "Ã‚Â\xa0",
]

EMOJI = [
    "😀", "👨‍👩‍👧‍👦", "👍🏽", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🇩🇪🇫🇷", "❤️", "❤", "1️⃣", "☺️☺", "🤷🏽‍♀️ shrug", "a😀b", "🧑‍🚀", "™️", "©️", "(╯°□°)╯︵ ┻━┻", "¯\\_(ツ)_/¯", "ʕ•ᴥ•ʔ",
]

SCRIPTS = [
    "日本語のテキスト", "中文字符", "한국어 텍스트", "한국어", "ᄒ\u1161\u11ab", "\uac00\u11a8", "ﾊﾝｶｸ ｶﾞｷﾞ", "ＬＯＵＤ　ＮＯＩＳＥＳ", "Ｕﾀｰﾝ", "ﾡﾢￂￃ", "￦￥￣", "（ａ）", "ﬁne ﬂow oﬃce", "ﬀﬃﬄﬅﬆ",
    "Ĳssel ĳs ŉ Ǆ ǅ ǆ Ǳ ǲ", "שלום עולם", "مرحبا بالعالم", "\u202bمرحبا\u202c abc", "हिन्दी", "ภาษาไทย", "Ελληνικά ΟΔΥΣΣΕΥΣ", "ΣΑΣ ΣΑΣ. Σ ΑΣ'Σ ΑΣ'", "ΑΣ\u0301 ΑΣ\u00ad",
    "ΑΣΑ ΑΣ:Α Α:Σ", "aΣ Σa ΣΣ", "1Σ Σ1 ʰΣ", "İstanbul ıi Iİ", "İ", "I\u0307", "STRASSE Straße ẞ", "ᲐᲑᲒ აბგ ႠႡ ⴀ", "ᏣᎳᎩ ꭰ", "Ω K Å", "Ⅷ ⅷ ② ½ ¾ ௧ ٣ ३ 〇 𝟘 ৴ ㊿ 零", "²³¹ ₁₂",
    "e\u0301 o\u0308 a\u030a\u0301", "q\u0307\u0323 q\u0323\u0307", "\u0344 \u0958 \u2126", "\u0345 a\u0345b \u03b1\u0345 \u03b7\u0345\u0301", "Ạ\u0302 A\u0302\u0323", "\u1e9b\u0323", "क़ क\u093c", "\u0f71\u0f72", "ǆ Ǆ",
    "𝒥ohn ℋancock", "𝐀𝐁𝐂 𝓪", "𐐀𐐁 𐓀", "Ⓐⓐ", "ꙀꙁꚀ ꭓ", "ⱯⱭꞍ", "\u1e00\u1e01", "Ꟊ Ꟍ \ua7da", "\U00010d50 \U00016ea0 \U0001e6c0", "\u1c89 \u1c8a", "\ua7ce\ua7d2", "\u0870 \u088f \u0897",
    "a\u0338= \u226e", "\u1100\u1161\u11a7 \u11a8", "a" + "\u0301\u0323" * 30, "\u0323\u0301", "ⰀⰁ", "𞤀𞤢", "ŸÿŽ", "ǈ ǋ ᾈ ᾼ ῼ", "ẞß", "K", "Å",
]

CONTROLS = [
    "", " ", "   \t\n ", "\n", "\r\n\r\n", "a\r\nb\rc\nd", "a\u2028b\u2029c\u0085d", "a\x00b", "a\x07b\x08", "a\x0bb\x0cc", "a\x1cb\x1d\x1e\x1f",
    "\x1ca\x1f", "a\x7fb", "\ufeffa", "a\ufffcb\ufff9", "\u206aa\u206f", "\x1b[31mred\x1b[0m", "\x1b[1;31;44mX", "\x1b[", "\x1b[31", "\x1b[٣m arabic",
    "\x1b[31\x1b[0mx", "\x1b\x1b[0m[0m", "\x1b[m\x1b[K", "\x1b]0;t\x07", "a\x1b[5~b", "a\u200db\u200cc", "a\u200eb\u200f", "\u202ea\u202c", "a\u00adb", "a\u2060b",
    "a\u00a0b", "\u00a0a\u00a0", "\u1680\u180e\u2000\u2003\u200a\u200b\u202f\u205f\u3000x", "x\u3000y", "a\u0009\u000bb", "tab\tsep", "\U000e0041", "\ufdd0\uffff",
    "\ufffd", "a\ufffdb", "\x1a", "a\x1ab", "\x80", "\u001b[\u0663m", "\r", "a\r", "\r\n<\r&amp;", "\uf8ff \ue000", "\U0010ffff", "\x1b[3\u0966;m",
    "a\n b \n c", "&amp;\x0b\x1b[0m", "&\x00amp;", "&#x\x0041;", "\x1b&lsqb;31m", "a\u0000\u0301",
]


def long_texts():
    """Texts that a quadratic method would not survive: a unit, and how many times it is repeated."""
    generator = random.Random(5)
    letters = "".join(generator.choice("etaoinshrdlu") for _ in range(10_000))
    return [
        ("a", 10_000), ("ab", 5_000), ("supercalifragilistic", 500), ("日本", 2_500), ("!", 10_000), ("1", 3_000), ("é", 5_000),
        (letters, 1), ("Ã©", 3_000), ("&amp;", 2_000), ("&" + "amp;" * 40 + " ", 20), ("'", 5_000), ("ΑΣ", 3_000),
        ("\u0301", 2_000), ("a", 1_000_000), ("a\u0301\u0323", 2_000), ("Ã© a\u0300 “x” <\n&amp;\n", 1_000),
        ("é" * 10 + "Ã©", 90_000), ("a", 64), ("a", 65), ("a", 66), ("z", 66), ("the", 22), ("lol", 30), (letters[:64], 1),
        (letters[:65], 1),
    ]


def hard_texts():
    """All texts written by hand."""
    return [*CAPTIONS, *CONTRACTIONS, *SPECIALS, *ENTITIES, *QUOTES, *MOJIBAKE, *EMOJI, *SCRIPTS, *CONTROLS]


SAMPLES = [text for text in hard_texts() if text]
LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
ASSIGNED = [n for n in range(sys.maxunicode + 1) if unicodedata.category(chr(n)) not in ("Cs", "Cn", "Co")]
SIGHTED = [chr(n) for n in ASSIGNED if n < 0x3000]
MARKS = [chr(n) for n in ASSIGNED if unicodedata.combining(chr(n))]
COMPOSED = [chr(n) for n in ASSIGNED if unicodedata.decomposition(chr(n))[:1] not in ("", "<")]
FOREIGN = "àâäçèéêëîïôöùûüÿñáíóúãõåæøœßąćęłńśźżčďěňřšťůžăâîșțαβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώабвгдежзийклмнопрстуфхцчшщъыьэюяёіїєґ"
PUNCTUATION = "“”‘’„‚…–—•™€£©®°§«»¿¡·´¨¬¯¸¹²³½¼¾ªº×÷ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞ\u00a0\u00ad"


def random_words(generator, low=1, high=6):
    return " ".join("".join(generator.choice(LETTERS) for _ in range(generator.randint(1, 9)))
                    for _ in range(generator.randint(low, high)))


def random_scalars(generator):
    """Scalars from anywhere, from one block, or mostly letters."""
    kind = generator.randrange(4)
    count = generator.randint(1, 12)
    if kind == 0:
        return "".join(chr(generator.choice(ASSIGNED)) for _ in range(count))
    if kind == 1:
        start = generator.randrange(len(ASSIGNED) - 100)
        return "".join(chr(ASSIGNED[start + generator.randrange(100)]) for _ in range(count))
    if kind == 2:
        return "".join(generator.choice(SIGHTED) for _ in range(count))
    scalars = [generator.randrange(0x110000) for _ in range(count)]
    return "".join(chr(n) for n in scalars if not 0xD800 <= n <= 0xDFFF)


def random_foreign(generator):
    """Words with letters that have different bytes in the one-byte encodings."""
    pool = FOREIGN + LETTERS if generator.random() < 0.7 else FOREIGN + PUNCTUATION + LETTERS
    words = ["".join(generator.choice(pool) for _ in range(generator.randint(1, 8))) for _ in range(generator.randint(1, 5))]
    return generator.choice([" ", " ", ", ", "\u00a0"]).join(words)


def random_mojibake(generator):
    """UTF-8 read as something else, up to three times, with what happens to it on the way."""
    text = generator.choice([random_foreign, random_scalars, lambda g: g.choice(SAMPLES)])(generator)
    for _ in range(generator.choice([1, 1, 1, 2, 2, 3])):
        codec = generator.choice(CODECS + SLOPPY)
        errors = generator.choice(["replace", "ignore", "strict"])
        try:
            text = text.encode("utf-8").decode(codec, errors)
        except (UnicodeDecodeError, UnicodeEncodeError):
            text = text.encode("utf-8").decode("latin-1")
    change = generator.randrange(8)
    if change == 0:
        text = text.replace("\u00a0", " ")
    elif change == 1:
        text = random_words(generator, 1, 2) + " " + text
    elif change == 2:
        text = text + generator.choice([" ", ", ", "", "\n"]) + random_foreign(generator)
    elif change == 3:
        text = text[generator.randrange(len(text) + 1):]
    elif change == 4:
        text = "".join(generator.choice("?\ufffd\x1a ") if generator.random() < 0.05 else char for char in text)
    return text


def random_wrong_bytes(generator):
    """Bytes that are nearly UTF-8, read in a one-byte encoding."""
    lead = [0xC2, 0xC3, 0xC5, 0xCE, 0xD0, 0xD9, 0xE0, 0xE1, 0xE2, 0xE3, 0xED, 0xEF, 0xF0, 0xC0]
    result = bytearray()
    for _ in range(generator.randint(1, 8)):
        kind = generator.randrange(6)
        if kind == 0:
            result += random_words(generator, 1, 2).encode()
        elif kind == 1:
            result.append(generator.choice([0x20, 0x1A, 0x3F, 0xA0, 0x0A, 0x85]))
        else:
            result.append(generator.choice(lead))
            result += bytes(generator.choice([0x20, 0x1A, 0x3F, 0xA0, 0x80, 0x99, 0xBF, generator.randrange(0x80, 0xC0)])
                            for _ in range(generator.randint(1, 3)))
    return bytes(result).decode(generator.choice(["latin-1", *SLOPPY, "iso-8859-2", "mac_roman", "cp437"]))


def random_entities(generator):
    """References in all spellings, right and wrong."""
    def one():
        kind = generator.randrange(9)
        name = generator.choice(ENTITY_NAMES)
        number = generator.choice([generator.randrange(0x180), generator.randrange(0x3000), generator.randrange(0x120000)])
        if kind == 0:
            return "&" + name
        if kind == 1:
            return "&" + name.rstrip(";")
        if kind == 2:
            return f"&{name.upper()}"
        if kind == 3:
            return f"&#{number}" + generator.choice([";", ";", "", " ", "a"])
        if kind == 4:
            return f"&#{generator.choice('xX')}{number:x}" + generator.choice([";", ";", "", "g"])
        if kind == 5:
            return "&amp;" * generator.randint(1, 2) + name
        if kind == 6:
            return f"&amp;#{number};"
        if kind == 7:
            return generator.choice(["&", "<", "&lt;", ";", "&#", "#", " ", "\n", "é", "&amp"])
        return random_words(generator, 1, 2)
    return "".join(one() + generator.choice(["", "", " "]) for _ in range(generator.randint(1, 6)))


def random_punctuation(generator):
    """What the division into words is about."""
    pool = ["'s", "'S", "'t", "'RE", "'ll", "'d", "'", "’", "ſ", "1", "２", "Ⅷ", "a", "Z", "é", "日", ".", "<|", "|>", "<|endoftext|>", " ",
            "  ", "\u00a0", "\u3000", "\n", "Σ", "σ", "\u0345", "\u0301", "I", "İ", "-", "_", "😀", "\u200d", "&", "̈", "A", "B", "ΑΣ"]
    return "".join(generator.choice(pool) for _ in range(generator.randint(1, 14)))


def random_splices(generator):
    """Parts of the texts written by hand, put together."""
    parts = []
    for _ in range(generator.randint(2, 4)):
        text = generator.choice(SAMPLES)
        start = generator.randrange(len(text))
        parts.append(text[start:start + generator.randint(1, 20)])
    return generator.choice(["", " ", "\n"]).join(parts)


def random_marks(generator):
    """What composition and the final sigma are about: letters with marks, Korean letters, signs between cased letters."""
    bases = generator.choice([
        "aeiouAEnsSzqΑαωΩяЕ日", [chr(n) for n in range(0x1100, 0x1200)], "ΣσςΑα'.:\u00ad\u00b7\u2019", COMPOSED,
    ])
    marks = [*MARKS, "\u0345", "\u0301", "\u0323", "\u0308", "\u1161", "\u11a8", "\u11a7", "\uac00", "\u3099", "Σ", "\u200d"]
    return "".join(generator.choice(bases) if generator.random() < 0.5 else generator.choice(marks)
                   for _ in range(generator.randint(1, 16)))


def random_lines(generator):
    """Several lines with tags, entities, escapes and line breaks of all kinds."""
    pieces = ["<", "&lt;", "&eacute;", "&amp;lt;", "é", "Ã©", "\x1b[1m", "\x1b[", "31", ";", "m", "text", " ", "'"]
    breaks = ["\n", "\r\n", "\r", "\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\n\n"]
    return "".join(generator.choice(pieces if generator.random() < 0.8 else breaks) for _ in range(generator.randint(2, 20)))


GENERATORS = [random_scalars, random_mojibake, random_mojibake, random_wrong_bytes, random_entities, random_punctuation,
              random_splices, random_foreign, random_marks, random_lines]


def random_texts(count, seed):
    """As many random texts, the same for the same seed and Python version."""
    generator = random.Random(seed)
    return [generator.choice(GENERATORS)(generator) for _ in range(count)]


def captions(count, seed):
    """Captions of words from OpenAI's vocabulary, the earlier merges more often; some have accents or curly quotes."""
    generator = random.Random(seed)
    symbols = SimpleTokenizer().encoder
    whole = [symbol[:-4] for symbol in symbols if symbol.endswith("</w>")]
    words = [word for word in whole if len(word) > 1 and word.isascii() and word.isalpha()]
    result = []
    for _ in range(count):
        text = " ".join(words[int(len(words) ** generator.random()) - 1] for _ in range(generator.randint(6, 16)))
        text = generator.choice(["{}.", "{}", "A photo of {}.", "{}, it's {}!"]).format(text.capitalize(), "here")
        if generator.random() < 0.05:
            text = text.replace("e", "é", 1)
        if generator.random() < 0.05:
            text = f"“{text}”"
        result.append(text)
    return result
