#include "data/raw_file_check.h"

#include <fmt/format.h>

#include <string_view>

#include "util/error.h"
#include "util/files.h"

namespace latentcrs {

void check_raw_file(const fs::path& path) {
  if (fs::is_directory(path)) throw data_error(fmt::format("{} is a folder: name a file in it", path.string()));
  LineReader reader(path);
  std::string_view line;
  if (!reader.next(line)) return;
  if (line.starts_with("PAR1"))
    throw data_error(
        fmt::format("{} is a Parquet file, which this program does not read: convert it with\n"
                    "  python3 -c \"import pandas; pandas.read_parquet('{}').to_csv('{}', index=False)\"\n"
                    "and set datasets.format=csv",
                    path.string(), path.string(), fs::path(path).replace_extension(".csv").string()));
  const bool dialogues =
      line.find("\"messages\"") != std::string_view::npos && line.find("\"conversationId\"") != std::string_view::npos;
  if (dialogues)
    throw data_error(
        fmt::format("{} holds dialogues (messages, conversationId), not interactions: its speakers are crowd workers "
                    "without histories, so that no rating log can be made from it",
                    path.string()));
}

}  // namespace latentcrs
