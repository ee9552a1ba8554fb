"""The main job, seen and heard: four ROS 2 nodes perform a speech; then film, plot and figures of what happened."""

from __future__ import annotations

import argparse
import json
import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from speech_gesture_ros.cli.node_processes import NodeProcesses
from speech_gesture_ros.cli.pipeline_options import add_pipeline_options, mesh_folders, pipeline_config
from speech_gesture_ros.core.assets import resolve

HELP = "speech in, the simulated robot gestures: film, bag, plot, figures"
START_TIMEOUT_S = 60.0  # loading torch and the model on a busy machine
START_DELAY_S = 2.0  # silence before the speech: the robot takes up its place, slowly
TAIL_S = 1.6  # after the last gesture: the way back to rest
READY = "ready:"  # gesture_node says so when the model is loaded and warm


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the demo."""
    parser.add_argument("--audio", type=Path, help="wav, flac, ogg or mp3 (the demo speech)")
    parser.add_argument("--out", type=Path, default=Path("demo"), help="folder for the results (%(default)s)")
    parser.add_argument("--no-film", action="store_true", help="figures only")
    add_pipeline_options(parser)


def run(args: argparse.Namespace) -> int:
    """Perform, record, judge, draw."""
    from speech_gesture_ros.audio.files import load_mono_16k
    from speech_gesture_ros.pipeline.gesture_pipeline import GesturePipeline

    begin = time.monotonic()
    audio = (args.audio or resolve("speech.flac", "config/demo")).expanduser().resolve()
    speech_s = len(load_mono_16k(audio)) / 16_000
    pipeline = GesturePipeline(pipeline_config(args))  # finds mistakes in what was given before anything starts
    out: Path = args.out
    out.mkdir(parents=True, exist_ok=True)
    bag = out / "bag"
    shutil.rmtree(bag, ignore_errors=True)
    bag.with_name("bag.journal").unlink(missing_ok=True)  # of a recorder that was killed: it would be gone on with
    perform(args, audio, speech_s + START_DELAY_S, bag, out / "log")
    report = conclude(bag, pipeline, out, mesh_folders(args.robot), with_film=not args.no_film)
    report["wall_s"] = time.monotonic() - begin
    _write_json(out / "report.json", report)
    print(f"\neverything is in {out}/ ({report['wall_s']:.0f} s in all)")
    return 0


def perform(args: argparse.Namespace, audio: Path, duration_s: float, bag: Path, log_folder: Path) -> None:
    """Let the four nodes play the speech in real time while all is recorded.

    Raises:
        NodeDiedError: If a node ends before its time.
    """
    from tqdm import tqdm

    robot = {"robot": args.robot, "profile": args.profile or ""}
    gesture = robot | {"joint_limits": args.joint_limits or "", "srdf": args.srdf or "", "model": args.model,
                       "look_ahead_s": float(args.look_ahead), "seed": args.seed, "device": args.device}
    with NodeProcesses(log_folder) as nodes, tqdm(total=round(duration_s + TAIL_S, 1), desc="starting the nodes",
                                                  unit="s", bar_format="{desc}: {percentage:3.0f}%|{bar}| "
                                                  "{n:.0f}/{total:.0f} s") as bar:
        nodes.start("mujoco_node", robot)
        nodes.start("recorder_node", {"path": bag.resolve()})
        nodes.start("gesture_node", gesture)
        nodes.wait_for(lambda: READY in nodes.output("gesture_node"), START_TIMEOUT_S, "gesture_node to be ready")
        nodes.start("audio_file_node", {"path": audio, "subscribers": 2, "start_delay_s": START_DELAY_S})
        nodes.wait_for(lambda: "playing" in nodes.output("audio_file_node"), START_TIMEOUT_S, "the speech to begin",
                       "audio_file_node")
        bar.set_description("performing")
        begin = time.monotonic()

        def show() -> None:
            bar.update(min(time.monotonic() - begin, bar.total) - bar.n)

        nodes.wait_for(lambda: not nodes.is_running("audio_file_node"), 2 * duration_s + 30, "the speech to end",
                       "audio_file_node", show)
        end = time.monotonic() + TAIL_S
        nodes.wait_for(lambda: time.monotonic() > end, TAIL_S + 10, "the end", "audio_file_node", show)
        for name in ("gesture_node", "mujoco_node", "recorder_node"):  # the recorder last: it hears all
            nodes.stop(name)


def conclude(bag: Path, pipeline: Any, out: Path, meshes: Sequence[Path] = (), *, with_film: bool = True
             ) -> dict[str, Any]:
    """Judge a recording, draw it, print the table.

    Args:
        bag: What was recorded.
        pipeline: The `GesturePipeline` of the same configuration: robot, skeleton, latency.
        out: Folder for film and plot.
        meshes: Where to look for the robot's meshes.
        with_film: Whether to draw the film.

    Returns:
        The report.
    """
    from tqdm import tqdm

    from speech_gesture_ros.cli.demo_report import build_report, format_table, sound_needed_s
    from speech_gesture_ros.cli.performance import align
    from speech_gesture_ros.cli.recording import read_recording
    from speech_gesture_ros.cli.replay import judge
    from speech_gesture_ros.simulators.mujoco_robot import MujocoRobot

    steps = tqdm(total=3, desc="judging", bar_format="{desc}: {n}/{total}")
    description, skeleton = pipeline.description, pipeline.skeleton
    recording = read_recording(bag, description.joint_names)
    steps.update()
    robot = MujocoRobot(description, mesh_folders=meshes)
    judgement = judge(recording, description, robot)
    steps.update()
    performance = align(recording, skeleton, _person_lead_s(recording, pipeline), lead_in_s=START_DELAY_S)
    report = build_report(recording, judgement, performance, robot, skeleton, sound_needed_s(pipeline))
    _write_json(out / "report.json", report)
    steps.update()
    steps.close()
    _draw_plot(out / "plot.png", performance, robot, description)
    if with_film:
        _draw_film(out / "demo.mp4", performance, robot, skeleton)
    print(format_table(report))
    return report


def _person_lead_s(recording: Any, pipeline: Any) -> float:
    """How long before it is performed the person's pose is published [s]."""
    latency_s = float(recording.status("gestures").get("latency_s", pipeline.latency_s))
    return max(0.0, latency_s - float(pipeline.latency_s))


