#include "service/talk/talk_terminal.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/config/nearest.h"
#include "base/util/error.h"
#include "base/util/text.h"
#include "base/util/text_width.h"
#include "service/talk/turn_text.h"

namespace latentcrs {

namespace {

constexpr int kWidestTitle = 44;
constexpr int kNarrowest = 40;  ///< columns below which nothing is cut further

std::string escaped(std::string_view code, std::string_view text) {
  return fmt::format("\x1b[{}m{}\x1b[0m", code, text);
}

std::string padded(const std::string& text, int width) {
  return text + std::string(static_cast<size_t>(std::max(0, width - text_width(text))), ' ');
}

/// "2nd by the words, 310th without them" would need endings; places are plain numbers.
std::string places_of(int64_t rank, int64_t rank_alone) {
  const std::string alone = rank_alone == 0 ? "-" : std::to_string(rank_alone);
  return fmt::format("{} → {}", alone, rank == 0 ? "-" : std::to_string(rank));
}

const TalkTurn* last_with_list(const TalkSession& session) {
  const auto& turns = session.turns();
  const auto found =
      std::find_if(turns.rbegin(), turns.rend(), [](const TalkTurn& turn) { return !turn.shown.empty(); });
  return found == turns.rend() ? nullptr : &*found;
}

const TerminalCommand& command_named(std::string_view name) {
  std::vector<std::string> names;
  for (const TerminalCommand& command : terminal_commands()) {
    if (command.name == name) return command;
    names.emplace_back(command.name);
  }
  const std::string near = did_you_mean(std::string(name), names);
  throw usage_error(
      fmt::format("there is no {}{}; /help lists the commands", name, near.empty() ? "" : " (" + near + ")"));
}

}  // namespace

std::string TalkTerminal::bold(std::string_view text) const {
  return form_.has_colours ? escaped("1", text) : std::string(text);
}

std::string TalkTerminal::dim(std::string_view text) const {
  return form_.has_colours ? escaped("2", text) : std::string(text);
}

std::string TalkTerminal::greeting() const {
  const RunInfo info = recommender_.info();
  return fmt::format("{}: {} {}. Say what you would like; /help lists the commands.\n{}", bold(info.name), info.items,
                     info.item_noun, history_text());
}

std::string TalkTerminal::history_text() const {
  constexpr size_t kNewest = 5;
  const std::vector<int64_t>& history = session_.history();
  if (history.empty()) return "Your history is empty: the mean user takes your place.\n";
  std::vector<ItemDetails> newest;
  for (size_t i = history.size() - std::min(kNewest, history.size()); i < history.size(); ++i)
    newest.push_back(*recommender_.item(history[i]));
  return fmt::format("Your history has {} {}{}: {}\n", history.size(), history.size() == 1 ? "item" : "items",
                     history.size() > kNewest ? ", at the end" : "", title_list(newest));
}

std::string TalkTerminal::intent_line(const NamedIntent& intent, const std::string& remark) const {
  const std::string line =
      fmt::format("{:>4.0f} %  {}{}", 100 * intent.probability, title_list(intent.nearest), remark);
  return form_.columns > kNarrowest ? shorten_text(line, form_.columns - 10) : line;
}

std::string TalkTerminal::moved_line(std::string_view label, const std::vector<MovedItem>& items) const {
  std::string text;
  for (const MovedItem& moved : items)
    text += fmt::format("{}{} {}", text.empty() ? "" : "; ", moved.item.title, places_of(moved.rank, moved.rank_alone));
  if (text.empty()) return "";
  if (form_.columns > kNarrowest) text = shorten_text(text, form_.columns - 10);
  return fmt::format("{} {}\n", dim(fmt::format("{:<9}", label)), text);
}

std::string TalkTerminal::turn_text(const TalkTurn& turn) const {
  std::string text = turn.answer.empty() ? "" : turn.answer + "\n";
  int width = 0;
  for (const ShownItem& shown : turn.shown) width = std::max(width, text_width(item_title(shown.item)));
  width = std::min(width, kWidestTitle);
  for (size_t i = 0; i < turn.shown.size(); ++i) {
    const ItemDetails& item = turn.shown[i].item;
    text += fmt::format("{:>3}  {}  {}\n", i + 1, bold(padded(shorten_text(item_title(item), width), width)),
                        dim(fmt::format("{}", fmt::join(item.facets, ", "))));
  }
  for (size_t i = 0; i < turn.intents.size(); ++i)
    text += fmt::format("{} {}\n", dim(i == 0 ? "Intents  " : "         "), intent_line(turn.intents[i], ""));
  return text + moved_line("Rose", turn.rose) + moved_line("Fell", turn.fell);
}

std::string TalkTerminal::reasons_text(const Reasons& reasons) const {
  std::string text = fmt::format("{}: place {} with your words, {} by your history alone.\n",
                                 bold(item_title(reasons.item)), reasons.rank == 0 ? "-" : std::to_string(reasons.rank),
                                 reasons.rank_alone == 0 ? "-" : std::to_string(reasons.rank_alone));
  if (!reasons.facets_wanted.empty())
    text += fmt::format("{} {}\n", dim("You asked for it:"), fmt::join(reasons.facets_wanted, ", "));
  for (const ReasonIntent& reason : reasons.intents)
    text += fmt::format("{} {}\n", dim("Raised by"),
                        intent_line(reason.intent, fmt::format("  (there it is number {})", reason.rank)));
  if (!reasons.near_history.empty())
    text += fmt::format("{} {}\n", dim("Nearest of your history:"), title_list(reasons.near_history));
  return text;
}

int64_t TalkTerminal::item_named(std::string_view name) const {
  name = trimmed(name);
  const TalkTurn* turn = last_with_list(session_);
  std::vector<ListedItem> list;
  if (turn != nullptr)
    for (const ShownItem& shown : turn->shown) list.push_back({shown.item.id, shown.item.title, shown.item.year});
  if (name.empty() && !list.empty()) return list.front().id;
  if (name.empty()) throw usage_error("there is no list yet: name an item by its title");
  const Reply reply = read_reply(fmt::format("take {}", name), list);
  if (!reply.taken.empty()) return reply.taken.front();
  const std::vector<ItemDetails> found = recommender_.find_items(name, 1);
  if (found.empty())
    throw usage_error(fmt::format("{}: neither a number of the list nor a title of the dataset", name));
  return found.front().id;
}

TerminalReply TalkTerminal::answer(std::string_view line) {
  line = trimmed(line);
  if (line.empty()) return {};
  try {
    if (line.front() != '/') return {.text = turn_text(session_.say(line))};
    const size_t space = std::min(line.size(), line.find(' '));
    return command_named(line.substr(0, space)).run(*this, trimmed(line.substr(space)));
  } catch (const Error& e) {
    if (e.kind() != ErrorKind::usage && e.kind() != ErrorKind::remote && e.kind() != ErrorKind::data) throw;
    return {.text = fmt::format("{}\n", e.what())};
  }
}

}  // namespace latentcrs
