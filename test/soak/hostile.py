"""Hostile test: wrong messages, stops and kills of the real gesture_node process; all that it commands is judged.

    ./run hostile                                          1,000 messages, 60 stops, 38 kills: ten minutes or more
    ./run hostile --messages 60 --stops 4 --kills 1
    ./run hostile --only request                           the kinds whose name contains a text
    ./run hostile --only AudioStamped --family portaudio   the other package named audio_common_msgs

Every message to a controller must be finite, inside the limits, at rest in the end, and accepted by the controller as
it arrives; the command must not jump, but for a stop of the process at the last instant. After each kind the node must
send messages again, without a new start. The table has a line for each kind; the exit status is 1 if there is a fault.
"""

from __future__ import annotations

import argparse
import math
import runpy
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "test" / "worlds")]

STOPS_S = (0.03, 0.6)  # durations of stops
PERIOD_S = 0.06  # between two messages
ENDED, SILENT, UNANSWERED, TAKEN, MOVES = "ended", "silent afterwards", "no answer", "taken", "moves after its end"


class Table:
    """Counts of each line, and the faults in it.

    Args:
        world: The world.
    """

    def __init__(self, world: Any) -> None:
        self._world = world
        self.lines: list[tuple[str, int, int, dict[str, int]]] = []
        self.total = 0

    @contextmanager
    def line(self, name: str, count: int) -> Iterator[dict[str, int]]:
        """Count what happens inside the block; faults that the judge does not see are put into the given mapping."""
        judge, faults = self._world.judge, {}
        windows, before, ended = judge.windows, judge.faults.copy(), self._world.ended
        yield faults
        if self._world.ended > ended:
            faults[ENDED] = self._world.ended - ended
        faults |= judge.faults - before
        self.lines.append((name, count, judge.windows - windows, faults))
        self.total += sum(faults.values())
        say(f"{name:45} {count:5d} {judge.windows - windows:9d}   "
              f"{', '.join(f'{value} {fault}' for fault, value in faults.items()) or '-'}")


def attack_topics(world: Any, table: Table, count: int, only: str, rng: np.random.Generator) -> None:
    """Send messages of all kinds."""
    from hostile_messages import all_kinds

    kinds = [kind for kind in all_kinds(world.description) if only in kind.name]
    for kind, share in zip(kinds, shares(count, len(kinds))):
        with table.line(kind.name, share) as faults:
            world.send(kind, share, rng, PERIOD_S)
            if not world.recover():
                faults[SILENT] = 1


def attack_parameters(world: Any, table: Table, count: int, only: str) -> None:
    """Set parameters that must be refused."""
    kinds = {name: given for name, given in hostile_parameters().items() if only in f"parameter: {name}"}
    for (name, given), share in zip(kinds.items(), shares(count, len(kinds))):
        with table.line(f"parameter: {name}", share) as faults:
            for _ in range(share):
                answer = world.set_parameters([given])
                if answer is None:
                    faults[UNANSWERED] = faults.get(UNANSWERED, 0) + 1
                elif any(answer):
                    faults[TAKEN] = faults.get(TAKEN, 0) + 1
            if not world.recover():
                faults[SILENT] = 1


def attack_robot(world: Any, table: Table, only: str) -> None:
    """Publish descriptions to a node that waits for one, and a good one in the end."""
    from hostile_messages import hostile_descriptions

    urdf = (ROOT / "config" / "robots" / "demo_humanoid.urdf").read_text()
    texts = {name: text for name, text in hostile_descriptions(urdf).items() if only in f"robot: {name}"}
    if not texts:
        return
    world.kill()
    world.start(robot="topic", profile=str(ROOT / "config" / "robots" / "demo_humanoid.yaml"))
    for name, text in texts.items():
        with table.line(f"robot: {name}", 1):
            world.describe(text)
            world.run(1.0)
    with table.line("robot: the right one", 1) as faults:
        world.describe(urdf)
        if not world.is_moving_within(120.0):
            faults[SILENT] = 1
    for name, text in texts.items():  # a robot that moves is not replaced
        with table.line(f"robot that moves: {name}", 1) as faults:
            world.describe(text)
            if not world.recover():
                faults[SILENT] = 1
    world.kill()
    world.start()
    world.is_moving_within(120.0)


def stop_process(world: Any, table: Table, count: int, rng: np.random.Generator) -> None:
    """Stop the process for a while, at random times.

    A stop between the last look at the clock and the network makes a window late: such a jump is printed, and no fault.
    """
    judge = world.judge
    judge.is_jump_allowed, judge.allowed_jumps = True, []
    with table.line("stops", count) as faults:
        for _ in range(count):
            if not world.is_moving_within(60.0):
                faults[SILENT] = faults.get(SILENT, 0) + 1
            world.run(rng.uniform(0.0, 1.0))
            world.stop_for(rng.uniform(*STOPS_S))
            world.run(0.7)
    judge.is_jump_allowed = False
    say(f"{'':45} {len(judge.allowed_jumps)} late commands jumped, by {max(judge.allowed_jumps, default=0.0):.3f} rad "
        "or rad/s at most")


