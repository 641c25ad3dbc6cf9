#include "terastal/sweep/rank_team.hpp"

#include <algorithm> // all_of, max
#include <chrono>
#include <set>
#include <thread> // sleep_for

#include "sweep/rank_messages.hpp"
#include "sweep/rank_times.hpp"
#include "sweep/store_identity.hpp"

namespace terastal {
namespace {

using Clock = std::chrono::steady_clock;

std::string name_of(std::size_t rank, const RankPlace& place) {
  return "rank " + std::to_string(rank) + ' ' + place.text();
}

/// How a rank's task differs from this one's; empty when it does not.
std::string difference(const TeamTask& there, const TeamTask& here) {
  const std::string found = differences(there.identity, here.identity);
  if (!found.empty()) {
    return "read another sweep than rank 0: " + found +
           ". Every machine must have the same program, and see the same files under the same paths";
  }
  if (there.options == here.options) return {};
  return "was started with other options than rank 0: " + there.options + " there, " + here.options +
         " here. One sweep is run by equal commands; --no-mpi runs each command by itself";
}

} // namespace

RankTeam::RankTeam(Transport& transport) : transport_(transport), members_(transport.size()) {
  members_.front().name = name_of(0, this_place());
  members_.front().host = this_place().host;
  members_.front().gone = true;
}

RankTeam::~RankTeam() {
  try {
    dismiss();
  } catch (const std::exception&) { // said in the header
  }
}

void RankTeam::assemble(const TeamTask& task, const std::function<bool()>& keep_going) {
  std::size_t waiting = members_.size() - 1;
  while (waiting > 0 && (!keep_going || keep_going())) {
    const auto message = transport_.receive();
    if (!message) {
      std::this_thread::sleep_for(kPause);
      continue;
    }
    take_hello(*message, task);
    --waiting;
  }
}

void RankTeam::take_hello(const RankMessage& message, const TeamTask& task) {
  if (kind_of(message.bytes) == RankMessageKind::failure) return take_failure(message);
  const Hello hello = read_hello(message.bytes);
  Member& member = members_[message.from];
  member.name = name_of(message.from, hello.place);
  member.host = hello.place.host;
  member.threads = std::max<std::size_t>(1, hello.threads);
  const std::string other = difference(hello.task, task);
  if (!other.empty()) throw InputError(member.name + ' ' + other);
}

void RankTeam::take_failure(const RankMessage& message) {
  const RankFailure failure = read_failure(message.bytes);
  const std::string name = name_of(message.from, failure.place);
  switch (failure.kind) {
  case RankFailure::Kind::told_to_end:
    lost_ = name + ' ' + failure.reason;
    return;
  case RankFailure::Kind::input:
    throw InputError(name + " cannot take part:\n" + failure.reason);
  case RankFailure::Kind::other:
    break;
  }
  throw Error(name + " cannot go on: " + failure.reason);
}

std::size_t RankTeam::threads() const {
  std::size_t threads = 0;
  for (const Member& member : members_) threads += member.threads;
  return threads;
}

std::size_t RankTeam::machines() const {
  std::set<std::string> hosts;
  for (const Member& member : members_) hosts.insert(member.host);
  return hosts.size();
}

void RankTeam::help(CellExchange& exchange) {
  for (std::size_t rank = 1; rank < members_.size(); ++rank) hand_out(rank, exchange);
  while (!exchange.stopped()) {
    if (lost_) return exchange.stop();
    if (exhausted_ && outstanding_ == 0) return;
    const auto message = transport_.receive();
    if (message) {
      take(*message, exchange);
    } else {
      std::this_thread::sleep_for(kPause);
    }
  }
}

void RankTeam::take(const RankMessage& message, CellExchange& exchange) {
  if (kind_of(message.bytes) == RankMessageKind::failure) return take_failure(message);
  Member& member = members_[message.from];
  for (const TimedResult& timed : read_results(message.bytes)) {
    if (member.handed.erase(timed.result.cell) != 1) {
      throw Error(member.name + " ran a cell that is not its own; this is a defect");
    }
    --outstanding_;
    exchange.deliver(timed.result, timed.seconds);
  }
  hand_out(message.from, exchange);
}

void RankTeam::hand_out(std::size_t rank, CellExchange& exchange) {
  Member& member = members_[rank];
  const double batch = batch_seconds(members_.size()) * static_cast<double>(member.threads);
  double seconds = 0.0;
  for (const auto& [cell, expected] : member.handed) seconds += expected;
  if (member.handed.size() >= member.threads && seconds >= batch) return;

  // Towards the end less than what makes the others wait for one.
  const std::uint64_t most = std::max<std::uint64_t>(member.threads, exchange.left() / (2 * (threads() + 1)));
  std::vector<CellIndex> cells;
  while (cells.size() < most && (member.handed.size() < member.threads || seconds < 2.0 * batch)) {
    const auto cell = exchange.take();
    if (!cell) {
      exhausted_ = true;
      break;
    }
    // What was never measured may take long.
    const double expected = cell->seconds.value_or(2.0 * batch);
    cells.push_back(cell->cell);
    member.handed.emplace(cell->cell, expected);
    ++outstanding_;
    seconds += expected;
  }
  if (!cells.empty()) transport_.send(rank, write_cells(cells));
}

void RankTeam::dismiss(double patience_s) {
  if (dismissed_) return;
  dismissed_ = true;
  for (std::size_t rank = 1; rank < members_.size(); ++rank) {
    transport_.send(rank, plain_message(RankMessageKind::dismissed));
  }
  const auto start = Clock::now();
  while (!all_gone()) {
    if (std::chrono::duration<double>(Clock::now() - start).count() > patience_s) return;
    const auto message = transport_.receive();
    if (!message) {
      std::this_thread::sleep_for(kPause);
    } else if (kind_of(message->bytes) == RankMessageKind::good_bye) {
      members_[message->from].gone = true;
    }
  }
  transport_.finish();
}

bool RankTeam::all_gone() const {
  return std::all_of(members_.begin(), members_.end(), [](const Member& member) { return member.gone; });
}

} // namespace terastal
