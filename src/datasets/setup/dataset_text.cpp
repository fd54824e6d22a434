#include "datasets/setup/dataset_text.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace latentcrs {
namespace {

constexpr size_t kLabelWidth = 16;

class Lines {
 public:
  void add(const std::string& label, const std::string& text) {
    text_ += fmt::format("{:<{}} {}\n", label == last_ ? "" : label, kLabelWidth, text);
    last_ = label;
  }
  std::string text() const { return text_; }

 private:
  std::string text_;
  std::string last_;
};

std::string day_of(double seconds) {
  const auto time = static_cast<std::time_t>(std::floor(seconds));
  return fmt::format("{:%Y-%m-%d %H:%M:%S}", fmt::gmtime(time));
}

std::string counted(int64_t count, const char* one, const char* many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

void add_counts(const PreprocessReport& all, Lines& lines) {
  lines.add("Read", fmt::format("{}: {}, {}, {}", counted(all.interactions_file.lines, "line", "lines"),
                                counted(all.users_read, "user", "users"), counted(all.items_read, "item", "items"),
                                counted(all.ratings_read, "interaction", "interactions")));
  if (all.ratings) lines.add("Ratings", fmt::format("from {} to {}", all.ratings->lowest, all.ratings->highest));
}

void add_times(const FoundDataset& found, const PreprocessReport& all, Lines& lines) {
  if (!all.times) return;
  const auto note = found.notes.find("time_unit");
  lines.add("Times", fmt::format("{} to {} UTC{}", day_of(all.times->lowest), day_of(all.times->highest),
                                 note == found.notes.end() ? "" : " (" + note->second + ")"));
}

void add_ties_and_repeats(const PreprocessReport& all, Lines& lines) {
  const int64_t neighbours = all.interactions - all.users;
  if (all.time_ties > 0)
    lines.add("Ties", fmt::format("{} of {} neighbours in a user's sequence have the same time, the first are those of "
                                  "user {}: they keep the order of the file",
                                  all.time_ties, neighbours, all.tied_user));
  if (all.duplicates > 0)
    lines.add("Repeats", fmt::format("{} of an item that the user had before, {} of them at the same time "
                                     "(datasets.repeats says what becomes of them)",
                                     counted(all.duplicates, "interaction", "interactions"), all.repeats_at_one_time));
}

}  // namespace

std::string kept_text(const KeptData& kept, bool rated) {
  const std::string ratings = !rated                 ? ""
                              : kept.min_rating == 0 ? "all ratings, "
                                                     : fmt::format("ratings of at least {}, ", kept.min_rating);
  return fmt::format("{}at least {} interactions: {}, {}, {}", ratings, kept.min_interactions,
                     counted(kept.users, "user", "users"), counted(kept.items, "item", "items"),
                     counted(kept.interactions, "interaction", "interactions"));
}

std::string dataset_text(const FoundDataset& found, const DatasetSurvey& survey) {
  Lines lines;
  for (const FoundFile& file : found.files)
    lines.add("File", fmt::format("{}: {}; {}", file.path.filename().string(), file.taken_for, file.meaning));
  const PreprocessReport& all = survey.all;
  for (const std::string& finding : found.findings) lines.add("Found", finding);
  for (const std::string& remark : all.remarks) lines.add("Found", remark);
  add_counts(all, lines);
  add_times(found, all, lines);
  add_ties_and_repeats(all, lines);
  for (const DroppedLines& dropped : all.dropped)
    lines.add("Left out", fmt::format("{} of {}: {} (the first is line {})", counted(dropped.lines, "line", "lines"),
                                      dropped.file, dropped.reason, dropped.first_line));
  const int64_t malformed = all.interactions_file.malformed + all.metadata_file.malformed;
  if (malformed > 0) lines.add("Left out", counted(malformed, "malformed line", "malformed lines"));
  for (const std::string& warning : all.warnings) lines.add("Take care", warning);
  if (survey.liked > 0)
    lines.add("Take care", fmt::format("ratings go to {}: 4 of 5 means {} there, and min_rating is {}",
                                       all.ratings->highest, survey.liked, survey.choice().min_rating));
  const bool rated = all.ratings.has_value();
  for (size_t i = 0; i < survey.kept.size(); ++i)
    lines.add(i + 1 < survey.kept.size() ? "Would be kept" : "Is kept", kept_text(survey.kept[i], rated));
  return lines.text();
}

}  // namespace latentcrs
