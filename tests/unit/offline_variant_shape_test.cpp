#include "terastal/offline/variant_shape.hpp"

#include <gtest/gtest.h>

#include "support/design_network.hpp"

namespace terastal {
namespace {

using testing::conv_of;

TEST(VariantShape, ChannelsShrinkAndTheMapGrows) {
  LayerShape s = conv_of(36, 72, 3, 10);
  s.stride_y = 2;
  s.out_y = 5;
  const LayerShape form = gamma_shape(s, 3);
  EXPECT_EQ(form.c, 4U);
  EXPECT_EQ(form.k, 8U);
  EXPECT_EQ(form.y, 30U);
  EXPECT_EQ(form.x, 30U);
  EXPECT_EQ(form.out_y, 15U);
  EXPECT_EQ(form.out_x, 30U);
  EXPECT_EQ(form.r, 3U);
  EXPECT_EQ(form.stride_y, 2U);
  EXPECT_EQ(form.weight_elements() * 81, s.weight_elements());
  EXPECT_EQ(form.macs() * 9, s.macs());
}

TEST(VariantShape, SaysWhyThereIsNoForm) {
  EXPECT_EQ(gamma_problem(conv_of(36, 72, 3, 10), 3), "");
  EXPECT_EQ(gamma_problem(conv_of(36, 72, 3, 10), 4), "γ² = 16 does not divide C = 36 and K = 72");
  EXPECT_EQ(gamma_problem(conv_of(36, 72, 3, 10), 1), "γ must be at least 2");
  LayerShape depthwise = conv_of(64, 1, 3, 8);
  depthwise.kind = OperatorKind::depthwise;
  EXPECT_EQ(gamma_problem(depthwise, 2), "not a convolution or linear layer (depthwise)");
  LayerShape grouped = conv_of(16, 16, 1, 4);
  grouped.groups = 4;
  EXPECT_EQ(gamma_problem(grouped, 2), "");
  EXPECT_EQ(gamma_problem(grouped, 4), "γ² = 16 does not divide C = 16 and K = 16 in 4 groups");
}

TEST(VariantShape, PaddingGrowsToTheNextMultiple) {
  const LayerShape s = conv_of(3, 70, 3, 4);
  EXPECT_NE(gamma_problem(s, 2), "");
  EXPECT_EQ(gamma_problem(s, 2, ChannelPadding::next_multiple), "");
  const LayerShape form = gamma_shape(s, 2);
  EXPECT_EQ(form.c, 1U);  // 4 / 4
  EXPECT_EQ(form.k, 18U); // 72 / 4
}

TEST(VariantShape, LargestGammaWorthATry) {
  EXPECT_EQ(largest_gamma(conv_of(64, 256, 1, 8)), 8U);
  EXPECT_EQ(largest_gamma(conv_of(3, 256, 1, 8)), 1U);
  EXPECT_EQ(largest_gamma(conv_of(3, 255, 1, 8), ChannelPadding::next_multiple), 16U);
  LayerShape pool = conv_of(64, 64, 1, 8);
  pool.kind = OperatorKind::pool;
  EXPECT_EQ(largest_gamma(pool), 0U);
}

} // namespace
} // namespace terastal
