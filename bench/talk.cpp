// Turns of a conversation with a finished run, and the embedder's part in them: bench_talk RUN [turns]
#include <ATen/ATen.h>
#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "service/api/run_recommender.h"
#include "service/talk/talk_session.h"

namespace {

using namespace latentcrs;

/// Milliseconds of wall clock and of the processor.
struct Times {
  std::vector<double> wall = {}, processor = {};

  template <class Body>
  void add(Body body) {
    const auto start = std::chrono::steady_clock::now();
    const double before = processor_now();
    body();
    processor.push_back(processor_now() - before);
    wall.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
  }

  static double processor_now() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto ms = [](const timeval& t) {
      return 1e3 * static_cast<double>(t.tv_sec) + 1e-3 * static_cast<double>(t.tv_usec);
    };
    return ms(usage.ru_utime) + ms(usage.ru_stime);
  }

  static double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values.at(values.size() / 2);
  }

  void print(const char* name) const {
    fmt::print("{:<28} {:8.2f} ms, processor {:8.2f} ms (median of {})\n", name, median(wall), median(processor),
               wall.size());
  }
};

const std::vector<std::string> kSentences = {"A comedy for children, please",
                                             "Something with robots and space",
                                             "not 2",
                                             "A dark thriller with detectives",
                                             "more like 3",
                                             "something older"};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    fmt::print("bench_talk RUN [turns]\n");
    return 2;
  }
  const int turns = argc > 2 ? std::atoi(argv[2]) : 60;
  std::shared_ptr<const RunRecommender> recommender;
  Times opening, first, later, embedding;
  opening.add([&] { recommender = std::make_shared<const RunRecommender>(argv[1], OpenOptions{}); });
  const std::vector<int64_t> history = recommender->history_of(
      recommender->run().raw_users().raw(recommender->run().inputs().interactions().user_ids.front()), Moment::now);
  for (int i = 0; i < turns; i += static_cast<int>(kSentences.size())) {
    TalkSession session(recommender, {.history = history});
    for (const std::string& sentence : kSentences) {
      Times& times = first.wall.empty() ? first : later;
      times.add([&] { session.say(sentence); });
      embedding.add([&] { recommender->run().embed({session.turns().back().wanted}); });
    }
  }
  opening.print("opening the run");
  first.print("first turn");
  later.print("later turns");
  embedding.print("embedding the words once");  // a turn does so twice: for its list, and for the places
}
