// In place of the other files of the ONNX importer where the library is built without ONNX.

#include "terastal/import/onnx.hpp"

namespace terastal {
namespace {

[[noreturn]] void fail() {
  throw Error("this build of terastal does not read ONNX; install libonnx-dev and libprotobuf-dev and build it again");
}

} // namespace

bool onnx_supported() { return false; }
Import import_onnx(const std::string& /*path*/, const OnnxOptions& /*options*/) { fail(); }
Import parse_onnx(std::string_view /*bytes*/, const std::string& /*name*/, const OnnxOptions& /*options*/) { fail(); }

} // namespace terastal
