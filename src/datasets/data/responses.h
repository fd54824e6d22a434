// What the users of an utterance file said, without the rest of the file.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace latentcrs {

/// The responses of read_utterances(), in their order, several times as fast: the other fields are not read. A file
/// with anything unusual in it goes to read_utterances(), which warns and throws as it says.
std::vector<std::string> read_responses(const std::filesystem::path& path);

}  // namespace latentcrs
