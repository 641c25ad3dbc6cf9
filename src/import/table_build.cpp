#include "import/table_build.hpp"

namespace terastal {

Platform platform_of(const std::vector<std::string>& types, std::uint64_t clock_hz) {
  Platform platform;
  platform.name = "imported";
  for (const std::string& name : types) {
    AcceleratorType type;
    type.name = name;
    type.clock_hz = clock_hz;
    platform.accelerators.push_back({name + "0", static_cast<TypeIndex>(platform.types.size())});
    platform.types.push_back(std::move(type));
  }
  return platform;
}

void bind_to_types(Network& network, std::size_t types) {
  network.type_count = types;
  network.latency.assign(network.options.size() * types, kCannotRun);
  network.energy_nj.assign(network.options.size() * types, 0.0);
}

} // namespace terastal
