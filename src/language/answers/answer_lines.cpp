#include "language/answers/answer_lines.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/util/error.h"
#include "base/util/files.h"
#include "base/util/text.h"

namespace latentcrs {

namespace {

using nlohmann::json;

std::string id_text(const json& id) { return id.is_string() ? id.get<std::string>() : id.dump(); }

/// The text of a chat completion; an answer without one is empty.
std::string completion_text(const json& completion) {
  if (!completion.contains("choices") || completion.at("choices").empty()) return {};
  const json& choice = completion.at("choices").at(0);
  if (choice.contains("text")) return choice.at("text").get<std::string>();
  const json& content = choice.at("message").at("content");
  return content.is_null() ? std::string() : content.get<std::string>();
}

bool is_cut(const json& completion) {
  if (!completion.contains("choices") || completion.at("choices").empty()) return false;
  return completion.at("choices").at(0).value("finish_reason", json()) == "length";
}

template <class T>
std::optional<T> optional_field(const json& object, const char* key) {
  if (!object.contains(key) || object.at(key).is_null()) return std::nullopt;
  return object.at(key).get<T>();
}

std::vector<PublishedTitle> published_titles(const json& list) {
  std::vector<PublishedTitle> titles;
  for (const json& entry : list)
    titles.push_back({entry.at("movie_name").get<std::string>(), entry.at("nearest_movie").get<std::string>(),
                      entry.at("min_edit_distance").get<int64_t>()});
  return titles;
}

}  // namespace

void for_each_json_line(const std::filesystem::path& path,
                        const std::function<void(const json& object, const std::string& where)>& visit) {
  LineReader reader(path);
  for (std::string_view line; reader.next(line);) {
    if (is_blank(line)) continue;
    const json object = json::parse(line, nullptr, false);
    if (!object.is_object()) throw data_error(reader.where() + ": not a JSON object");
    try {
      visit(object, reader.where());
    } catch (const json::exception& e) {
      throw data_error(fmt::format("{}: a field is missing or of another type: {}", reader.where(), e.what()));
    }
  }
}

std::vector<AskedTurn> read_asked_turns(const std::filesystem::path& path) {
  std::vector<AskedTurn> turns;
  for_each_json_line(path, [&turns](const json& object, const std::string&) {
    turns.push_back({object.at("rec").get<std::vector<int64_t>>(), object.at("prev_entity").get<std::vector<int64_t>>(),
                     id_text(object.at("dialog_id"))});
  });
  if (turns.empty()) throw data_error(fmt::format("{}: there are no turns in it", path.string()));
  return turns;
}

Answer parse_answer(const json& object, const std::string& where) {
  Answer answer{.where = where, .text = {}, .list = {}, .titles = {}, .targets = {}, .before = {}};
  answer.turn = object.at(object.contains("index") ? "index" : "turn").get<int64_t>();
  if (object.contains("resp") && object.at("resp").is_object()) {
    answer.text = completion_text(object.at("resp"));
    answer.cut = is_cut(object.at("resp"));
  } else {
    answer.text = optional_field<std::string>(object, "reply");
  }
  if (object.contains("rec_list")) answer.list = published_titles(object.at("rec_list"));
  answer.titles = optional_field<std::vector<std::string>>(object, "titles");
  answer.targets = optional_field<std::vector<std::string>>(object, "gt_list");
  answer.before = optional_field<std::vector<std::string>>(object, "prev_list");
  return answer;
}

}  // namespace latentcrs
