"""Recording that survives SIGKILL: a journal while it runs, an MCAP bag when it ends.

    append ──► <path>.journal, flushed message by message ──close──► <path>/<name>.mcap and metadata.yaml

An MCAP file can be read only once its index is written at the end, so a killed recorder would leave nothing. The
journal may be cut anywhere: an incomplete record at its end is dropped when it is opened again. A recorder that is
started with the same path resumes, and `finish` makes a bag of the records in the journal.

Journal: magic number, then records ``time_ns u64 | topic u16 | length u32 | data``. A record of topic 0 defines a
topic by JSON.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from speech_gesture_ros.core.errors import ConfigError, MissingDependencyError

JOURNAL_MAGIC = b"SGRJ0001"
RECORD_HEAD = struct.Struct("<QHI")
DEFINITION_TOPIC = 0


class Bag:
    """Recording in progress; messages are CDR bytes as received over DDS.

    Args:
        path: Folder of the bag; must not exist. A journal beside it is continued.

    Raises:
        ConfigError: If the folder exists, or the journal is of another kind.
        MissingDependencyError: If rosbags is not installed.
    """

    def __init__(self, path: Path) -> None:
        if path.exists():
            raise ConfigError("bag folder", str(path), "a path that does not exist yet", "Move it, or choose another.")
        self._typestore = _typestore()
        self.path = path
        self.journal = journal_of(path)
        self._topics: dict[tuple[str, str], int] = {}
        self._file = self._open()

    def can_hold(self, message_type: str) -> bool:
        """Return whether messages of a type can be written."""
        return message_type in self._typestore.types

    def append(self, topic: str, message_type: str, time_ns: int, data: bytes) -> None:
        """Write one message; once this returns it survives the end of the process."""
        key = (topic, message_type)
        if key not in self._topics:
            self._topics[key] = len(self._topics) + 1
            definition = {"id": self._topics[key], "topic": topic, "type": message_type}
            self._write(time_ns, DEFINITION_TOPIC, json.dumps(definition).encode())
        self._write(time_ns, self._topics[key], data)
        self._file.flush()

    def close(self) -> None:
        """Convert the journal to a bag and remove it."""
        self._file.close()
        finish(self.path)

    def _write(self, time_ns: int, topic: int, data: bytes) -> None:
        self._file.write(RECORD_HEAD.pack(time_ns, topic, len(data)) + data)

    def _open(self) -> BinaryIO:
        self.journal.parent.mkdir(parents=True, exist_ok=True)
        if not self.journal.exists():
            self.journal.write_bytes(JOURNAL_MAGIC)
        complete = len(JOURNAL_MAGIC)  # bytes
        for _, topic, data in _records(self.journal):
            complete += RECORD_HEAD.size + len(data)
            if topic == DEFINITION_TOPIC:
                definition = json.loads(data)
                self._topics[definition["topic"], definition["type"]] = definition["id"]
        file: BinaryIO = self.journal.open("r+b")
        file.truncate(complete)
        file.seek(complete)
        return file


def journal_of(path: Path) -> Path:
    """Return the path of a bag's journal."""
    return path.with_name(f"{path.name}.journal")


def finish(path: Path) -> bool:
    """Convert the journal of a bag, also of a recorder that was killed; return False if there is none."""
    journal = journal_of(path)
    if not journal.exists():
        return False
    from rosbags.rosbag2 import StoragePlugin, Writer

    typestore = _typestore()
    connections: dict[int, Any] = {}
    with Writer(path, version=9, storage_plugin=StoragePlugin.MCAP) as writer:
        for time_ns, topic, data in _records(journal):
            if topic == DEFINITION_TOPIC:
                definition = json.loads(data)
                connections[definition["id"]] = writer.add_connection(
                    definition["topic"], definition["type"], typestore=typestore)
            else:
                writer.write(connections[topic], time_ns, data)
    journal.unlink()
    return True


def _records(journal: Path) -> Iterator[tuple[int, int, bytes]]:
    """Yield the complete records: time [ns], topic id, data."""
    with journal.open("rb") as file:
        if file.read(len(JOURNAL_MAGIC)) != JOURNAL_MAGIC:
            raise ConfigError("journal", str(journal), "a journal of this package", "Move it away.")
        while len(head := file.read(RECORD_HEAD.size)) == RECORD_HEAD.size:
            time_ns, topic, length = RECORD_HEAD.unpack(head)
            data = file.read(length)
            if len(data) < length:
                return
            yield time_ns, topic, data


def _typestore() -> Any:
    try:
        from rosbags.typesys import Stores, get_typestore
    except ImportError as error:
        raise MissingDependencyError("rosbags", "Recording", "pip install 'speech_gesture_ros[sim]'") from error
    return get_typestore(Stores.LATEST)