def _draw_film(path: Path, performance: Any, robot: Any, skeleton: Any) -> None:
    from tqdm import tqdm

    from speech_gesture_ros.core.rates import SAMPLE_RATE
    from speech_gesture_ros.rendering import opengl
    from speech_gesture_ros.rendering.film import STRIP_HEIGHT, WIDTH, Film
    from speech_gesture_ros.rendering.video import write_video
    from speech_gesture_ros.rendering.waveform import WaveformStrip

    film = Film(robot, skeleton, WaveformStrip(performance.voice, SAMPLE_RATE, WIDTH, STRIP_HEIGHT))
    if film.is_plain:
        print(opengl.REMEDY)
    pictures = film.pictures(performance.q, performance.joint_xyz, performance.times_s)
    write_video(path, tqdm(pictures, desc="film", total=len(performance.q), unit="picture"), performance.voice,
                SAMPLE_RATE, voice_begins_s=-float(performance.times_s[0]))
    film.close()


def _draw_plot(path: Path, performance: Any, robot: Any, description: Any) -> None:
    from speech_gesture_ros.cli.performance import robot_as_person
    from speech_gesture_ros.core.skeleton import load_skeleton
    from speech_gesture_ros.evaluation.accents import detect_accents
    from speech_gesture_ros.evaluation.kinematics import find_apexes, wrist_speeds, wrists
    from speech_gesture_ros.rendering.plots import Course, draw_performance

    skeleton = load_skeleton()
    speeds = wrist_speeds(wrists(robot_as_person(robot, performance.q, description.body, skeleton), skeleton))
    begin_s = float(performance.times_s[0])
    draw_performance(path, Course(
        voice=performance.voice, times_s=performance.times_s, wrist_speeds=speeds, q=performance.q,
        joint_names=description.joint_names, limits=description.limits, groups=description.groups,
        accents_s=detect_accents(performance.voice).times_s, apexes_s=find_apexes(speeds).times_s + begin_s,
        title=f"{description.name}: voice and motion as recorded",
    ))


def _write_json(path: Path, report: dict[str, Any]) -> None:
    path.write_text(json.dumps(_plain(report), indent=2, allow_nan=False) + "\n", encoding="utf-8")


def _plain(value: Any) -> Any:
    """For JSON: what is not a number becomes null."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, (float, np.floating)):
        return float(value) if np.isfinite(value) else None
    return value
