// The module terastal_mpi.so: a Transport by MPI's C interface. It uses nothing of the library but headers, and only it
// is linked with MPI, so that the program starts on machines without.

#include <array>
#include <cstddef>
#include <limits>
#include <list>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#define OMPI_SKIP_MPICXX 1 // only the C interface
#define MPICH_SKIP_MPICXX 1
#include <mpi.h>

#include "sweep/mpi_interface.hpp"
#include "terastal/sweep/transport.hpp"

namespace terastal {
namespace {

constexpr int kTag = 1;

void check(int result, const char* what) {
  if (result == MPI_SUCCESS) return;
  std::array<char, MPI_MAX_ERROR_STRING> text{};
  int length = 0;
  MPI_Error_string(result, text.data(), &length);
  throw std::runtime_error(std::string("MPI: ") + what + ": " +
                           std::string(text.data(), static_cast<std::size_t>(length)));
}

class MpiTransport final : public Transport {
 public:
  MpiTransport() {
    int provided = 0;
    // The other threads of the process never call MPI.
    check(MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &provided), "cannot start");
    if (provided < MPI_THREAD_FUNNELED) throw std::runtime_error("MPI: this MPI library does not bear threads");
    check(MPI_Comm_dup(MPI_COMM_WORLD, &world_), "cannot start");
    check(MPI_Comm_set_errhandler(world_, MPI_ERRORS_RETURN), "cannot start");
    int value = 0;
    check(MPI_Comm_rank(world_, &value), "cannot start");
    rank_ = static_cast<std::size_t>(value);
    check(MPI_Comm_size(world_, &value), "cannot start");
    size_ = static_cast<std::size_t>(value);
  }

  [[nodiscard]] std::size_t rank() const override { return rank_; }
  [[nodiscard]] std::size_t size() const override { return size_; }

  void send(std::size_t to, std::string bytes) override {
    if (bytes.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) {
      throw std::runtime_error("MPI: a message of more than 2 GB");
    }
    Sending& sending = sending_.emplace_back();
    sending.bytes = std::move(bytes);
    check(MPI_Isend(sending.bytes.data(), static_cast<int>(sending.bytes.size()), MPI_BYTE, static_cast<int>(to), kTag,
                    world_, &sending.request),
          "cannot send");
  }

  [[nodiscard]] std::optional<RankMessage> receive() override {
    forget_sent();
    int there = 0;
    MPI_Message handle = MPI_MESSAGE_NULL;
    MPI_Status status;
    check(MPI_Improbe(MPI_ANY_SOURCE, kTag, world_, &there, &handle, &status), "cannot receive");
    if (there == 0) return std::nullopt;
    int size = 0;
    check(MPI_Get_count(&status, MPI_BYTE, &size), "cannot receive");
    RankMessage message{static_cast<std::size_t>(status.MPI_SOURCE), std::string(static_cast<std::size_t>(size), '\0')};
    check(MPI_Mrecv(message.bytes.data(), size, MPI_BYTE, &handle, MPI_STATUS_IGNORE), "cannot receive");
    return message;
  }

  void finish() override {
    for (Sending& sending : sending_) check(MPI_Wait(&sending.request, MPI_STATUS_IGNORE), "cannot send");
    sending_.clear();
    check(MPI_Comm_free(&world_), "cannot end");
    check(MPI_Finalize(), "cannot end");
  }

 private:
  /// A message on its way; it must not move in memory.
  struct Sending {
    std::string bytes;
    MPI_Request request = MPI_REQUEST_NULL;
  };

  void forget_sent() {
    for (auto sending = sending_.begin(); sending != sending_.end();) {
      int sent = 0;
      check(MPI_Test(&sending->request, &sent, MPI_STATUS_IGNORE), "cannot send");
      sending = sent != 0 ? sending_.erase(sending) : std::next(sending);
    }
  }

  MPI_Comm world_ = MPI_COMM_NULL;
  std::size_t rank_ = 0;
  std::size_t size_ = 1;
  std::list<Sending> sending_;
};

} // namespace
} // namespace terastal

extern "C" {

__attribute__((visibility("default"))) const char* terastal_mpi_interface() {
  return terastal::mpi_interface().c_str();
}

__attribute__((visibility("default"))) terastal::Transport* terastal_mpi_connect() {
  return new terastal::MpiTransport; // the caller's to delete
}

} // extern "C"
