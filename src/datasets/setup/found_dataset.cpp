#include "datasets/setup/found_dataset.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <functional>
#include <optional>

#include "base/config/config_tree.h"
#include "base/util/error.h"
#include "datasets/data/raw_file_check.h"
#include "datasets/setup/split_files.h"
#include "datasets/setup/which_reading.h"

namespace latentcrs {
namespace {

namespace fs = std::filesystem;

struct Candidate {
  fs::path path;
  std::vector<Reading> readings;

  bool is(FileRole role) const { return !readings.empty() && readings[0].role == role; }
};

std::vector<fs::path> all_files(const std::vector<fs::path>& paths) {
  std::vector<fs::path> files;
  for (const fs::path& path : paths) {
    if (!fs::exists(path)) throw data_error(fmt::format("{}: there is no such file", path.string()));
    if (!fs::is_directory(path)) {
      files.push_back(path);
      continue;
    }
    std::vector<fs::path> inside;
    for (const auto& entry : fs::directory_iterator(path)) {
      const bool hidden = entry.path().filename().string().starts_with('.');
      if (entry.is_regular_file() && !hidden) inside.push_back(entry.path());
    }
    if (inside.empty()) throw data_error(fmt::format("{}: the folder has no files", path.string()));
    std::sort(inside.begin(), inside.end());
    files.insert(files.end(), inside.begin(), inside.end());
  }
  return files;
}

bool is_general(const Reading& reading) {
  return (reading.options.format == "csv" || reading.options.format == "jsonl") && reading.role != FileRole::items;
}

/// Lines of numbers between blanks, of which several forms look alike.
bool is_list(const Reading& reading) {
  const std::string& format = reading.options.format;
  return format == "lightgcn" || format == "sequences" || format == "pairs";
}

/// The search for the roles of all files.
class DatasetFinder {
 public:
  DatasetFinder(const std::vector<fs::path>& paths, const Answers& answers) : answers_(answers) {
    const std::vector<fs::path> files = all_files(paths);
    for (const fs::path& file : files) {
      std::vector<Reading> readings = recognise(sample_file(file));
      // Of several files one without a known form may be anything, such as a text about the others.
      const bool may_be_given = !readings.empty() || files.size() == 1;
      candidates_.push_back({file, may_be_given ? fitting_readings(std::move(readings), answers) : readings});
    }
  }

  FoundDataset find() {
    std::vector<Candidate*> parts = with_role(FileRole::interactions);
    if (parts.empty()) throw_without_interactions();
    leave_out_general(parts);
    parts = whole_or_split(parts);
    const std::vector<Reading> readings = common_readings(parts);
    const Candidate* items = take_items(readings);
    take_interactions(parts, one_reading(parts, readings, items));
    if (items != nullptr) add_items(*items);
    add_rest();
    return std::move(found_);
  }

 private:
  std::vector<Candidate*> with_role(FileRole role) {
    std::vector<Candidate*> found;
    for (Candidate& candidate : candidates_) {
      if (candidate.is(role)) found.push_back(&candidate);
    }
    return found;
  }

  [[noreturn]] void throw_without_interactions() const;
  template <class IsWeak>
  void leave_out(std::vector<Candidate*>& parts, IsWeak is_weak);
  void leave_out_general(std::vector<Candidate*>& parts);
  std::vector<Candidate*> whole_or_split(const std::vector<Candidate*>& parts);
  std::vector<Reading> common_readings(const std::vector<Candidate*>& parts) const;
  const Candidate* take_items(const std::vector<Reading>& readings);
  Reading one_reading(const std::vector<Candidate*>& parts, const std::vector<Reading>& readings,
                      const Candidate* items) const;
  void take_interactions(const std::vector<Candidate*>& parts, const Reading& reading);
  void add_items(const Candidate& items);
  void add_rest();
  void say(const Candidate& file, std::string taken_for, std::string meaning) {
    found_.files.push_back({file.path, std::move(taken_for), std::move(meaning)});
    said_.push_back(&file);
  }

