"""Names of all channels of a face: visemes, articulators, prosody, blendshapes; every value is in [0, 1].

Visemes     the 15 of the Oculus lip-sync set, which OpenXR takes over in `XR_META_face_tracking_visemes` (Khronos): the
            share of each in what is seen; their sum is 1.
Articulators
    jaw         0 closed, 1 as wide as in loud speech
    close       1: the lips touch, whatever the jaw does (p, b, m)
    labiodental 1: the lower lip touches the upper teeth (f, v)
    rounding    1: lips drawn together (oo)
    spread      1: corners of the mouth drawn apart (ee)
    protrusion  1: lips pushed forward (sh, r)
    upper       upper lip raised
    tip         tongue tip: 0.5 behind the upper teeth (t, n), 1 between the teeth (th)
    back        back of the tongue raised (k, g)
    sibilant    1: upper and lower teeth together (s, sh)
Prosody     loudness of the voice, 0 in silence; pitch over the speaker's usual one, 0.5 at it or unvoiced, 1 half an
            octave above
Blendshapes the 52 names of ARKit in the order of the Live Link Face application, which many face rigs have
            (Apple, ARFaceAnchor.BlendShapeLocation).
"""

from __future__ import annotations

VISEMES = ("sil", "PP", "FF", "TH", "DD", "kk", "CH", "SS", "nn", "RR", "aa", "E", "ih", "oh", "ou")
ARTICULATORS = ("jaw", "close", "labiodental", "rounding", "spread", "protrusion", "upper", "tip", "back", "sibilant")
PROSODY = ("loudness", "pitch")

ARTICULATION_NAMES = (*(f"viseme_{name}" for name in VISEMES), *ARTICULATORS, *PROSODY)
VISEME_COLUMNS = slice(0, len(VISEMES))
ARTICULATOR_COLUMNS = slice(len(VISEMES), len(VISEMES) + len(ARTICULATORS))
PROSODY_COLUMNS = slice(ARTICULATOR_COLUMNS.stop, ARTICULATOR_COLUMNS.stop + len(PROSODY))
NUM_ARTICULATION = len(ARTICULATION_NAMES)

_EYE = ("eyeBlink", "eyeLookDown", "eyeLookIn", "eyeLookOut", "eyeLookUp", "eyeSquint", "eyeWide")


def _pairs(*names: str) -> tuple[str, ...]:
    return tuple(f"{name}{side}" for name in names for side in ("Left", "Right"))


BLENDSHAPES = (
    *(f"{name}Left" for name in _EYE), *(f"{name}Right" for name in _EYE),
    "jawForward", "jawRight", "jawLeft", "jawOpen", "mouthClose", "mouthFunnel", "mouthPucker", "mouthRight",
    "mouthLeft", *_pairs("mouthSmile", "mouthFrown", "mouthDimple", "mouthStretch"),
    "mouthRollLower", "mouthRollUpper", "mouthShrugLower", "mouthShrugUpper",
    *_pairs("mouthPress", "mouthLowerDown", "mouthUpperUp", "browDown"), "browInnerUp", *_pairs("browOuterUp"),
    "cheekPuff", *_pairs("cheekSquint", "noseSneer"), "tongueOut",
)
BLENDSHAPE_INDEX = {name: i for i, name in enumerate(BLENDSHAPES)}
ARTICULATOR_INDEX = {name: i for i, name in enumerate(ARTICULATORS)}
VISEME_INDEX = {name: i for i, name in enumerate(VISEMES)}
