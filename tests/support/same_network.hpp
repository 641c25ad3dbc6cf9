#pragma once

#include <gtest/gtest.h>

#include <string>

#include "terastal/model/network.hpp"

namespace terastal::testing {

/// Expects two networks to be equal in everything a user can see.
inline void expect_same_network(const Network& a, const Network& b) {
  EXPECT_EQ(a.name, b.name);
  EXPECT_EQ(a.description, b.description);
  EXPECT_EQ(a.source, b.source);
  EXPECT_EQ(a.type_count, b.type_count);
  EXPECT_EQ(a.chain, b.chain);
  EXPECT_EQ(a.variant_names, b.variant_names);
  EXPECT_EQ(a.latency, b.latency);
  EXPECT_EQ(a.energy_nj, b.energy_nj);
  EXPECT_EQ(a.percentiles, b.percentiles);
  EXPECT_EQ(a.samples.ids, b.samples.ids);
  EXPECT_EQ(a.samples.latency, b.samples.latency);
  EXPECT_EQ(a.samples.sparsity, b.samples.sparsity);
  EXPECT_EQ(a.group_latency, b.group_latency);
  EXPECT_EQ(a.fusion_parts, b.fusion_parts);
  EXPECT_EQ(a.traffic_bytes, b.traffic_bytes);
  EXPECT_EQ(a.accuracy.rule(), b.accuracy.rule());
  EXPECT_EQ(a.accuracy.metric(), b.accuracy.metric());
  EXPECT_EQ(a.accuracy.baseline(), b.accuracy.baseline());
  EXPECT_EQ(a.accuracy.sets(), b.accuracy.sets());
  EXPECT_EQ(a.accuracy.costs(), b.accuracy.costs());
  ASSERT_EQ(a.layers.size(), b.layers.size());
  for (std::size_t l = 0; l < a.layers.size(); ++l) {
    const Layer& x = a.layers[l];
    const Layer& y = b.layers[l];
    EXPECT_EQ(x.name, y.name);
    EXPECT_EQ(x.op, y.op) << x.name;
    EXPECT_EQ(x.macs, y.macs) << x.name;
    EXPECT_EQ(x.output_bytes, y.output_bytes) << x.name;
    EXPECT_EQ(x.block, y.block) << x.name;
    EXPECT_EQ(x.predecessors, y.predecessors) << x.name;
    EXPECT_EQ(x.successors, y.successors) << x.name;
    EXPECT_EQ(x.first_option, y.first_option) << x.name;
    EXPECT_EQ(x.option_count, y.option_count) << x.name;
  }
  ASSERT_EQ(a.options.size(), b.options.size());
  for (std::size_t o = 0; o < a.options.size(); ++o) {
    EXPECT_EQ(a.options[o].name, b.options[o].name);
    EXPECT_EQ(a.options[o].variants, b.options[o].variants);
    EXPECT_EQ(a.options[o].gamma, b.options[o].gamma);
    EXPECT_EQ(a.options[o].shape, b.options[o].shape) << o;
  }
}

} // namespace terastal::testing
