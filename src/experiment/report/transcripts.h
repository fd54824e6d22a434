// The dialogues of an evaluation for people to read.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace latentcrs {

struct TranscriptItem {
  int64_t id = 0;
  std::string title;  ///< empty in files of old versions, which wrote ids only
};

struct TranscriptTurn {
  std::string user;                   ///< words of the user
  bool leaks_title = false;           ///< the words give the target's title away
  std::vector<std::string> features;  ///< features extracted from the dialogue so far
  std::vector<TranscriptItem> shown;  ///< items shown, the best first
};

struct Transcript {
  std::string customer_id;
  std::string shown_id;  ///< the same with the user as the raw files write it
  TranscriptItem target;
  int success_turn = 0;        ///< turn from 1 on in which the target was shown; 0 if it never was
  bool missing_reply = false;  ///< the dialogue ended because the user's next words were missing
  std::vector<TranscriptTurn> turns;
};

/// Reads evaluate/transcripts.jsonl. Throws Error(data) with file:line for a line that is not a dialogue.
std::vector<Transcript> read_transcripts(const std::filesystem::path& path);

/// Returns one dialogue as HTML; all its texts are escaped.
std::string transcript_html(const Transcript& transcript);

/// Writes, atomically, a self-contained page with all dialogues of `jsonl`; a link at its top leads to the failures.
void write_transcript_page(const std::filesystem::path& jsonl, const std::string& title,
                           const std::filesystem::path& page);

}  // namespace latentcrs
