#include "service/talk/criticism.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/util/text.h"
#include "language/text/words.h"
#include "service/talk/item_references.h"

namespace latentcrs {

namespace {

using Phrases = std::span<const std::string_view>;

// Of phrases with the same beginning the longest stands first.
constexpr std::string_view kRefusing[] = {"not interested in",
                                          "not like",
                                          "not",
                                          "nothing like",
                                          "less like",
                                          "do not like",
                                          "do not want",
                                          "dont like",
                                          "dont want",
                                          "didnt like",
                                          "anything but",
                                          "instead of",
                                          "already seen",
                                          "already know",
                                          "already have",
                                          "seen",
                                          "saw",
                                          "watched",
                                          "hate",
                                          "hated",
                                          "skip",
                                          "drop",
                                          "remove",
                                          "reject",
                                          "without",
                                          "except",
                                          "no"};
constexpr std::string_view kLiking[] = {"more like", "more of", "something like", "similar to", "closer to",
                                        "liked",     "like",    "loved",          "love",       "enjoyed"};
constexpr std::string_view kTaking[] = {"would like", "id like", "want",    "take", "accept", "choose",
                                        "pick",       "watch",   "go with", "yes",  "try"};
constexpr std::string_view kRefusingAll[] = {"none of", "none",       "neither of",     "neither",       "nope",
                                             "no",      "not really", "something else", "anything else", "other ones",
                                             "others",  "next",       "more",           "different ones"};
constexpr std::string_view kAllShown[] = {"any of these", "any of those", "any of them", "all of these", "all of those",
                                          "all of them",  "these",        "those",       "them",         "any"};
constexpr std::string_view kOlder[] = {"older", "earlier", "before"};
constexpr std::string_view kNewer[] = {"newer", "more recent", "more modern", "later", "after"};
// They may stand beside a criticism and say nothing themselves.
constexpr std::string_view kFillers[] = {
    "please", "thanks", "thank you", "sorry",  "ok",      "okay",  "well",    "hmm",     "something", "anything",
    "a",      "an",     "one",       "ones",   "film",    "films", "movie",   "movies",  "item",      "items",
    "game",   "games",  "album",     "albums", "i",       "im",    "id",      "ill",     "ive",       "me",
    "we",     "lets",   "have",      "would",  "could",   "can",   "will",    "want",    "like",      "prefer",
    "rather", "show",   "give",      "see",    "find",    "get",   "you",     "the",     "some",      "bit",
    "little", "much",   "and",       "but",    "then",    "maybe", "perhaps", "instead", "just",      "also",
    "to",     "it",     "is",        "with",   "already", "from",  "looking", "for",     "really",    "actually",
    "yes",    "yeah",   "sure",      "great",  "good",    "fine",  "perfect", "sounds",  "looks",     "way"};

bool take_any(WordCursor& words, Phrases phrases) {
  return std::any_of(phrases.begin(), phrases.end(), [&](std::string_view phrase) { return words.take(phrase); });
}

std::optional<int> year_in(std::string_view word) {
  int year = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), year);
  if (error != std::errc() || end != word.data() + word.size() || year < 1000 || year > 2999) return std::nullopt;
  return year;
}

bool says_nothing(std::span<const Word> clause) {
  WordCursor words{clause};
  while (take_any(words, kFillers)) {
  }
  return words.at_end();
}

/// Reads one clause from left to right. Each try_… steps over what it understands, or leaves the cursor as it is.
class ClauseReader {
 public:
  ClauseReader(std::span<const Word> words, const ItemReferences& items) : words_{words}, items_(items) {}

  /// Returns nothing for a clause with a word that belongs to no criticism; an empty reply for "yes, please".
  std::optional<Reply> read() {
    while (!words_.at_end())
      if (!try_items() && !try_year() && !try_all() && !try_numbers() && !take_any(words_, kFillers))
        return std::nullopt;
    return std::move(reply_);
  }

 private:
  /// Items behind one of the phrases go into `ids`.
  bool try_items_of(Phrases phrases, std::vector<int64_t>& ids) {
    WordCursor ahead = words_;
    if (!take_any(ahead, phrases)) return false;
    const std::vector<ListedItem> items = items_.take(ahead, Naming::any);
    for (const ListedItem& item : items) ids.push_back(item.id);
    if (!items.empty()) words_ = ahead;
    return !items.empty();
  }

  bool try_items() {
    return try_items_of(kRefusing, reply_.criticism.refused) || try_items_of(kTaking, reply_.taken) ||
           try_items_of(kLiking, reply_.criticism.liked);
  }

  bool try_year() {
    WordCursor ahead = words_;
    YearWish wish = YearWish::none;
    if (take_any(ahead, kOlder)) wish = YearWish::older;
    if (wish == YearWish::none && take_any(ahead, kNewer)) wish = YearWish::newer;
    if (wish == YearWish::none) return false;
    const bool compares = ahead.take("than");
    if (!take_year(ahead) && compares) return false;
    reply_.criticism.year = wish;
    words_ = ahead;
    return true;
  }

