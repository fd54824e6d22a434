// Recommends to somebody who liked some titles, and then to what they say, a line a turn:
//   recommend outputs/tiny "Winter Passage, Frozen Passage" < what-they-say.txt
#include <latentcrs/recommender.h>

#include <cstdio>
#include <iostream>
#include <string>
#include <vector>

namespace {

void print_items(const std::vector<latentcrs::RankedItem>& items) {
  for (size_t i = 0; i < items.size(); ++i)
    std::printf("  %zu. %s (%.3f)\n", i + 1, items[i].title.c_str(), items[i].score);
}

void print_intents(const std::vector<latentcrs::IntentProbability>& intents) {
  for (const auto& intent : intents)
    std::printf("  intent %lld: %.2f\n", static_cast<long long>(intent.intent), intent.probability);
}

int recommend(const std::string& run_folder, const std::string& titles) {
  const auto recommender = latentcrs::Recommender::open(run_folder);
  const latentcrs::RunInfo info = recommender.info();
  std::printf("%s: %lld %s, %lld intents\n", info.name.c_str(), static_cast<long long>(info.items),
              info.item_noun.c_str(), static_cast<long long>(info.intents));

  std::vector<std::int64_t> history;
  for (const latentcrs::ItemDetails& item : recommender.find_items(titles)) {
    std::printf("liked: %s\n", item.title.c_str());
    history.push_back(item.id);
  }

  const latentcrs::Ranking ranking = recommender.rank({.history = history, .k = 5});
  std::printf("From the history alone:\n");
  print_items(ranking.items);
  print_intents(ranking.intents);

  latentcrs::Conversation conversation = recommender.converse({.history = history});
  for (std::string words; std::getline(std::cin, words);) {
    if (words.empty()) continue;
    const latentcrs::ConversationTurn& turn = conversation.say(words);
    std::printf("> %s\n", words.c_str());
    print_items(turn.shown);
    print_intents(turn.intents);
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: recommend <run folder> <titles>\n");
    return 2;
  }
  try {
    return recommend(argv[1], argv[2]);
  } catch (const latentcrs::Error& error) {
    std::fprintf(stderr, "recommend: %s\n", error.what());
    return 1;
  }
}
