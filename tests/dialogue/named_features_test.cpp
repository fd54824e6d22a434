#include "language/dialogue/named_features.h"

#include <catch2/catch.hpp>

#include "language/dialogue/shown_items.h"

using namespace latentcrs;
using Strings = std::vector<std::string>;

namespace {

Item item(int64_t id, Strings facets, Strings names) {
  Item made{.id = id, .title = "", .name = "", .year = 0, .facets = std::move(facets), .description = ""};
  made.names = std::move(names);
  return made;
}

const ItemCatalogue& catalogue() {
  static const ItemCatalogue made(
      {item(1, {"Comedy"}, {}), item(2, {"Drama"}, {"Tom Hanks"}), item(3, {"Comedy"}, {"Tom Hanks", "Meg Ryan"})});
  return made;
}

Strings features(const std::vector<DialogueTurn>& turns) {
  const auto extractor = with_names(make_offline_extractor({"Comedy", "Drama"}, "movies"), catalogue());
  return extractor->extract({turns}).all.at(0).features;
}

}  // namespace

TEST_CASE("people who are asked for are wanted features, and the newest words decide", "[named_features]") {
  CHECK(features({{"A comedy with tom hanks", {}}}) == Strings{"Comedy", "Tom Hanks"});
  CHECK(features({{"With Tom Hanks", {2}}, {"Not Tom Hanks, rather Meg Ryan", {}}}) == Strings{"Meg Ryan"});
  CHECK(features({{"Not Tom Hanks", {2}}, {"All right, Tom Hanks", {}}}) == Strings{"Tom Hanks"});
  CHECK(features({{"A comedy", {}}}) == Strings{"Comedy"});
}

TEST_CASE("items of people who are asked for come first", "[named_features]") {
  const std::vector<int32_t> ranked = {1, 2, 3};
  CHECK(choose_shown_items(ranked, {}, {"Tom Hanks"}, catalogue(), {}) == std::vector<int64_t>{2, 3, 1});
  CHECK(choose_shown_items(ranked, {}, {"Comedy", "Tom Hanks"}, catalogue(), {}) == std::vector<int64_t>{3, 1, 2});
}
