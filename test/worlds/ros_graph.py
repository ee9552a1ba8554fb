"""A ROS domain for one test, its nodes, and an executor that spins until something has happened."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

FIRST_PORT = 21000  # a socket bound to FIRST_PORT + domain reserves the domain for a test
FIRST_DISCOVERY_PORT, PORTS_PER_DOMAIN = 7410, 250  # of the first participant of a domain (RTPS 2.5, 9.6.1.1)
DOMAINS = range(1, 100)
TIMEOUT_S = 60.0  # wall time; many times what a quiet machine needs


@contextmanager
def free_domain() -> Iterator[int]:
    """Reserve a ROS domain that no other process on this machine uses.

    Raises:
        RuntimeError: If all domains are taken.
    """
    for domain in np.random.default_rng().permutation(DOMAINS).tolist():
        lock = _bound_socket(socket.SOCK_STREAM, FIRST_PORT + domain)
        discovery = _bound_socket(socket.SOCK_DGRAM, FIRST_DISCOVERY_PORT + PORTS_PER_DOMAIN * domain)
        if discovery is not None:
            discovery.close()  # it is free: DDS may use it
        if lock is not None and discovery is not None:
            try:
                yield domain
            finally:
                lock.close()
            return
        if lock is not None:
            lock.close()
    raise RuntimeError("all ROS domains are taken")


def _bound_socket(kind: socket.SocketKind, port: int) -> socket.socket | None:
    """Return a socket bound to a port; None if the port is in use."""
    bound = socket.socket(type=kind)
    try:
        bound.bind(("", port))
    except OSError:
        bound.close()
        return None
    return bound


# Fast DDS 3.2 can end a process with a segmentation fault: when it destroys a participant whose peer over shared memory
# was killed, SharedMemChannelResource::release locks a mutex that is no longer mapped (2 of 113 tries).
LOOPBACK_PROFILE = """<?xml version="1.0" encoding="UTF-8" ?>
<dds xmlns="http://www.eprosima.com"><profiles>
  <transport_descriptors><transport_descriptor>
    <transport_id>loopback</transport_id><type>UDPv4</type>
    <interfaceWhiteList><address>127.0.0.1</address></interfaceWhiteList>
  </transport_descriptor></transport_descriptors>
  <participant profile_name="loopback" is_default_profile="true"><rtps>
    <useBuiltinTransports>false</useBuiltinTransports>
    <userTransports><transport_id>loopback</transport_id></userTransports>
  </rtps></participant>
</profiles></dds>
"""


def without_shared_memory(folder: Path) -> dict[str, str]:
    """Return an environment in which Fast DDS uses UDP on the loopback interface, for tests that kill processes."""
    path = folder / "loopback.xml"
    path.write_text(LOOPBACK_PROFILE)
    return {"FASTDDS_DEFAULT_PROFILES_FILE": str(path), "ROS_AUTOMATIC_DISCOVERY_RANGE": "SYSTEM_DEFAULT"}


class Graph:
    """Nodes of a test and one executor."""

    def __init__(self) -> None:
        from rclpy.executors import SingleThreadedExecutor

        self.executor = SingleThreadedExecutor()
        self.nodes: list[Any] = []

    def add(self, node: Any) -> Any:
        """Add a node to the executor."""
        self.nodes.append(node)
        self.executor.add_node(node)
        return node

    def until(self, is_done: Callable[[], object], timeout_s: float = TIMEOUT_S, what: str = "") -> None:
        """Spin until a condition is met; fail, naming it, if it is not met in time."""
        end = time.monotonic() + timeout_s
        while not is_done():
            assert time.monotonic() < end, f"waited {timeout_s} s in vain for {what or is_done}"
            self.executor.spin_once(timeout_sec=0.05)

    def spin(self, seconds: float) -> None:
        """Spin for some wall time."""
        end = time.monotonic() + seconds
        while (left_s := end - time.monotonic()) > 0:
            self.executor.spin_once(timeout_sec=min(left_s, 0.05))

    def spin_idle(self, idle_s: float = 0.0005) -> None:
        """Spin until no callback has been ready for a while."""
        idle = 0
        while idle < 2:  # a callback may take as long as the wait
            begin = time.perf_counter()
            self.executor.spin_once(timeout_sec=idle_s)
            idle = idle + 1 if time.perf_counter() - begin >= idle_s else 0

    def call(self, client: Any, request: Any) -> Any:
        """Call a service and return its response."""
        self.until(client.service_is_ready, what=client.srv_name)
        future = client.call_async(request)
        self.until(future.done, what=f"a response of {client.srv_name}")
        return future.result()

    def close(self) -> None:
        """Close and destroy all nodes."""
        for node in self.nodes:
            if hasattr(node, "close"):
                node.close()
        self.executor.shutdown()  # before the nodes are destroyed, or rclpy crashes
        for node in self.nodes:
            node.destroy_node()


@contextmanager
def running_clock(advance: Callable[[], None], period_s: float) -> Iterator[None]:
    """Advance a counted clock with wall time, for calls that wait for it."""
    is_over = threading.Event()

    def run() -> None:
        while not is_over.wait(period_s):
            advance()

    thread = threading.Thread(target=run, name="clock")
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


def poll(is_done: Callable[[], object], what: str) -> None:
    """Wait for something that a thread or process does by itself; fail, naming it, if it does not happen in time."""
    end = time.monotonic() + TIMEOUT_S
    while not is_done():
        assert time.monotonic() < end, f"waited {TIMEOUT_S} s in vain for {what}"
        time.sleep(0.005)
