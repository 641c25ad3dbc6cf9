#include "import/xrbench_names.hpp"

#include <array>
#include <utility> // pair

#include "import/lower_case.hpp"

namespace terastal {
namespace {

using Named = std::pair<std::string_view, std::string_view>;

/// Source: the models of XRBench's usage scenarios (XRBench-MLSys2023), whose names begin with the abbreviated task.
constexpr std::array<Named, 11> kRoles{{{"HT_", "hand_tracking"},
                                        {"ES_", "eye_segmentation"},
                                        {"GE_", "gaze_estimation"},
                                        {"KD_", "keyword_detection"},
                                        {"ASR_", "speech_recognition"},
                                        {"SS_", "semantic_segmentation"},
                                        {"OD_", "object_detection"},
                                        {"AS_", "action_segmentation"},
                                        {"DE_", "depth_estimation"},
                                        {"DR_", "depth_refinement"},
                                        {"PD_", "plane_detection"}}};

/// outdoor_activity_B calls the detector differently; its 138 layers are the same.
constexpr Named kSameLayers = {"D2go_FastRCNN", "OD_D2go_FasterRCNN"};

bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }

} // namespace

std::string scenario_name(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i > 0 && is_upper(text[i]) && is_lower(text[i - 1])) result += '_';
    result += text[i];
  }
  return lower_case(result);
}

std::string role_of(std::string_view network) {
  if (network == kSameLayers.first) network = kSameLayers.second;
  for (const auto& [prefix, role] : kRoles) {
    if (network.substr(0, prefix.size()) == prefix) return std::string(role);
  }
  return {};
}

std::string other_name(std::string_view network) {
  return network == kSameLayers.first ? std::string(kSameLayers.second) : std::string{};
}

} // namespace terastal
