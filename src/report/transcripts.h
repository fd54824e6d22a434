// The dialogues of an evaluation as a person reads them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace latentcrs {

struct TranscriptItem {
  int64_t id = 0;
  std::string title;  ///< empty in files of versions that wrote ids only
};

struct TranscriptTurn {
  std::string user;                   ///< what the user said
  bool leaks_title = false;           ///< it gives the target's title away
  std::vector<std::string> features;  ///< understood from the dialogue so far
  std::vector<TranscriptItem> shown;  ///< best first
};

struct Transcript {
  std::string customer_id;
  TranscriptItem target;
  int success_turn = 0;        ///< from 1; 0: the target was never shown
  bool missing_reply = false;  ///< it ended because the user's next words were missing
  std::vector<TranscriptTurn> turns;
};

/// Reads evaluate/transcripts.jsonl. Throws Error(data) with file:line for a line that is no dialogue.
std::vector<Transcript> read_transcripts(const std::filesystem::path& path);

/// One dialogue as HTML, everything in it escaped.
std::string transcript_html(const Transcript& transcript);

/// A page of all dialogues of `jsonl`, failures first by a link at its top; needs nothing but itself. Atomically.
void write_transcript_page(const std::filesystem::path& jsonl, const std::string& title,
                           const std::filesystem::path& page);

}  // namespace latentcrs
