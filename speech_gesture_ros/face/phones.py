"""Shapes of the mouth for each phone: its viseme, the targets of its articulators, and how strongly it holds them.

Phones have the names of ARPABET (CMU dictionary) in lower case; a few of other languages are added. The rules are those
that lip animation agrees on (Edwards et al., JALI, SIGGRAPH 2016, section 4): p, b, m close the lips; f, v touch the
teeth; s, z and sh close the jaw; sounds of the lips (oo, w, sh, r) hold them strongly, sounds of the tongue alone
(t, d, n, l, k, g) leave them to their neighbours. The targets are settings, not measurements.

A diphthong is two shapes, one after the other.
"""

from __future__ import annotations

from dataclasses import dataclass

SILENCE = "pau"


@dataclass(frozen=True)
class PhoneShape:
    """Target of a phone; articulators as in `core.face_channels`, strengths relative to those of a vowel.

    Attributes:
        viseme: Its viseme.
        jaw: Opening.
        jaw_strength: How strongly it holds the jaw.
        rounding, spread, protrusion, upper: Lips.
        lip_strength: How strongly it holds the lips.
        tip, back: Tongue, which every phone holds.
        close, labiodental, sibilant: Contacts that are reached in every case, 0 to 1.
        closed_until: Share of its duration after which the contact is released.
        is_vowel: True for a vowel or a part of a diphthong.
    """

    viseme: str
    jaw: float
    jaw_strength: float = 1.0
    rounding: float = 0.0
    spread: float = 0.0
    protrusion: float = 0.0
    upper: float = 0.0
    lip_strength: float = 1.0
    tip: float = 0.0
    back: float = 0.0
    close: float = 0.0
    labiodental: float = 0.0
    sibilant: float = 0.0
    closed_until: float = 1.0
    is_vowel: bool = False


def _vowel(viseme: str, jaw: float, *, rounding: float = 0.0, spread: float = 0.0, protrusion: float = 0.0,
           upper: float = 0.0, jaw_strength: float = 1.0, back: float = 0.0) -> PhoneShape:
    return PhoneShape(viseme, jaw, jaw_strength, rounding, spread, protrusion, upper, back=back, is_vowel=True)


def _closed(until: float) -> PhoneShape:
    return PhoneShape("PP", 0.06, 1.5, lip_strength=0.1, close=1.0, closed_until=until)


def _tongue(viseme: str, jaw: float, tip: float, back: float = 0.0) -> PhoneShape:
    return PhoneShape(viseme, jaw, 0.5, lip_strength=0.1, tip=tip, back=back)


_LABIODENTAL = PhoneShape("FF", 0.1, 1.5, upper=0.3, lip_strength=0.4, labiodental=1.0)
_DENTAL = PhoneShape("TH", 0.2, 0.8, lip_strength=0.15, tip=1.0)
_HISS = PhoneShape("SS", 0.06, 1.5, spread=0.3, upper=0.15, lip_strength=0.4, tip=0.4, sibilant=1.0)
_HUSH = PhoneShape("CH", 0.1, 1.5, rounding=0.4, protrusion=0.75, upper=0.2, lip_strength=1.4, tip=0.3, sibilant=0.8)
_BREATH = PhoneShape("aa", 0.3, 0.15, lip_strength=0.02)

_AA = _vowel("aa", 0.85)
_AE = _vowel("aa", 0.7, spread=0.3, upper=0.15)
_E = _vowel("E", 0.5, spread=0.35, upper=0.1)
_IY = _vowel("ih", 0.18, spread=0.7)
_IH = _vowel("ih", 0.28, spread=0.4)
_AO = _vowel("oh", 0.6, rounding=0.5, protrusion=0.3, back=0.3)
_OW = _vowel("oh", 0.45, rounding=0.7, protrusion=0.4, back=0.3)
_UW = _vowel("ou", 0.15, rounding=0.95, protrusion=0.5, back=0.5)
_UH = _vowel("ou", 0.25, rounding=0.55, protrusion=0.25, back=0.4)

SHAPES: dict[str, tuple[PhoneShape, ...]] = {
    SILENCE: (PhoneShape("sil", 0.0, 0.7, lip_strength=0.7),),
    "p": (_closed(0.7),), "b": (_closed(0.85),), "m": (_closed(1.0),),
    "f": (_LABIODENTAL,), "v": (_LABIODENTAL,),
    "th": (_DENTAL,), "dh": (_DENTAL,),
    "t": (_tongue("DD", 0.15, 0.5),), "d": (_tongue("DD", 0.15, 0.5),),
    "n": (_tongue("nn", 0.18, 0.5),), "l": (_tongue("nn", 0.25, 0.6),),
    "k": (_tongue("kk", 0.22, 0.0, 0.8),), "g": (_tongue("kk", 0.22, 0.0, 0.8),),
    "ng": (_tongue("kk", 0.22, 0.0, 0.8),), "x": (_tongue("kk", 0.3, 0.0, 0.7),),
    "s": (_HISS,), "z": (_HISS,), "sh": (_HUSH,), "zh": (_HUSH,), "ch": (_HUSH,), "jh": (_HUSH,),
    "r": (PhoneShape("RR", 0.2, 0.6, rounding=0.4, protrusion=0.35, lip_strength=0.8, tip=0.3),),
    "w": (PhoneShape("ou", 0.12, 1.0, rounding=0.95, protrusion=0.5, lip_strength=1.5, back=0.4),),
    "y": (PhoneShape("ih", 0.2, 0.6, spread=0.5, lip_strength=0.5),),
    "hh": (_BREATH,), "q": (_BREATH,),
    "aa": (_AA,), "ae": (_AE,), "ah": (_vowel("aa", 0.55),), "ax": (_vowel("E", 0.3, jaw_strength=0.6),),
    "ao": (_AO,), "eh": (_E,), "ih": (_IH,), "iy": (_IY,), "uh": (_UH,), "uw": (_UW,),
    "er": (_vowel("RR", 0.28, rounding=0.3, protrusion=0.35),), "ow": (_OW, _UH),
    "o": (_OW,), "yy": (_vowel("ou", 0.18, rounding=0.85, protrusion=0.6),),
    "oe": (_vowel("oh", 0.4, rounding=0.7, protrusion=0.5),),
    "ay": (_AA, _IH), "ey": (_E, _IH), "oy": (_AO, _IH), "aw": (_AA, _UH),
}
