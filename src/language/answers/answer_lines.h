// Files of turns and of answers about them, one JSON object a line, plain or .gz.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

namespace latentcrs {

/// Calls `visit` with each line's object and its place, "path:line". Blank lines are passed over. Throws Error(data)
/// naming the place of a line that is not a JSON object, or that lacks a field or has one of another type.
void for_each_json_line(const std::filesystem::path& path,
                        const std::function<void(const nlohmann::json& object, const std::string& where)>& visit);

/// A turn of a conversation that a recommender has to go on with.
struct AskedTurn {
  std::vector<int64_t> targets;  ///< entity ids of what was then recommended (`rec`)
  std::vector<int64_t> before;   ///< entity ids of what was named before (`prev_entity`)
  std::string dialogue;          ///< `dialog_id`
};

/// Reads a file of turns, as the published test files have them.
std::vector<AskedTurn> read_asked_turns(const std::filesystem::path& path);

/// A title as a published file lists it, with the published link.
struct PublishedTitle {
  std::string title;  ///< `movie_name`
  std::string label;  ///< `nearest_movie`
  int64_t distance = 0;
};

/// What a model answered about one turn.
struct Answer {
  std::string where;                                ///< "path:line"
  int64_t turn = 0;                                 ///< `index` or `turn`: line of the turn's file, from 0
  std::optional<std::string> text;                  ///< of `resp` (a chat completion) or `reply`; nullopt without both
  bool cut = false;                                 ///< the completion ended at its length limit
  std::optional<std::vector<PublishedTitle>> list;  ///< `rec_list`
  std::optional<std::vector<std::string>> titles;   ///< `titles`: a list that somebody has read from the text
  std::optional<std::vector<std::string>> targets;  ///< `gt_list`: labels
  std::optional<std::vector<std::string>> before;   ///< `prev_list`: labels
};

Answer parse_answer(const nlohmann::json& object, const std::string& where);

}  // namespace latentcrs
