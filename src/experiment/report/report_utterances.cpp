// What simulated users said at first: how many of them, and a few with their prompts.
#include <fmt/format.h>

#include <algorithm>

#include "base/util/error.h"
#include "base/util/files.h"
#include "base/util/html.h"
#include "experiment/report/html_page.h"
#include "experiment/report/report_sections.h"
#include "experiment/run/raw_ids.h"

namespace latentcrs {

namespace {

using nlohmann::json;
namespace fs = std::filesystem;

constexpr size_t kShownUtterances = 12;

/// Lines of the file, at most kShownUtterances of them, at equal distances.
std::vector<json> some_utterances(const fs::path& file) {
  std::vector<std::string> all;
  LineReader lines(file);
  for (std::string_view line; lines.next(line);) all.emplace_back(line);
  std::vector<json> some;
  const size_t count = std::min(kShownUtterances, all.size());
  for (size_t i = 0; i < count; ++i) {
    const size_t at = i * all.size() / count;
    json line = json::parse(all[at], nullptr, false);
    if (!line.is_object() || !line.contains("prompt") || !line.contains("response"))
      throw data_error(fmt::format("{}:{}: not an utterance as simulate writes them", file.string(), at + 1));
    some.push_back(std::move(line));
  }
  return some;
}

/// The utterances of the test split; empty if the stage has not written them.
fs::path test_utterances(const fs::path& run) {
  const fs::path folder = run / "simulate/processed_data";
  if (!fs::is_directory(folder)) return {};
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.path().filename().string().ends_with("_raw_seedtest.jsonl")) return entry.path();
  return {};
}

std::string utterance_html(const json& line, const RawIds& users) {
  const bool leaks = line.value("leaks_title", false);
  return fmt::format("<div class=\"said\">{}{}</div>\n{}", escape_html(line.at("response").get<std::string>()),
                     leaks ? " <span class=\"leak\">gives the title away</span>" : "",
                     html_details("the prompt of " + users.shown(line.value("customer_id", std::string())),
                                  "<pre>" + escape_html(line.at("prompt").get<std::string>()) + "</pre>"));
}

/// A row for each split.
std::string counts_html(const json& report) {
  HtmlTable table{.caption = "Records of each split",
                  .head = {"split", "records", "without an answer", "leak the title", "leaked at first", "cut short"}};
  for (const auto& [key, counts] : report.items()) {
    HtmlRow row{{escape_html(key)}};
    for (const char* name : {"records", "missing", "leaking", "leaked_at_first", "shortened"})
      row.cells.push_back(counts.contains(name) ? fmt::format("{}", counts.at(name).get<int64_t>()) : "");
    table.rows.push_back(std::move(row));
  }
  return table.html();
}

}  // namespace

std::string utterances_section(const Runs& runs) {
  std::string out;
  for (size_t i = 0; i < runs.size(); ++i) {
    const fs::path file = test_utterances(runs[i].folder);
    if (file.empty()) continue;
    if (runs.size() > 1) out += "<h3>" + run_label(runs, i) + "</h3>\n";
    if (runs[i].utterances.is_object()) out += counts_html(runs[i].utterances);
    const RawIds users(user_id_map(runs[i].folder / "preprocess"));
    for (const json& line : some_utterances(file)) out += utterance_html(line, users);
  }
  return out + missing_note(runs, "simulate/processed_data",
                            [](const RunData& run) { return test_utterances(run.folder).empty(); });
}

}  // namespace latentcrs
