"""State of the page's controls, and the settings of agent and face that follow from it."""

from __future__ import annotations

from dataclasses import astuple, dataclass, field, replace
from typing import Any

from speech_gesture_ros.core.controls import GestureControls
from speech_gesture_ros.face.expressions import NEUTRAL
from speech_gesture_ros.face.style import STYLES, FaceStyle
from speech_gesture_ros.live.page_requests import SLIDERS, PageRequest

FACE_SLIDERS = ("jaw", "lips", "speed")  # the order of FaceStyle


@dataclass(frozen=True)
class ControlState:
    """Values of all controls.

    Attributes:
        sliders: Value of each of `page_requests.SLIDERS`.
        families: Weight of each family of gestures.
        expression: The expression to which the face fades.
    """

    sliders: dict[str, float] = field(default_factory=lambda: {name: start for name, (_, _, start) in SLIDERS.items()})
    families: dict[str, float] = field(default_factory=dict)
    expression: str = NEUTRAL

    @property
    def gestures(self) -> GestureControls:
        """Controls of the agent."""
        values = {name: value for name, value in self.sliders.items() if name not in FACE_SLIDERS}
        return GestureControls(**values, styles=tuple(self.families.items()))

    @property
    def face(self) -> FaceStyle:
        """Style of the face."""
        return FaceStyle(*(self.sliders[name] for name in FACE_SLIDERS))

    def changed(self, request: PageRequest) -> ControlState:
        """Return the state after a request for a control; a style of the face sets the sliders of the face."""
        if request.kind == "expression":
            return replace(self, expression=request.name)
        if request.kind == "family":
            return replace(self, families=self.families | {request.name: request.value})
        values = {request.name: request.value}
        if request.kind == "face_style":
            values = dict(zip(FACE_SLIDERS, astuple(STYLES[request.name])))
        return replace(self, sliders=self.sliders | values)

    def as_message(self) -> dict[str, Any]:
        """Return the values for the page, with the name of the face's style, if it has one."""
        style = next((name for name, style in STYLES.items() if style == self.face), "")
        return {"sliders": self.sliders, "families": self.families, "expression": self.expression, "face_style": style}
