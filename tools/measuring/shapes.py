"""Shapes of layers, as LayerShape in include/terastal/model/shape.hpp has them, and the padding that follows."""

from __future__ import annotations

import dataclasses

KINDS = ("conv", "depthwise", "transposed_conv", "matmul", "pool", "elementwise")
# Spellings besides the names above, in lower case. `linear` and `gemm` are convolutions of size 1×1 to the simulator.
SPELLINGS = {
    "linear": "conv", "gemm": "conv", "dsconv": "depthwise", "dwconv": "depthwise", "trconv": "transposed_conv",
}
LARGEST_DIMENSION = 2**31

# Columns of a table, in the order they are written: letter, field, whether it must be given.
COLUMNS = (
    ("N", "n", False), ("K", "k", True), ("C", "c", True), ("R", "r", False), ("S", "s", False), ("Y", "y", True),
    ("X", "x", True), ("stride_y", "stride_y", False), ("stride_x", "stride_x", False), ("out_y", "out_y", False),
    ("out_x", "out_x", False), ("groups", "groups", False), ("operands", "operands", False),
)


@dataclasses.dataclass(frozen=True)
class Shape:
    """Dimensions of one layer in elements; all at least 1. `k` of a depthwise layer counts outputs per channel."""

    kind: str
    n: int = 1
    k: int = 1
    c: int = 1
    r: int = 1
    s: int = 1
    y: int = 1
    x: int = 1
    stride_y: int = 1
    stride_x: int = 1
    out_y: int = 1
    out_x: int = 1
    groups: int = 1
    operands: int = 1

    @property
    def output_channels(self):
        return self.c * self.k if self.kind == "depthwise" else self.k

    @property
    def output_elements(self):
        return self.n * self.output_channels * self.out_y * self.out_x

    @property
    def macs(self):
        """LayerShape::macs: multiply-accumulates; for pool and elementwise the operations."""
        window = self.r * self.s
        if self.kind == "elementwise":
            return self.operands * self.output_elements
        if self.kind == "transposed_conv":
            return self.n * self.k * (self.c // self.groups) * window * self.y * self.x
        if self.kind in ("depthwise", "pool"):
            return self.output_elements * window
        return self.output_elements * (self.c // self.groups) * window

    def batched(self, factor):
        return dataclasses.replace(self, n=self.n * factor)

    def __str__(self):
        text = f"{self.kind} N{self.n} K{self.k} C{self.c} {self.r}x{self.s}"
        text += f" {self.y}x{self.x}->{self.out_y}x{self.out_x}"
        if self.groups > 1:
            text += f" groups {self.groups}"
        return text + (f" operands {self.operands}" if self.kind == "elementwise" else "")


def operator_kind(text):
    lower = text.lower()
    return lower if lower in KINDS else SPELLINGS.get(lower)


def is_linear(shape, op):
    """Whether a convolution is run as a matrix product with stored weights: those that are called linear, and 1×1
    convolutions over one column of rows, which is how shape lists write linear layers (our reading)."""
    plain = shape.kind == "conv" and (shape.r, shape.s, shape.stride_y, shape.stride_x, shape.groups) == (1, 1, 1, 1, 1)
    if not plain or (shape.out_y, shape.out_x) != (shape.y, shape.x):
        return False
    return shape.x == 1 or op.lower() in ("linear", "gemm")


def completed(kind, given):
    """A shape from the dimensions that a file gives; the output size defaults to the loader's."""
    values = {field: given.get(letter, 1) for letter, field, _ in COLUMNS}
    for out, size, stride in (("out_y", "y", "stride_y"), ("out_x", "x", "stride_x")):
        if out in given:
            continue
        rounded_up = -(-values[size] // values[stride])
        values[out] = values[size] * values[stride] if kind == "transposed_conv" else rounded_up
    return Shape(kind, **values)


def problem(shape):
    """Why no operator has this shape; empty when one has."""
    if shape.c % shape.groups or shape.k % shape.groups:
        return f"groups ({shape.groups}) must divide C ({shape.c}) and K ({shape.k})"
    if shape.kind == "pool" and shape.k != shape.c:
        return f"a pool has as many output as input channels: K ({shape.k}) must equal C ({shape.c})"
    if shape.kind == "matmul" and (shape.r, shape.s, shape.stride_y, shape.stride_x) != (1, 1, 1, 1):
        return "a matmul has R, S and strides of 1"
    if shape.kind == "matmul" and (shape.out_y, shape.out_x) != (shape.y, shape.x):
        return "a matmul has as many output as input rows: out_y and out_x must equal Y and X"
    if shape.kind == "transposed_conv":
        for name, size, kernel, stride, out in (
            ("out_y", shape.y, shape.r, shape.stride_y, shape.out_y),
            ("out_x", shape.x, shape.s, shape.stride_x, shape.out_x),
        ):
            most = (size - 1) * stride + kernel + stride - 1
            if out > most:
                return f"{name} ({out}) is more than a transposed convolution of this kernel and stride gives ({most})"
    return ""


@dataclasses.dataclass(frozen=True)
class Axis:
    """How an operator gets the wanted output size along one axis."""

    size: int  # elements of the input tensor; differs from the layer's where the operator cannot pad or crop itself
    padding: int = 0  # the operator's, on both sides
    output_padding: int = 0  # transposed convolution: outputs added behind
    crop: int = 0  # transposed convolution: outputs cut off behind


def window_axis(size, kernel, stride, out, most_padding=None):
    """Axis of a convolution or pool. Padding is symmetric where that gives the size; what is left over is part of the
    input tensor. Inputs that no output reads (no padding could make them read) are left out of it."""
    read = (out - 1) * stride + kernel
    missing = read - size
    if missing <= 0:
        return Axis(size if -missing < stride else read)
    limit = missing if most_padding is None else most_padding
    half = -(-missing // 2)
    if half <= limit and (size + 2 * half - kernel) // stride + 1 == out:
        return Axis(size, half)
    half = min(missing // 2, limit)
    return Axis(size + missing - 2 * half, half)


def transposed_axis(size, kernel, stride, out):
    """Axis of a transposed convolution: out = (size − 1)·stride + kernel − 2·padding + output_padding − crop."""
    surplus = (size - 1) * stride + kernel - out
    if surplus < 0:
        return Axis(size, 0, -surplus)
    if surplus % 2 == 0:
        return Axis(size, surplus // 2)
    if stride > 1:
        return Axis(size, (surplus + 1) // 2, 1)
    return Axis(size, surplus // 2, crop=1)
