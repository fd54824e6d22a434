#include "datasets/data/responses.h"

#include <simdjson.h>

#include <algorithm>
#include <optional>
#include <unordered_set>

#include "base/util/files.h"
#include "base/util/text.h"
#include "datasets/data/utterances.h"

namespace latentcrs {

namespace {

bool has_letter_or_digit(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); });
}

/// Nothing where a line is not an object with two texts, repeats an id or holds no words.
std::optional<std::vector<std::string>> usual_responses(const std::filesystem::path& path) {
  std::vector<std::string> responses;
  std::unordered_set<std::string> seen;
  simdjson::ondemand::parser parser;
  LineReader lines(path);
  for (std::string_view line; lines.next(line);) {
    simdjson::ondemand::document document;
    std::string_view id, response;
    if (parser.iterate(simdjson::padded_string_view(line.data(), line.size(), line.size() + kLinePadding))
            .get(document) ||
        document["customer_id"].get_string().get(id) || document["response"].get_string().get(response))
      return std::nullopt;
    if (!has_letter_or_digit(response) || !seen.emplace(id).second) return std::nullopt;
    responses.emplace_back(response);
  }
  return responses;
}

}  // namespace

std::vector<std::string> read_responses(const std::filesystem::path& path) {
  if (auto responses = usual_responses(path)) return std::move(*responses);
  std::vector<std::string> responses;
  for (Utterance& utterance : read_utterances(path, Prompts::leave_out))
    responses.push_back(std::move(utterance.response));
  return responses;
}

}  // namespace latentcrs
