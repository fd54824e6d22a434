// Lines of several files that are read one after the other, numbered through.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace latentcrs {

class FileLines {
 public:
  /// The lines that follow are those of `path`, after the `lines` of the file before.
  void begin(const std::filesystem::path& path, int64_t lines_before);
  /// The number through all files of line `number`, from 1, of the file that was begun last.
  int64_t through(int64_t number) const { return parts_.back().before + number; }
  /// "<file>:<line>" of a number through all files, the file without its folder.
  std::string place(int64_t through) const;
  /// The file that was begun last, without its folder.
  const std::string& file() const { return parts_.back().file; }

 private:
  struct Part {
    std::string file;
    int64_t before = 0;  ///< lines of the files before
  };
  std::vector<Part> parts_;
};

}  // namespace latentcrs
