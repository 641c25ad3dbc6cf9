#!/usr/bin/python3
"""Makes the ONNX models that the tests of the importer read, in tests/data/onnx.

Usage: tools/make_onnx_models.py [--check] [FOLDER]

Each model is built with zeros as weights, checked by ONNX's own checker and shape inference, and then written without
its weights: they are declared to lie in a file of their own, which does not exist, so a model takes kilobytes. Beside
each model, NAME.shapes lists the sizes of every node's first output as ONNX's inference gives them.

--check makes nothing; it fails when a file in the folder differs from what would be made.

The networks follow their papers, with the layer names of torchvision: ResNet (He et al., CVPR 2016), MobileNetV2
(Sandler et al., CVPR 2018), ViT-B/16 (Dosovitskiy et al., ICLR 2021).
"""
import pathlib
import sys

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "tests" / "data" / "onnx"


class Model:
    """A graph in the making. Values are named after the node that makes them."""

    def __init__(self, name, opset, ir_version=8):
        self.name = name
        self.opset = opset
        self.ir_version = ir_version
        self.nodes = []
        self.inputs = []
        self.outputs = []
        self.constants = []  # with their data
        self.weights = {}  # name: sizes

    def input(self, name, sizes):
        self.inputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, sizes))
        return name

    def output(self, value, sizes):
        self.outputs.append(helper.make_tensor_value_info(value, TensorProto.FLOAT, sizes))

    def weight(self, name, *sizes):
        self.weights[name] = sizes
        return name

    def integers(self, name, values):
        self.constants.append(numpy_helper.from_array(numpy.array(values, dtype=numpy.int64), name))
        return name

    def number(self, name, value):
        self.constants.append(numpy_helper.from_array(numpy.array(value, dtype=numpy.float32), name))
        return name

    def node(self, op, name, inputs, outputs=1, **attributes):
        made = [f"{name}:{i}" for i in range(outputs)]
        self.nodes.append(helper.make_node(op, inputs, made, name, **attributes))
        return made[0] if outputs == 1 else made

    # -- parts of networks

    def conv(self, name, x, channels, kernel, outputs, stride=1, groups=1, bias=False):
        inputs = [x, self.weight(name + ".weight", outputs, channels // groups, kernel, kernel)]
        if bias:
            inputs.append(self.weight(name + ".bias", outputs))
        return self.node("Conv", name, inputs, kernel_shape=[kernel] * 2, strides=[stride] * 2, group=groups,
                         pads=[kernel // 2] * 4)

    def batch_norm(self, name, x, channels):
        parts = [self.weight(f"{name}.{part}", channels) for part in ("weight", "bias", "mean", "var")]
        return self.node("BatchNormalization", name, [x, *parts])

    def linear(self, name, x, inputs, outputs):
        """On rows of any number of dimensions, as exporters write it there."""
        product = self.node("MatMul", name, [x, self.weight(name + ".weight", inputs, outputs)])
        return self.node("Add", name + ".add", [self.weight(name + ".bias", outputs), product])

    # -- results

    def build(self, with_weights):
        tensors = list(self.constants)
        for name, sizes in self.weights.items():
            tensor = numpy_helper.from_array(numpy.zeros(sizes, dtype=numpy.float32), name)
            if not with_weights:
                tensor.ClearField("raw_data")
                tensor.data_location = TensorProto.EXTERNAL
                tensor.external_data.add(key="location", value="weights.bin")
            tensors.append(tensor)
        graph = helper.make_graph(self.nodes, self.name, self.inputs, self.outputs, tensors)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", self.opset)],
                                 ir_version=self.ir_version, producer_name="make_onnx_models")

    def shapes(self):
        """Lines `NODE<tab>SIZES` by ONNX's inference; nothing for opsets that it does not know."""
        if self.opset > onnx.defs.onnx_opset_version():
            return None
        model = self.build(with_weights=True)
        onnx.checker.check_model(model)
        for value in model.graph.input:
            for size in value.type.tensor_type.shape.dim:
                if size.dim_param:
                    size.dim_value = 1
        inferred = onnx.shape_inference.infer_shapes(model, strict_mode=True, data_prop=True).graph
        sizes = {}
        for value in [*inferred.value_info, *inferred.output]:
            dims = value.type.tensor_type.shape.dim
            if all(size.HasField("dim_value") for size in dims):
                sizes[value.name] = "x".join(str(size.dim_value) for size in dims)
        return "".join(f"{n.name}\t{sizes[n.output[0]]}\n" for n in self.nodes if sizes.get(n.output[0]))


def resnet(name, blocks, bottleneck, folded):
    """folded: batch normalisation is part of the weights, as exporters leave it for inference."""
    m = Model(name, 13)

    def conv_bn(conv, norm, x, *shape, **options):
        y = m.conv(conv, x, *shape, bias=folded, **options)
        return y if folded else m.batch_norm(norm, y, shape[2])

    x = m.input("x", ["batch", 3, 224, 224])
    x = m.node("Relu", "relu", [conv_bn("conv1", "bn1", x, 3, 7, 64, stride=2)])
    x = m.node("MaxPool", "maxpool", [x], kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
    channels = 64
    for stage, count in enumerate(blocks):
        width = 64 << stage
        outputs = width * (4 if bottleneck else 1)
        for block in range(count):
            stride = 2 if stage > 0 and block == 0 else 1
            at = f"layer{stage + 1}.{block}"
            if bottleneck:
                y = m.node("Relu", at + ".relu1", [conv_bn(at + ".conv1", at + ".bn1", x, channels, 1, width)])
                y = m.node("Relu", at + ".relu2",
                           [conv_bn(at + ".conv2", at + ".bn2", y, width, 3, width, stride=stride)])
                y = conv_bn(at + ".conv3", at + ".bn3", y, width, 1, outputs)
            else:
                y = m.node("Relu", at + ".relu1",
                           [conv_bn(at + ".conv1", at + ".bn1", x, channels, 3, width, stride=stride)])
                y = conv_bn(at + ".conv2", at + ".bn2", y, width, 3, width)
            if stride > 1 or channels != outputs:
                x = conv_bn(at + ".downsample.0", at + ".downsample.1", x, channels, 1, outputs, stride=stride)
            x = m.node("Relu", at + ".relu", [m.node("Add", at + ".add", [y, x])])
            channels = outputs
    x = m.node("Flatten", "flatten", [m.node("GlobalAveragePool", "avgpool", [x])])
    x = m.node("Gemm", "fc", [x, m.weight("fc.weight", 1000, channels), m.weight("fc.bias", 1000)], transB=1)
    m.output(x, ["batch", 1000])
    return m


def mobilenet_v2():
    m = Model("mobilenet_v2", 13)
    low = m.number("low", 0.0)
    high = m.number("high", 6.0)

    def conv_bn(name, x, *shape, relu=True, **options):
        y = m.batch_norm(name + ".1", m.conv(name + ".0", x, *shape, **options), shape[2])
        return m.node("Clip", name + ".2", [y, low, high]) if relu else y

    x = conv_bn("features.0", m.input("x", [1, 3, 224, 224]), 3, 3, 32, stride=2)
    channels = 32
    index = 1
    for expansion, outputs, count, first_stride in [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2),
                                                    (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)]:
        for block in range(count):
            stride = first_stride if block == 0 else 1
            at = f"features.{index}"
            hidden = channels * expansion
            y = conv_bn(at + ".expand", x, channels, 1, hidden) if expansion > 1 else x
            y = conv_bn(at + ".depthwise", y, hidden, 3, hidden, stride=stride, groups=hidden)
            y = conv_bn(at + ".project", y, hidden, 1, outputs, relu=False)
            x = m.node("Add", at + ".add", [x, y]) if stride == 1 and channels == outputs else y
            channels = outputs
            index += 1
    x = conv_bn("features.18", x, channels, 1, 1280)
    x = m.node("ReduceMean", "mean", [x], axes=[2, 3], keepdims=0)
    x = m.node("Gemm", "classifier", [x, m.weight("classifier.weight", 1000, 1280), m.weight("classifier.bias", 1000)],
               transB=1)
    m.output(x, [1, 1000])
    return m


TOKENS, WIDTH, HEADS, HIDDEN = 197, 768, 12, 3072  # ViT-B/16


def vit_block():
    """One encoder block as exporters write it before opset 17: LayerNormalization and GELU in parts, and the sizes of
    the heads computed from the input's."""
    m = Model("vit_block", 13)
    zero, minus_one, first = m.integers("zero", 0), m.integers("minus_one", [-1]), m.integers("first", [0])
    heads, tokens = m.integers("heads", [HEADS]), m.integers("tokens", [TOKENS])
    head, two = m.integers("head", [WIDTH // HEADS]), m.number("two", 2.0)
    epsilon, root_two, one, half = (m.number(n, v) for n, v in
                                    (("epsilon", 1e-6), ("root_two", 2 ** 0.5), ("one", 1.0), ("half", 0.5)))
    parts = m.integers("parts", [WIDTH] * 3)
    width = m.integers("width", [WIDTH])

    def norm(name, x):
        d = m.node("Sub", name + ".sub", [x, m.node("ReduceMean", name, [x], axes=[-1])])
        variance = m.node("ReduceMean", name + ".variance", [m.node("Pow", name + ".pow", [d, two])], axes=[-1])
        root = m.node("Sqrt", name + ".sqrt", [m.node("Add", name + ".epsilon", [variance, epsilon])])
        y = m.node("Mul", name + ".scale",
                   [m.node("Div", name + ".div", [d, root]), m.weight(name + ".weight", WIDTH)])
        return m.node("Add", name + ".shift", [y, m.weight(name + ".bias", WIDTH)])

    def split_heads(name, x, perm):
        batch = m.node("Gather", name + ".batch", [m.node("Shape", name + ".shape", [x]), zero])
        batch = m.node("Unsqueeze", name + ".batch_1d", [batch, first])
        shape = m.node("Concat", name + ".sizes", [batch, tokens, heads, head], axis=0)
        return m.node("Transpose", name + ".heads", [m.node("Reshape", name + ".reshape", [x, shape])], perm=perm)

    x = m.input("x", ["batch", TOKENS, WIDTH])
    qkv = m.linear("qkv", norm("norm1", x), WIDTH, 3 * WIDTH)
    q, k, v = m.node("Split", "split", [qkv, parts], outputs=3, axis=2)
    q, k, v = split_heads("q", q, [0, 2, 1, 3]), split_heads("k", k, [0, 2, 3, 1]), split_heads("v", v, [0, 2, 1, 3])
    scale = m.number("scale", (WIDTH // HEADS) ** 0.5)
    scores = m.node("Div", "scaled", [m.node("MatMul", "scores", [q, k]), scale])
    y = m.node("MatMul", "context", [m.node("Softmax", "softmax", [scores], axis=3), v])
    shape = m.node("Concat", "merged", [minus_one, tokens, width], axis=0)
    y = m.node("Reshape", "merge", [m.node("Transpose", "merge.transpose", [y], perm=[0, 2, 1, 3]), shape])
    x = m.node("Add", "residual1", [m.linear("proj", y, WIDTH, WIDTH), x])
    y = m.linear("fc1", norm("norm2", x), WIDTH, HIDDEN)
    erf = m.node("Add", "gelu.add", [m.node("Erf", "gelu.erf", [m.node("Div", "gelu.div", [y, root_two])]), one])
    y = m.node("Mul", "gelu.half", [m.node("Mul", "gelu.mul", [y, erf]), half])
    x = m.node("Add", "residual2", [m.linear("fc2", y, HIDDEN, WIDTH), x])
    m.output(x, ["batch", TOKENS, WIDTH])
    return m


def vit_block_new():
    """The same block with the operators of opset 20, which ONNX 1.12 does not know."""
    m = Model("vit_block_opset20", 20, ir_version=10)
    sizes, merged = m.integers("sizes", [0, 0, HEADS, -1]), m.integers("merged", [0, 0, -1])

    def norm(name, x):
        return m.node("LayerNormalization", name,
                      [x, m.weight(name + ".weight", WIDTH), m.weight(name + ".bias", WIDTH)], axis=-1)

    x = m.input("x", ["batch", TOKENS, WIDTH])
    qkv = m.linear("qkv", norm("norm1", x), WIDTH, 3 * WIDTH)
    q, k, v = m.node("Split", "split", [qkv], outputs=3, axis=-1, num_outputs=3)
    q, k, v = (m.node("Transpose", name + ".heads", [m.node("Reshape", name + ".reshape", [y, sizes])], perm=perm)
               for name, y, perm in (("q", q, [0, 2, 1, 3]), ("k", k, [0, 2, 3, 1]), ("v", v, [0, 2, 1, 3])))
    scores = m.node("Mul", "scaled", [m.node("MatMul", "scores", [q, k]), m.number("scale", (WIDTH // HEADS) ** -0.5)])
    y = m.node("MatMul", "context", [m.node("Softmax", "softmax", [scores]), v])
    y = m.node("Reshape", "merge", [m.node("Transpose", "merge.transpose", [y], perm=[0, 2, 1, 3]), merged])
    x = m.node("Add", "residual1", [m.linear("proj", y, WIDTH, WIDTH), x])
    y = m.node("Gelu", "gelu", [m.linear("fc1", norm("norm2", x), WIDTH, HIDDEN)])
    x = m.node("Add", "residual2", [m.linear("fc2", y, HIDDEN, WIDTH), x])
    m.output(x, ["batch", TOKENS, WIDTH])
    return m


def files():
    """Contents by file name."""
    result = {}
    for model in (resnet("resnet18", [2, 2, 2, 2], bottleneck=False, folded=False),
                  resnet("resnet50", [3, 4, 6, 3], bottleneck=True, folded=True),
                  mobilenet_v2(), vit_block(), vit_block_new()):
        result[model.name + ".onnx"] = model.build(with_weights=False).SerializeToString(deterministic=True)
        shapes = model.shapes()
        if shapes:
            result[model.name + ".shapes"] = shapes.encode()
    return result


def main():
    arguments = sys.argv[1:]
    check = "--check" in arguments
    rest = [a for a in arguments if a != "--check"]
    if len(rest) > 1 or any(a.startswith("-") for a in rest):
        sys.exit(__doc__)
    folder = pathlib.Path(rest[0]) if rest else FOLDER
    different = []
    for name, content in files().items():
        path = folder / name
        if not check:
            folder.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        elif not path.is_file() or path.read_bytes() != content:
            different.append(name)
    if different:
        sys.exit(f"differ from what {pathlib.Path(__file__).name} makes: {', '.join(different)}")


if __name__ == "__main__":
    main()
