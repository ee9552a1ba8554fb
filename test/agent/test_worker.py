"""The worker thread, its queue and its ticks."""

from __future__ import annotations

import threading

import pytest

from speech_gesture_ros.agent.worker import Worker

TIMEOUT_S = 10.0


@pytest.fixture
def workers():
    made: list[Worker] = []

    def make(tick=lambda: None, **arguments):
        made.append(Worker(tick, **arguments))
        return made[-1]

    yield make
    for worker in made:
        worker.stop()


def test_everything_happens_on_one_other_thread(workers):
    threads = set()
    ticked = threading.Event()

    def tick():
        threads.add(threading.get_ident())
        ticked.set()

    worker = workers(tick)
    worker.begin_ticking()
    threads.add(worker.call(threading.get_ident))
    assert ticked.wait(TIMEOUT_S)
    assert len(threads) == 1
    assert threading.get_ident() not in threads


def test_tasks_run_in_order_and_each_is_followed_by_a_tick(workers):
    seen: list[object] = []
    worker = workers(lambda: seen.append("tick"), period_s=100.0)
    worker.call(lambda: None)
    worker.begin_ticking()
    for number in range(3):
        worker.submit(lambda number=number: seen.append(number))
    worker.call(lambda: None)
    assert [s for s in seen if s != "tick"] == [0, 1, 2]
    assert seen[seen.index(0) + 1] == "tick"


def test_tasks_that_do_not_fit_are_counted(workers):
    release = threading.Event()
    worker = workers(capacity=2)
    started = threading.Event()
    worker.submit(lambda: (started.set(), release.wait(TIMEOUT_S)))
    assert started.wait(TIMEOUT_S)
    assert [worker.submit(lambda: None) for _ in range(5)] == [True, True, False, False, False]
    assert worker.overflows == 3
    release.set()


def test_a_call_returns_the_result_of_its_task_or_raises_its_error(workers):
    worker = workers()
    assert worker.call(lambda: 42) == 42
    with pytest.raises(ValueError, match="no good"):
        worker.call(lambda: (_ for _ in ()).throw(ValueError("no good")))
    assert worker.call(lambda: "still running") == "still running"


def test_a_failing_task_stops_the_worker_and_is_kept(workers, caplog):
    worker = workers()

    def fail():
        raise OSError("the model is gone")

    worker.submit(fail)
    worker.join(TIMEOUT_S)
    assert str(worker.failure) == "the model is gone"
    assert "brakes to rest" in caplog.text
    with pytest.raises(RuntimeError, match="has stopped"):
        worker.call(lambda: None)


def test_there_are_no_ticks_before_they_begin(workers):
    ticks: list[int] = []
    worker = workers(lambda: ticks.append(1), period_s=0.001)
    for _ in range(5):
        worker.call(lambda: None)
    assert not ticks
