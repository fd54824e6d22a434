#include "datasets/data/conversation_formats.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <unordered_map>

#include "base/util/error.h"
#include "base/util/files.h"
#include "base/util/text.h"

namespace latentcrs {

namespace {

using JsonValue = nlohmann::json;

/// An utterance of a dialogue with the films that it recommends, if it is the recommender's.
struct DialogueLine {
  SpokenLine spoken;
  bool recommends = false;  ///< the titles are those that `spoken` names if there are none here
  std::vector<std::string> titles = {};
};

/// A point for each line that recommends, with what was said before.
void add_points(const std::string& dialogue, const std::vector<DialogueLine>& lines, const std::string& where,
                std::vector<ConversationPoint>& points) {
  std::vector<SpokenLine> before;
  int turn = 0;
  for (const DialogueLine& line : lines) {
    ++turn;
    if (line.recommends) {
      ConversationPoint& point = points.emplace_back();
      point.id = fmt::format("{}/{}", dialogue, turn);
      point.dialogue = dialogue;
      point.utterances = before;
      for (const std::string& title : line.titles) point.targets.emplace_back(title);
      point.response = line.spoken.text;
      point.where = where;
    }
    before.push_back(line.spoken);
  }
}

std::string text_or_number(const JsonValue& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

/// Calls read(value, where) for every line of JSON, or for every element of a file that is one JSON list. Throws
/// Error(data) where it does not find what it reads.
template <class Read>
void each_json(const std::filesystem::path& file, std::string_view what, Read read) {
  const auto checked = [&](const JsonValue& value, const std::string& where) {
    try {
      read(value, where);
    } catch (const JsonValue::exception& e) {
      throw data_error(fmt::format("{}: not {}: {}", where, what, e.what()));
    }
  };
  LineReader lines(file);
  std::string list;
  for (std::string_view line; lines.next(line);) {
    if (is_blank(line)) continue;
    if (list.empty() && line.front() != '[') {
      checked(JsonValue::parse(line, nullptr, /*allow_exceptions=*/false), lines.where());
      continue;
    }
    list += line;
    list += '\n';
  }
  if (list.empty()) return;
  const JsonValue values = JsonValue::parse(list, nullptr, /*allow_exceptions=*/false);
  if (!values.is_array()) throw data_error(fmt::format("{}: not a JSON list; was it cut off?", file.string()));
  for (size_t i = 0; i < values.size(); ++i) checked(values[i], fmt::format("{}: element {}", file.string(), i + 1));
}

bool has_all(std::string_view line, std::initializer_list<std::string_view> parts) {
  return std::all_of(parts.begin(), parts.end(),
                     [line](std::string_view part) { return line.find(part) != std::string_view::npos; });
}

// ---- Turns of ReDial and INSPIRED, as published for comparing recommenders: `context`, `resp`, `rec`

struct EntityNames {
  std::unordered_map<int64_t, std::string> labels;  ///< "Home Alone"
  std::unordered_map<int64_t, std::string> years;   ///< "2018" where the resource has one
};

/// The label of a DBpedia resource: what follows its last slash, without brackets and with spaces.
std::string label_of(std::string_view resource) {
  std::string label;
  int depth = 0;
  for (const char c : resource.substr(resource.rfind('/') + 1)) {
    depth += c == '(' ? 1 : 0;
    if (depth == 0) label += c == '_' || c == '-' || c == '>' ? ' ' : c;
    depth -= c == ')' && depth > 0 ? 1 : 0;
  }
  std::string squeezed;
  for (const char c : label)
    if (c != ' ' || (!squeezed.empty() && squeezed.back() != ' ')) squeezed += c;
  return std::string(trimmed(squeezed));
}

std::string year_of(std::string_view resource) {
  const size_t open = resource.rfind('(');
  if (open == std::string_view::npos || open + 5 > resource.size()) return "";
  const std::string_view year = resource.substr(open + 1, 4);
  return std::all_of(year.begin(), year.end(), is_digit) ? std::string(year) : "";
}

EntityNames read_entities(const std::filesystem::path& file) {
  LineReader lines(file);
  std::string text;
  for (std::string_view line; lines.next(line);) text += line;
  const JsonValue numbers = JsonValue::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!numbers.is_object())
    throw data_error(fmt::format("{}: not a JSON object from resources to entity ids", file.string()));
  EntityNames names;
  for (const auto& [resource, number] : numbers.items()) {
    if (!number.is_number_integer())
      throw data_error(fmt::format("{}: {} has no whole number", file.string(), resource));
    names.labels[number.get<int64_t>()] = label_of(resource);
    if (const std::string year = year_of(resource); !year.empty()) names.years[number.get<int64_t>()] = year;
  }
  return names;
}

/// The utterances alternate and the last one is the user's; the published prompts name the speakers otherwise.
std::vector<SpokenLine> alternating(const JsonValue& context) {
  std::vector<SpokenLine> lines;
  for (const JsonValue& text : context)
    if (!(lines.empty() && is_blank(text.get<std::string>()))) lines.push_back({Speaker::user, text});
  for (size_t i = 0; i < lines.size(); ++i)
    if ((lines.size() - i) % 2 == 0) lines[i].speaker = Speaker::recommender;
  return lines;
}

std::vector<ConversationPoint> read_turns(const std::filesystem::path& file, const std::filesystem::path& entities) {
  const EntityNames names = read_entities(entities);
  std::vector<ConversationPoint> points;
  each_json(file, "a turn with context, resp and rec", [&](const JsonValue& turn, const std::string& where) {
    std::set<std::string> named;
    for (const JsonValue& entity : turn.at("prev_entity"))
      if (const auto label = names.labels.find(entity.get<int64_t>()); label != names.labels.end())
        named.insert(label->second);
    for (const JsonValue& target : turn.at("rec")) {
      const auto entity = target.get<int64_t>();
      const auto label = names.labels.find(entity);
      if (label == names.labels.end())
        throw data_error(fmt::format("{}: entity {} is not in {}", where, entity, entities.string()));
      ConversationPoint& point = points.emplace_back();
      point.dialogue = text_or_number(turn.at("dialog_id"));
      point.id = point.dialogue + "/" + text_or_number(turn.at("turn_id"));
      point.condition =
          named.contains(label->second) ? ConversationCondition::discussion : ConversationCondition::recommendation;
      point.utterances = alternating(turn.at("context"));
      point.response = turn.at("resp").get<std::string>();
      std::string title = title_with_year(label->second, point.response);
      const auto year = names.years.find(entity);
      if (title == label->second && year != names.years.end()) title = fmt::format("{} ({})", title, year->second);
      point.targets.emplace_back(std::move(title));
      point.where = where;
    }
  });
  return points;
}

// ---- ReDial as its authors publish it: `messages`, `movieMentions`

/// The text with each "@123" replaced by the film's title; their titles.
std::pair<std::string, std::vector<std::string>> with_titles(const std::string& text, const JsonValue& mentions) {
  std::string out;
  std::vector<std::string> titles;
  for (size_t at = 0; at < text.size();) {
    size_t end = at + 1;
    while (text[at] == '@' && end < text.size() && is_digit(text[end])) ++end;
    const std::string number = text.substr(at + 1, end - at - 1);
    if (text[at] == '@' && mentions.is_object() && mentions.contains(number) && mentions[number].is_string()) {
      titles.emplace_back(trimmed(mentions[number].get<std::string>()));
      out += titles.back();
      at = end;
    } else {
      out += text[at++];
    }
  }
  return {out, titles};
}

std::vector<ConversationPoint> read_redial(const std::filesystem::path& file,
                                           const std::filesystem::path& /*entities*/) {
  std::vector<ConversationPoint> points;
  each_json(file, "a dialogue of ReDial", [&](const JsonValue& dialogue, const std::string& where) {
    const JsonValue& seeker = dialogue.at("initiatorWorkerId");
    std::vector<DialogueLine> lines;
    for (const JsonValue& message : dialogue.at("messages")) {
      auto [text, titles] = with_titles(message.at("text"), dialogue.at("movieMentions"));
      const Speaker speaker = message.at("senderWorkerId") == seeker ? Speaker::user : Speaker::recommender;
      const bool recommends = speaker == Speaker::recommender && !titles.empty();
      lines.push_back({{speaker, std::move(text)}, recommends, std::move(titles)});
    }
    add_points(text_or_number(dialogue.at("conversationId")), lines, where, points);
  });
  return points;
}

// ---- INSPIRED as its authors publish it: TSV with speaker, text, movies

std::vector<std::string> titles_of_cell(std::string_view cell) {
  std::vector<std::string> titles;
  for (size_t at = 0; at <= cell.size();) {
    const size_t end = std::min(cell.find(';', at), cell.size());
    if (const auto title = trimmed(cell.substr(at, end - at)); !title.empty()) titles.emplace_back(title);
    at = end + 1;
  }
  return titles;
}

/// The text without the marks that stand for quotation marks.
std::string with_quotes(std::string_view text) {
  constexpr std::string_view kMark = "QUOTATION_MARK";
  std::string out(text);
  for (size_t at = out.find(kMark); at != std::string::npos; at = out.find(kMark, at))
    out.replace(at, kMark.size(), "\"");
  return out;
}

std::vector<ConversationPoint> read_inspired(const std::filesystem::path& file,
                                             const std::filesystem::path& /*entities*/) {
  std::vector<ConversationPoint> points;
  LineReader lines(file);
  std::string_view line;
  lines.next(line);
  std::map<std::string, size_t, std::less<>> columns;
  for (const std::string_view cell : split_cells(line)) columns.emplace(cell, columns.size());
  for (const char* column : {"dialog_id", "speaker", "text", "movies"})
    if (!columns.contains(column)) throw data_error(fmt::format("{}: no column {}", lines.where(), column));
  std::string dialogue, where;
  std::vector<DialogueLine> said;
  while (lines.next(line)) {
    const std::vector<std::string_view> cells = split_cells(line);
    if (cells.size() < columns.size())
      throw data_error(
          fmt::format("{}: {} cells where the header has {}", lines.where(), cells.size(), columns.size()));
    if (const std::string_view id = cells[columns["dialog_id"]]; id != dialogue) {
      add_points(dialogue, said, where, points);
      said.clear();
      dialogue = id;
      where = lines.where();
    }
    const std::string_view name = cells[columns["speaker"]];
    if (name != "SEEKER" && name != "RECOMMENDER")
      throw data_error(fmt::format("{}: '{}' is neither SEEKER nor RECOMMENDER", lines.where(), name));
    const Speaker speaker = name == "SEEKER" ? Speaker::user : Speaker::recommender;
    std::vector<std::string> titles = titles_of_cell(cells[columns["movies"]]);
    const bool recommends = speaker == Speaker::recommender && !titles.empty();
    said.push_back({{speaker, with_quotes(cells[columns["text"]])}, recommends, std::move(titles)});
  }
  add_points(dialogue, said, where, points);
  return points;
}

// ---- IARD and other dialogues as DialogueKit writes them: `conversation` with dialogue acts

/// Whether the agent recommends with one of the acts; the titles in their slots go into `titles`.
bool recommending_acts(const JsonValue& acts, const std::string& text, std::vector<std::string>& titles) {
  bool recommends = false;
  for (const JsonValue& act : acts) {
    if (!act.at("intent").get<std::string>().starts_with("REC")) continue;
    recommends = true;
    for (const JsonValue& slot : act.at("slot_values"))
      if (slot.at(0) == "TITLE" && slot.at(1).is_string())
        titles.push_back(title_with_year(slot.at(1).get<std::string>(), text));
  }
  return recommends;
}

std::vector<ConversationPoint> read_dialoguekit(const std::filesystem::path& file,
                                                const std::filesystem::path& /*entities*/) {
  std::vector<ConversationPoint> points;
  each_json(file, "a dialogue with dialogue acts", [&](const JsonValue& dialogue, const std::string& where) {
    std::vector<DialogueLine> lines;
    for (const JsonValue& utterance : dialogue.at("conversation")) {
      const std::string participant = utterance.at("participant"), text = utterance.at("utterance");
      if (participant != "USER" && participant != "AGENT")
        throw data_error(fmt::format("{}: '{}' is neither USER nor AGENT", where, participant));
      DialogueLine& line = lines.emplace_back();
      line.spoken = {participant == "USER" ? Speaker::user : Speaker::recommender, text};
      if (participant == "AGENT") line.recommends = recommending_acts(utterance.at("dialogue_acts"), text, line.titles);
    }
    add_points(text_or_number(dialogue.at("conversation_id")), lines, where, points);
  });
  return points;
}

constexpr ConversationFormat kConversationFormats[] = {
    {.name = "turns",
     .what = "turns of ReDial or INSPIRED with context, resp and rec (needs --entities)",
     .needs_entities = true,
     .recognises =
         [](std::string_view line) {
           return has_all(line, {"\"context\"", "\"resp\"", "\"rec\""});
         },
     .read = read_turns},
    {.name = "redial",
     .what = "dialogues of ReDial with messages and movieMentions",
     .recognises =
         [](std::string_view line) {
           return has_all(line, {"\"messages\"", "\"movieMentions\""});
         },
     .read = read_redial},
    {.name = "inspired",
     .what = "TSV of INSPIRED with dialog_id, speaker, text and movies",
     .recognises =
         [](std::string_view line) {
           return has_all(line, {"dialog_id\t", "\tspeaker\t", "\tmovies"});
         },
     .read = read_inspired},
    {.name = "iard",
     .what = "dialogues with dialogue acts, as DialogueKit writes those of IARD",
     .recognises = [](std::string_view line) { return line == "[" || has_all(line, {"\"participant\""}); },
     .read = read_dialoguekit},
};

}  // namespace

std::span<const ConversationFormat> conversation_formats() { return kConversationFormats; }

const ConversationFormat& conversation_format(const std::filesystem::path& file, const std::string& name) {
  std::string_view line;
  LineReader lines(file);
  const bool any = lines.next(line);
  std::string known;
  for (const ConversationFormat& format : kConversationFormats) {
    if (name.empty() ? any && format.recognises(line) : format.name == name) return format;
    known += fmt::format("\n  {}: {}", format.name, format.what);
  }
  throw data_error(fmt::format("{}: {}; the formats are:{}", file.string(),
                               name.empty() ? "no known format of conversations" : "no format is called " + name,
                               known));
}

std::string title_with_year(const std::string& title, std::string_view text) {
  const std::string said = lower_case(text), wanted = lower_case(title);
  if (wanted.empty()) return title;
  for (size_t at = said.find(wanted); at != std::string::npos; at = said.find(wanted, at + 1)) {
    const std::string_view rest = trimmed(std::string_view(said).substr(at + wanted.size()), " ");
    if (rest.size() >= 6 && rest[0] == '(' && rest[5] == ')' &&
        std::all_of(rest.begin() + 1, rest.begin() + 5, is_digit))
      return fmt::format("{} {}", title, rest.substr(0, 6));
  }
  return title;
}

}  // namespace latentcrs
