#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>

#include "base/util/html.h"
#include "experiment/report/html_page.h"
#include "experiment/report/report_sections.h"
#include "experiment/report/series.h"

namespace latentcrs {

namespace {

using nlohmann::json;

/// A table with one column per run.
HtmlTable run_table(const Runs& runs, const std::string& first_column) {
  HtmlTable table{.caption = "", .head = {first_column}};
  for (const RunData& run : runs) table.head.push_back(run.name);
  return table;
}

/// A JSON value as the text of a table cell; numbers get a separator every three digits.
std::string cell_of(const json& value) {
  if (value.is_null()) return "-";
  if (value.is_string()) return escape_html(value.get<std::string>());
  if (!value.is_number_integer()) return escape_html(value.dump());
  std::string digits = value.dump();
  for (size_t at = digits.size(); at > 3 && std::isdigit(static_cast<unsigned char>(digits[at - 4])) != 0;)
    digits.insert(at -= 3, ",");
  return digits;
}

std::string seconds_text(double seconds) {
  if (seconds < 60) return fmt::format("{:.1f} s", seconds);
  if (seconds < 3600) return fmt::format("{:.1f} min", seconds / 60);
  return fmt::format("{:.2f} h", seconds / 3600);
}

}  // namespace

std::string run_label(const Runs& runs, size_t run) {
  const std::string name = escape_html(runs[run].name);
  if (runs.size() == 1) return name;
  return fmt::format("<span class=\"{}\"><span class=\"chip\"></span></span>{}", series_class(run), name);
}

std::string not_in(const std::vector<std::string>& names, const std::string& what) {
  if (names.empty()) return "";
  return html_note(fmt::format("Not there: {} of {}.", what, fmt::join(names, ", ")));
}

std::string runs_section(const Runs& runs) {
  HtmlTable table{.caption = "",
                  .head = {"run", "folder", "latentcrs", "LibTorch", "device", "threads", "seed", "written"},
                  .text_columns = 5};
  for (size_t i = 0; i < runs.size(); ++i) {
    const json& record = runs[i].record;
    const auto text = [&record](const char* key) { return record.contains(key) ? cell_of(record[key]) : "-"; };
    table.rows.push_back(
        {{run_label(runs, i), escape_html(runs[i].folder.string()), text("version") + " (" + text("git_revision") + ")",
          text("libtorch"), text("device"), text("threads"), text("seed"), text("time")}});
  }
  return table.html();
}

std::string settings_section(const Runs& runs) {
  if (runs.size() == 1) return html_note("One run: its settings are at the end of this page.");
  std::vector<std::string> keys;
  for (const RunData& run : runs)
    for (const SavedValue& value : run.settings)
      if (std::find(keys.begin(), keys.end(), value.key) == keys.end()) keys.push_back(value.key);
  HtmlTable table = run_table(runs, "setting");
  table.text_columns = runs.size() + 1;
  for (const std::string& key : keys) {
    HtmlRow row{{escape_html(key)}};
    const std::string absent = "(not there)", first = runs.front().setting(key, absent);
    bool differs = false;
    for (const RunData& run : runs) {
      differs = differs || run.setting(key, absent) != first;
      row.cells.push_back("<code>" + escape_html(run.setting(key, absent)) + "</code>");
    }
    if (differs) table.rows.push_back(row);
  }
  const std::string missing =
      missing_note(runs, "config.yaml", [](const RunData& run) { return run.settings.empty(); });
  return (table.rows.empty() ? html_note("All settings are the same.") : table.html()) + missing;
}

std::string dataset_section(const Runs& runs) {
  const std::string missing =
      missing_note(runs, "preprocess/dataset_report.json", [](const RunData& run) { return run.dataset.is_null(); });
  const std::pair<const char*, const char*> quantities[] = {
      {"dataset", "/dataset_name"},
      {"ratings read", "/ratings_read"},
      {"malformed lines of interactions", "/interactions_file/malformed"},
      {"ratings kept", "/ratings_kept"},
      {"duplicates", "/duplicates"},
      {"ties in time", "/time_ties"},
      {"users read", "/users_read"},
      {"users", "/users"},
      {"items read", "/items_read"},
      {"items", "/items"},
      {"interactions", "/interactions"},
      {"users shortened below 3 items", "/users_shortened"},
      {"items without metadata", "/items_without_metadata"},
      {"malformed lines of metadata", "/metadata_file/malformed"}};
  HtmlTable table = run_table(runs, "");
  for (const auto& [name, pointer] : quantities) {
    HtmlRow row{{name}};
    bool known = false;
    for (const RunData& run : runs) {
      const json value = run.dataset.is_null() ? json() : run.dataset.value(json::json_pointer(pointer), json());
      known = known || !value.is_null();
      row.cells.push_back(cell_of(value));
    }
    if (known) table.rows.push_back(row);
  }
  std::string out = table.rows.empty() ? "" : table.html();

  HtmlTable passes{.caption = "K-core", .head = {"run", "pass", "users", "items", "interactions"}, .text_columns = 1};
  for (size_t i = 0; i < runs.size(); ++i) {
    if (!runs[i].dataset.is_object()) continue;
    size_t number = 0;
    for (const json& pass : runs[i].dataset.value("kcore_passes", json::array())) {
      const bool first = number++ == 0;
      passes.rows.push_back(
          {{first ? run_label(runs, i) : "", std::to_string(number), cell_of(pass.value("users", json())),
            cell_of(pass.value("items", json())), cell_of(pass.value("interactions", json()))},
           first});
    }
  }
  if (!passes.rows.empty()) out += passes.html();

  HtmlTable spoken{
      .caption = "Utterances", .head = {"run", "split", "records", "missing", "title given away"}, .text_columns = 2};
  for (size_t i = 0; i < runs.size(); ++i) {
    if (!runs[i].utterances.is_object()) continue;
    bool first = true;
    for (const auto& [split, counts] : runs[i].utterances.items()) {
      if (!counts.is_object() || !counts.contains("records")) continue;
      spoken.rows.push_back({{first ? run_label(runs, i) : "", escape_html(split), cell_of(counts["records"]),
                              cell_of(counts.value("missing", json())), cell_of(counts.value("leaking", json()))},
                             first});
      first = false;
    }
  }
  if (!spoken.rows.empty()) out += spoken.html();
  return out + missing;
}

std::string times_section(const Runs& runs) {
  HtmlTable table = run_table(runs, "stage");
  std::vector<std::string> stages;
  for (const RunData& run : runs)
    for (const auto& [stage, seconds] : run.stage_seconds)
      if (std::find(stages.begin(), stages.end(), stage) == stages.end()) stages.push_back(stage);
  std::vector<double> totals(runs.size(), 0);
  for (const std::string& stage : stages) {
    HtmlRow row{{stage}};
    for (size_t i = 0; i < runs.size(); ++i) {
      const auto& times = runs[i].stage_seconds;
      const auto found =
          std::find_if(times.begin(), times.end(), [&](const auto& time) { return time.first == stage; });
      row.cells.push_back(found == times.end() ? "not finished" : seconds_text(found->second));
      if (found != times.end()) totals[i] += found->second;
    }
    table.rows.push_back(row);
  }
  if (table.rows.empty()) return html_note("No stage has finished.");
  HtmlRow row{{"together"}, true};
  for (const double total : totals) row.cells.push_back(seconds_text(total));
  table.rows.push_back(row);
  return table.html() + html_note(
                            "Time of the last computation of a stage; a stage resumed after an interruption "
                            "counts from there.");
}

std::string curves_section(const Runs& runs) {
  return missing_note(runs, "pretrain/metrics.jsonl", [](const RunData& run) { return run.pretrain_lines.empty(); }) +
         missing_note(runs, "train/metrics.jsonl", [](const RunData& run) { return run.train_lines.empty(); });
}

std::string full_settings_section(const Runs& runs) {
  std::string out;
  for (const RunData& run : runs)
    if (!run.config_text.empty())
      out += html_details("All settings of " + run.name, "<pre>" + escape_html(run.config_text) + "</pre>");
  return out;
}

}  // namespace latentcrs
