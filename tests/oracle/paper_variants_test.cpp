// The layer variants that the authors of Terastal published (workloads/networks/*_variants.csv), against what the
// design rule finds from shapes and the cost model alone.
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "terastal/cost/models.hpp"
#include "terastal/io/load.hpp"
#include "terastal/offline/accuracy_fit.hpp"
#include "terastal/offline/designed_network.hpp"
#include "terastal/offline/variant_design.hpp"

namespace terastal {
namespace {

const std::string kSource = TERASTAL_SOURCE_DIR;
const std::vector<std::string> kNetworks = {"vgg11",           "resnet50", "inceptionv3",
                                            "mobilenetv2_ssd", "sp2dense", "swin_tiny"};

/// A published variant: layer, γ, shape, and its latencies in the table.
struct Published {
  LayerIndex layer = 0;
  Option option;
  std::vector<Duration> latency;
};

/// A network without its variants, and these.
struct Subject {
  Network network; ///< nothing but layers: what is designed comes from the cost models
  std::vector<Published> published;
  AccuracyModel accuracy;
};

Platform platform_named(const std::string& name) {
  return load_platform(kSource + "/configs/platforms/" + name + ".yaml");
}

Subject subject_named(const std::string& name, const Platform& platform) {
  const Network network = load_network(kSource + "/workloads/networks/" + name + ".yaml", platform);
  Subject subject;
  subject.accuracy = network.accuracy;
  for (LayerIndex l = 0; l < network.layers.size(); ++l) {
    const Layer& layer = network.layers[l];
    for (OptionIndex o = layer.first_option + 1; o < layer.first_option + layer.option_count; ++o) {
      Published published{l, network.options[o], {}};
      for (TypeIndex t = 0; t < network.type_count; ++t) published.latency.push_back(network.latency_of(o, t));
      subject.published.push_back(std::move(published));
    }
  }
  subject.network = designed_network(network, {}, {});
  return subject;
}

/// The rule of the paper as we read it: variants for the output-stationary arrays, ranked by the gap to the
/// weight-stationary one, as many as were published.
NetworkDesign design_as_published(const Subject& subject, const Platform& platform) {
  DesignRules rules;
  rules.slow = 1;
  rules.most_variants = subject.published.size();
  return design_variants(subject.network, make_cost_models(platform, builtin_cost_models()), rules);
}

const VariantCandidate& candidate_of(const NetworkDesign& design, LayerIndex layer) {
  return *std::find_if(design.candidates.begin(), design.candidates.end(),
                       [&](const VariantCandidate& c) { return c.layer == layer; });
}

std::size_t found_on(const std::string& platform_name) {
  const Platform platform = platform_named(platform_name);
  std::size_t found = 0;
  std::size_t all = 0;
  for (const std::string& name : kNetworks) {
    const Subject subject = subject_named(name, platform);
    const NetworkDesign design = design_as_published(subject, platform);
    for (const Published& p : subject.published) {
      const VariantCandidate& c = candidate_of(design, p.layer);
      if (c.chosen && c.gamma == p.option.gamma) ++found;
      ++all;
    }
  }
  EXPECT_EQ(all, 26U);
  return found;
}

TEST(PaperVariants, TheRuleFindsThemOn6K) { EXPECT_GE(found_on("terastal_6k"), 21U); }

/// With half the processing elements every layer is slower on the output-stationary arrays, large maps too. The counts
/// of both platforms, and each miss, are shown in docs/variant_design.md.
TEST(PaperVariants, TheRuleFindsFewerOn4K) {
  const std::size_t found = found_on("terastal_4k");
  EXPECT_GE(found, 17U);
  EXPECT_LT(found, found_on("terastal_6k"));
}

/// Whatever its rank: asked for a published layer, the rule gives the published γ, shape and latency.
TEST(PaperVariants, GammaShapeAndLatencyAreThePublishedOnes) {
  for (const char* name : {"terastal_6k", "terastal_4k"}) {
    const Platform platform = platform_named(name);
    for (const std::string& network : kNetworks) {
      const Subject subject = subject_named(network, platform);
      const NetworkDesign design = design_as_published(subject, platform);
      for (const Published& p : subject.published) {
        const VariantCandidate& c = candidate_of(design, p.layer);
        ASSERT_TRUE(c.meets_target) << p.option.name;
        EXPECT_EQ(c.gamma, p.option.gamma) << p.option.name;
        EXPECT_EQ(c.name, p.option.name);
        EXPECT_EQ(c.latency, p.latency) << p.option.name;
        LayerShape literal = *c.shape;
        // The published tables count the border that the artifact computes and crops; it is not costed.
        EXPECT_LE(literal.out_y, p.option.shape->out_y);
        literal.out_y = p.option.shape->out_y;
        literal.out_x = p.option.shape->out_x;
        literal.n = p.option.shape->n;
        EXPECT_EQ(literal, *p.option.shape) << p.option.name;
      }
    }
  }
}

/// The paper: 0.5 to 5.9 % more weights.
TEST(PaperVariants, TheirStorageIsWhatThePaperReports) {
  const Platform platform = platform_named("terastal_6k");
  std::vector<double> shares;
  for (const std::string& name : kNetworks) {
    const Subject subject = subject_named(name, platform);
    const NetworkDesign design = design_as_published(subject, platform);
    double weights = 0.0;
    for (const Published& p : subject.published) weights += static_cast<double>(p.option.shape->weight_elements());
    shares.push_back(weights / static_cast<double>(design.network_weights));
  }
  EXPECT_NEAR(*std::min_element(shares.begin(), shares.end()), 0.005, 0.0005);
  EXPECT_NEAR(*std::max_element(shares.begin(), shares.end()), 0.059, 0.001);
}

/// The default of --accuracy-cost.
TEST(PaperVariants, OnePercentIsTheMedianLossOfASingleVariant) {
  const Platform platform = platform_named("terastal_6k");
  std::vector<double> losses;
  for (const std::string& name : kNetworks) {
    const Subject subject = subject_named(name, platform);
    for (const Published& p : subject.published) losses.push_back(*subject.accuracy.loss(p.option.variants));
  }
  std::sort(losses.begin(), losses.end());
  EXPECT_NEAR((losses[12] + losses[13]) / 2.0, DesignRules().accuracy_cost, 0.0005);
}

PredictionError error_of(const std::string& network, LossModel model) {
  return prediction_error(subject_named(network, platform_named("terastal_6k")).accuracy, model);
}

/// Losses do not add up, and InceptionV3's least of all: no variant alone loses more than 1.1 % of the baseline, and
/// any two lose a third of it or nearly everything.
TEST(PaperVariants, SingleLossesSayLittleAboutSets) {
  for (const LossModel model : {LossModel::additive, LossModel::multiplicative}) {
    const PredictionError inception = error_of("inceptionv3", model);
    EXPECT_EQ(inception.sets, 4U);
    EXPECT_GT(inception.mean, 0.8);
    EXPECT_LT(error_of("swin_tiny", model).largest, 0.05); // the one network for which they do
    for (const char* network : {"vgg11", "mobilenetv2_ssd"}) EXPECT_GT(error_of(network, model).mean, 0.3) << network;
  }
}

/// A fit to the measured sets describes them better, never worse on average in the logarithm; pairs help further.
TEST(PaperVariants, FitsDescribeTheMeasuredSetsBetter) {
  for (const std::string& network : kNetworks) {
    const double multiplicative = error_of(network, LossModel::multiplicative).mean;
    const double fitted = error_of(network, LossModel::fitted).mean;
    EXPECT_LT(fitted, multiplicative) << network;
    EXPECT_LT(error_of(network, LossModel::fitted_pairs).mean, fitted) << network;
  }
}

} // namespace
} // namespace terastal
