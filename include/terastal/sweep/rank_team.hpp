#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "terastal/core/error.hpp"
#include "terastal/cost/cost_model.hpp"
#include "terastal/sweep/cell_exchange.hpp"
#include "terastal/sweep/cell_runner.hpp"
#include "terastal/sweep/store.hpp"
#include "terastal/sweep/transport.hpp"

namespace terastal {

/// What all ranks of a sweep must agree on, or their results would not belong together.
struct TeamTask {
  SweepIdentity identity;
  std::string options; ///< of the command line, those that decide which cells are run and where they go
};

/// Rank 0's side of a sweep on several ranks: hands cells out to the others, a few at a time, so many that these are
/// busy until the next come, and takes their results. To be used by the thread that made the transport.
class RankTeam final : public CellHelpers {
 public:
  /// The transport must outlive this; its rank is 0.
  explicit RankTeam(Transport& transport);
  /// Dismisses the others; errors then are not reported.
  ~RankTeam() override;
  RankTeam(const RankTeam&) = delete;
  RankTeam& operator=(const RankTeam&) = delete;

  /// Waits until every rank has read the sweep. `keep_going` ends the waiting; cells are not run then.
  /// \throws InputError or Error, naming rank and machine: a rank could not read the sweep, or read another one.
  void assemble(const TeamTask& task, const std::function<bool()>& keep_going = {});

  /// Threads of the other ranks; after `assemble`.
  [[nodiscard]] std::size_t threads() const override;
  /// Machines, this one included; after `assemble`.
  [[nodiscard]] std::size_t machines() const;
  [[nodiscard]] std::size_t ranks() const { return transport_.size(); }

  void help(CellExchange& exchange) override;
  /// A rank that was told to end by somebody else, in words; the sweep was stopped then.
  [[nodiscard]] const std::optional<std::string>& lost() const { return lost_; }

  /// Lets the others go, whatever they do, and ends the connection. What they have not delivered is lost. Those that
  /// have not answered after so long are left to themselves. Calls after the first do nothing.
  void dismiss(double patience_s = 60.0);

 private:
  struct Member {
    std::string name; ///< `rank 2 on HOST (process 123)`
    std::string host;
    std::size_t threads = 0;            ///< 0: has not said hello
    std::map<CellIndex, double> handed; ///< cells that it has not delivered, with the seconds expected
    bool gone = false;                  ///< said good-bye
  };

  void take_hello(const RankMessage& message, const TeamTask& task);
  void take_failure(const RankMessage& message);
  void take(const RankMessage& message, CellExchange& exchange);
  void hand_out(std::size_t rank, CellExchange& exchange);
  [[nodiscard]] bool all_gone() const;

  Transport& transport_;
  std::vector<Member> members_; ///< by rank; the first stands for this one
  std::optional<std::string> lost_;
  std::size_t outstanding_ = 0; ///< cells handed out and not delivered
  bool exhausted_ = false;      ///< there are no more cells to hand out
  bool dismissed_ = false;
};

/// How the other ranks run cells.
struct MemberOptions {
  std::size_t threads = 1; ///< at least 1
  std::size_t scenarios = CellRunner::kScenarios;
  CostModelRegistry cost_models = default_cost_models();
  /// Asked every few milliseconds; when it says no, this rank tells rank 0 that it has to go, which ends the sweep.
  std::function<bool()> keep_going = {};
};

/// A rank other than 0: runs the cells that rank 0 hands out, until it is dismissed. To be called in the thread that
/// made the transport. What goes wrong is told to rank 0, which reports it.
/// \returns false when rank 0 did not answer in the end: the process should end at once.
bool join_team(Transport& transport, const Sweep& sweep, const TeamTask& task, const MemberOptions& options);

/// Instead of that: tells rank 0 that this rank cannot take part, and waits until it is dismissed. `bad_input`: by the
/// fault of the input.
bool decline_team(Transport& transport, const std::string& reason, bool bad_input);

} // namespace terastal
