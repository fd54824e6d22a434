#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/util/files.h"
#include "base/util/html.h"
#include "experiment/report/html_page.h"
#include "experiment/report/html_template.h"
#include "experiment/report/transcripts.h"

namespace latentcrs {

namespace {

std::string name_of(const TranscriptItem& item) {
  return item.title.empty() ? fmt::format("item {}", item.id) : escape_html(item.title);
}

std::string outcome_of(const Transcript& transcript) {
  if (transcript.success_turn > 0)
    return fmt::format("<span class=\"outcome yes\">found in turn {}</span>", transcript.success_turn);
  const char* how = transcript.missing_reply ? "the user fell silent" : "not found";
  return fmt::format("<span class=\"outcome no\">{}</span>", how);
}

std::string turn_html(const TranscriptTurn& turn, int64_t target) {
  std::string out = "<div class=\"said\">" + escape_html(turn.user) +
                    (turn.leaks_title ? " <span class=\"leak\">gives the title away</span>" : "") + "</div>\n";
  if (turn.shown.empty()) return out;
  out += "<div class=\"shown\">";
  if (!turn.features.empty())
    out += fmt::format("<div class=\"heard\">heard: {}</div>",
                       escape_html(fmt::format("{}", fmt::join(turn.features, ", "))));
  out += "<ol>";
  for (const TranscriptItem& item : turn.shown)
    out += fmt::format("<li{}>{}</li>", item.id == target ? " class=\"hit\"" : "", name_of(item));
  return out + "</ol></div>\n";
}

std::string section(const std::string& heading, const std::string& anchor, const std::vector<const Transcript*>& part) {
  if (part.empty()) return "";
  std::string out = fmt::format("<h2 id=\"{}\">{}: {}</h2>\n<div class=\"dialogues\">\n", anchor, heading, part.size());
  for (const Transcript* transcript : part) out += transcript_html(*transcript);
  return out + "</div>\n";
}

}  // namespace

std::string transcript_html(const Transcript& transcript) {
  std::string turns;
  for (const TranscriptTurn& turn : transcript.turns) turns += turn_html(turn, transcript.target.id);
  if (transcript.turns.empty()) turns = html_note("Nothing was said.");
  return fill_template("dialogue.html", {{"who", escape_html(transcript.shown_id)},
                                         {"target", name_of(transcript.target)},
                                         {"outcome", outcome_of(transcript)},
                                         {"turns", turns}});
}

void write_transcript_page(const std::filesystem::path& jsonl, const std::string& title,
                           const std::filesystem::path& page) {
  const std::vector<Transcript> transcripts = read_transcripts(jsonl);
  std::vector<const Transcript*> found, not_found;
  int turns = 0;
  for (const Transcript& transcript : transcripts) {
    (transcript.success_turn > 0 ? found : not_found).push_back(&transcript);
    turns = std::max(turns, transcript.success_turn);
  }
  std::string body = fmt::format("<h1>{}</h1>\n", escape_html(title));
  body +=
      html_note(fmt::format("{} dialogues. A simulated user (right) wants one item; what was shown is on the left, "
                            "best first.",
                            transcripts.size()));
  body += "<nav>";
  if (!not_found.empty()) body += fmt::format("<a href=\"#failures\">not found: {}</a>", not_found.size());
  std::string sections;
  for (int turn = 1; turn <= turns; ++turn) {
    std::vector<const Transcript*> part;
    std::copy_if(found.begin(), found.end(), std::back_inserter(part),
                 [turn](const Transcript* transcript) { return transcript->success_turn == turn; });
    if (part.empty()) continue;
    body += fmt::format("<a href=\"#turn{}\">found in turn {}: {}</a>", turn, turn, part.size());
    sections += section(fmt::format("Found in turn {}", turn), fmt::format("turn{}", turn), part);
  }
  body += "</nav>\n" + section("Not found", "failures", not_found) + sections;
  write_file_atomically(page, html_page(title, body));
}

}  // namespace latentcrs
