// What a sentence says about the list before it.
#include "service/talk/criticism.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

using namespace latentcrs;

namespace {

using Ids = std::vector<int64_t>;

const std::vector<ListedItem> kList = {{11, "Alien (1979)", 1979},
                                       {12, "Postman, The (Postino, Il) (1994)", 1994},
                                       {13, "Star Wars: Episode IV - A New Hope (1977)", 1977},
                                       {14, "Heat (1995)", 1995},
                                       {15, "An Undated Film", 0}};

Reply read(std::string_view sentence) { return read_reply(sentence, kList); }

}  // namespace

TEST_CASE("items are refused by number, place and title", "[talk]") {
  struct Case {
    const char* sentence;
    Ids refused;
  };
  const auto sentences = std::vector<Case>{
      {"not 2", {12}},
      {"Not that one.", {11}},
      {"not 2 and 4", {12, 14}},
      {"No, not the second one", {12}},
      {"not number 3", {13}},
      {"anything but the last", {15}},
      {"I've already seen the first two", {11, 12}},
      {"I don't like Heat", {14}},
      {"not The Postman", {12}},
      {"skip Alien (1979)", {11}},
      {"nothing like the 3rd film", {13}},
      {"no 5", {15}},
  };
  for (const auto& [sentence, refused] : sentences) {
    INFO(sentence);
    const Reply reply = read(sentence);
    CHECK(reply.criticism.refused == refused);
    CHECK(reply.criticism.liked.empty());
    CHECK_FALSE(reply.criticism.refuses_all);
    CHECK(reply.words.empty());
  }
}

TEST_CASE("items are liked and taken", "[talk]") {
  CHECK(read("more like 2").criticism.liked == Ids{12});
  CHECK(read("Something like the first, please!").criticism.liked == Ids{11});
  CHECK(read("I liked Alien and Heat").criticism.liked == Ids{11, 14});
  CHECK(read("similar to that one").criticism.liked == Ids{11});
  CHECK(read("I'll take 4").taken == Ids{14});
  CHECK(read("Yes, the second one please").taken == Ids{12});
  CHECK(read("3").taken == Ids{13});
  CHECK(read("I want to watch Heat").taken == Ids{14});
  CHECK(read("the first one sounds good").taken == Ids{11});
  CHECK(read("not 2, 4 please").taken == Ids{14});
}

TEST_CASE("years are compared with the list, an item or a number", "[talk]") {
  CHECK(read("something older").criticism == Criticism{.year = YearWish::older});
  CHECK(read("A more recent one, please").criticism == Criticism{.year = YearWish::newer});
  CHECK(read("newer than 2").criticism == Criticism{.year = YearWish::newer, .than = 1994});
  CHECK(read("older than Heat").criticism == Criticism{.year = YearWish::older, .than = 1995});
  CHECK(read("older than 1980").criticism == Criticism{.year = YearWish::older, .than = 1980});
  CHECK(read("from before 1980").criticism == Criticism{.year = YearWish::older, .than = 1980});
  CHECK(read("newer than the last").criticism == Criticism{.year = YearWish::newer});  // its year is not known
  CHECK(read("more like 1 but newer").criticism == Criticism{.liked = {11}, .year = YearWish::newer});
}

TEST_CASE("a whole list is refused", "[talk]") {
  for (const char* sentence : {"No.", "none of these", "Nope, something else", "I don't like these", "show me more",
                               "next please", "I have seen all of them", "no thanks"}) {
    INFO(sentence);
    CHECK(read(sentence) == Reply{.criticism = {.refuses_all = true}});
  }
}

TEST_CASE("what is no criticism is words, as it was written", "[talk]") {
  for (const char* sentence :
       {"A funny film with robots, please.", "Something with more heat and less talk", "not too long",
        "no more war films", "My older brother likes westerns", "I want 2 hours of action", "ok", "Yes, please",
        "something like a road movie", "more like 7", "older than the hills", "2001: A Space Odyssey", "…"}) {
    INFO(sentence);
    CHECK(read(sentence) == Reply{.words = sentence});
  }
}

TEST_CASE("a sentence may hold both", "[talk]") {
  const Reply reply = read("Not 2; something with spaceships, but older");
  CHECK(reply.criticism == Criticism{.refused = {12}, .year = YearWish::older});
  CHECK(reply.words == "something with spaceships");
  // Words bring a new list by themselves.
  CHECK(read("No, I want something funny") == Reply{.words = "I want something funny"});
}

TEST_CASE("before the first list everything is words", "[talk]") {
  CHECK(read_reply("not 2", {}) == Reply{.words = "not 2"});
  CHECK(read_reply("something older", {}) == Reply{.words = "something older"});
}

TEST_CASE("a title beyond the list is liked where it is known", "[talk]") {
  const FindTitle find = [](std::string_view title) {
    return title == "Blade Runner" ? std::optional<int64_t>(99) : std::nullopt;
  };
  CHECK(read_reply("Something like Blade Runner, please", {}, find) == Reply{.criticism = {.liked = {99}}});
  CHECK(read_reply("more like Blade Runner", kList, find).criticism.liked == Ids{99});
  CHECK(read_reply("more like a dream", kList, find) == Reply{.words = "more like a dream"});
}
