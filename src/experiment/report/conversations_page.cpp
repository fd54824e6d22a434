#include "experiment/report/conversations_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/util/error.h"
#include "base/util/files.h"
#include "base/util/html.h"
#include "experiment/report/html_page.h"
#include "experiment/report/html_template.h"

namespace latentcrs {

namespace {

constexpr const char* kWithText = "with text";

ShownConversation::Item parse_item(const nlohmann::json& value) {
  return {value.at("item"), value.at("title"), value.value("said_by", "")};
}

std::vector<ShownConversation::Item> parse_items(const nlohmann::json& list) {
  std::vector<ShownConversation::Item> items;
  for (const nlohmann::json& item : list) items.push_back(parse_item(item));
  return items;
}

ShownConversation parse_conversation(const nlohmann::json& value) {
  ShownConversation conversation;
  conversation.id = value.at("id");
  conversation.dialogue = value.at("dialogue");
  conversation.condition = value.at("condition");
  conversation.target = parse_item(value.at("target"));
  for (const nlohmann::json& utterance : value.at("utterances"))
    conversation.utterances.emplace_back(utterance.at(0), utterance.at(1));
  conversation.history = parse_items(value.at("history"));
  conversation.ranks = value.at("ranks").get<std::map<std::string, int>>();
  for (const auto& [score, list] : value.at("rankings").items()) conversation.rankings[score] = parse_items(list);
  return conversation;
}

std::string title_of(const ShownConversation::Item& item) {
  return item.title.empty() ? fmt::format("item {}", item.id) : escape_html(item.title);
}

int rank_with_text(const ShownConversation& conversation) {
  const auto found = conversation.ranks.find(kWithText);
  return found == conversation.ranks.end() ? 0 : found->second;
}

bool is_shown(const ShownConversation& conversation) {
  const auto list = conversation.rankings.find(kWithText);
  return list != conversation.rankings.end() &&
         std::any_of(list->second.begin(), list->second.end(),
                     [&](const auto& item) { return item.id == conversation.target.id; });
}

std::string spoken_html(const ShownConversation& conversation) {
  std::string out;
  for (const auto& [speaker, text] : conversation.utterances)
    out += fmt::format("<div class=\"{}\">{}</div>\n", speaker == "user" ? "said" : "shown", escape_html(text));
  if (conversation.history.empty()) return out + html_note("No item of the dataset was named.");
  std::string named;
  for (const ShownConversation::Item& item : conversation.history)
    named += fmt::format("{}{} ({})", named.empty() ? "" : "; ", title_of(item), escape_html(item.said_by));
  return out + "<p class=\"note\">History: " + named + "</p>\n";
}

std::string ranking_html(const std::string& score, const ShownConversation& conversation) {
  const auto rank = conversation.ranks.find(score);
  std::string out = fmt::format("<div class=\"shown\"><div class=\"heard\">{}{}</div><ol>", escape_html(score),
                                rank == conversation.ranks.end() || rank->second == 0
                                    ? std::string(": not ranked")
                                    : fmt::format(": the target is at {}", rank->second));
  for (const ShownConversation::Item& item : conversation.rankings.at(score))
    out += fmt::format("<li{}>{}</li>", item.id == conversation.target.id ? " class=\"hit\"" : "", title_of(item));
  return out + "</ol></div>\n";
}

}  // namespace

std::vector<ShownConversation> read_shown_conversations(const std::filesystem::path& path) {
  std::vector<ShownConversation> conversations;
  LineReader lines(path);
  for (std::string_view line; lines.next(line);) {
    try {
      conversations.push_back(parse_conversation(nlohmann::json::parse(line)));
    } catch (const nlohmann::json::exception& e) {
      throw data_error(fmt::format("{}: not a conversation as evaluate writes them: {}", lines.where(), e.what()));
    }
  }
  return conversations;
}

std::string conversation_html(const ShownConversation& conversation) {
  const int rank = rank_with_text(conversation);
  std::string others;
  for (const auto& [score, place] : conversation.ranks)
    others += fmt::format("{}{} {}", others.empty() ? "" : ", ", escape_html(score), place);
  std::string rankings;
  for (const auto& [score, list] : conversation.rankings) rankings = ranking_html(score, conversation) + rankings;
  return fill_template("conversation.html",
                       {{"who", escape_html(conversation.id)},
                        {"condition", escape_html(conversation.condition)},
                        {"target", title_of(conversation.target)},
                        {"found", is_shown(conversation) ? "yes" : "no"},
                        {"outcome", rank == 0 ? std::string("not ranked") : fmt::format("rank {} with text", rank)},
                        {"said", spoken_html(conversation)},
                        {"rankings", rankings},
                        {"ranks", others}});
}

void write_conversations_page(const std::filesystem::path& jsonl, const std::string& title,
                              const std::filesystem::path& page) {
  std::vector<ShownConversation> conversations = read_shown_conversations(jsonl);
  const auto found = std::stable_partition(conversations.begin(), conversations.end(), is_shown);
  std::string body = fmt::format("<h1>{}</h1>\n", escape_html(title));
  body += html_note(
      "What people said, the user on the right and the recommender on the left; beside it the first items of two "
      "rankings. The target is what the recommender named next.");
  const auto section = [&](const char* anchor, const char* heading, auto begin, auto end) {
    body += fmt::format("<h2 id=\"{}\">{}: {}</h2>\n", anchor, heading, end - begin);
    body += "<div class=\"dialogues wide\">\n";
    for (auto c = begin; c != end; ++c) body += conversation_html(*c);
    body += "</div>\n";
  };
  body += "<nav><a href=\"#found\">found</a><a href=\"#missed\">not found</a></nav>\n";
  section("found", "The target is among the first with text", conversations.begin(), found);
  section("missed", "It is not", found, conversations.end());
  write_file_atomically(page, html_page(title, body));
}

}  // namespace latentcrs
