#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/util/error.h"
#include "base/util/files.h"
#include "experiment/report/transcripts.h"
#include "experiment/run/raw_ids.h"

namespace latentcrs {

namespace {

using nlohmann::json;

TranscriptTurn parse_turn(const json& value) {
  TranscriptTurn turn;
  turn.user = value.at("user");
  turn.leaks_title = value.at("leaks_title");
  turn.features = value.at("features").get<std::vector<std::string>>();
  const auto titles = value.value("shown_titles", std::vector<std::string>{});
  for (const json& id : value.at("shown")) {
    const size_t i = turn.shown.size();
    turn.shown.push_back({id, i < titles.size() ? titles[i] : ""});
  }
  return turn;
}

Transcript parse_transcript(const json& value, const RawIds& users) {
  Transcript transcript;
  transcript.customer_id = value.at("customer_id");
  transcript.shown_id = users.shown(transcript.customer_id);
  transcript.target = {value.at("target"), value.value("target_title", "")};
  transcript.success_turn = value.at("success_turn").is_null() ? 0 : value.at("success_turn").get<int>();
  transcript.missing_reply = value.at("missing_reply");
  for (const json& turn : value.at("turns")) transcript.turns.push_back(parse_turn(turn));
  return transcript;
}

}  // namespace

std::vector<Transcript> read_transcripts(const std::filesystem::path& path) {
  std::vector<Transcript> transcripts;
  const RawIds users(user_id_map(path.parent_path().parent_path() / "preprocess"));
  LineReader lines(path);
  for (std::string_view line; lines.next(line);) {
    try {
      transcripts.push_back(parse_transcript(json::parse(line), users));
    } catch (const json::exception& e) {
      throw data_error(fmt::format("{}: not a dialogue as evaluate writes them: {}", lines.where(), e.what()));
    }
  }
  return transcripts;
}

}  // namespace latentcrs
