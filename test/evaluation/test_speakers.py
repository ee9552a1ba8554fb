from __future__ import annotations

import json

import numpy as np
import pytest

from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.evaluation.closed_loop import ClosedLoopResult
from speech_gesture_ros.evaluation.limit_violations import LimitViolations
from speech_gesture_ros.evaluation.speakers import check_targets, evaluate_speakers, pick_recordings, pool

SKELETON = load_skeleton()


def standing(samples, collisions=0, rejected=None):
    frames = len(samples) // 640
    return ClosedLoopResult(np.tile(SKELETON.rest_xyz, (frames, 1, 1)).astype(np.float32), np.zeros((frames, 2, 3)),
                            np.zeros((frames, 3)), np.zeros((2 * frames, 3)), 10, {}, rejected or {},
                            LimitViolations({"velocity": 0}, {"velocity": 0.5}), collisions, 0.05, True)


@pytest.fixture
def data(tmp_path):
    folder = tmp_path / "speech" / "hours"
    folder.mkdir(parents=True)
    rows = ["path,source,licence,speaker,language,style,native_sample_rate,seconds"]
    rows += [f"en/{i}.opus,s,CC0,reader{i // 2},en,read,48000,{12 + i}" for i in range(12)]
    rows += ["de/0.opus,s,CC0,sprecherin,de-DE,read,48000,30", "de/1.opus,s,CC0,short,de-DE,read,48000,3"]
    (folder / "manifest.csv").write_text("\n".join(rows) + "\n")
    return tmp_path


def test_each_speaker_is_picked_once_and_languages_are_mixed(data):
    picked = pick_recordings(data, count=7)
    assert len({r.speaker for r in picked}) == 7
    assert {r.language for r in picked} == {"en", "de-DE"}
    assert "short" not in {r.speaker for r in picked}
    assert picked[0].path.parent.parent == data / "speech" / "hours"


def test_the_pick_is_seeded(data):
    assert pick_recordings(data, 3, seed=4) == pick_recordings(data, 3, seed=4)
    assert len({tuple(pick_recordings(data, 3, seed=s)) for s in range(6)}) > 1


def test_too_many_speakers_and_missing_data_are_named(data, tmp_path):
    with pytest.raises(InputError, match="number of speakers is 20, must be at most 7"):
        pick_recordings(data, 20)
    with pytest.raises(InputError, match=r"must be an existing manifest. Set SPEECH_GESTURE_DATA"):
        pick_recordings(tmp_path / "nowhere")


def test_every_sound_is_simulated_counted_and_written(data, tmp_path):
    seen = []

    def progress(jobs):
        seen.extend(jobs)
        return jobs

    faults = iter([{"collisions": 2}, {"rejected": {"too late": 3}}, {}, {}])
    result = evaluate_speakers(
        lambda samples: standing(samples, **next(faults)), pick_recordings(data, 3),
        load=lambda path: np.random.default_rng(0).normal(size=16_000 * 20).astype(np.float32) * 0.01,
        calm={"silence": np.zeros(16_000 * 5)}, longest_s=10.0, out=tmp_path / "new" / "report.json", progress=progress)
    assert len(seen) == 4
    assert result["safety"]["self_collisions"] == 2
    assert result["safety"]["rejected_trajectories"] == 3
    assert result["recordings"][1]["safety"]["reasons"] == {"too late": 3}
    assert result["recordings"][0]["motion"]["duration_s"] == 10.0
    assert result["recordings"][0]["robot"]["apexes"] == result["pooled_robot"]["apexes"] == 0
    assert result["pooled_robot"]["apex_share"] is None
    assert result["calm"]["silence"]["wrist_speed"] < 1e-6
    assert json.loads((tmp_path / "new" / "report.json").read_text()) == json.loads(json.dumps(result))


def test_targets_are_met_missed_or_unknown():
    result = {"pooled": {"apex_share": 0.5, "apex_share_shifted": 0.3}, "pooled_robot": {"apex_share": 0.4},
              "calm": {"music": {"wrist_speed": 0.02}},
              "safety": {"limit_violations": 0, "self_collisions": 1}}
    met = {name: entry["met"] for name, entry in check_targets(result).items()}
    assert met == {"apex_share": True, "apex_share_shifted": False, "robot_apex_share": False,
                   "calm_wrist_speed": True,
                   "limit_violations": True, "self_collisions": False, "rejected_trajectories": None}


def test_pooling_weighs_shares_by_apexes_and_ignores_what_is_unknown():
    class Report:
        def __init__(self, apexes, share, speed, seconds):
            self.apexes, self.apex_share, self.wrist_speed, self.duration_s = apexes, share, speed, seconds

    pooled = pool([Report(30, 0.6, 0.2, 10.0), Report(10, 0.2, 0.4, 30.0), Report(0, float("nan"), 0.0, 0.0)])
    assert pooled["apex_share"] == pytest.approx(0.5)
    assert pooled["wrist_speed"] == pytest.approx(0.35)
    assert pooled["apexes"] == 40


@pytest.mark.data
def test_the_real_data_has_ten_speakers(data_folder):
    picked = pick_recordings(data_folder, 10)
    assert all(r.path.is_file() for r in picked)
    assert len({r.language for r in picked}) > 3
