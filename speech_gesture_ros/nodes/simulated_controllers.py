"""Parameters of the simulated controllers; as by joint_trajectory_controller, a request is answered whole or not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from functools import partial
from typing import Any

from rcl_interfaces.srv import GetParameters
from rclpy.parameter import Parameter

from speech_gesture_ros.nodes.controllers import Controller
from speech_gesture_ros.simulators.joint_trajectory_controller import ControllerParameters


def serve_parameters(node: Any, controllers: Iterable[Controller]) -> None:
    """Make the service `get_parameters` of each controller.

    Args:
        node: The node that simulates them.
        controllers: The controllers, with the parameters that the simulator has by default.
    """
    for controller in controllers:
        values = {"joints": list(controller.joints), **asdict(ControllerParameters())}
        node.create_service(GetParameters, f"{controller.name}/get_parameters", partial(_answer, values))


def _answer(values: dict[str, Any], request: GetParameters.Request,
            response: GetParameters.Response) -> GetParameters.Response:
    if all(name in values for name in request.names):
        response.values = [Parameter(name, value=values[name]).get_parameter_value() for name in request.names]
    return response
