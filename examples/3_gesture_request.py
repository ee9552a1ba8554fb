"""Gesture request in real time: python examples/3_gesture_request.py ['{"gesture": "nod", "delay": 2.0}'].

The agent gets audio messages and joint states and returns windows, here with a simulated robot and simulated time, so
that the example is done in a few seconds. The node `gesture_node` does the same with ROS topics.
"""

import sys

from speech_gesture_ros import Agent, AgentConfig, PcmFormat, load_mono_16k
from speech_gesture_ros.core.assets import share_folder
from speech_gesture_ros.core.rates import SAMPLE_RATE
from speech_gesture_ros.simulators.ideal_robot import IdealRobot

NS = 1_000_000_000
PERIOD_NS = NS // 50  # one audio message, one joint state and one update every 20 ms


def main(request: str) -> None:
    """Speak for six seconds, request a gesture, and print its statuses and the robot's speed."""
    agent = Agent(AgentConfig())
    robot = IdealRobot(agent.description)
    speech = load_mono_16k(share_folder() / "config" / "demo" / "speech.flac")[:6 * SAMPLE_RATE]
    print(f"state: {agent.state.value}; voice and gesture are {agent.latency_s:.2f} s after the sound")
    agent.request(request, now_ns=0)
    for now_ns in range(0, 10 * NS, PERIOD_NS):
        first = now_ns * SAMPLE_RATE // NS
        message = speech[first:first + SAMPLE_RATE // 50]
        if len(message):
            agent.push_audio(message, PcmFormat(SAMPLE_RATE, 1, "f32le"), now_ns)
        agent.observe_joints(robot.step(now_ns), now_ns)
        window = agent.update(now_ns).window
        if window is not None:
            robot.follow(window, now_ns)  # on a robot: publish it as a JointTrajectory
        for status in agent.requests.take_statuses():
            print(f"{now_ns / NS:5.2f} s  {status.gesture}: {status.status} {status.reason}")
    fastest = max(abs(speed).max() for speed in robot.speeds)
    print(f"{len(robot.rejected)} windows rejected; fastest joint {fastest:.1f} rad/s; state: {agent.state.value}")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else '{"gesture": "wave", "delay": 2.0}')
