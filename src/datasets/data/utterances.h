// Simulated utterances and their files: processed_data/*.jsonl (docs/method.md, section 2).
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/util/files.h"
#include "datasets/data/splits.h"
#include "datasets/data/string_table.h"

namespace latentcrs {

/// One line of processed_data: what a user said (or nothing, if the simulator failed).
struct Utterance {
  SplitRecord record;
  std::string prompt;
  std::string response;
  bool leaks_title =
      false;  ///< the response gives the target's title away (language/text/leak_check.h); absent in published files
};

/// Writes a file of utterances one by one, in the order in which they come. `commit()` puts it into its place, as
/// AtomicFile does.
class UtteranceWriter {
 public:
  explicit UtteranceWriter(const std::filesystem::path& path) : file_(path) {}
  /// Throws Error(data) for an utterance that is not UTF-8, Error(internal) for one that is out of the order of
  /// processed_before().
  void add(const Utterance& utterance);
  void commit() { file_.commit(); }

 private:
  AtomicFile file_;
  SplitRecord last_;
};

/// Sorted by processed_before(), as published. Writes `customer_id, history (strings), target (string), prompt,
/// response` plus `leaks_title` where true; atomically.
void write_utterances(std::vector<Utterance> utterances, const std::filesystem::path& path);

/// Reads the files of this program and the published ones (ids as strings or numbers). Throws Error(data) with
/// file:line for a malformed line, a missing key, or a customer_id seen before. Prompts make up most of a file, and
/// training and evaluation do not need them.
enum class Prompts { keep, leave_out };
std::vector<Utterance> read_utterances(const std::filesystem::path& path, Prompts prompts = Prompts::keep);

/// Reads such a file one by one. Throws as read_utterances() does; repeated ids are found at the end of the file.
class UtteranceReader {
 public:
  UtteranceReader(const std::filesystem::path& path, Prompts prompts) : lines_(path), prompts_(prompts) {}
  /// The next utterance, or false at the end of the file.
  bool next(Utterance& utterance);

 private:
  void check_ids() const;
  void say_silent() const;

  LineReader lines_;
  Prompts prompts_;
  StringTable ids_;
  int64_t utterances_ = 0, silent_ = 0;
  std::string first_again_, first_silent_;
};

}  // namespace latentcrs
