"""The 15 visemes of OpenXR, of the extension XR_META_face_tracking_visemes (Khronos), in the order of its enumeration.

The visemes of this package are the same ones in the same order, so that values pass as they are.
"""

from __future__ import annotations

from speech_gesture_ros.core.face_channels import VISEMES

OPENXR_VISEMES = tuple(f"XR_FACE_TRACKING_VISEME_{name.upper()}_META" for name in VISEMES)
