"""International Phonetic Alphabet to the phones of `face.phones`, for speech synthesis that states its phones in IPA.

A symbol is mapped to the phone that looks most alike on the face: an ejective or aspirated p is a p, a tap is a d.
Length, stress, tone and syllable marks are left out; diphthongs and affricates are tried before single letters.
"""

from __future__ import annotations

import unicodedata

_LOOKS_LIKE = {
    "p": "p ɸ", "b": "b β", "m": "m ɱ", "f": "f", "v": "v ʋ", "th": "θ", "dh": "ð",
    "t": "t ʈ", "d": "d ɖ ɾ", "n": "n ɳ", "l": "l ɭ ɫ ɬ ɮ", "k": "k c q", "g": "g ɡ ɟ ɢ",
    "ng": "ŋ ɲ ɴ", "x": "x χ ɣ ʁ ʀ ɰ", "s": "s", "z": "z", "sh": "ʃ ʂ ɕ ɧ", "zh": "ʒ ʐ ʑ",
    "ch": "tʃ tɕ ʧ", "jh": "dʒ dʑ ʤ", "r": "r ɹ ɻ ɽ", "w": "w ʍ ɥ", "y": "j ç ʝ ʎ", "hh": "h ɦ ħ", "q": "ʔ ʕ",
    "aa": "a ɑ ɒ", "ae": "æ", "ah": "ʌ ɐ", "ax": "ə ɘ ɨ", "ao": "ɔ", "eh": "ɛ e", "ih": "ɪ ᵻ", "iy": "i",
    "uh": "ʊ ɵ", "uw": "u ɯ ʉ", "er": "ɚ ɝ ɜ", "o": "o ɤ", "yy": "y ʏ", "oe": "ø œ ɶ",
    "ay": "aɪ ai ɑɪ", "ey": "eɪ ei", "oy": "ɔɪ ɔʏ ɔø", "aw": "aʊ au ɑʊ", "ow": "oʊ əʊ ou",
}
PHONE_OF = {symbol: phone for phone, symbols in _LOOKS_LIKE.items() for symbol in symbols.split()}
_LONGEST = max(map(len, PHONE_OF))


def phones_from_ipa(text: str) -> tuple[str, ...]:
    """Return the phones of IPA text; symbols that are no letters of the alphabet are left out."""
    plain = unicodedata.normalize("NFC", text).replace("ç", "ʝ")  # its cedilla is no diacritic: they look alike
    letters = "".join(c for c in unicodedata.normalize("NFD", plain) if unicodedata.category(c) in ("Ll", "Lo"))
    phones, i = [], 0
    while i < len(letters):
        for length in range(min(_LONGEST, len(letters) - i), 0, -1):
            phone = PHONE_OF.get(letters[i:i + length])
            if phone is not None:
                phones.append(phone)
                i += length
                break
        else:
            i += 1
    return tuple(phones)
