"""PyTorch operators with a layer's shape. No biases: they are no part of the multiply-accumulates that tables count."""

from __future__ import annotations

import functools

from .problems import MeasuringError
from .shapes import transposed_axis, window_axis

DTYPES = ("fp32", "tf32", "fp16", "bf16", "int8")
ELEMENT_BYTES = {"fp32": 4, "tf32": 4, "fp16": 2, "bf16": 2, "int8": 1}


class Unsupported(Exception):
    """The device or PyTorch has no such operator for this element type; the message says why."""


class FloatOperators:
    """Operators over tensors of random numbers; `build` gives a function that executes one and returns its output."""

    def __init__(self, torch, device, dtype, channels_last=False):
        self.torch = torch
        self.functional = torch.nn.functional
        self.device = device
        self.dtype = {"fp16": torch.float16, "bf16": torch.bfloat16}.get(dtype, torch.float32)
        self.channels_last = channels_last
        torch.backends.cuda.matmul.allow_tf32 = dtype == "tf32"
        torch.backends.cudnn.allow_tf32 = dtype == "tf32"

    def build(self, shape, linear=False):
        return self._linear(shape) if linear else getattr(self, f"_{shape.kind}")(shape)

    def tensor(self, *sizes):
        values = self.torch.randn(*sizes, device=self.device).to(self.dtype)
        if self.channels_last and len(sizes) == 4:
            values = values.to(memory_format=self.torch.channels_last)
        return values

    def _linear(self, shape):
        rows, weights = self.tensor(shape.n * shape.y * shape.x, shape.c), self.tensor(shape.k, shape.c)
        return lambda: self.functional.linear(rows, weights)

    def _conv(self, shape, groups=None):
        groups = groups or shape.groups
        y = window_axis(shape.y, shape.r, shape.stride_y, shape.out_y)
        x = window_axis(shape.x, shape.s, shape.stride_x, shape.out_x)
        inputs = self.tensor(shape.n, shape.c, y.size, x.size)
        weights = self.tensor(shape.output_channels, shape.c // groups, shape.r, shape.s)
        stride, padding = (shape.stride_y, shape.stride_x), (y.padding, x.padding)
        return lambda: self.functional.conv2d(inputs, weights, None, stride, padding, 1, groups)

    def _depthwise(self, shape):
        return self._conv(shape, groups=shape.c)

    def _transposed_conv(self, shape):
        y = transposed_axis(shape.y, shape.r, shape.stride_y, shape.out_y)
        x = transposed_axis(shape.x, shape.s, shape.stride_x, shape.out_x)
        inputs = self.tensor(shape.n, shape.c, y.size, x.size)
        weights = self.tensor(shape.c, shape.k // shape.groups, shape.r, shape.s)
        stride, padding = (shape.stride_y, shape.stride_x), (y.padding, x.padding)
        behind = (y.output_padding, x.output_padding)

        def run():
            full = self.functional.conv_transpose2d(inputs, weights, None, stride, padding, behind, shape.groups)
            return full[:, :, : shape.out_y, : shape.out_x] if y.crop or x.crop else full

        return run

    def _matmul(self, shape):
        batch, rows, depth = shape.n * shape.groups, shape.y * shape.x, shape.c // shape.groups
        left, right = self.tensor(batch, rows, depth), self.tensor(batch, depth, shape.k // shape.groups)
        return lambda: self.torch.bmm(left, right)

    def _pool(self, shape):
        if (shape.r, shape.s, shape.out_y, shape.out_x) == (shape.y, shape.x, 1, 1):
            inputs = self.tensor(shape.n, shape.c, shape.y, shape.x)
            return lambda: self.functional.adaptive_avg_pool2d(inputs, 1)
        y, x = pool_axes(shape)
        inputs = self.tensor(shape.n, shape.c, y.size, x.size)
        window, stride, padding = (shape.r, shape.s), (shape.stride_y, shape.stride_x), (y.padding, x.padding)
        return lambda: self.functional.max_pool2d(inputs, window, stride, padding)

    def _elementwise(self, shape):
        sizes = (shape.n, shape.k, shape.out_y, shape.out_x)
        inputs = [self.tensor(*sizes) for _ in range(shape.operands)]
        if len(inputs) == 1:
            return lambda: self.torch.relu(inputs[0])
        return lambda: functools.reduce(self.torch.add, inputs)


class Int8CudaOperators(FloatOperators):
    """What PyTorch offers on a GPU in int8: matrix products without a batch, with 32-bit sums, and activations."""

    def __init__(self, torch, device, dtype, channels_last=False):
        super().__init__(torch, device, dtype, channels_last)
        self.dtype = torch.int8

    def tensor(self, *sizes):
        return self.torch.randint(-128, 128, sizes, device=self.device, dtype=self.torch.int8)

    def _linear(self, shape):
        return self._product(shape.n * shape.y * shape.x, shape.c, shape.k)

    def _conv(self, shape, groups=None):
        raise Unsupported("PyTorch has no int8 convolution on a GPU")

    def _transposed_conv(self, shape):
        raise Unsupported("PyTorch has no int8 convolution on a GPU")

    def _matmul(self, shape):
        if shape.n * shape.groups != 1:
            raise Unsupported("PyTorch has no batched int8 matrix product")
        return self._product(shape.y * shape.x, shape.c, shape.k)

    def _product(self, rows, depth, columns):
        if not hasattr(self.torch, "_int_mm"):
            raise Unsupported("this PyTorch has no int8 matrix product (torch._int_mm)")
        # Weights stand transposed, as in a linear layer; the library underneath wants one operand in that order.
        left, right = self.tensor(rows, depth), self.tensor(columns, depth).t()
        return lambda: self.torch._int_mm(left, right)


def pool_axes(shape):
    """PyTorch pads a pool by half its window at most."""
    y = window_axis(shape.y, shape.r, shape.stride_y, shape.out_y, shape.r // 2)
    x = window_axis(shape.x, shape.s, shape.stride_x, shape.out_x, shape.s // 2)
    return y, x


def check_output(shape, output):
    """The operator must do the layer's work: as many outputs, on a map of the same size."""
    sizes = tuple(output.shape)
    as_map = len(sizes) != 4 or sizes == (shape.n, shape.output_channels, shape.out_y, shape.out_x)
    if output.numel() != shape.output_elements or not as_map:
        raise MeasuringError(f"{shape}: the operator built for it gives {sizes}; this is a fault of measure_gpu.py")


def operators(torch, device, dtype, channels_last):
    """The operators of a device (`cpu` or `cuda:0`) for an element type."""
    if dtype != "int8":
        return FloatOperators(torch, device, dtype, channels_last)
    if device.startswith("cuda"):
        return Int8CudaOperators(torch, device, dtype, channels_last)
    from .quantized import QuantizedOperators  # sets PyTorch's quantized engine

    return QuantizedOperators(torch, device, dtype, channels_last)
