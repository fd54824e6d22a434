// What is wrong in input files and does not stop the work: each kind is counted and said with its first place.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace latentcrs {

class Findings {
 public:
  /// `what` is a whole sentence about one case; `where` is "path:line" or a path.
  void add(const std::string& what, const std::string& where);
  bool empty() const { return kinds_.empty(); }
  /// A line for each kind, in the order of first appearance: "a.jsonl:17 and 3 more: The answer is empty…".
  std::vector<std::string> lines() const;

 private:
  struct Kind {
    std::string what, first;
    int64_t count = 0;
  };
  std::vector<Kind> kinds_;
};

}  // namespace latentcrs
