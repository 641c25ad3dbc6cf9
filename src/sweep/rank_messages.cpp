#include "sweep/rank_messages.hpp"

#include <array>
#include <utility>

#include <unistd.h> // gethostname, getpid

#include "sweep/wire.hpp"

namespace terastal {
namespace {

WireWriter begin(RankMessageKind kind) {
  WireWriter out;
  out.byte(static_cast<char>(kind));
  return out;
}

void write(WireWriter& out, const RankPlace& place) {
  out.text(place.host);
  out.number(place.process);
}

RankPlace read_place(WireReader& in) {
  RankPlace place;
  place.host = in.text();
  place.process = static_cast<std::size_t>(in.number());
  return place;
}

/// What stands behind the kind.
WireReader body(std::string_view message, RankMessageKind kind) {
  if (kind_of(message) != kind) throw Error("ranks of the sweep disagree on what comes next; this is a defect");
  return WireReader(message.substr(1));
}

} // namespace

std::optional<RankMessageKind> kind_of(std::string_view message) {
  if (message.empty()) return std::nullopt;
  const auto kind = static_cast<RankMessageKind>(message.front());
  switch (kind) {
  case RankMessageKind::hello:
  case RankMessageKind::cells:
  case RankMessageKind::results:
  case RankMessageKind::failure:
  case RankMessageKind::dismissed:
  case RankMessageKind::good_bye:
    return kind;
  }
  return std::nullopt;
}

std::string plain_message(RankMessageKind kind) { return std::string(1, static_cast<char>(kind)); }

std::string RankPlace::text() const {
  return "on " + (host.empty() ? "a machine without name" : host) + " (process " + std::to_string(process) + ")";
}

RankPlace this_place() {
  std::array<char, 256> host{};
  if (::gethostname(host.data(), host.size() - 1) != 0) host[0] = '\0';
  return {host.data(), static_cast<std::size_t>(::getpid())};
}

std::string write_hello(const Hello& hello) {
  WireWriter out = begin(RankMessageKind::hello);
  write(out, hello.place);
  out.number(hello.threads);
  terastal::write(out, hello.task.identity);
  out.text(hello.task.options);
  return out.take();
}

Hello read_hello(std::string_view message) {
  WireReader in = body(message, RankMessageKind::hello);
  Hello hello;
  hello.place = read_place(in);
  hello.threads = static_cast<std::size_t>(in.number());
  hello.task.identity = read_identity(in);
  hello.task.options = in.text();
  in.end();
  return hello;
}

std::string write_failure(const RankFailure& failure) {
  WireWriter out = begin(RankMessageKind::failure);
  write(out, failure.place);
  out.byte(static_cast<char>(failure.kind));
  out.text(failure.reason);
  return out.take();
}

RankFailure read_failure(std::string_view message) {
  WireReader in = body(message, RankMessageKind::failure);
  RankFailure failure;
  failure.place = read_place(in);
  failure.kind = static_cast<RankFailure::Kind>(in.byte());
  failure.reason = in.text();
  in.end();
  return failure;
}

std::string write_cells(const std::vector<CellIndex>& cells) {
  WireWriter out = begin(RankMessageKind::cells);
  out.number(cells.size());
  for (const CellIndex cell : cells) out.number(cell);
  return out.take();
}

std::vector<CellIndex> read_cells(std::string_view message) {
  WireReader in = body(message, RankMessageKind::cells);
  std::vector<CellIndex> cells(in.count());
  for (CellIndex& cell : cells) cell = in.number();
  in.end();
  return cells;
}

std::string write_results(const std::vector<TimedResult>& results) {
  WireWriter out = begin(RankMessageKind::results);
  out.number(results.size());
  for (const TimedResult& timed : results) {
    out.real(timed.seconds);
    terastal::write(out, timed.result);
  }
  return out.take();
}

std::vector<TimedResult> read_results(std::string_view message) {
  WireReader in = body(message, RankMessageKind::results);
  std::vector<TimedResult> results(in.count());
  for (TimedResult& timed : results) {
    timed.seconds = in.real();
    timed.result = read_cell_result(in);
  }
  in.end();
  return results;
}

} // namespace terastal
