"""PyTorch's quantized int8 operators on a CPU: 8-bit inputs, weights and outputs with one scale for a tensor."""

from __future__ import annotations

from .operators import FloatOperators, Unsupported
from .shapes import transposed_axis, window_axis

SCALE, ZERO = 0.05, 64  # of all tensors; values do not change the time
ENGINES = ("x86", "fbgemm", "onednn", "qnnpack")  # by preference


class QuantizedOperators(FloatOperators):
    def __init__(self, torch, device, dtype, channels_last=False):
        super().__init__(torch, device, dtype, channels_last)
        supported = torch.backends.quantized.supported_engines
        engine = next((name for name in ENGINES if name in supported), None)
        if engine is None:
            raise Unsupported("this PyTorch has no quantized engine")
        torch.backends.quantized.engine = engine
        self.engine = engine

    def tensor(self, *sizes):
        return self.torch.quantize_per_tensor(super().tensor(*sizes), SCALE, ZERO, self.torch.quint8)

    def weights(self, *sizes):
        return self.torch.quantize_per_tensor(self.torch.randn(*sizes), SCALE, 0, self.torch.qint8)

    def _linear(self, shape):
        rows = self.tensor(shape.n * shape.y * shape.x, shape.c)
        packed = self.torch.ops.quantized.linear_prepack(self.weights(shape.k, shape.c), None)
        return lambda: self.torch.ops.quantized.linear(rows, packed, SCALE, ZERO)

    def _conv(self, shape, groups=None):
        groups = groups or shape.groups
        y = window_axis(shape.y, shape.r, shape.stride_y, shape.out_y)
        x = window_axis(shape.x, shape.s, shape.stride_x, shape.out_x)
        inputs = self.tensor(shape.n, shape.c, y.size, x.size)
        weights = self.weights(shape.output_channels, shape.c // groups, shape.r, shape.s)
        stride, padding = [shape.stride_y, shape.stride_x], [y.padding, x.padding]
        packed = self.torch.ops.quantized.conv2d_prepack(weights, None, stride, padding, [1, 1], groups)
        return lambda: self.torch.ops.quantized.conv2d(inputs, packed, SCALE, ZERO)

    def _transposed_conv(self, shape):
        y = transposed_axis(shape.y, shape.r, shape.stride_y, shape.out_y)
        x = transposed_axis(shape.x, shape.s, shape.stride_x, shape.out_x)
        if y.crop or x.crop:
            raise Unsupported("a quantized transposed convolution cannot be cropped")
        inputs = self.tensor(shape.n, shape.c, y.size, x.size)
        weights = self.weights(shape.c, shape.k // shape.groups, shape.r, shape.s)
        packed = self.torch.ops.quantized.conv_transpose2d_prepack(
            weights, None, [shape.stride_y, shape.stride_x], [y.padding, x.padding],
            [y.output_padding, x.output_padding], [1, 1], shape.groups)
        return lambda: self.torch.ops.quantized.conv_transpose2d(inputs, packed, SCALE, ZERO)

    def _matmul(self, shape):
        raise Unsupported("PyTorch has no quantized product of two activations on a CPU")

    def _elementwise(self, shape):
        if shape.operands < 3:
            inputs = [self.tensor(shape.n, shape.k, shape.out_y, shape.out_x) for _ in range(shape.operands)]
        if shape.operands == 1:
            return lambda: self.torch.relu(inputs[0])
        if shape.operands == 2:
            return lambda: self.torch.ops.quantized.add(inputs[0], inputs[1], SCALE, ZERO)
        raise Unsupported("a quantized sum has two operands")
