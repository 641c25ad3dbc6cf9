#include <string>
#include <tuple> // ignore

#include <gtest/gtest.h>

#include "terastal/import/onnx.hpp"

// The importer of a library that was built without ONNX; its source is compiled into this program.
namespace terastal {
namespace {

TEST(OnnxAbsent, SaysWhatToInstall) {
  EXPECT_FALSE(onnx_supported());
  try {
    std::ignore = import_onnx("any.onnx");
    FAIL() << "it should throw";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("libonnx-dev"), std::string::npos);
  }
}

} // namespace
} // namespace terastal
