#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "support/builders.hpp"
#include "terastal/sched/policies.hpp"

namespace terastal {
namespace {

using namespace testing;

std::string label(const std::string& text) { return builtin_policies().parse(text).label; }

TEST(Registry, ListsThePoliciesInOrder) {
  std::vector<std::string> ids;
  const PolicyRegistry registry = builtin_policies();
  for (const auto& policy : registry.all()) {
    ids.push_back(policy.id);
    EXPECT_FALSE(policy.summary.empty()) << policy.id;
    EXPECT_FALSE(policy.source.empty()) << policy.id;
    EXPECT_EQ(registry.parse(policy.id).make()->name(), policy.id);
    for (const auto& setting : policy.settings) EXPECT_FALSE(setting.help.empty()) << policy.id << ':' << setting.name;
  }
  EXPECT_EQ(ids, (std::vector<std::string>{"fcfs",
                                           "edf",
                                           "llf",
                                           "sjf",
                                           "rm",
                                           "dm",
                                           "fp",
                                           "edzl",
                                           "heft",
                                           "cd-msa",
                                           "prema",
                                           "planaria",
                                           "sdrm3",
                                           "dysta",
                                           "lalarand",
                                           "dream",
                                           "dream-mapscore",
                                           "dream-smartdrop",
                                           "dream-full",
                                           "moca",
                                           "veltair",
                                           "terastal"}));
}

TEST(Registry, OpenReadingsAreMarked) {
  const PolicyRegistry registry = builtin_policies();
  EXPECT_TRUE(registry.find("terastal").our_reading);
  EXPECT_TRUE(registry.find("dream").our_reading);
  EXPECT_FALSE(registry.find("edf").our_reading);
}

TEST(Registry, LabelsNameWhatDiffersFromTheDefaults) {
  EXPECT_EQ(label("edf"), "edf");
  EXPECT_EQ(label("edf:placement=fastest_idle"), "edf");
  EXPECT_EQ(label("edf:placement=preferred_only"), "edf:placement=preferred_only");
  EXPECT_EQ(label("terastal:variants=true"), "terastal");
  // In order of declaration, however they were given; numbers as they are printed.
  EXPECT_EQ(label("terastal:stage2=earliest_finish:variants=false"), "terastal:variants=false:stage2=earliest_finish");
  EXPECT_EQ(label("dream:alpha=0.50:beta=1.0"), "dream:alpha=0.5");
  EXPECT_EQ(label("fcfs:order=ready:order=release"), "fcfs"); // the last one counts
}

TEST(Registry, LabelsParseAgain) {
  for (const char* text :
       {"terastal:variants=false:budget_rule=min", "dream:alpha=0.1:guard=raw", "fcfs:order=ready"}) {
    EXPECT_EQ(label(label(text)), label(text));
  }
}

TEST(Registry, SettingsReachTheScheduler) {
  EXPECT_TRUE(builtin_policies().parse("edf").make()->work_conserving());
  EXPECT_FALSE(builtin_policies().parse("edf:placement=preferred_only").make()->work_conserving());
  EXPECT_FALSE(builtin_policies().parse("edf:placement=earliest_finish").make()->work_conserving());
  EXPECT_FALSE(builtin_policies().parse("terastal").make()->work_conserving());
  EXPECT_TRUE(builtin_policies().parse("terastal:stage2=earliest_finish").make()->work_conserving());
}

TEST(Registry, PoliciesCanBeChangedAfterwards) {
  Policy policy = builtin_policies().parse("dream");
  policy.set("alpha", "0.25");
  EXPECT_EQ(policy.label, "dream:alpha=0.25");
  EXPECT_EQ(policy.settings.number("alpha"), 0.25);
  policy.set("alpha", "1");
  EXPECT_EQ(policy.label, "dream");
  EXPECT_THROW(policy.set("alfa", "1"), InputError);
}

void expect_error(const std::string& text, const std::vector<std::string>& parts) {
  try {
    (void)builtin_policies().parse(text);
    ADD_FAILURE() << "accepted: " << text;
  } catch (const InputError& error) {
    for (const auto& part : parts) {
      EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << part << " in: " << error.what();
    }
  }
}

TEST(Registry, UnknownPolicy) {
  expect_error("terstal", {"unknown policy 'terstal'", "did you mean 'terastal'?", "known: fcfs, edf, llf"});
  expect_error("EDF", {"did you mean 'edf'?"});
  expect_error("something_else", {"unknown policy", "known: fcfs"});
  expect_error("", {"unknown policy ''"});
}

TEST(Registry, UnknownSetting) {
  expect_error("terastal:variant=false", {"unknown setting 'variant'", "did you mean 'variants'?", "budget_rule"});
  expect_error("edf:placment=preferred_only", {"did you mean 'placement'?"});
  expect_error("edf:alpha=1", {"unknown setting 'alpha'", "allowed: placement"});
}

TEST(Registry, BadValues) {
  expect_error("terastal:variants=no", {"setting 'variants'", "true | false", "'no'"});
  expect_error("edf:placement=fastest", {"setting 'placement'", "fastest_idle | earliest_finish | preferred_only"});
  expect_error("dream:alpha=-1", {"setting 'alpha'", "number in [0, 1e+06]"});
  expect_error("dream:alpha=", {"setting 'alpha'"});
  expect_error("dream:alpha", {"expected setting=value", "'alpha'"});
  expect_error("dream:", {"expected setting=value"});
}

/// A policy of one's own, with a setting.
class LastFirst : public Scheduler {
 public:
  explicit LastFirst(bool reversed) : reversed_(reversed) {}
  [[nodiscard]] std::string_view name() const override { return "last_first"; }
  void dispatch(const SystemView& view, Decisions& out) override {
    ReadyId chosen = kNone;
    for (const ReadyId id : view.ready()) {
      if (chosen == kNone || (view.job(id).task > view.job(chosen).task) == reversed_) chosen = id;
    }
    out.start(chosen, view.original(chosen), view.idle().first(0));
  }

 private:
  bool reversed_;
};

PolicyInfo last_first() {
  PolicyInfo info;
  info.id = "last_first";
  info.summary = "the task written last goes first";
  info.source = "this test";
  info.settings = {Setting::flag("reversed", true, "last task first")};
  info.make = [](const Settings& s) { return std::make_unique<LastFirst>(s.flag("reversed")); };
  return info;
}

TEST(Registry, OwnSchedulerRegistersWithOneCall) {
  PolicyRegistry registry = builtin_policies();
  registry.add(last_first());
  Scenario s = platform({{"gpu", 1}});
  const auto net = add_network(s, "net", {{4ms}});
  add_task(s, "a", net, 20ms, releases({0ms}));
  add_task(s, "b", net, 20ms, releases({0ms}));
  EXPECT_EQ(run(s, *registry.parse("last_first").make()).events.finish.at({1U, 0U}), at(4ms));
  const Policy forwards = registry.parse("last_first:reversed=false");
  EXPECT_EQ(run(s, *forwards.make()).events.finish.at({0U, 0U}), at(4ms));
  EXPECT_EQ(forwards.label, "last_first:reversed=false");
  EXPECT_EQ(registry.all().back().id, "last_first");
}

TEST(Registry, IdsAreUnique) {
  PolicyRegistry registry = builtin_policies();
  registry.add(last_first());
  EXPECT_THROW(registry.add(last_first()), Error);
  EXPECT_THROW(registry.add(PolicyInfo{}), Error);
  EXPECT_EQ(registry.all().size(), builtin_policies().all().size() + 1);
}

} // namespace
} // namespace terastal
