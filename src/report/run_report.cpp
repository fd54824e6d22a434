#include "report/run_report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "report/html_page.h"
#include "report/report_sections.h"
#include "util/error.h"
#include "util/html.h"

namespace latentcrs {

namespace {

std::string render(const Runs& runs, const ResamplingOptions& resampling) {
  struct Section {
    const char* anchor;
    const char* heading;
    std::string html;
  };
  const Section sections[] = {{"settings", "Settings that differ", settings_section(runs)},
                              {"one-turn", "One turn", one_turn_section(runs)},
                              {"tests", "Paired tests", comparison_section(runs, resampling)},
                              {"multi-turn", "Dialogues", multi_turn_section(runs)},
                              {"conversations", "People's conversations", conversations_section(runs)},
                              {"curves", "Learning curves", curves_section(runs)},
                              {"intents", "Intents", intents_section(runs)},
                              {"data", "Dataset", dataset_section(runs)},
                              {"times", "Times", times_section(runs)},
                              {"utterances", "Utterances", utterances_section(runs)},
                              {"transcripts", "A few dialogues", transcripts_section(runs)},
                              {"all-settings", "All settings", full_settings_section(runs)}};
  const std::string title = runs.size() == 1 ? "Run " + runs[0].name : fmt::format("{} runs", runs.size());
  std::string body = fmt::format("<h1>{}</h1>\n{}<nav>", escape_html(title), runs_section(runs));
  for (const Section& section : sections)
    body += fmt::format("<a href=\"#{}\">{}</a>", section.anchor, section.heading);
  body += "</nav>\n";
  for (const Section& section : sections)
    body += fmt::format("<section id=\"{}\">\n<h2>{}</h2>\n{}</section>\n", section.anchor, section.heading,
                        section.html.empty() ? html_note("Nothing.") : section.html);
  return html_page("latentcrs: " + title, body);
}

}  // namespace

std::string render_report(const std::vector<std::filesystem::path>& folders, const ResamplingOptions& resampling) {
  if (folders.empty()) throw internal_error("a report of no run");
  const Runs runs = read_runs(folders);
  try {
    return render(runs, resampling);
  } catch (const nlohmann::json::exception& e) {
    std::vector<std::string> names;
    for (const RunData& run : runs) names.push_back(run.folder.string());
    throw data_error(
        fmt::format("{}: a JSON file there is not as latentcrs writes it: {}", fmt::join(names, ", "), e.what()));
  }
}

}  // namespace latentcrs
