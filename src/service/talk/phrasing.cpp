#include "service/talk/phrasing.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <utility>

#include "base/util/error.h"
#include "base/util/text.h"
#include "language/text/titles.h"
#include "language/text/words.h"
#include "service/talk/turn_text.h"

namespace latentcrs {

namespace {

constexpr size_t kTurnsTold = 6;  ///< earlier turns in the prompt

std::string told_history(const std::vector<TalkTurn>& turns) {
  std::string text;
  const size_t last = turns.size() - 1;
  for (size_t i = last - std::min(last, kTurnsTold); i < last; ++i)
    text += fmt::format("User: {}\nYou: {}\n", turns[i].said, turns[i].answer);
  return text;
}

std::string told_items(const TalkTurn& turn) {
  std::string text;
  for (const ShownItem& shown : turn.shown) text += "- " + item_line(shown.item) + "\n";
  return text;
}

ChatRequest request_about(const std::vector<TalkTurn>& turns, const PromptTemplate& prompt, const std::string& noun) {
  const TalkTurn& turn = turns.back();
  const std::string text = prompt.render({{"item_noun", noun},
                                          {"history", told_history(turns)},
                                          {"said", turn.said},
                                          {"notes", joined_notes(turn)},
                                          {"items", told_items(turn)}});
  return {.messages = {{ChatMessage::Role::user, text}}};
}

bool is_shown(std::string_view title, const TalkTurn& turn) {
  const TitleForm said = title_form(spoken_title(title));
  return std::any_of(turn.shown.begin(), turn.shown.end(), [&](const ShownItem& shown) {
    const std::vector<TitleName> names = title_names(shown.item.title);
    return std::any_of(names.begin(), names.end(),
                       [&](const TitleName& name) { return name.form.words == said.words; });
  });
}

/// The beginning of the words with capitals that end at `end`: "I like Blade Runner" -> "Blade Runner".
size_t begin_of_name(std::string_view text, size_t end) {
  const std::vector<Word> words = split_words(text.substr(0, end));
  size_t begin = end;
  for (auto word = words.rbegin(); word != words.rend(); ++word) {
    const std::string_view own = text.substr(word->begin, word->end - word->begin);
    const bool small = own == "of" || own == "the" || own == "and" || own == "in" || own == "a";
    if (!small && !begins_with_capital(own)) break;
    if (!small) begin = word->begin;
  }
  return begin;
}

}  // namespace

std::vector<std::string> titles_beside(const std::string& text, const TalkTurn& turn) {
  std::vector<std::string> titles;
  const auto consider = [&](std::string_view title) {
    if (!is_blank(title) && !is_shown(title, turn)) titles.emplace_back(title);
  };
  for (const auto& [begin, end] : quoted_ranges(text)) consider(trimmed(text.substr(begin, end - begin), " \"“”,."));
  for (size_t open = text.find('('); open != std::string::npos; open = text.find('(', open + 1)) {
    const bool has_year = open + 5 < text.size() && text[open + 5] == ')' &&
                          std::all_of(text.begin() + static_cast<ptrdiff_t>(open) + 1,
                                      text.begin() + static_cast<ptrdiff_t>(open) + 5, is_digit);
    if (has_year)
      consider(trimmed(std::string_view(text).substr(begin_of_name(text, open), open - begin_of_name(text, open))));
  }
  return titles;
}

PhraseTurn phrase_with(std::shared_ptr<Chat> chat, PromptTemplate prompt, std::string item_noun,
                       std::function<void(const std::string&)> remark) {
  return [chat = std::move(chat), prompt = std::move(prompt), noun = std::move(item_noun),
          remark = std::move(remark)](const std::vector<TalkTurn>& turns) -> std::string {
    try {
      const Answers<ChatOutcome> answers = chat->complete({request_about(turns, prompt, noun)});
      const ChatOutcome& outcome = answers.all.at(0);
      if (outcome.kind != ChatOutcome::Kind::text) {
        remark(fmt::format("the language model gave no answer ({} {})", to_string(outcome.kind), outcome.reason));
        return {};
      }
      if (const auto beside = titles_beside(outcome.text, turns.back()); !beside.empty()) {
        remark(fmt::format("the language model named {}, which is not in the list; its words are left out",
                           beside.front()));
        return {};
      }
      return std::string(trimmed(outcome.text));
    } catch (const Error& e) {
      if (e.kind() != ErrorKind::remote) throw;
      remark(e.what());
      return {};
    }
  };
}

}  // namespace latentcrs
