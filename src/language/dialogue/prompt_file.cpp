#include "language/dialogue/prompt_file.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/util/error.h"
#include "base/util/files.h"

namespace latentcrs {

namespace {

using ordered_json = nlohmann::ordered_json;

ordered_json generate_content_request(const std::string& prompt) {
  ordered_json safety = ordered_json::array();
  for (const char* category : {"HARASSMENT", "HATE_SPEECH", "SEXUALLY_EXPLICIT", "DANGEROUS_CONTENT"})
    safety.push_back({{"category", std::string("HARM_CATEGORY_") + category}, {"threshold", "BLOCK_NONE"}});
  ordered_json request;
  request["contents"] = ordered_json::array({{{"role", "user"}, {"parts", ordered_json::array({{{"text", prompt}}})}}});
  request["safetySettings"] = std::move(safety);
  return request;
}

std::string to_line(const UtteranceRequest& request) {
  const SplitRecord& record = *request.record;
  ordered_json line;
  line["customer_id"] = record.customer_id;
  line["request"] = generate_content_request(request.prompt);
  ordered_json& history = line["history"] = ordered_json::array();
  for (int32_t item : record.history) history.push_back(std::to_string(item));
  line["target"] = std::to_string(record.target);
  try {
    return line.dump();
  } catch (const ordered_json::exception&) {
    throw data_error(fmt::format("prompt {}: an item's text is not UTF-8", record.customer_id));
  }
}

}  // namespace

void write_prompts(const std::vector<UtteranceRequest>& requests, std::ostream& out) {
  for (const UtteranceRequest& request : requests) out << to_line(request) << '\n';
}

void write_prompt_file(const std::vector<UtteranceRequest>& requests, const std::filesystem::path& path) {
  AtomicFile file(path);
  write_prompts(requests, file.stream());
  file.commit();
}

}  // namespace latentcrs
