// Writes the tiny datasets into the folder given, or into the current one.
#include <filesystem>
#include <fstream>
#include <iostream>

#include "files.h"

int main(int argc, char** argv) {
  const std::filesystem::path folder = argc > 1 ? argv[1] : ".";
  for (const auto& [name, contents] : latentcrs::tiny::make_files()) {
    const std::filesystem::path path = folder / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream out(path, std::ios::binary);
    out << contents;
    out.close();
    if (!out) {
      std::cerr << "cannot write " << path << '\n';
      return 1;
    }
  }
  return 0;
}
