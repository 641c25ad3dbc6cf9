#include "sweep/store_schema.hpp"

#include <map>

#include <nlohmann/json.hpp>

#include "sweep/store_errors.hpp"
#include "sweep/store_identity.hpp"

namespace terastal {
namespace {

using Json = nlohmann::ordered_json;

std::string columns(const std::vector<std::string>& names, const std::string& type) {
  std::string text;
  for (const std::string& name : names) text += ", " + sqlite::identifier(name) + type;
  return text;
}

void create_tables(sqlite::Database& database, const SweepIdentity& identity) {
  database.execute("CREATE TABLE sweep(key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT");
  database.execute("CREATE TABLE inputs(number INTEGER PRIMARY KEY, path TEXT NOT NULL, sha256 TEXT NOT NULL) STRICT");
  database.execute("CREATE TABLE cells(cell INTEGER PRIMARY KEY, status TEXT NOT NULL CHECK(status IN ('done', "
                   "'failed')), digest TEXT, error TEXT, checksum TEXT NOT NULL" +
                   columns(identity.axes, " TEXT NOT NULL") + ") STRICT");
  database.execute("CREATE TABLE results(cell INTEGER NOT NULL, task TEXT NOT NULL, released INTEGER NOT NULL, "
                   "completed INTEGER NOT NULL, late INTEGER NOT NULL, dropped INTEGER NOT NULL" +
                   columns(identity.metrics, " REAL") + ", PRIMARY KEY(cell, task)) STRICT, WITHOUT ROWID");
  database.execute("CREATE TABLE progress(batch INTEGER PRIMARY KEY, cells INTEGER NOT NULL, wall_s REAL NOT NULL) "
                   "STRICT");
  database.execute("CREATE VIEW joined AS SELECT cell" + columns(identity.axes, "") +
                   ", task, released, completed, late, dropped" + columns(identity.metrics, "") +
                   " FROM cells JOIN results USING (cell)");
}

void write_identity(sqlite::Database& database, const SweepIdentity& identity) {
  Json axes = Json::array();
  for (std::size_t a = 0; a < identity.axes.size(); ++a) {
    axes.push_back({{"name", identity.axes[a]}, {"values", identity.axis_values[a]}});
  }
  const auto dump = [](const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); };
  const std::vector<std::pair<std::string, std::string>> entries = {{"name", identity.name},
                                                                    {"document", identity.document},
                                                                    {"axes", dump(axes)},
                                                                    {"metrics", dump(identity.metrics)},
                                                                    {"version", identity.version},
                                                                    {"cells", std::to_string(identity.cells)},
                                                                    {"identity", identity_digest(identity)}};
  sqlite::Statement entry(database, "INSERT INTO sweep VALUES(?, ?)");
  for (const auto& [key, value] : entries) {
    entry.bind(1, key);
    entry.bind(2, value);
    entry.run();
  }
  sqlite::Statement input(database, "INSERT INTO inputs VALUES(?, ?, ?)");
  for (std::size_t i = 0; i < identity.inputs.size(); ++i) {
    input.bind(1, std::uint64_t{i + 1});
    input.bind(2, identity.inputs[i].path);
    input.bind(3, identity.inputs[i].sha256);
    input.run();
  }
}

} // namespace

bool is_blank(sqlite::Database& database) {
  return database.number("PRAGMA application_id") == 0 && database.number("PRAGMA user_version") == 0 &&
         database.number("SELECT count(*) FROM sqlite_schema") == 0;
}

void create_store(sqlite::Database& database, const SweepIdentity& identity) {
  sqlite::Transaction transaction(database);
  create_tables(database, identity);
  write_identity(database, identity);
  database.execute("PRAGMA application_id = " + std::to_string(kStoreApplication));
  database.execute("PRAGMA user_version = " + std::to_string(kStoreSchema));
  transaction.commit();
}

void check_store(sqlite::Database& database) {
  if (is_blank(database)) {
    bad_store(database.path(), "is empty: no sweep has stored anything in it yet");
  }
  if (database.number("PRAGMA application_id") != kStoreApplication) {
    bad_store(database.path(), "is not a results store (an SQLite file of another program)");
  }
  const std::uint64_t schema = database.number("PRAGMA user_version");
  if (schema != kStoreSchema) {
    bad_store(database.path(), "has tables of version " + std::to_string(schema) + ", this program knows version " +
                                   std::to_string(kStoreSchema) + "; use the program that wrote it, or a newer one");
  }
}

SweepIdentity read_identity(sqlite::Database& database) {
  std::map<std::string, std::string> entries;
  sqlite::Statement entry(database, "SELECT key, value FROM sweep");
  while (entry.step()) entries[entry.text(0)] = entry.text(1);

  SweepIdentity identity;
  sqlite::Statement input(database, "SELECT path, sha256 FROM inputs ORDER BY number");
  while (input.step()) identity.inputs.push_back({input.text(0), input.text(1)});
  identity.name = entries["name"];
  identity.document = entries["document"];
  identity.version = entries["version"];
  try {
    identity.cells = std::stoull(entries["cells"]);
    identity.metrics = Json::parse(entries["metrics"]).get<std::vector<std::string>>();
    for (const Json& axis : Json::parse(entries["axes"])) {
      identity.axes.push_back(axis.at("name").get<std::string>());
      identity.axis_values.push_back(axis.at("values").get<std::vector<std::string>>());
    }
  } catch (const std::exception&) { // whatever is wrong with it
    corrupt_store(database.path(), "what it says of its sweep cannot be read");
  }
  if (identity_digest(identity) != entries["identity"]) {
    corrupt_store(database.path(), "what it says of its sweep was changed");
  }
  return identity;
}

} // namespace terastal
