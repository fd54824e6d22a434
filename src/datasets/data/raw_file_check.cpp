#include "datasets/data/raw_file_check.h"

#include <fmt/format.h>

#include <array>
#include <string_view>

#include "base/util/error.h"
#include "base/util/files.h"
#include "base/util/open_file.h"
#include "datasets/data/parquet_file.h"

namespace latentcrs {

bool is_parquet(const fs::path& path) {
  constexpr std::string_view kMagic = "PAR1";
  std::array<char, kMagic.size()> begin{};
  OpenFile file(path);
  return std::string_view(begin.data(), file.read(begin.data(), begin.size())) == kMagic;
}

std::string parquet_advice(const fs::path& path) {
  return fmt::format(
      "{} is a Parquet file, which this program reads only if it was built with Apache Arrow (docs/datasets.md): "
      "convert "
      "it with\n"
      "  python3 -c \"import pandas; pandas.read_parquet('{}').to_csv('{}', index=False)\"\n"
      "and set datasets.format=csv",
      path.string(), path.string(), fs::path(path).replace_extension(".csv").string());
}

namespace {

/// Whether what was read as the first line is the whole file, with a CR where its lines end.
bool has_only_carriage_returns(const fs::path& path, std::string_view first) {
  if (first.find('\r') == std::string_view::npos) return false;
  LineReader reader(path);
  std::string_view line;
  return reader.next(line) && !reader.next(line);
}

}  // namespace

void check_raw_file(const fs::path& path) {
  if (fs::is_directory(path)) throw data_error(fmt::format("{} is a folder: name a file in it", path.string()));
  if (is_parquet(path)) {
    if (!kReadsParquet) throw data_error(parquet_advice(path));
    return;
  }
  LineReader reader(path);
  std::string_view line;
  if (!reader.next(line)) return;
  if (has_only_carriage_returns(path, line))
    throw data_error(
        fmt::format("{}: its lines end with CR alone, as some spreadsheets on a Mac write them: convert the file, for "
                    "example with `tr '\\r' '\\n'`",
                    path.string()));
  const bool dialogues =
      line.find("\"messages\"") != std::string_view::npos && line.find("\"conversationId\"") != std::string_view::npos;
  if (dialogues)
    throw data_error(
        fmt::format("{} holds dialogues (messages, conversationId), not interactions: its speakers are crowd workers "
                    "without histories, so that no rating log can be made from it. `latentcrs conversations {} --out "
                    "talks.jsonl` converts them; `latentcrs evaluate -c NAME conversations=talks.jsonl` evaluates the "
                    "run of a config NAME on them",
                    path.string(), path.string()));
}

}  // namespace latentcrs
