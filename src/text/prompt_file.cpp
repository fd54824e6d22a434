#include "latentcrs/text/prompt_file.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "latentcrs/util/error.h"
#include "latentcrs/util/files.h"

namespace latentcrs {

namespace {

using json = nlohmann::ordered_json;

json generate_content_request(const std::string& prompt) {
  json safety = json::array();
  for (const char* category : {"HARASSMENT", "HATE_SPEECH", "SEXUALLY_EXPLICIT", "DANGEROUS_CONTENT"})
    safety.push_back({{"category", std::string("HARM_CATEGORY_") + category}, {"threshold", "BLOCK_NONE"}});
  json request;
  request["contents"] = json::array({{{"role", "user"}, {"parts", json::array({{{"text", prompt}}})}}});
  request["safetySettings"] = std::move(safety);
  return request;
}

std::string to_line(const UtteranceRequest& request) {
  const SplitRecord& record = *request.record;
  json line;
  line["customer_id"] = record.customer_id;
  line["request"] = generate_content_request(request.prompt);
  json& history = line["history"] = json::array();
  for (int32_t item : record.history) history.push_back(std::to_string(item));
  line["target"] = std::to_string(record.target);
  try {
    return line.dump();
  } catch (const json::exception&) {
    throw data_error(fmt::format("prompt {}: an item's text is not UTF-8", record.customer_id));
  }
}

}  // namespace

void write_prompt_file(const std::vector<UtteranceRequest>& requests, const std::filesystem::path& path) {
  AtomicFile file(path);
  for (const UtteranceRequest& request : requests) file.stream() << to_line(request) << '\n';
  file.commit();
}

}  // namespace latentcrs
