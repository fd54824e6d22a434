#include "run/export_forms.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "data/targets.h"
#include "util/csv.h"
#include "util/error.h"
#include "util/files.h"

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

/// Calls visit(user id, item, position from 0, part) for every interaction, users in the order of the file.
template <class Visit>
void for_each_interaction(const Interactions& interactions, Visit visit) {
  for (int64_t u = 0; u < interactions.num_users(); ++u) {
    const auto sequence = interactions.sequence(u);
    const UserParts parts = interactions.parts_of(u);
    for (size_t i = 0; i < sequence.size(); ++i)
      visit(interactions.user_ids[static_cast<size_t>(u)], sequence[i], static_cast<int64_t>(i),
            part_name(parts, static_cast<int64_t>(i)));
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
    out << "user,item,position,part\n";
    for_each_interaction(run.interactions, [&](int64_t user, int32_t item, int64_t position, const char* part) {
      out << fmt::format("{},{},{},{}\n", user, item, position + 1, part);
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

/// The places in a user's sequence stand for times: RecBole reads times as float32, which holds whole numbers up to
/// 2^24 and would make one time of the seconds of two minutes.
void write_recbole_sequences(const ExportedRun& run, std::ostream& out) {
  out << "user_id:token\titem_id:token\ttimestamp:float\n";
  for_each_interaction(run.interactions, [&](int64_t user, int32_t item, int64_t position, const char*) {
    out << fmt::format("{}\t{}\t{}\n", user, item, position + 1);
  });
}

/// RecBole takes another split than its own as rows that hold what came before each target.
void write_recbole_part(const ExportedRun& run, std::string_view part, std::ostream& out) {
  out << "user_id:token\titem_id_list:token_seq\titem_id:token\n";
  int64_t row = 0, last_user = -1;
  for_each_interaction(run.interactions, [&](int64_t user, int32_t item, int64_t position, const char* of) {
    row += last_user >= 0 && user != last_user ? 1 : 0;
    last_user = user;
    if (part != of || position == 0) return;
    auto before = items_before(run.interactions, {.user = row, .position = position});
    before = before.last(std::min(before.size(), static_cast<size_t>(run.max_history)));
    out << fmt::format("{}\t{}\t{}\n", user, fmt::join(before, " "), item);
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

std::string recbole_settings(const ExportedRun& run) {
  std::string text = fmt::format(
      "# RecBole 1.2.1: run_recbole(model=…, dataset='{0}', config_file_list=['{0}.yaml'], "
      "config_dict={{'data_path': the folder above}})\n"
      "USER_ID_FIELD: user_id\nITEM_ID_FIELD: item_id\nMAX_ITEM_LIST_LENGTH: {1}\n",
      run.name, run.max_history);
  const char* items = run.catalogue.items().empty() ? "" : ", item: [item_id, class]";
  if (run.leave_one_out)
    return text + fmt::format(
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
  if (run.leave_one_out) {
    files.write(run.name + ".inter", [&](std::ostream& out) { write_recbole_sequences(run, out); });
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
  files.write(run.name + ".yaml", [&](std::ostream& out) { out << recbole_settings(run); });
  std::vector<std::string> names;
  for (const std::string& name : files.names()) names.push_back(run.name + "/" + name);
  return names;
}

// --- RecTools

/// A place in a sequence as a date: so many seconds after the year 2000 began.
std::string date_of(int64_t position) {
  constexpr int64_t kMinute = 60, kHour = 60 * kMinute, kDay = 24 * kHour, kDaysOfMonth = 28;
  const int64_t day = position / kDay, month = day / kDaysOfMonth;
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}", 2000 + month / 12, month % 12 + 1, day % kDaysOfMonth + 1,
                     position % kDay / kHour, position % kHour / kMinute, position % kMinute);
}

std::vector<std::string> write_rectools(const ExportedRun& run, const fs::path& folder) {
  Files files(folder);
  files.write("interactions.csv", [&](std::ostream& out) {
    out << "user_id,item_id,weight,datetime,part\n";
    for_each_interaction(run.interactions, [&](int64_t user, int32_t item, int64_t position, const char* part) {
      out << fmt::format("{},{},1,{},{}\n", user, item, date_of(position + 1), part);
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
