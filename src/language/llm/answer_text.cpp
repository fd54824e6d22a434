#include "language/llm/answer_text.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <initializer_list>
#include <utility>

#include "base/util/text.h"

namespace latentcrs {

namespace {

constexpr size_t kNowhere = std::string_view::npos;

/// A pair of marks, in lower case.
struct TagPair {
  std::string_view open, close;
};

/// The tags around reasoning, beside those in angle brackets that names_reasoning() knows.
constexpr auto kReasoning = std::to_array<TagPair>({{"<think>", "</think>"},
                                                    {"[think]", "[/think]"},
                                                    {"\u25C1think\u25B7", "\u25C1/think\u25B7"},
                                                    {"<|think|>", "<|/think|>"},
                                                    {"<|begin_of_thought|>", "<|end_of_thought|>"},
                                                    {"<|start_thinking|>", "<|end_thinking|>"},
                                                    {"<|channel>thought", "<channel|>"},
                                                    {"<unused94>", "<unused95>"}});

/// The tags that may stand around the part that is meant for the reader.
constexpr auto kAnswer = std::to_array<TagPair>({{"<answer>", "</answer>"},
                                                 {"<response>", "</response>"},
                                                 {"<final>", "</final>"},
                                                 {"<|begin_of_solution|>", "<|end_of_solution|>"},
                                                 {"<|start_response|>", "<|end_response|>"},
                                                 {"<|begin_of_box|>", "<|end_of_box|>"}});

/// An answer, and the same text in lower case for comparing.
class AnswerBuffer {
 public:
  explicit AnswerBuffer(std::string_view text) : text_(text), lower_(lower_case(text)) {}

  const std::string& text() const { return text_; }
  size_t find(std::string_view mark, size_t from = 0) const { return lower_.find(mark, from); }
  size_t find_last(std::string_view mark) const { return lower_.rfind(mark); }
  bool starts_with(std::string_view mark) const { return std::string_view(lower_).starts_with(mark); }
  bool ends_with(std::string_view mark) const { return std::string_view(lower_).ends_with(mark); }
  void erase(size_t begin, size_t end) {
    end = std::min(end, text_.size());
    text_.erase(begin, end - begin);
    lower_.erase(begin, end - begin);
  }
  void trim() {
    text_ = trimmed(text_);
    lower_ = trimmed(lower_);
  }