  /// A year, or an item whose year is known.
  bool take_year(WordCursor& ahead) {
    if (ahead.at_end()) return false;
    if (const auto year = year_in(ahead.words[ahead.next].text)) {
      ++ahead.next;
      reply_.criticism.than = year;
      return true;
    }
    for (const std::string_view group : kAllShown)
      if (ahead.take(group)) return true;
    const std::vector<ListedItem> items = items_.take(ahead, Naming::any);
    if (items.empty()) return false;
    if (items.front().year != 0) reply_.criticism.than = items.front().year;
    return true;
  }

  bool try_all() {
    WordCursor ahead = words_;
    const bool refuses = take_any(ahead, kRefusing) && take_any(ahead, kAllShown);
    if (!refuses) {
      ahead = words_;
      if (!take_any(ahead, kRefusingAll)) return false;
      take_any(ahead, kAllShown);
    }
    reply_.criticism.refuses_all = true;
    words_ = ahead;
    return true;
  }

  /// "2", "the second one please".
  bool try_numbers() {
    const std::vector<ListedItem> items = items_.take(words_, Naming::numbers_alone);
    for (const ListedItem& item : items) reply_.taken.push_back(item.id);
    return !items.empty();
  }

  WordCursor words_;
  const ItemReferences& items_;
  Reply reply_;
};

/// "anything but", "everything but" and their kind are within a clause.
bool begins_exception(std::string_view word) {
  return word == "anything" || word == "everything" || word == "nothing" || word == "all";
}

/// The clauses of a sentence as places in its words: they end at punctuation and before "but". A dot or a comma between
/// digits ends none.
std::vector<std::span<const Word>> clauses_of(std::string_view sentence, const std::vector<Word>& words) {
  std::vector<std::span<const Word>> clauses;
  size_t begin = 0;
  for (size_t i = 1; i <= words.size(); ++i) {
    const bool ends = i == words.size() || (words[i].text == "but" && !begins_exception(words[i - 1].text)) ||
                      sentence.substr(words[i - 1].end, words[i].begin - words[i - 1].end).find_first_of(",;.!?:") !=
                          std::string_view::npos;
    if (!ends) continue;
    clauses.push_back(std::span(words).subspan(begin, i - begin));
    begin = i;
  }
  return clauses;
}

std::string_view text_of(std::string_view sentence, std::span<const Word> clause) {
  return sentence.substr(clause.front().begin, clause.back().end - clause.front().begin);
}

/// The item that stands behind "more like" or its kind at the beginning of a clause.
std::optional<int64_t> liked_by_title(std::string_view sentence, std::span<const Word> clause,
                                      const FindTitle& find_title) {
  constexpr std::string_view kOpenings[] = {"more like", "something like", "anything like", "similar to",
                                            "something similar to"};
  WordCursor words{clause};
  for (const std::string_view opening : {"but", "i want", "id like", "i would like", "show me"}) words.take(opening);
  if (!find_title || !take_any(words, kOpenings) || words.at_end()) return std::nullopt;
  return find_title(text_of(sentence, clause.subspan(words.next)));
}

void append(std::vector<int64_t>& ids, const std::vector<int64_t>& more) {
  ids.insert(ids.end(), more.begin(), more.end());
}

void add(Reply& all, const Reply& clause) {
  append(all.criticism.refused, clause.criticism.refused);
  append(all.criticism.liked, clause.criticism.liked);
  append(all.taken, clause.taken);
  all.criticism.refuses_all = all.criticism.refuses_all || clause.criticism.refuses_all;
  if (clause.criticism.year == YearWish::none) return;
  all.criticism.year = clause.criticism.year;
  all.criticism.than = clause.criticism.than;
}

}  // namespace

Reply read_reply(std::string_view sentence, std::span<const ListedItem> shown, const FindTitle& find_title) {
  const std::vector<Word> words = split_words(sentence);
  const ItemReferences items(shown);
  Reply reply;
  for (const std::span<const Word> clause : clauses_of(sentence, words)) {
    const auto understood = shown.empty() ? std::nullopt : ClauseReader(clause, items).read();
    if (understood)
      add(reply, *understood);
    else if (const auto liked = liked_by_title(sentence, clause, find_title))
      reply.criticism.liked.push_back(*liked);
    else if (!says_nothing(clause))
      reply.words += (reply.words.empty() ? "" : ", ") + std::string(text_of(sentence, clause));
  }
  Criticism& criticism = reply.criticism;
  if (criticism.is_empty() && reply.taken.empty()) return {.words = std::string(trimmed(sentence))};
  // "No, not 2" refuses one item, and words bring another list by themselves.
  const bool says_more = !criticism.refused.empty() || !criticism.liked.empty() || !reply.taken.empty() ||
                         criticism.year != YearWish::none || !reply.words.empty();
  criticism.refuses_all = criticism.refuses_all && !says_more;
  return reply;
}

}  // namespace latentcrs