def kill_process(world: Any, table: Table, count: int, rng: np.random.Generator) -> None:
    """Kill the process, three of four times while it moves the robot; the robot must come to rest by itself."""
    with table.line("kills", count) as faults:
        for number in range(count):
            if number % 4 == 3:
                world.run(rng.uniform(0.0, 6.0))  # while it starts
            else:
                if not world.is_moving_within(120.0):
                    faults[SILENT] = faults.get(SILENT, 0) + 1
                world.run(rng.uniform(0.0, 2.0))
            world.kill()
            world.run(1.5)
            if not world.is_at_rest:
                faults[MOVES] = faults.get(MOVES, 0) + 1
            world.start()
        if not world.is_moving_within(120.0):
            faults[SILENT] = faults.get(SILENT, 0) + 1


def hostile_parameters() -> dict[str, Any]:
    """Return parameters that must be refused, each with its name in the table."""
    from rcl_interfaces.msg import Parameter, ParameterType, ParameterValue

    def double(name: str, value: float) -> Parameter:
        return Parameter(name=name, value=ParameterValue(type=ParameterType.PARAMETER_DOUBLE, double_value=value))

    def text(name: str, value: str) -> Parameter:
        return Parameter(name=name, value=ParameterValue(type=ParameterType.PARAMETER_STRING, string_value=value))

    def integer(name: str, value: int) -> Parameter:
        return Parameter(name=name, value=ParameterValue(type=ParameterType.PARAMETER_INTEGER, integer_value=value))

    return {
        "NaN": double("activity", math.nan), "infinity": double("amplitude", math.inf),
        "out of range": double("handedness", -7.0), "text for a number": text("activity", "1.0; rm"),
        "number for a text": integer("styles", 2**63 - 1), "huge integer": integer("activity", -(2**63)),
        "styles of 1 MB": text("styles", "a:1," * 250_000), "styles of NaN": text("styles", "beat:nan"),
        "nested styles": text("styles", "[" * 5000), "weights of 5,000 digits": text("styles", f"beat:{'9' * 5000}"),
        "locked one": text("model", "/nowhere"), "list": Parameter(name="seed", value=ParameterValue(
            type=ParameterType.PARAMETER_DOUBLE_ARRAY, double_array_value=[1.0] * 1000)),
        "number for a switch": double("dry_run", 1.0), "unknown type": Parameter(
            name="dry_run", value=ParameterValue(type=200, bool_value=True)),
        "unknown name": text("x" * 10_000, "y"), "removal": Parameter(name="activity"),
    }


def say(text: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def shares(count: int, parts: int) -> list[int]:
    """Return `count` divided into nearly equal whole numbers, none of them 0."""
    return [max(1, (k + 1) * count // parts - k * count // parts) for k in range(parts)]


def main() -> int:
    """Run the test; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--messages", type=int, default=1000, help="hostile messages (%(default)s)")
    parser.add_argument("--stops", type=int, default=60, help="stops of the process (%(default)s)")
    parser.add_argument("--kills", type=int, default=38, help="kills of the process (%(default)s)")
    parser.add_argument("--model", default="default", help="model bundle (%(default)s)")
    parser.add_argument("--only", default="", help="kinds whose name contains this text")
    parser.add_argument("--family", choices=("gstreamer", "portaudio"), default="gstreamer",
                        help="the package named audio_common_msgs (%(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of all random choices (%(default)s)")
    args = parser.parse_args()

    interfaces = runpy.run_path(str(ROOT / "test" / "interfaces" / "build.py"))["build_all"]()
    paths = [str(ROOT), str(interfaces), str(interfaces / f"audio_common_msgs.{args.family}")]
    sys.path[:0] = paths[1:]
    import os

    os.environ["PYTHONPATH"] = os.pathsep.join(paths)
    from ros_graph import free_domain, without_shared_memory

    with tempfile.TemporaryDirectory() as folder, free_domain() as domain:
        os.environ |= {"ROS_DOMAIN_ID": str(domain), **without_shared_memory(Path(folder))}
        return _run(args, domain, Path(folder) / "gesture_node.log")


def _run(args: argparse.Namespace, domain: int, log: Path) -> int:
    import rclpy
    from hostile_world import HostileWorld

    from ros_graph import Graph

    rclpy.init(args=[], domain_id=domain)
    graph, rng = Graph(), np.random.default_rng(args.seed)
    world = HostileWorld(graph, domain, log, {"model": args.model, "idle_timeout_s": "4.0"})
    table = Table(world)
    try:
        world.start()
        if not world.is_moving_within(120.0):
            say(f"gesture_node does not start:\n{log.read_text()[-3000:]}")
            return 1
        say(f"{'kind':45} {'sent':>5} {'commands':>9}   faults")
        parameters = args.messages // 6
        attack_topics(world, table, args.messages - parameters, args.only, rng)
        attack_parameters(world, table, parameters, args.only)
        attack_robot(world, table, args.only)
        stop_process(world, table, args.stops, rng)
        kill_process(world, table, args.kills, rng)
    finally:
        world.kill()
        graph.close()
        rclpy.try_shutdown()
    sent, tracebacks = sum(line[1] for line in table.lines), log.read_text(errors="replace").count("Traceback")
    say(f"{len(table.lines)} kinds, {sent} messages, stops and kills, {world.judge.windows} commands, "
          f"{table.total} faults, {tracebacks} tracebacks in the log")
    for fault, example in world.judge.examples.items():
        say(f"    {fault}: {example}")
    if table.total or tracebacks:
        text = log.read_text(errors="replace")
        say("the log from its last traceback on:" if tracebacks else "the end of the log:")
        say("\n".join(text[text.rindex("Traceback"):].splitlines()[:40] if tracebacks else text.splitlines()[-40:]))
    return 1 if table.total or tracebacks else 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(main())
