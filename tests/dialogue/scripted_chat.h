// A chat model that answers from a list, and two films to speak of.
#pragma once

#include <catch2/catch.hpp>
#include <utility>
#include <vector>

#include "datasets/data/item_catalogue.h"
#include "language/llm/chat.h"

namespace latentcrs::test {

/// Answers from a list, and keeps the requests. With an empty list, all answers are still to come.
class ScriptedChat : public Chat {
 public:
  explicit ScriptedChat(std::vector<ChatOutcome> script) : script_(std::move(script)) {}
  Answers<ChatOutcome> complete(const std::vector<ChatRequest>& requests) override {
    asked = requests;
    if (script_.empty()) return Answers<ChatOutcome>::still_to_come(requests.size());
    REQUIRE(requests.size() == script_.size());
    return script_;
  }
  CostEstimate estimate(const std::vector<ChatRequest>&) override { return {}; }

  std::vector<ChatRequest> asked;

 private:
  std::vector<ChatOutcome> script_;
};

inline ItemCatalogue two_films() {
  return ItemCatalogue(
      {{.id = 1, .title = "Heat (1995)", .name = "Heat", .year = 1995, .facets = {"Action"}, .description = ""},
       {.id = 2, .title = "Big (1988)", .name = "Big", .year = 1988, .facets = {"Comedy"}, .description = ""}});
}

}  // namespace latentcrs::test
