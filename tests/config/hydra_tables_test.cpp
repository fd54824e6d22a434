// Compares with the answers of Hydra and OmegaConf to about 950 questions (tables in shared/cases beside the checkout,
// if they are there; values of our own are in hydra_values_test.cpp). LATENTCRS_SHOW_ROWS=1 lists the rows that differ.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <regex>
#include <set>
#include <sstream>

#include "base/config/interpolation.h"
#include "base/config/json_node.h"
#include "base/config/load_config.h"
#include "base/config/yaml_file.h"
#include "base/util/error.h"
#include "config/config_files.h"
#include "config/open_tree.h"
#include "support/temp_dir.h"

namespace latentcrs::test {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

namespace {

using Row = std::map<std::string, std::string>;

fs::path cases() { return source_path("../shared/cases"); }

std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells;
  std::istringstream in(line + "\t");
  for (std::string cell; std::getline(in, cell, '\t');) cells.push_back(cell);
  return cells;
}

std::vector<Row> read_table(const std::string& name) {
  std::ifstream in(cases() / name);
  std::string line;
  std::getline(in, line);
  const std::vector<std::string> columns = cells_of(line);
  std::vector<Row> rows;
  while (std::getline(in, line)) {
    const std::vector<std::string> cells = cells_of(line);
    Row row;
    for (size_t i = 0; i < columns.size(); ++i) row[columns[i]] = i < cells.size() ? cells[i] : "";
    rows.push_back(row);
  }
  return rows;
}

/// The number of rows that agree, and the rows that do not.
class Tally {
 public:
  enum class Outcome { agrees, refused, accepted, other_value };

  void add(const std::string& row, const std::string& expected, bool expects_error, const std::optional<Node>& value,
           const std::string& message) {
    Outcome outcome = Outcome::agrees;
    if (expects_error)
      outcome = value ? Outcome::accepted : Outcome::agrees;
    else if (!value)
      outcome = Outcome::refused;
    else if (!same_value(*value, expected))
      outcome = Outcome::other_value;
    rows[outcome].insert(row);
    static constexpr const char* names[] = {"agrees", "refused", "accepted", "OTHER VALUE"};
    if (outcome != Outcome::agrees && std::getenv("LATENTCRS_SHOW_ROWS") != nullptr)
      fmt::print("{}: {}\n    expected {}\n    got {}\n", names[static_cast<int>(outcome)], row,
                 expects_error ? "an error" : expected, value ? value_text(*value) : message);
  }

  std::string counts() {
    return fmt::format("{} agree, {} refused, {} accepted, {} another value", rows[Outcome::agrees].size(),
                       rows[Outcome::refused].size(), rows[Outcome::accepted].size(),
                       rows[Outcome::other_value].size());
  }

  std::map<Outcome, std::set<std::string>> rows;
};

using Outcome = Tally::Outcome;

struct Environment {
  Environment() {
    setenv("HYDRA_CASE", "1e-3", 1);
    setenv("HYDRA_TRUE", "true", 1);
    setenv("HYDRA_EMPTY", "", 1);
    unsetenv("HYDRA_NOPE");
  }
};

bool tables_are_there() {
  if (fs::exists(cases() / "hydra-overrides.tsv")) return true;
  WARN("skipped: no tables in " << cases());
  return false;
}

/// The value of a row of hydra-overrides.tsv; nullopt with the message if it is refused.
std::optional<Node> value_of_row(const Row& row, std::string& message) {
  std::vector<std::string> arguments = ordered_json::parse(row.at("arguments"));
  const fs::path file = cases() / "hydra-config" / (row.at("config") + ".yaml");
  try {
    if (arguments.empty() || arguments.front() != "-m") return open_value(file, arguments, row.at("key"));
    arguments.erase(arguments.begin());
    Node list = list_node({});
    for (const std::vector<std::string>& job : expand_multirun(file, arguments))
      list.items.push_back(open_value(file, job, row.at("key")));
    return list;
  } catch (const Error& e) {
    message = e.what();
    return std::nullopt;
  }
}

constexpr const char* kMap = "simulate.chat.parameters";

/// An argument of the table as an override of the program's free map, which holds the table's configuration.
std::string in_free_map(const std::string& argument) {
  static const std::regex key(R"(^([~+]*)([^=]*))");
  static const std::regex reference(R"(\$\{(lr|x|name|list|d|opt|y2)\b)");
  const std::string moved =
      std::regex_replace(argument, key, std::string("$1") + kMap + ".$2", std::regex_constants::format_first_only);
  if (moved.find("\\${") != std::string::npos) return moved;  // text
  return std::regex_replace(moved, reference, std::string("$${") + kMap + ".$1");
}

/// The same value through load_config, as a service would receive it.
std::optional<Node> value_in_free_map(const Row& row, const ConfigFiles& files, std::string& message) {
  std::vector<std::string> arguments = ordered_json::parse(row.at("arguments"));
  const bool is_sweep = !arguments.empty() && arguments.front() == "-m";
  if (is_sweep) arguments.erase(arguments.begin());
  for (std::string& argument : arguments) argument = in_free_map(argument);
  try {
    Node list = list_node({});
    const auto jobs = is_sweep ? files.jobs(arguments) : std::vector<std::vector<std::string>>{arguments};
    for (const std::vector<std::string>& job : jobs) {
      const Node sent = to_node(ordered_json::parse(files.load(job).config.simulate.chat.parameters), "");
      const Node* value = row.at("key").empty() ? &sent : sent.find(row.at("key"));
      if (value == nullptr) throw config_error("it is not there");
      list.items.push_back(*value);
    }
    return is_sweep ? list : list.items.front();
  } catch (const Error& e) {
    message = e.what();
    return std::nullopt;
  }
}

}  // namespace

