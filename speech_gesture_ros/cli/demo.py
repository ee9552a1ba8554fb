"""Demonstration: four ROS 2 nodes play a speech file and move a simulated robot; film, plot and report follow."""

from __future__ import annotations

import argparse
import json
import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from speech_gesture_ros.cli.argument_types import output_folder
from speech_gesture_ros.cli.node_processes import NodeProcesses
from speech_gesture_ros.cli.pipeline_options import add_pipeline_options, mesh_folders, pipeline_config
from speech_gesture_ros.core.assets import resolve
from speech_gesture_ros.core.atomic_files import write_text
from speech_gesture_ros.core.outputs import locked_folder

HELP = "speech in, the simulated robot gestures: film, bag, plot, report"
START_TIMEOUT_S = 60.0  # loading torch and the model on a busy machine
START_DELAY_S = 2.0  # silence before the speech, in which the robot is engaged slowly
TAIL_S = 1.6  # after the last gesture, until the robot is at rest
READY_TEXT = "ready:"  # logged by gesture_node when the model is loaded


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the demo."""
    parser.add_argument("--audio", type=Path, help="speech: wav, flac, ogg or mp3 (the demo speech)")
    parser.add_argument("--out", type=output_folder, default="demo", help="folder of the results (%(default)s)")
    parser.add_argument("--no-film", action="store_true", help="do not draw the film")
    add_pipeline_options(parser)


def run(args: argparse.Namespace) -> int:
    """Run the nodes, record, evaluate, draw."""
    from speech_gesture_ros.audio.files import load_mono_16k
    from speech_gesture_ros.pipeline.gesture_pipeline import GesturePipeline

    begin = time.monotonic()
    audio = (args.audio or resolve("speech.flac", "config/demo")).expanduser().resolve()
    speech_s = len(load_mono_16k(audio)) / 16_000
    pipeline = GesturePipeline(pipeline_config(args))  # reports wrong options before anything starts
    out: Path = args.out
    with locked_folder(out):
        bag = out / "bag"
        shutil.rmtree(bag, ignore_errors=True)
        bag.with_name("bag.journal").unlink(missing_ok=True)  # of a killed recorder, which would be continued
        run_nodes(args, audio, speech_s + START_DELAY_S, bag, out / "log")
        report = conclude(bag, pipeline, out, mesh_folders(args.robot), with_film=not args.no_film)
        report["wall_s"] = time.monotonic() - begin
        _write_json(out / "report.json", report)
    print(f"\nwritten to {out}/ ({report['wall_s']:.0f} s in all)")
    return 0


def run_nodes(args: argparse.Namespace, audio: Path, duration_s: float, bag: Path, log_folder: Path) -> None:
    """Run the four nodes in real time until the speech has been played, and record all topics.

    Raises:
        NodeEndedError: If a node ends too early.
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
        nodes.wait_for(lambda: READY_TEXT in nodes.output("gesture_node"), START_TIMEOUT_S, "gesture_node to be ready")
        nodes.start("audio_file_node", {"path": audio, "subscribers": 2, "start_delay_s": START_DELAY_S})
        nodes.wait_for(lambda: "playing" in nodes.output("audio_file_node"), START_TIMEOUT_S, "the speech to begin",
                       "audio_file_node")
        bar.set_description("running")
        begin = time.monotonic()

        def show() -> None:
            bar.update(min(time.monotonic() - begin, bar.total) - bar.n)

        nodes.wait_for(lambda: not nodes.is_running("audio_file_node"), 2 * duration_s + 30, "the speech to end",
                       "audio_file_node", show)
        end = time.monotonic() + TAIL_S
        nodes.wait_for(lambda: time.monotonic() > end, TAIL_S + 10, "the end", "audio_file_node", show)
        for name in ("gesture_node", "mujoco_node", "recorder_node"):  # the recorder last: it records all
            nodes.stop(name)


