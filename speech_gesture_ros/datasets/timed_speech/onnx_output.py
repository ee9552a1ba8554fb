"""An inner tensor of an ONNX model made one of its outputs, without the ONNX library."""

from __future__ import annotations


def with_output(model: bytes, tensor: str) -> bytes:
    """Return an ONNX model with a float tensor of its graph as one more output.

    Two messages of a protocol buffer that follow one another are merged, so appending one field is enough:
    ModelProto.graph (7) . output (12) . name (1), type (2) . tensor_type (1) . elem_type (1) = FLOAT (1).
    """
    name = tensor.encode()
    output = b"\x0a" + bytes([len(name)]) + name + b"\x12\x04\x0a\x02\x08\x01"
    graph = b"\x62" + bytes([len(output)]) + output
    return model + b"\x3a" + bytes([len(graph)]) + graph