TEST_CASE("The program's free maps take Hydra's overrides") {
  if (!tables_are_there()) return;
  const Environment environment;
  const ConfigFiles files(
      "simulate: {chat: {parameters: {lr: 0.1, x: 1, name: abc, list: [1, 2, 3], d: {a: 1, b: null}, opt: null}}}\n");
  Tally tally;
  for (const Row& row : read_table("hydra-overrides.tsv")) {
    if (row.at("config") != "config" || row.at("group").starts_with("group")) continue;
    std::string message;
    const std::optional<Node> value = value_in_free_map(row, files, message);
    tally.add(row.at("arguments"), row.at("result"), row.at("result") == "error", value, message);
  }
  INFO(tally.counts());
  CHECK(tally.rows[Outcome::agrees].size() > 440);
  CHECK(tally.rows[Outcome::other_value].empty());
  CHECK(tally.rows[Outcome::refused].size() == 11);   // inf, nan, 10^20 and ???, which JSON does not have
  CHECK(tally.rows[Outcome::accepted].size() == 15);  // new keys without +
}

TEST_CASE("Overrides mean what they mean to Hydra") {
  if (!tables_are_there()) return;
  const Environment environment;
  Tally tally;
  for (const Row& row : read_table("hydra-overrides.tsv")) {
    std::string message;
    const std::optional<Node> value = value_of_row(row, message);
    tally.add(row.at("arguments") + " " + row.at("config"), row.at("result"), row.at("result") == "error", value,
              message);
  }
  INFO(tally.counts());
  CHECK(tally.rows[Outcome::agrees].size() > 500);
  CHECK(tally.rows[Outcome::other_value].empty());
  CHECK(tally.rows[Outcome::accepted].empty());
  // configs/README.md, "Differences from Hydra"
  CHECK(tally.rows[Outcome::refused] == std::set<std::string>{R"(["cache=zz"] groups)"});
}

TEST_CASE("Scalars of YAML files have the types that OmegaConf gives them") {
  if (!tables_are_there()) return;
  Tally tally;
  for (const Row& row : read_table("omegaconf-values.tsv")) {
    Problems problems;
    const std::string text = "v: " + ordered_json::parse(row.at("yaml")).get<std::string>() + "\n";
    const YamlFile file = read_yaml_text(text, "v.yaml", problems);
    check_interpolations(file.root, "", problems);
    std::optional<Node> value;
    if (const Node* v = file.root.find("v"); v != nullptr && problems.count() == 0) value = *v;
    tally.add(row.at("yaml"), row.at("value"), row.at("type") == "error", value, "");
  }
  INFO(tally.counts());
  CHECK(tally.rows[Outcome::agrees].size() > 150);
  CHECK(tally.rows[Outcome::other_value].empty());
  CHECK(tally.rows[Outcome::accepted].empty());
  CHECK(tally.rows[Outcome::refused].empty());
}

TEST_CASE("Interpolations give what OmegaConf gives") {
  if (!tables_are_there()) return;
  const Environment environment;
  Tally tally;
  for (const Row& row : read_table("omegaconf-interpolation.tsv")) {
    Problems problems;
    const YamlFile file = read_yaml_text(ordered_json::parse(row.at("config")).get<std::string>(), "v.yaml", problems);
    std::optional<Node> value;
    if (problems.count() == 0) value = Interpolation(file.root, problems).value(row.at("key"));
    if (value && value->is_text("???")) value.reset();
    tally.add(row.at("config"), row.at("value"), row.at("type") == "error", value, "");
  }
  INFO(tally.counts());
  CHECK(tally.rows[Outcome::agrees].size() > 120);
  CHECK(tally.rows[Outcome::other_value].empty());
  CHECK(tally.rows[Outcome::accepted].empty());
  CHECK(tally.rows[Outcome::refused].empty());
}

}  // namespace latentcrs::test
