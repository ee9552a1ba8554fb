"""Training on a small film: the network learns to draw the person, beats its baselines, and goes on after a stop."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from speech_gesture_ros.core.errors import ConfigError, InputError
from speech_gesture_ros.networks.video.bundle import load_video_bundle
from speech_gesture_ros.networks.video.network_config import VideoNetworkConfig
from speech_gesture_ros.networks.video.video_stage import VideoStage
from speech_gesture_ros.rendering.keypoint_pictures import draw_keypoints
from speech_gesture_ros.rendering.person_film import draw_film
from speech_gesture_ros.training.engine.fit import fit
from speech_gesture_ros.training.train import train
from speech_gesture_ros.training.video.batches import VideoBatches, as_tensor
from speech_gesture_ros.training.video.learner import VideoLearner, similarity
from speech_gesture_ros.training.video.person_films import (
    PersonFilm,
    background_of,
    read_films,
    square,
)
from speech_gesture_ros.training.video.run_config import VideoRunConfig
from speech_gesture_ros.training.video.train import measure_held_out, train_video

from small_person import SIZE, moving_person, picture_of, write_person_film

CONFIG = VideoRunConfig("tiny", network=VideoNetworkConfig(SIZE, (8, 16), 8), steps=300, batch=2, learning_rate=1e-3,
                        tensorboard=False)


def film(count: int = 220) -> PersonFilm:
    person = moving_person(count)
    pictures = np.stack([picture_of(keypoints) for keypoints in person])
    return PersonFilm("talk", pictures, person, count - 60, count - 35)


def batches_of(one: PersonFilm, **changes: Any) -> VideoBatches:
    return VideoBatches([one], background_of([one]), dataclasses.replace(CONFIG, **changes))


def no_progress(pictures: object, label: str) -> object:
    return pictures


def no_detection(pictures: object) -> np.ndarray:
    raise AssertionError("the keypoints are beside the film")


@pytest.mark.slow
def test_network_learns_to_draw_the_person(tmp_path: Path) -> None:
    torch.manual_seed(0)
    one = film()
    module = VideoLearner(CONFIG)
    batches = batches_of(one)
    probe = batches(10**6)

    @torch.no_grad()
    def loss() -> float:
        drawn, _ = module._draw(probe)
        return float(module._distance(drawn, probe.pictures[:, 1:], probe.background))

    before = loss()
    fit(module, batches, None, out=tmp_path / "tiny", config=CONFIG.fit_config())
    assert loss() < 0.5 * before


@pytest.mark.slow
def test_film_to_bundle_that_beats_its_baselines(tmp_path: Path) -> None:
    source = write_person_film(tmp_path, 220)
    out = train_video(CONFIG, source, tmp_path / "bundle")
    bundle = load_video_bundle(out)
    films = read_films(source, tmp_path / "again", SIZE, CONFIG.held_out, CONFIG.max_frames, no_detection, no_progress)
    model, nearest, background = measure_held_out(bundle, films).values()
    assert model.ssim > background.ssim
    assert model.flicker < nearest.flicker
    assert model.psnr_db > background.psnr_db
    assert f"{model.ssim:.4f}" in bundle.card, "the card states the measured values"
    wanted = films[0].keypoints[-6:]
    first, second = (list(draw_film(VideoStage(bundle), wanted, SIZE)) for _ in range(2))
    np.testing.assert_array_equal(first, second)


@pytest.mark.slow
def test_interrupted_training_ends_as_an_uninterrupted_one(tmp_path: Path) -> None:
    one = film(120)
    weights = []
    for name, parts in (("whole", (8,)), ("parts", (4, 8))):
        for steps in parts:
            config = dataclasses.replace(CONFIG, steps=8)
            torch.manual_seed(0)
            module = VideoLearner(config)
            fit(module, batches_of(one), None, out=tmp_path / name,
                config=dataclasses.replace(config.fit_config(), max_steps=steps), resume=True)
        weights.append(torch.cat([value.flatten() for value in module.generator.parameters()]))
    torch.testing.assert_close(weights[0], weights[1])


def test_batch_is_a_function_of_its_number() -> None:
    batches = batches_of(film(100), start_share=0.5, seed=1)
    first, again, other = batches(3), batches(3), batches(4)
    for a, b in zip(first, again):
        torch.testing.assert_close(a, b)
    assert not torch.equal(first.pictures, other.pictures)
    assert first.keypoints.shape == first.pictures.shape == (2, 3, 3, SIZE, SIZE)


def test_batches_leave_the_held_out_end_alone() -> None:
    one = film(100)
    marked = one.pictures.copy()
    marked[one.train_stop:] = 255
    batches = batches_of(dataclasses.replace(one, pictures=marked), batch=4, start_share=0.0)
    assert all(float(batches(n).pictures.amin(dim=(2, 3, 4)).max()) < 1.0 for n in range(40))


def test_pieces_are_parts_of_the_pictures_with_their_keypoints() -> None:
    one, piece = film(100), 16
    columns, rows = np.meshgrid(np.arange(SIZE), np.arange(SIZE))
    places = np.stack([np.stack([np.full_like(rows, t), columns, rows], axis=-1) for t in range(100)]).astype(np.uint8)
    batches = VideoBatches([dataclasses.replace(one, pictures=places)], places[7],
                           dataclasses.replace(CONFIG, batch=8, piece=piece, stale_share=0.0))
    keypoints, pictures, background, _ = batches(0)
    assert keypoints.shape == pictures.shape == (8, 3, 3, piece, piece)
    corners = ((pictures[:, 1, :, 0, 0] + 1) * 127.5).round().int().tolist()
    assert len({(left, top) for _, left, top in corners}) > 4
    for i, (t, left, top) in enumerate(corners):
        window = (..., slice(top, top + piece), slice(left, left + piece))
        torch.testing.assert_close(pictures[i], as_tensor(places[t - 1:t + 2])[window])
        torch.testing.assert_close(background[i], as_tensor(places[7])[window])
        whole = as_tensor(draw_keypoints(one.keypoints[t], SIZE))[window]
        assert float(((keypoints[i, 1] - whole).abs() > 0.1).float().mean()) < 0.02


def test_last_steps_have_whole_pictures() -> None:
    batches = batches_of(film(100), piece=16, whole_share=0.5, steps=10)
    assert [batches(n).pictures.shape[-1] for n in (0, 4, 5, 9)] == [16, 16, SIZE, SIZE]


def test_start_of_a_film_is_drawn_from_the_background() -> None:
    one = film(100)
    module = VideoLearner(CONFIG)
    batch = batches_of(one, start_share=0.0)(0)
    started = batch._replace(is_start=torch.ones(2))
    first, _ = module._draw(started)
    other = started._replace(pictures=batch.pictures.clone().index_fill_(1, torch.tensor([0]), 0.9))
    torch.testing.assert_close(module._draw(other)[0], first)


def test_similarity_loss_of_equal_pictures_is_one() -> None:
    picture = torch.rand(1, 3, 16, 16) * 2 - 1
    torch.testing.assert_close(similarity(picture, picture), torch.ones(1, 3, 10, 10))
    assert float(similarity(picture, -picture).mean()) < 0, "a negative has the opposite structure"
    assert float(similarity(picture, 0.9 * picture).mean()) > 0.95, "less contrast is nearly the same"


@pytest.mark.parametrize(("width", "height", "middle", "expected"),
                         [(640, 360, 320, (140, 360)), (640, 360, 20, (0, 360)), (640, 360, 630, (280, 360)),
                          (360, 640, 100, (0, 360))])
def test_square_is_around_the_person(width: int, height: int, middle: float, expected: tuple[int, int]) -> None:
    assert square(width, height, middle) == expected


def test_keypoints_are_moved_into_the_square(tmp_path: Path) -> None:
    write_person_film(tmp_path, 80, size=64)
    (one,) = read_films(tmp_path, tmp_path / "reduced", SIZE, 0.2, 1000, no_detection, no_progress)
    expected = (moving_person(80, 64)[..., :2] + 0.5) / 2 - 0.5
    known = one.keypoints[..., 2] > 0
    np.testing.assert_allclose(one.keypoints[..., :2][known], expected[known], atol=1e-4)
    assert (one.train_stop, one.test_start, len(one.pictures)) == (39, 64, 80)
    real = picture_of(moving_person(80, 64)[70], 64).reshape(32, 2, 32, 2, 3).mean(axis=(1, 3))
    assert np.abs(one.pictures[70] - real).mean() < 6  # the film is compressed


def test_short_film_is_refused(tmp_path: Path) -> None:
    write_person_film(tmp_path, 30)
    with pytest.raises(ConfigError, match="longer film"):
        read_films(tmp_path, tmp_path / "reduced", SIZE, 0.2, 1000, no_detection, no_progress)


def test_too_many_pictures_are_refused(tmp_path: Path) -> None:
    write_person_film(tmp_path, 60)
    with pytest.raises(ConfigError, match="at most 50"):
        read_films(tmp_path, tmp_path / "reduced", SIZE, 0.2, 50, no_detection, no_progress)


def test_keypoints_of_another_film_are_refused(tmp_path: Path) -> None:
    from speech_gesture_ros.datasets.person_files import write_person

    film_path = write_person_film(tmp_path, 80)
    write_person(film_path.with_suffix(".npz"), moving_person(90), (SIZE, SIZE))
    with pytest.raises(InputError, match="another film"):
        read_films(tmp_path, tmp_path / "reduced", SIZE, 0.2, 1000, no_detection, no_progress)
    assert not list((tmp_path / "reduced").glob("*")), "no torn file"


def test_folder_without_films_is_refused(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text("model: video\nname: x\n")
    with pytest.raises(ConfigError, match="films in"):
        train(tmp_path / "c.yaml", tmp_path / "out", data=tmp_path)


@pytest.mark.parametrize("change", [{"held_out": 0.0}, {"held_out": 0.9}, {"learning_rate": 2.0}, {"model": "face"},
                                    {"start_share": 1.5}, {"steps": 0}, {"piece": SIZE + 4}, {"piece": 13}])
def test_wrong_settings_are_refused(change: dict) -> None:
    with pytest.raises(ConfigError):
        dataclasses.replace(CONFIG, **change)