 private:
  std::string text_, lower_;
};

/// Reduces an answer in the harmony format to its final channel: "<|channel|>analysis<|message|>…<|end|><|start|>
/// assistant<|channel|>final<|message|>…<|return|>", also where a server has dropped the marks and left the words.
/// False if the final channel is not reached.
bool leave_final_channel(AnswerBuffer& content) {
  static constexpr std::string_view message = "<|message|>", channel = "<|channel|>";
  if (content.find(channel) != kNowhere) {
    size_t begin = kNowhere;
    for (size_t at = content.find(channel); at != kNowhere; at = content.find(channel, at + channel.size())) {
      const size_t body = content.find(message, at);
      if (body == kNowhere) break;
      const size_t name = content.find("final", at);
      if (name == at + channel.size()) begin = body + message.size();
    }
    const size_t first = content.find(channel);
    const bool text_before = begin == kNowhere && !is_blank(std::string_view(content.text()).substr(0, first)) &&
                             !content.starts_with("<|start|>");
    if (text_before) {
      content.erase(first, kNowhere);
      return true;
    }
    content.erase(0, begin);
    return begin != kNowhere;
  }
  static constexpr std::string_view joint = "assistantfinal";
  if (content.starts_with("analysis") && content.find(joint) != kNowhere)
    content.erase(0, content.find_last(joint) + joint.size());
  return true;
}

/// Whether a tag's name means reasoning: think, seed:think, thought, reasoning, scratchpad, …
bool names_reasoning(std::string_view name) {
  for (const std::string_view word : {"think", "thought", "reason", "reflection", "analysis", "scratchpad"})
    if (name.find(word) != kNowhere) return true;
  return false;
}

/// Replaces tags in angle brackets that mean reasoning, "<thinking>" or "<seed:think budget=9>", by "<think>" and
/// "</think>".
std::string with_plain_tags(std::string_view raw) {
  constexpr size_t longest = 64;
  std::string result;
  for (size_t i = 0; i < raw.size();) {
    const size_t name = i + (raw.substr(i).starts_with("</") ? 2 : 1);
    const size_t close = raw[i] == '<' ? raw.substr(0, i + longest).find('>', i) : kNowhere;
    const auto is_name = [](char c) {
      return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_' || c == ':' || c == '-';
    };
    size_t end = name;
    while (end < raw.size() && is_name(raw[end])) ++end;
    const bool tag = close != kNowhere && end > name && end <= close && (end == close || raw[end] == ' ');
    if (tag && names_reasoning(lower_case(raw.substr(name, end - name)))) {
      result += name == i + 2 ? "</think>" : "<think>";
      i = close + 1;
    } else {
      result += raw[i++];
    }
  }
  return result;
}

/// Removes reasoning. False if it begins and does not end.
bool drop_reasoning(AnswerBuffer& content) {
  for (const auto& [open, close] : kReasoning) {
    for (;;) {
      const size_t begin = content.find(open), end = content.find(close);
      if (end == kNowhere) {
        const bool leads = begin != kNowhere && is_blank(std::string_view(content.text()).substr(0, begin));
        if (leads) return false;
        break;
      }
      // A closing tag may stand alone, because the opening one was the end of the prompt.
      content.erase(begin < end ? begin : 0, end + close.size());
    }
  }
  return true;
}

/// Removes the tags around the part that is meant for the reader.
void unwrap_answer(AnswerBuffer& content) {
  for (const auto& [open, close] : kAnswer) {
    const size_t end = content.find(close);
    if (content.find(open) != 0) continue;
    if (end != kNowhere) content.erase(end, kNowhere);
    content.erase(0, open.size());
    content.trim();
  }
}

/// The length of a template's mark at text[at]: "<|im_end|>", "<\uFF5C…\uFF5C>", "</s>" and the like; 0 if there is no
/// mark.
size_t mark_length(std::string_view text, size_t at) {
  constexpr size_t longest = 48;
  const std::string_view rest = text.substr(at);
  // The end of the text may cut a mark short: "<|im_e".
  if (at > 0 && rest.starts_with("<|") && rest.size() < 24 &&
      rest.find_first_not_of("abcdefghijklmnopqrstuvwxyz_", 2) == kNowhere)
    return rest.size();
  for (const std::string_view mark : {"</s>", "<s>", "<eos>", "<bos>", "<end_of_turn>", "<start_of_turn>",
                                      "<end_of_utterance>", "[inst]", "[/inst]", "[eot]", "<turn|>", "<|turn>"})
    if (rest.starts_with(mark)) return mark.size();
  for (const auto& [open, close] : {TagPair{"<|", "|>"}, TagPair{"<\uFF5C", "\uFF5C>"}}) {
    if (!rest.starts_with(open)) continue;
    const size_t end = rest.substr(0, longest).find(close, open.size());
    const bool word = end != kNowhere && rest.substr(0, end).find_first_of(" \n\t", open.size()) == kNowhere;
    if (word && end > open.size()) return end + close.size();
  }
  return 0;
}

/// Removes marks and the role before the answer, and the first mark behind it with everything that follows.
void drop_template_marks(AnswerBuffer& content) {
  for (bool found = true; found;) {
    found = false;
    content.trim();
    const std::string text = lower_case(content.text());
    if (const size_t length = mark_length(text, 0); length > 0) {
      content.erase(0, length);
      for (const std::string_view role : {"assistant", "model", "chatbot"}) {
        const std::string_view after = std::string_view(text).substr(length);
        const bool alone = after.starts_with(role) && after.size() > role.size() &&
                           (after[role.size()] == '\n' || after[role.size()] == '<');
        if (alone) content.erase(0, role.size());
      }
      found = !content.text().empty();
    }
  }
  const std::string text = lower_case(content.text());
  for (size_t i = 0; i < text.size(); ++i)
    if ((text[i] == '<' || text[i] == '[') && mark_length(text, i) > 0) {
      content.erase(i, kNowhere);
      content.trim();
      break;
    }
}

}  // namespace

AnswerText answer_in(std::string_view raw) {
  AnswerBuffer content(with_plain_tags(raw));
  if (!leave_final_channel(content) || !drop_reasoning(content)) return {.complete = false};
  const bool touched = content.text() != raw;
  AnswerBuffer bare = content;
  bare.trim();
  unwrap_answer(bare);
  drop_template_marks(bare);
  const bool marked = bare.text() != trimmed(content.text());
  return {.text = touched || marked ? bare.text() : std::string(raw)};
}

}  // namespace latentcrs
