// The test users of a run: what they had, said and wanted, and where the rankings put that.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "service/api/opened_run.h"

namespace latentcrs {

struct TestUser {
  std::string id;                ///< the record's, "12_raw_test"
  std::string shown_id;          ///< the same with the user as the raw files write it
  std::vector<int64_t> history;  ///< oldest first, as the utterance is about it
  int64_t target = 0;
  std::string target_title;
  std::string utterance;  ///< empty without a reply
  bool leaks_title = false;
  std::vector<std::pair<std::string, int64_t>> ranks;  ///< of the target, by score; 0: a miss
};

class TestUsers {
 public:
  /// Reads the utterances and the ranks of the evaluation, of which either may be missing.
  explicit TestUsers(const OpenedRun& run);

  /// In the order of the evaluation.
  const std::vector<TestUser>& all() const { return users_; }
  /// nullptr for an unknown id.
  const TestUser* find(const std::string& id) const;
  /// Those whose id begins with `text` or whose target's title contains it, letters in any case; all for an empty one.
  std::vector<const TestUser*> matching(std::string_view text) const;

 private:
  void add_ranks(const OpenedRun& run);

  std::vector<TestUser> users_;
  std::unordered_map<std::string, size_t> places_;
};

}  // namespace latentcrs
