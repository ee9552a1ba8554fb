"""Parameters as data: one table declares, checks, reads and documents."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
import yaml

from speech_gesture_ros.agent.agent_config import live_speaker_config
from speech_gesture_ros.core.assets import share_folder
from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.nodes import reference
from speech_gesture_ros.nodes.parameters import declare, from_text, parameter, parameter_rows, read
from speech_gesture_ros.nodes.settings import NODE_SETTINGS, GestureSettings


@dataclass(frozen=True)
class Settings:
    rate_hz: float = parameter(20.0, "Rate.", low=1.0, high=100.0)
    mode: str = parameter("slow", "Mode.", choices=("slow", "fast"))
    count: int = parameter(3, "Count.", name="group.count", low=0, high=5)
    is_loud: bool = parameter(False, "Loudness.", is_live=True)


def test_rows_contain_the_fields_of_the_dataclass():
    rate, mode, count, loud = parameter_rows(Settings)
    assert (rate.name, rate.kind, rate.default, rate.bounds) == ("rate_hz", float, 20.0, "1 to 100")
    assert mode.bounds == "one of slow, fast"
    assert (count.name, count.attribute) == ("group.count", "count")
    assert loud.is_live


@pytest.mark.parametrize(("index", "value", "is_fine"), [
    (0, 1.0, True), (0, 0.5, False), (0, float("nan"), False), (1, "fast", True), (1, "faster", False), (2, 6, False)])
def test_faults_name_parameter_value_and_bounds(index, value, is_fine):
    row = parameter_rows(Settings)[index]
    fault = row.fault(value)
    assert (fault is None) == is_fine
    if fault:
        assert row.name in fault
        assert repr(value) in fault
        assert row.bounds in fault


@pytest.mark.parametrize(("name", "value"), [("lock.topic", "not a topic"), ("commands.prefix", "1/")])
def test_a_name_that_is_no_topic_is_refused_with_the_rule(name, value):
    row = next(row for row in parameter_rows(GestureSettings) if row.name == name)
    assert "letters, digits and _ in parts separated by /" in str(row.fault(value))
    with pytest.raises(ConfigError, match=f"parameter '{name}' is '{value}', must be letters, digits and _"):
        from_text(GestureSettings, name, value)


def test_the_error_of_a_huge_value_is_short():
    row = next(row for row in parameter_rows(GestureSettings) if row.name == "styles")
    assert len(str(row.fault("a:1," * 250_000))) < 1000
    assert len(str(parameter_rows(Settings)[1].fault("x" * 1_000_000))) < 1000


@pytest.mark.parametrize(("name", "text", "value"), [
    ("rate_hz", "50", 50.0), ("mode", "fast", "fast"), ("group.count", "5", 5), ("is_loud", "True", True),
    ("is_loud", "false", False)])
def test_text_becomes_a_typed_value(name, text, value):
    made = from_text(Settings, name, text)
    assert made == value
    assert type(made) is type(value)


@pytest.mark.parametrize(("name", "text"), [
    ("is_loud", "yes"), ("is_loud", "1"), ("rate_hz", "fast"), ("rate_hz", "0.5"), ("rate_hz", "nan"),
    ("group.count", "1.5"), ("group.count", "6"), ("mode", "faster")])
def test_text_that_is_no_value_is_refused_with_the_bounds(name, text):
    """A wrong argument that is ignored may be the one that keeps the robot from moving."""
    with pytest.raises(ConfigError, match=rf"parameter '{name}' is '?{text}.*must be .*Correct the launch argument"):
        from_text(Settings, name, text)


@pytest.mark.parametrize("node", NODE_SETTINGS)
def test_every_parameter_is_described_and_its_default_is_allowed(node):
    for row in parameter_rows(NODE_SETTINGS[node]):
        assert row.description.endswith(".")
        assert isinstance(row.default, row.kind)
        assert row.fault(row.default) is None


def test_the_reference_page_and_the_default_yaml_are_up_to_date():
    for path, text in reference.files(share_folder()).items():
        assert path.read_text() == text, "run: make docs"


def test_the_default_yaml_holds_the_defaults():
    values = yaml.safe_load(reference.default_yaml("gesture_node"))["/**/gesture_node"]["ros__parameters"]
    for row in parameter_rows(GestureSettings):
        group, _, leaf = row.name.rpartition(".")
        assert (values[group] if group else values)[leaf] == row.default


def test_the_yaml_for_live_speakers_has_the_values_of_the_library():
    path = share_folder() / "config" / "nodes" / "live_speaker.yaml"
    settings = GestureSettings(**yaml.safe_load(path.read_text())["/**/gesture_node"]["ros__parameters"])
    assert settings.agent_config() == live_speaker_config(GestureSettings().agent_config().pipeline)


def test_settings_become_the_configuration_of_the_agent():
    config = GestureSettings(robot="my.urdf", look_ahead_s=0.2, audio_timeout_s=0.5).agent_config()
    assert (config.pipeline.robot, config.pipeline.look_ahead_s, config.audio_timeout_s) == ("my.urdf", 0.2, 0.5)
    assert config.pipeline.profile is None
    assert GestureSettings(robot="topic").agent_config("<robot/>").pipeline.robot_xml == "<robot/>"


@pytest.mark.ros
class TestOnANode:
    def node(self, graph, *overrides):
        import rclpy
        from rclpy.parameter import Parameter

        given = [Parameter(name, value=value) for name, value in overrides]
        return graph.add(rclpy.create_node("declaring", parameter_overrides=given))

    def test_given_values_are_read_typed(self, graph):
        node = self.node(graph, ("rate_hz", 50.0), ("group.count", 5))
        declare(node, Settings)
        assert read(node, Settings) == Settings(rate_hz=50.0, count=5)

    def test_descriptors_carry_description_and_range(self, graph):
        node = self.node(graph)
        declare(node, Settings)
        descriptor = node.describe_parameter("rate_hz")
        assert descriptor.description == "Rate."
        assert descriptor.floating_point_range[0].to_value == 100.0

    @pytest.mark.parametrize(("name", "value"), [("rate_hz", 1000.0), ("mode", "wild"), ("group.count", "many")])
    def test_a_wrong_value_stops_the_node_with_a_reason(self, graph, name, value):
        node = self.node(graph, (name, value))
        with pytest.raises(ConfigError, match=rf"parameter '{name}'.*parameter file"):
            declare(node, Settings)

    def test_a_locked_node_takes_live_parameters_only(self, graph):
        from rclpy.parameter import Parameter

        node = self.node(graph)
        declare(node, Settings, is_locked=lambda: True)
        refused, taken = node.set_parameters([Parameter("mode", value="fast"), Parameter("is_loud", value=True)])
        assert not refused.successful
        assert "clean up the node first" in refused.reason
        assert taken.successful
        assert read(node, Settings) == Settings(is_loud=True)


@pytest.mark.ros
def test_a_whole_number_is_a_value_of_a_double_and_a_text_is_not(graph):
    import rclpy
    from rclpy.parameter import Parameter

    node = graph.add(rclpy.create_node("whole", parameter_overrides=[Parameter("look_ahead_s", value=0)]))
    declare(node, GestureSettings)
    assert read(node, GestureSettings).look_ahead_s == 0.0
    (result,) = node.set_parameters([Parameter("activity", value=0)])
    assert result.successful
    assert read(node, GestureSettings).activity == 0.0
    for wrong in (True, "1", 9):
        (result,) = node.set_parameters([Parameter("activity", value=wrong)])
        assert not result.successful
        assert "'activity' is" in result.reason
    assert read(node, GestureSettings).activity == 0.0


@pytest.mark.ros
def test_unknown_parameters_are_reported_with_the_nearest_name(graph, caplog):
    import rclpy
    from rclpy.parameter import Parameter

    overrides = [Parameter("look_ahead", value=0.2), Parameter("use_sim_time", value=False), Parameter("xyz", value=1)]
    declare(graph.add(rclpy.create_node("unknown", parameter_overrides=overrides)), GestureSettings)
    assert "unknown parameter 'look_ahead' of unknown is ignored: is 'look_ahead_s' meant?" in caplog.text
    assert "unknown parameter 'xyz' of unknown is ignored" in caplog.text
    assert "use_sim_time" not in caplog.text
