// A request and its answer, free of the library that carries them.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace latentcrs {

struct ServedRequest {
  std::string method;
  std::string path;                               ///< decoded, without the query
  std::multimap<std::string, std::string> query;  ///< decoded
  std::map<std::string, std::string> headers;     ///< by lower-case name; of a repeated one the first
  std::string body;

  /// Empty where the request has no such header.
  std::string header(const std::string& lower_case_name) const {
    const auto found = headers.find(lower_case_name);
    return found == headers.end() ? std::string() : found->second;
  }
};

struct ServedAnswer {
  int status = 200;
  std::string body = {};
  std::string type = "application/json";  ///< not sent with an empty body
  std::vector<std::pair<std::string, std::string>> headers = {};
};

}  // namespace latentcrs
