#include <filesystem>
#include <string>

#include <dlfcn.h> // dlopen, dlsym

#include "sweep/mpi_interface.hpp"
#include "terastal/core/error.hpp"
#include "terastal/core/text.hpp"
#include "terastal/sweep/mpi.hpp"

namespace terastal {
namespace {

namespace fs = std::filesystem;

constexpr const char* kModule = "terastal_mpi.so";

std::string module_path(const std::vector<std::string>& folders) {
  std::error_code ignored;
  for (const std::string& folder : folders) {
    const fs::path path = fs::path(folder) / kModule;
    if (fs::is_regular_file(path, ignored)) return path.string();
  }
  throw Error("this program was built without MPI: there is no " + std::string(kModule) + " in " + join(folders, ", ") +
              "; install the packages libopenmpi-dev and openmpi-bin, configure and build again");
}

[[noreturn]] void fail(const std::string& path) {
  const char* reason = ::dlerror();
  throw Error("MPI cannot be loaded: " + (reason == nullptr ? path : std::string(reason)) +
              "; is the package libopenmpi3 installed on this machine, as where the program was built?");
}

template <typename Function>
Function* symbol(void* module, const char* name, const std::string& path) {
  void* address = ::dlsym(module, name);
  if (address == nullptr) fail(path);
  return reinterpret_cast<Function*>(address);
}

} // namespace

std::unique_ptr<Transport> connect_by_mpi(const std::vector<std::string>& folders) {
  const std::string path = module_path(folders);
  // Open MPI loads parts of itself later, which must find its symbols: global. Never unloaded: MPI's own threads may be
  // there until the process ends.
  void* module = ::dlopen(path.c_str(), RTLD_NOW | RTLD_GLOBAL);
  if (module == nullptr) fail(path);
  const std::string interface_of_module = symbol<const char*()>(module, "terastal_mpi_interface", path)();
  if (interface_of_module != mpi_interface()) {
    throw Error("'" + path + "' belongs to another build of the program (" + interface_of_module + ", not " +
                mpi_interface() + "); build or install both together");
  }
  return std::unique_ptr<Transport>(symbol<Transport*()>(module, "terastal_mpi_connect", path)());
}

} // namespace terastal
