"""A recording that survives being killed: a journal while it runs, an MCAP bag when it ends.

    append ──► <path>.journal, flushed message by message ──close──► <path>/<name>.mcap and metadata.yaml

An MCAP file is only whole once its index is written at the end, so a recorder that is killed would leave nothing. The
journal can be cut anywhere: whoever opens it again drops the piece of a record at its end and goes on, so a recorder
that is started anew with the same path resumes, and `finish` makes a bag of what is there.

Journal: magic, then records ``time_ns u64 | topic u16 | length u32 | data``. Topic 0 defines one: data is JSON.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from speech_gesture_ros.core.errors import ConfigError, MissingDependencyError

MAGIC = b"SGRJ0001"
RECORD = struct.Struct("<QHI")
DEFINITION = 0


class Bag:
    """A recording in progress; messages are CDR bytes as they came over DDS.

    Args:
        path: Folder of the bag to be; must not exist. A journal left beside it is gone on with.

    Raises:
        ConfigError: If the folder exists, or the journal is none.
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
        """Whether messages of a type can be written."""
        return message_type in self._typestore.types

    def append(self, topic: str, message_type: str, time_ns: int, data: bytes) -> None:
        """Write one message; it is safe when this returns, whatever becomes of this process."""
        key = (topic, message_type)
        if key not in self._topics:
            self._topics[key] = len(self._topics) + 1
            definition = {"id": self._topics[key], "topic": topic, "type": message_type}
            self._write(time_ns, DEFINITION, json.dumps(definition).encode())
        self._write(time_ns, self._topics[key], data)
        self._file.flush()

    def close(self) -> None:
        """Make the bag and remove the journal."""
        self._file.close()
        finish(self.path)

    def _write(self, time_ns: int, topic: int, data: bytes) -> None:
        self._file.write(RECORD.pack(time_ns, topic, len(data)) + data)

    def _open(self) -> BinaryIO:
        self.journal.parent.mkdir(parents=True, exist_ok=True)
        if not self.journal.exists():
            self.journal.write_bytes(MAGIC)
        whole = len(MAGIC)
        for _, topic, data in _records(self.journal):
            whole += RECORD.size + len(data)
            if topic == DEFINITION:
                definition = json.loads(data)
                self._topics[definition["topic"], definition["type"]] = definition["id"]
        file: BinaryIO = self.journal.open("r+b")
        file.truncate(whole)
        file.seek(whole)
        return file


def journal_of(path: Path) -> Path:
    """Where the journal of a bag lies."""
    return path.with_name(f"{path.name}.journal")


def finish(path: Path) -> bool:
    """Make the bag of a journal, also of one whose recorder was killed; False if there is none."""
    journal = journal_of(path)
    if not journal.exists():
        return False
    from rosbags.rosbag2 import StoragePlugin, Writer

    typestore = _typestore()
    connections: dict[int, Any] = {}
    with Writer(path, version=9, storage_plugin=StoragePlugin.MCAP) as writer:
        for time_ns, topic, data in _records(journal):
            if topic == DEFINITION:
                definition = json.loads(data)
                connections[definition["id"]] = writer.add_connection(
                    definition["topic"], definition["type"], typestore=typestore)
            else:
                writer.write(connections[topic], time_ns, data)
    journal.unlink()
    return True


def _records(journal: Path) -> Iterator[tuple[int, int, bytes]]:
    """Whole records: time [ns], topic id, data."""
    with journal.open("rb") as file:
        if file.read(len(MAGIC)) != MAGIC:
            raise ConfigError("journal", str(journal), "a journal of this package", "Move it away.")
        while len(head := file.read(RECORD.size)) == RECORD.size:
            time_ns, topic, length = RECORD.unpack(head)
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
