#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <numeric>

#include "base/metrics/metrics.h"
#include "base/util/html.h"
#include "experiment/report/html_page.h"
#include "experiment/report/intent_use.h"
#include "experiment/report/report_sections.h"

namespace latentcrs {

namespace {

double mean_of(const std::vector<double>& values) {
  return values.empty() ? 0 : std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

}  // namespace

std::string intents_section(const Runs& runs) {
  HtmlTable table{.caption = "",
                  .head = {"run", "inferred", "K", "intents used", "effective number", "largest share",
                           "mean probability", "same with and without text"},
                  .text_columns = 2};
  for (size_t i = 0; i < runs.size(); ++i) {
    const InferredIntents& intents = runs[i].intents;
    if (intents.without_text.empty()) continue;
    const bool spoken = !intents.with_text.empty();
    const std::string same = spoken ? fmt::format("{:.1f} %", 100.0 * static_cast<double>(intents.same) /
                                                                  static_cast<double>(intents.with_text.size()))
                                    : "-";
    const auto add = [&](const std::string& label, const char* how, const std::vector<int>& of,
                         const std::vector<double>& probabilities) {
      const std::vector<double> shares = intent_shares(of);
      table.rows.push_back({{label, how, escape_html(runs[i].setting("pretrain.num_intent_clusters", "-")),
                             std::to_string(shares.size()), fmt::format("{:.1f}", effective_number(shares)),
                             fmt::format("{:.1f} %", 100 * shares.front()),
                             fmt::format("{:.3f}", mean_of(probabilities)), label.empty() ? "" : same},
                            !label.empty()});
    };
    if (spoken) add(run_label(runs, i), "with text", intents.with_text, intents.p_with_text);
    add(spoken ? "" : run_label(runs, i), "without text", intents.without_text, intents.p_without_text);
  }
  std::string out;
  if (!table.rows.empty())
    out = table.html() + html_note(
                             "Test users by their most probable intent, with text those who said something. Effective "
                             "number: exp of the entropy of the intents' shares of the users.");
  const auto is_mapped = [](const RunData& run) {
    return std::filesystem::exists(run.folder / "intents/intents.jsonl");
  };
  if (std::none_of(runs.begin(), runs.end(), is_mapped))
    out +=
        html_note("After latentcrs intents, which names the items nearest to each intent, the page has a map of them.");
  return out + missing_note(runs, "evaluate/intents_test.tsv",
                            [](const RunData& run) { return run.intents.without_text.empty(); });
}

}  // namespace latentcrs