def conclude(bag: Path, pipeline: Any, out: Path, meshes: Sequence[Path] = (), *, with_film: bool = True
             ) -> dict[str, Any]:
    """Evaluate a recording, draw it, print the table.

    Args:
        bag: The recorded bag.
        pipeline: The `GesturePipeline` of the same configuration: robot, skeleton, latency.
        out: Folder of film and plot.
        meshes: Folders with the robot's meshes.
        with_film: Draw the film.

    Returns:
        The report.
    """
    from tqdm import tqdm

    from speech_gesture_ros.evaluation.bag_alignment import align
    from speech_gesture_ros.evaluation.bag_audit import audit_recording
    from speech_gesture_ros.evaluation.bag_recording import read_bag
    from speech_gesture_ros.evaluation.demo_report import build_report, format_table, sound_needed_s
    from speech_gesture_ros.simulators.mujoco_robot import MujocoRobot

    steps = tqdm(total=3, desc="evaluating", bar_format="{desc}: {n}/{total}")
    description, skeleton = pipeline.description, pipeline.skeleton
    recording = read_bag(bag, description.joint_names)
    steps.update()
    robot = MujocoRobot(description, mesh_folders=meshes)
    audit = audit_recording(recording, description, robot)
    steps.update()
    aligned = align(recording, skeleton, lead_in_s=START_DELAY_S)
    report = build_report(recording, audit, aligned, description, skeleton, sound_needed_s(pipeline))
    _write_json(out / "report.json", report)
    steps.update()
    steps.close()
    _draw_plot(out / "plot.png", aligned, description)
    if with_film:
        _draw_film(out / "demo.mp4", aligned, robot, skeleton)
    print(format_table(report))
    return report


def _draw_film(path: Path, aligned: Any, robot: Any, skeleton: Any) -> None:
    from tqdm import tqdm

    from speech_gesture_ros.core.rates import SAMPLE_RATE
    from speech_gesture_ros.pipeline.speech_to_face import face_at
    from speech_gesture_ros.rendering import opengl
    from speech_gesture_ros.rendering.film import STRIP_HEIGHT, WIDTH, Film
    from speech_gesture_ros.rendering.video import write_video
    from speech_gesture_ros.rendering.waveform import WaveformStrip

    film = Film(robot, skeleton, WaveformStrip(aligned.audio, SAMPLE_RATE, WIDTH, STRIP_HEIGHT))
    if film.is_plain:
        print(opengl.REMEDY)
    faces = face_at(resolve("face", "models"), aligned.audio, aligned.times_s)
    pictures = film.pictures(aligned.q, aligned.joint_xyz, aligned.times_s, faces)
    write_video(path, tqdm(pictures, desc="film", total=len(aligned.q), unit="picture"), aligned.audio,
                SAMPLE_RATE, voice_begins_s=-float(aligned.times_s[0]))
    film.close()


def _draw_plot(path: Path, aligned: Any, description: Any) -> None:
    from speech_gesture_ros.evaluation.accents import detect_accents
    from speech_gesture_ros.evaluation.closed_loop import robot_wrists
    from speech_gesture_ros.evaluation.kinematics import find_apexes, wrist_speeds
    from speech_gesture_ros.rendering.plots import RunCurves, draw_run

    speeds = wrist_speeds(robot_wrists(description, aligned.q))
    begin_s = float(aligned.times_s[0])
    draw_run(path, RunCurves(
        voice=aligned.audio, times_s=aligned.times_s, wrist_speeds=speeds, q=aligned.q,
        joint_names=description.joint_names, limits=description.limits, groups=description.groups,
        accents_s=detect_accents(aligned.audio).times_s, apexes_s=find_apexes(speeds).times_s + begin_s,
        title=f"{description.name}: recorded speech and motion",
    ))


def _write_json(path: Path, report: dict[str, Any]) -> None:
    write_text(path, json.dumps(_plain(report), indent=2, allow_nan=False) + "\n")


def _plain(value: Any) -> Any:
    """Values for JSON; numbers that are not finite become null."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, (float, np.floating)):
        return float(value) if np.isfinite(value) else None
    return value