  const Answers& answers_;
  std::vector<Candidate> candidates_;
  FoundDataset found_;
  std::vector<const Candidate*> said_;
};

void DatasetFinder::throw_without_interactions() const {
  std::string text;
  for (const Candidate& file : candidates_) {
    const std::string name = file.path.string();
    if (file.readings.empty()) {
      check_raw_file(file.path);  // knows some files that nothing is found in
      text += fmt::format("{}: no known form, and no columns of users and items were found in it\n", name);
    } else if (file.is(FileRole::dialogues)) {
      text += fmt::format(
          "{}: {}. They are no interactions: their speakers are crowd workers without histories, so that no rating log "
          "can be made from them. `latentcrs evaluate -c NAME conversations={}` takes them for a config NAME\n",
          name, file.readings[0].meaning, name);
    } else {
      text += fmt::format("{}: {}\n", name, file.readings[0].meaning);
    }
  }
  throw data_error("no interactions of users with items were found\n" + text +
                   "A table needs a column of users and one of items; datasets.columns.user=NAME and "
                   "datasets.columns.item=NAME name them (docs/datasets.md)");
}

/// Leaves out those of `parts` that `is_weak`, unless all are.
template <class IsWeak>
void DatasetFinder::leave_out(std::vector<Candidate*>& parts, IsWeak is_weak) {
  if (std::all_of(parts.begin(), parts.end(), is_weak)) return;
  for (Candidate* part : parts) {
    if (is_weak(part)) say(*part, "not needed", part->readings[0].meaning);
  }
  std::erase_if(parts, is_weak);
}

/// Any table may be one of interactions. Beside a dataset of a published form it is not needed, and beside one whose
/// columns have the names of users and items those without are not.
void DatasetFinder::leave_out_general(std::vector<Candidate*>& parts) {
  const auto general = [](const Candidate* part) { return is_general(part->readings[0]); };
  const auto list = [](const Candidate* part) { return is_list(part->readings[0]); };
  if (std::any_of(parts.begin(), parts.end(), [&](const Candidate* part) { return !general(part) && !list(part); }))
    leave_out(parts, general);
  else if (std::any_of(parts.begin(), parts.end(), list))
    leave_out(parts,
              [&](const Candidate* part) { return general(part) && part->readings[0].options.columns.rating.empty(); });
  else
    leave_out(parts, [](const Candidate* part) { return !part->readings[0].named; });
}

/// One file, or the parts of a split in their order.
std::vector<Candidate*> DatasetFinder::whole_or_split(const std::vector<Candidate*>& parts) {
  if (parts.size() == 1) return parts;
  std::vector<fs::path> paths;
  for (const Candidate* part : parts) paths.push_back(part->path);
  const SplitFiles split = find_split(paths);
  const auto candidate_at = [&](size_t index) { return parts[index]; };
  if (split.whole) {
    for (const size_t index : split.parts)
      say(*candidate_at(index), "not needed",
          "a part of a split of the lines of " + paths[*split.whole].filename().string());
    return {candidate_at(*split.whole)};
  }
  if (split.parts.size() != parts.size()) {
    std::vector<std::string> names;
    for (const fs::path& path : paths) names.push_back(path.string());
    throw usage_error(
        fmt::format("several files may hold the interactions: {}; give one of them, with the file of its items",
                    fmt::join(names, ", ")));
  }
  std::vector<Candidate*> ordered;
  for (const size_t index : split.parts) ordered.push_back(candidate_at(index));
  return ordered;
}

/// The readings that all parts have.
std::vector<Reading> DatasetFinder::common_readings(const std::vector<Candidate*>& parts) const {
  std::vector<Reading> common = parts[0]->readings;
  std::erase_if(common, [&](const Reading& reading) {
    return !std::all_of(parts.begin(), parts.end(), [&](const Candidate* part) {
      return std::any_of(part->readings.begin(), part->readings.end(), [&](const Reading& other) {
        return differing_settings(reading.options, other.options).empty();
      });
    });
  });
  if (common.empty())
    throw data_error(fmt::format("{} and {} look like parts of one dataset, but have different forms",
                                 parts[0]->path.string(), parts.back()->path.string()));
  return common;
}

const Candidate* DatasetFinder::take_items(const std::vector<Reading>& readings) {
  std::vector<const Candidate*> items;
  for (const Candidate* file : with_role(FileRole::items)) {
    const std::vector<std::string_view>& formats = file->readings[0].goes_with;
    const bool goes = std::any_of(readings.begin(), readings.end(), [&](const Reading& reading) {
      return std::find(formats.begin(), formats.end(), reading.options.format) != formats.end();
    });
    if (goes) items.push_back(file);
  }
  const auto wordless = [](const Candidate* file) {
    const ColumnOptions& columns = file->readings[0].options.columns;
    return !columns.item.empty() && columns.title.empty();
  };
  if (items.size() > 1) std::erase_if(items, wordless);
  if (items.size() > 1)
    throw usage_error(fmt::format("several files may hold the items: {} and {}; give one of them",
                                  items[0]->path.string(), items[1]->path.string()));
  return items.empty() ? nullptr : items[0];
}

/// The one reading that fits, also with the items; asks if several do.
Reading DatasetFinder::one_reading(const std::vector<Candidate*>& parts, const std::vector<Reading>& readings,
                                   const Candidate* items) const {
  std::vector<Reading> fitting = readings;
  if (items != nullptr && fitting.size() > 1) {
    const std::vector<std::string_view>& formats = items->readings[0].goes_with;
    std::erase_if(fitting, [&](const Reading& reading) {
      return std::find(formats.begin(), formats.end(), reading.options.format) == formats.end();
    });
  }
  if (fitting.size() > 1) throw_which_reading(parts[0]->path, fitting);
  return fitting[0];
}

void DatasetFinder::take_interactions(const std::vector<Candidate*>& parts, const Reading& reading) {
  found_.options = reading.options;
  found_.options.interactions = shown_path(parts[0]->path);
  found_.notes = reading.notes;
  found_.notes["format"] = reading.meaning;
  found_.findings.insert(found_.findings.end(), reading.findings.begin(), reading.findings.end());
  for (size_t i = 0; i < parts.size(); ++i) {
    say(*parts[i], "interactions", i == 0 ? reading.meaning : "a further part of the same");
    if (i > 0) found_.options.more_interactions.push_back(shown_path(parts[i]->path));
  }
  if (parts.size() > 1) {
    found_.notes["more_interactions"] = "the other parts of a split, read as one dataset and split again";
    found_.findings.push_back(fmt::format("{} files of one split are read together", parts.size()));
  }
  const bool own_items = reading.options.format == "lastfm-1k" || !reading.options.columns.title.empty();
  const bool no_items = with_role(FileRole::items).empty();
  if (own_items && no_items && parts.size() == 1) {
    found_.options.metadata = found_.options.interactions;
    found_.notes["metadata"] = "the same file: its lines name the items";
  } else if (no_items && !reading.without_items.empty()) {
    const ColumnOptions columns = {.user = "user_id", .item = "parent_asin", .rating = "rating", .time = "timestamp"};
    found_.options.format = reading.without_items;
    if (reading.without_items == "jsonl") {
      found_.options.columns = columns;
      found_.options.time_unit = TimeUnit::milliseconds;
    }
  }
}

void DatasetFinder::add_items(const Candidate& items) {
  const Reading& reading = items.readings[0];
  say(items, "items", reading.meaning);
  DatasetOptions& options = found_.options;
  options.metadata = shown_path(items.path);
  found_.notes.insert(reading.notes.begin(), reading.notes.end());
  if (options.root_category.empty()) options.root_category = reading.options.root_category;
  if (options.format != "csv" && options.format != "jsonl") return;
  const ColumnOptions& theirs = reading.options.columns;
  ColumnOptions& ours = options.columns;
  if (theirs.item != ours.item) ours.metadata_item = theirs.item;
  ours.title = theirs.title;
  ours.genres = theirs.genres;
  ours.year = theirs.year;
  ours.description = theirs.description;
}

void DatasetFinder::add_rest() {
  for (const Candidate& file : candidates_) {
    if (std::find(said_.begin(), said_.end(), &file) != said_.end()) continue;
    const bool genres = file.is(FileRole::genres);
    say(file,
        genres                         ? "genres"
        : file.is(FileRole::dialogues) ? "dialogues"
                                       : "not needed",
        file.readings.empty() ? "no known form" : file.readings[0].meaning);
  }
  found_.options = answers_.applied_to(found_.options);
}

}  // namespace

FoundDataset find_dataset(const std::vector<fs::path>& paths, const Answers& answers) {
  return DatasetFinder(paths, answers).find();
}

}  // namespace latentcrs
