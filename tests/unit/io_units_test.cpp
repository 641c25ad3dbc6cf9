#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "terastal/core/error.hpp"
#include "terastal/core/settings.hpp"
#include "terastal/core/text.hpp"
#include "terastal/core/time.hpp"
#include "terastal/core/units.hpp"

namespace terastal {
namespace {

using namespace std::chrono_literals;

std::optional<std::int64_t> ps(std::string_view text) {
  const auto duration = parse_duration(text);
  return duration ? std::optional(duration->count()) : std::nullopt;
}

std::optional<std::int64_t> period(std::string_view text) {
  const auto duration = parse_rate_as_period(text);
  return duration ? std::optional(duration->count()) : std::nullopt;
}

TEST(CoreUnits, DurationsAreExactInEveryUnit) {
  EXPECT_EQ(ps("1 ps"), 1);
  EXPECT_EQ(ps("1ns"), 1'000);
  EXPECT_EQ(ps("1 us"), 1'000'000);
  EXPECT_EQ(ps("1.5 ms"), 1'500'000'000);
  EXPECT_EQ(ps("2s"), 2'000'000'000'000);
  EXPECT_EQ(ps("1.5 min"), 90'000'000'000'000);
  EXPECT_EQ(ps("2 h"), 7'200'000'000'000'000);
  EXPECT_EQ(ps("-3 ns"), -3'000);
  EXPECT_EQ(ps("1e3 ps"), 1'000);
  EXPECT_EQ(ps("25e-1 ns"), 2'500);
  EXPECT_EQ(ps("  7\tps "), 7);
  // Not representable as a double: 0.1 + 0.2 style errors must not appear.
  EXPECT_EQ(ps("0.300000000001 s"), 300'000'000'001);
  EXPECT_EQ(ps("9223372.036854775807 s"), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(ps("0.0166666666666666666666666666666666666666667 min"), 1'000'000'000'000);
}

TEST(CoreUnits, DurationsRoundHalfAwayFromZero) {
  EXPECT_EQ(ps("0.4999 ps"), 0);
  EXPECT_EQ(ps("0.5 ps"), 1);
  EXPECT_EQ(ps("-0.5 ps"), -1);
  EXPECT_EQ(ps("1.4999999999999999999999999999999999999 ps"), 1);
  EXPECT_EQ(ps("0.05 ps"), 0);
}

TEST(CoreUnits, DurationsThatAreNone) {
  for (const char* text : {"",
                           "5",
                           "ms",
                           "5 msec",
                           "5 MS",
                           "5 m",
                           "0x10 ms",
                           "1,5 ms",
                           "1.5.2 ms",
                           "+1 ms",
                           "nan s",
                           "inf s",
                           ".inf",
                           "- 1 ms",
                           "1 e3 ms",
                           "1 ms 2",
                           "9223372.036854775808 s",
                           "1e30 s",
                           "1e9999999999 s",
                           "1e s",
                           "5 %",
                           "--1 s",
                           ". s",
                           "٣ s"}) {
    EXPECT_EQ(ps(text), std::nullopt) << text;
  }
}

TEST(CoreUnits, FrequenciesAreWholeHertz) {
  EXPECT_EQ(parse_frequency("700 MHz"), 700'000'000U);
  EXPECT_EQ(parse_frequency("1.25GHz"), 1'250'000'000U);
  EXPECT_EQ(parse_frequency("32.768 kHz"), 32'768U);
  EXPECT_EQ(parse_frequency("1 Hz"), 1U);
  EXPECT_EQ(parse_frequency("0 Hz"), 0U);
  for (const char* text : {"1.5 Hz", "-1 Hz", "1", "1 mhz", "1e30 GHz"}) EXPECT_EQ(parse_frequency(text), std::nullopt);
}

TEST(CoreUnits, PeriodsOfRatesAreRoundedOnce) {
  EXPECT_EQ(period("1 fps"), 1'000'000'000'000);
  EXPECT_EQ(period("30 fps"), 33'333'333'333);
  EXPECT_EQ(period("60fps"), 16'666'666'667);
  EXPECT_EQ(period("29.97 Hz"), 33'366'700'033);
  EXPECT_EQ(period("12 /s"), 83'333'333'333);
  EXPECT_EQ(period("0.001 fps"), 1'000'000'000'000'000);
  EXPECT_EQ(period("1e12 /s"), 1);
  for (const char* text : {"0 fps", "-1 fps", "30", "3e12 /s", "1e-8 fps", "30 FPS", "fps"}) {
    EXPECT_EQ(period(text), std::nullopt) << text;
  }
}

TEST(CoreUnits, Bytes) {
  EXPECT_EQ(parse_bytes("4 KiB"), 4096U);
  EXPECT_EQ(parse_bytes("1.5MiB"), 1'572'864U);
  EXPECT_EQ(parse_bytes("2 kB"), 2000U);
  EXPECT_EQ(parse_bytes("3 GB"), 3'000'000'000U);
  EXPECT_EQ(parse_bytes("18446744073709551615 B"), std::numeric_limits<std::uint64_t>::max());
  for (const char* text : {"1.5 B", "-1 B", "4", "4 KB", "18446744073709551616 B", "18446744073709551615 KiB"}) {
    EXPECT_EQ(parse_bytes(text), std::nullopt) << text;
  }
}

TEST(CoreUnits, BandwidthEnergyRatioNumber) {
  EXPECT_EQ(parse_bandwidth("10 GB/s"), 1e10);
  EXPECT_EQ(parse_bandwidth("1 KiB/s"), 1024.0);
  EXPECT_EQ(parse_bandwidth("10 GB"), std::nullopt);
  EXPECT_EQ(parse_energy_nj("3 mJ"), 3e6);
  EXPECT_EQ(parse_energy_nj("12.5 pJ"), 0.0125);
  EXPECT_EQ(parse_energy_nj("3"), std::nullopt);
  EXPECT_EQ(parse_ratio("5 %"), 0.05);
  EXPECT_EQ(parse_ratio("0.05"), 0.05);
  EXPECT_EQ(parse_ratio("5 percent"), std::nullopt);
  EXPECT_EQ(parse_number("-1.5e2"), -150.0);
  for (const char* text : {"nan", ".nan", "inf", "-.inf", "1e999", "0x1p3", "", "1 2"}) {
    EXPECT_EQ(parse_number(text), std::nullopt) << text;
  }
}

TEST(CoreUnits, Integers) {
  EXPECT_EQ(parse_integer("-7"), -7);
  EXPECT_EQ(parse_integer("010"), 10); // no octal
  for (const char* text : {"", "7.0", "1e3", "+7", "0x1F", "9223372036854775808", "7 "}) {
    EXPECT_EQ(parse_integer(text).has_value(), std::string(text) == "7 ") << text;
  }
  EXPECT_EQ(parse_unsigned("18446744073709551615"), std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(parse_unsigned("-1"), std::nullopt);
}

TEST(CoreUnits, ScaledDecimal) {
  EXPECT_EQ(scaled_decimal("1.5", 9), 1'500'000'000);
  EXPECT_EQ(scaled_decimal("0.123456789012", 12), 123'456'789'012);
  EXPECT_EQ(scaled_decimal("123456", -3), 123);
  EXPECT_EQ(scaled_decimal("123500", -3), 124);
  EXPECT_EQ(scaled_decimal("0", 12), 0);
  EXPECT_EQ(scaled_decimal("", 12), std::nullopt);
  EXPECT_EQ(scaled_decimal("1e7", 12), std::nullopt);
}

TEST(CoreUnits, DurationsPrintAsWritten) {
  EXPECT_EQ(format_duration(Duration{1'500'000'000}), "1.5 ms");
  EXPECT_EQ(format_duration(5ms), "5 ms");
  EXPECT_EQ(format_duration(1500ms), "1.5 s");
  EXPECT_EQ(format_duration(90s), "90 s");
  EXPECT_EQ(format_duration(Duration{16'666'666'667}), "16666666.667 ns");
  EXPECT_EQ(format_duration(Duration{999}), "999 ps");
  EXPECT_EQ(format_duration(Duration{1'001}), "1.001 ns");
  EXPECT_EQ(format_duration(-5ms), "-5 ms");
  EXPECT_EQ(format_duration(Duration::zero()), "0 s");
  for (const std::int64_t count :
       {1LL, 999LL, 12'345LL, 1'000'000'007LL, 33'333'333'333LL, 9'223'372'036'854'775'807LL}) {
    EXPECT_EQ(ps(format_duration(Duration{count})), count);
    EXPECT_EQ(ps(format_duration(Duration{-count})), -count);
  }
}

TEST(CoreUnits, ShortDurationsHaveFourDigits) {
  EXPECT_EQ(format_duration_short(Duration{12'345'678'901}), "12.35 ms");
  EXPECT_EQ(format_duration_short(Duration{123'456'789}), "123.5 us");
  EXPECT_EQ(format_duration_short(Duration{999'960'000'000}), "1000 ms");
  EXPECT_EQ(format_duration_short(1ms), "1 ms");
  EXPECT_EQ(format_duration_short(Duration{7}), "7 ps");
  EXPECT_EQ(format_duration_short(Duration{1'234'567}), "1.235 us");
  EXPECT_EQ(format_duration_short(12'345s), "12345 s");
  EXPECT_EQ(format_duration_short(Duration::zero()), "0 s");
}

TEST(CoreText, SuggestionsNeedToBeNear) {
  const std::vector<std::string> words{"late_jobs", "horizon", "seed"};
  EXPECT_EQ(closest("late_job", words), "late_jobs");
  EXPECT_EQ(closest("late-jobs", words), "late_jobs");
  EXPECT_EQ(closest("hroizon", words), "horizon");
  EXPECT_EQ(closest("Seed", words), "seed");
  EXPECT_EQ(closest("banana", words), "");
  EXPECT_EQ(closest("", words), "");
  EXPECT_EQ(closest("x", {"a"}), "");
  EXPECT_EQ(closest(std::string(100'000, 'a'), words), "");
  EXPECT_EQ(did_you_mean("sede", words), " (did you mean 'seed'?)");
  EXPECT_EQ(did_you_mean("banana", words), "");
}

TEST(CoreText, SplitJoinTrim) {
  EXPECT_EQ(split("a|b||", '|'), (std::vector<std::string>{"a", "b", "", ""}));
  EXPECT_EQ(split("", '|'), (std::vector<std::string>{""}));
  EXPECT_EQ(join({"a", "b"}, ", "), "a, b");
  EXPECT_EQ(trim(" \t x y \r\n"), "x y");
  EXPECT_EQ(trim("  "), "");
}

TEST(CoreErrors, DiagnosticsPrintWhatIsKnown) {
  EXPECT_EQ((Diagnostic{"a.yaml", 3, 7, "bad"}.to_string()), "a.yaml:3:7: error: bad");
  EXPECT_EQ((Diagnostic{"a.yaml", 3, 0, "bad"}.to_string()), "a.yaml:3: error: bad");
  EXPECT_EQ((Diagnostic{"a.yaml", 0, 0, "bad"}.to_string()), "a.yaml: error: bad");
  EXPECT_EQ((Diagnostic{"", 0, 0, "bad"}.to_string()), "error: bad");
  const InputError error({{"a", 1, 1, "x"}, {"b", 2, 2, "y"}});
  EXPECT_STREQ(error.what(), "a:1:1: error: x\nb:2:2: error: y");
  EXPECT_EQ(error.diagnostics().size(), 2U);
  EXPECT_STREQ(InputError("bad").what(), "error: bad");
}

TEST(CoreErrors, ClockOverflowIsReported) {
  EXPECT_THROW((void)checked_add(Duration::max(), Duration{1}), SimulationError);
  EXPECT_EQ(checked_add(Duration{1}, Duration{2}), Duration{3});
}

class CoreSettings : public testing::Test {
 protected:
  const std::vector<Setting> declared_{
      Setting::flag("variants", true, "use variants"), Setting::choice("order", "edf", {"edf", "fifo"}, "ready queue"),
      Setting::number("alpha", 0.5, 0.0, 2.0, "weight"), Setting::integer("depth", 3, 1, 10, "look-ahead"),
      Setting::duration("slice", 5ms, "time slice")};

  static std::string error_of(Settings settings, std::string_view name, std::string_view text) {
    try {
      settings.set(name, text);
    } catch (const InputError& error) {
      return error.what();
    }
    return "";
  }
};

TEST_F(CoreSettings, DefaultsAndChanges) {
  Settings settings(declared_);
  EXPECT_TRUE(settings.flag("variants"));
  settings.set("variants", "false");
  settings.set("order", "fifo");
  settings.set("alpha", "1.25");
  settings.set("depth", "10");
  settings.set("slice", "250 us");
  EXPECT_FALSE(settings.flag("variants"));
  EXPECT_EQ(settings.choice("order"), "fifo");
  EXPECT_EQ(settings.number("alpha"), 1.25);
  EXPECT_EQ(settings.integer("depth"), 10);
  EXPECT_EQ(settings.duration("slice"), 250us);
  const std::vector<std::pair<std::string, std::string>> expected{
      {"variants", "false"}, {"order", "fifo"}, {"alpha", "1.25"}, {"depth", "10"}, {"slice", "250 us"}};
  EXPECT_EQ(settings.all(), expected);
}

TEST_F(CoreSettings, ErrorsSayWhatIsAllowed) {
  const Settings settings(declared_);
  EXPECT_EQ(error_of(settings, "alhpa", "1"),
            "error: unknown setting 'alhpa' (did you mean 'alpha'?); allowed: variants, order, alpha, depth, slice");
  EXPECT_EQ(error_of(settings, "variants", "yes"), "error: setting 'variants': expected true | false, got 'yes'");
  EXPECT_EQ(error_of(settings, "order", "fiffo"),
            "error: setting 'order': expected edf | fifo, got 'fiffo' (did you mean 'fifo'?)");
  EXPECT_EQ(error_of(settings, "alpha", "2.5"), "error: setting 'alpha': expected number in [0, 2], got '2.5'");
  EXPECT_EQ(error_of(settings, "depth", "1.5"), "error: setting 'depth': expected integer in [1, 10], got '1.5'");
  EXPECT_EQ(error_of(settings, "slice", "5"),
            "error: setting 'slice': expected a time of 0 or more with its unit, such as '1.5 ms', got '5'");
  EXPECT_EQ(error_of(Settings(), "x", "1"), "error: unknown setting 'x'; there are no settings here");
  EXPECT_THROW((void)settings.number("gamma"), std::logic_error);
}

TEST_F(CoreSettings, DescribeThemselves) {
  std::vector<std::string> texts;
  for (const Setting& setting : declared_) texts.push_back(setting.type_name() + " = " + setting.default_text());
  const std::vector<std::string> expected{"true | false = true", "edf | fifo = edf", "number in [0, 2] = 0.5",
                                          "integer in [1, 10] = 3", "time = 5 ms"};
  EXPECT_EQ(texts, expected);
  EXPECT_EQ(Setting::number("x", 1.0, 0.0, 1e18, "").type_name(), "number 0 or more");
}

} // namespace
} // namespace terastal
