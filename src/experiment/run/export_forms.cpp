#include "experiment/run/export_forms.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/util/csv.h"
#include "base/util/error.h"
#include "base/util/files.h"
#include "datasets/data/sequence_times.h"
#include "datasets/data/targets.h"
#include "experiment/run/exported_times.h"

namespace latentcrs {
namespace {

/// Text between RecBole's tabs. It reads with pandas' quoting, where a quote at the start swallows tabs and lines.
std::string plain_cell(std::string text) {
  for (char& c : text) {
    if (c == '\t' || c == '\r' || c == '\n') c = ' ';
    if (c == '"') c = '\'';
  }
  return text;
}

/// Files that are written side by side in one folder.
class Files {
 public:
  explicit Files(const fs::path& folder) : folder_(folder) {}

  template <class Write>
  void write(const std::string& name, Write write) {
    AtomicFile file(folder_ / name);
    write(file.stream());
    file.commit();
    names_.push_back(name);
  }
  const std::vector<std::string>& names() const { return names_; }

 private:
  const fs::path& folder_;
  std::vector<std::string> names_;
};

const char* part_name(const UserParts& parts, int64_t position) {
  return position < parts.train ? "train" : position < parts.valid ? "valid" : "test";
}

/// An interaction of the run.
struct OneInteraction {
  int64_t user = 0;  ///< id
  int32_t item = 0;
  int64_t position = 0;  ///< in the user's sequence, from 0
  const char* part = "";
  size_t index = 0;  ///< among all interactions
};

/// Calls visit(interaction) for all of them, users in the order of the file.
template <class Visit>
void for_each_interaction(const Interactions& interactions, Visit visit) {
  for (int64_t u = 0; u < interactions.num_users(); ++u) {
    const auto row = static_cast<size_t>(u);
    const auto sequence = interactions.sequence(u);
    const UserParts parts = interactions.parts_of(u);
    for (size_t i = 0; i < sequence.size(); ++i) {
      const auto position = static_cast<int64_t>(i);
      visit(OneInteraction{interactions.user_ids[row], sequence[i], position, part_name(parts, position),
                           static_cast<size_t>(interactions.offsets[row]) + i});
    }
  }
}

struct ItemCells {
  std::string title, year, genres, text;
};

ItemCells cells_of(const ExportedRun& run, int32_t id, const char* separator) {
  const Item* item = run.catalogue.find(id);
  if (item == nullptr) return {};
  return {.title = item->title,
          .year = item->year > 0 ? std::to_string(item->year) : "",
          .genres = fmt::format("{}", fmt::join(item->facets, separator)),
          .text = describe(*item)};
}

// --- csv

std::vector<std::string> write_csv(const ExportedRun& run, const fs::path& folder) {
  Files files(folder);
  files.write("interactions.csv", [&](std::ostream& out) {
    constexpr int64_t kMicroseconds = 1'000'000;
    out << "user,item,position,part" << (run.times.empty() ? "\n" : ",time\n");
    for_each_interaction(run.interactions, [&](const OneInteraction& one) {
      out << fmt::format("{},{},{},{}", one.user, one.item, one.position + 1, one.part);
      if (!run.times.empty()) out << ',' << seconds_text(run.times[one.index], kMicroseconds);
      out << '\n';
    });
  });
  files.write("users.csv", [&](std::ostream& out) {
    out << "user,raw_id\n";
    for (size_t u = 0; u < run.raw_users.size(); ++u)
      out << csv_line({std::to_string(run.interactions.user_ids[u]), run.raw_users[u]});
  });
  files.write("items.csv", [&](std::ostream& out) {
    out << "item,raw_id,title,year,genres,text\n";
    for (size_t i = 0; i < run.items.size(); ++i) {
      const ItemCells cells = cells_of(run, run.items[i], "|");
      out << csv_line(
          {std::to_string(run.items[i]), run.raw_items[i], cells.title, cells.year, cells.genres, cells.text});
    }
  });
  return files.names();
}

// --- RecBole

/// RecBole reads times as float32, which would make one time of the seconds of two minutes of today.
void write_recbole_sequences(const ExportedRun& run, const RecBoleTimes& times, std::ostream& out) {
  out << "user_id:token\titem_id:token\ttimestamp:float\n";
  for_each_interaction(run.interactions, [&](const OneInteraction& one) {
    out << fmt::format("{}\t{}\t{}\n", one.user, one.item, times.numbers[one.index]);
  });
}

std::string time_comment(const RecBoleTimes& times) {
  if (times.seconds_of_unit == 0) return "# timestamp: places in the user's sequence, from 1\n";
  return fmt::format(
      "# timestamp: a step is {} s and 1 is {:%Y-%m-%d %H:%M:%S} UTC; items of a user at one time are a step apart\n",
      times.seconds_of_unit, fmt::gmtime(times.first_second));
}

/// RecBole takes another split than its own as rows that hold what came before each target.
void write_recbole_part(const ExportedRun& run, std::string_view part, std::ostream& out) {
  out << "user_id:token\titem_id_list:token_seq\titem_id:token\n";
  int64_t row = 0, last_user = -1;
  for_each_interaction(run.interactions, [&](const OneInteraction& one) {
    row += last_user >= 0 && one.user != last_user ? 1 : 0;
    last_user = one.user;
    if (part != one.part || one.position == 0) return;
    auto before = items_before(run.interactions, {.user = row, .position = one.position});
    before = before.last(std::min(before.size(), static_cast<size_t>(run.max_history)));
    out << fmt::format("{}\t{}\t{}\n", one.user, fmt::join(before, " "), one.item);
  });
}

/// Blanks separate the texts of a token_seq, so those in a genre become underscores.
std::string genre_tokens(const ExportedRun& run, int32_t id) {
  const Item* item = run.catalogue.find(id);
  std::string tokens;
  if (item == nullptr) return tokens;
  for (std::string genre : item->facets) {
    std::replace(genre.begin(), genre.end(), ' ', '_');
    tokens += (tokens.empty() ? "" : " ") + plain_cell(genre);
  }
  return tokens;
}

std::string recbole_settings(const ExportedRun& run, const RecBoleTimes& times) {
  std::string text = fmt::format(
      "# RecBole 1.2.1: run_recbole(model=…, dataset='{0}', config_file_list=['{0}.yaml'], "
      "config_dict={{'data_path': the folder above}})\n"
      "USER_ID_FIELD: user_id\nITEM_ID_FIELD: item_id\nMAX_ITEM_LIST_LENGTH: {1}\n",
      run.name, run.max_history);
  const char* items = run.catalogue.items().empty() ? "" : ", item: [item_id, class]";
  if (run.leave_one_out)
    return text + time_comment(times) +
           fmt::format(
               "TIME_FIELD: timestamp\nload_col: {{inter: [user_id, item_id, timestamp]{}}}\n"
               "eval_args: {{split: {{LS: valid_and_test}}, order: TO, group_by: user, mode: full}}\n",
               items);
  return text + fmt::format(
                    "load_col: {{inter: [user_id, item_id_list, item_id]{}}}\nalias_of_item_id: [item_id_list]\n"
                    "benchmark_filename: [train, valid, test]\n"
                    "eval_args: {{order: TO, group_by: user, mode: full}}\n",
                    items);
}

std::vector<std::string> write_recbole(const ExportedRun& run, const fs::path& folder) {
  const fs::path inner = folder / run.name;
  Files files(inner);
  const RecBoleTimes times = recbole_times(run);
  if (run.leave_one_out) {
    files.write(run.name + ".inter", [&](std::ostream& out) { write_recbole_sequences(run, times, out); });
  } else {
    for (const char* part : {"train", "valid", "test"})
      files.write(fmt::format("{}.{}.inter", run.name, part),
                  [&](std::ostream& out) { write_recbole_part(run, part, out); });
  }
  if (!run.catalogue.items().empty())
    files.write(run.name + ".item", [&](std::ostream& out) {
      out << "item_id:token\tmovie_title:token_seq\trelease_year:token\tclass:token_seq\n";
      for (const int32_t item : run.items) {
        const ItemCells cells = cells_of(run, item, " ");
        out << fmt::format("{}\t{}\t{}\t{}\n", item, plain_cell(cells.title), cells.year, genre_tokens(run, item));
      }
    });
  files.write(run.name + ".yaml", [&](std::ostream& out) { out << recbole_settings(run, times); });
  std::vector<std::string> names;
  for (const std::string& name : files.names()) names.push_back(run.name + "/" + name);
  return names;
}

// --- RecTools

std::vector<std::string> write_rectools(const ExportedRun& run, const fs::path& folder) {
  Files files(folder);
  files.write("interactions.csv", [&](std::ostream& out) {
    const std::vector<std::string> dates = dates_for_pandas(run);
    out << "user_id,item_id,weight,datetime,part\n";
    for_each_interaction(run.interactions, [&](const OneInteraction& one) {
      out << fmt::format("{},{},1,{},{}\n", one.user, one.item, dates[one.index], one.part);
    });
  });
  if (run.catalogue.items().empty()) return files.names();
  files.write("items.csv", [&](std::ostream& out) {
    out << "item_id,title,year\n";
    for (const int32_t item : run.items) {
      const ItemCells cells = cells_of(run, item, "|");
      out << csv_line({std::to_string(item), cells.title, cells.year});
    }
  });
  files.write("item_features.csv", [&](std::ostream& out) {
    out << "id,value,feature\n";
    for (const int32_t id : run.items)
      if (const Item* item = run.catalogue.find(id))
        for (const std::string& genre : item->facets) out << csv_line({std::to_string(id), genre, "genre"});
  });
  return files.names();
}

}  // namespace

const std::vector<ExportForm>& export_forms() {
  static const std::vector<ExportForm> forms = {
      {"recbole", "atomic files and a config of RecBole 1.2.1", write_recbole},
      {"rectools", "tables of RecTools 0.19: interactions, items, item features", write_rectools},
      {"csv", "tables with the part of every interaction, and the raw ids", write_csv},
  };
  return forms;
}

const ExportForm& export_form(const std::string& name) {
  std::vector<std::string_view> names;
  for (const ExportForm& form : export_forms()) {
    if (form.name == name) return form;
    names.push_back(form.name);
  }
  throw usage_error(fmt::format("--to {}: no such form; there are {}", name, fmt::join(names, ", ")));
}

std::vector<std::string> export_ranks(const ExportedRun& run, const fs::path& folder) {
  Files files(folder);
  for (const fs::path& source : run.ranks)
    files.write(source.stem().string() + ".csv", [&](std::ostream& out) {
      LineReader lines(source);
      for (std::string_view line; lines.next(line);) {
        std::vector<std::string> cells;
        for (const std::string_view cell : split_cells(line)) cells.emplace_back(cell);
        out << csv_line(cells);
      }
    });
  return files.names();
}

}  // namespace latentcrs
