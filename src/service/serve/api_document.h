// The OpenAPI document as the server's rules: what it says of a request is checked before a handler sees it.
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "service/serve/http_message.h"

namespace latentcrs {

/// Requests of one operation: its path with names in braces, and the parameters and the body that it takes.
class ApiOperation {
 public:
  ApiOperation(const nlohmann::json& document, std::string method, std::string path);
  ~ApiOperation();
  ApiOperation(ApiOperation&&) noexcept;

  const std::string& id() const { return id_; }
  const std::string& method() const { return method_; }
  const std::string& path() const { return path_; }
  bool takes_body() const { return body_ != nullptr; }

  /// Whether `path` is one of this operation; if so, `values` gets the texts of the names in braces.
  bool matches(const std::string& path, std::map<std::string, std::string>& values) const;
  /// The parameters by name, those of the path and of the query, with defaults. Throws HttpError(400) naming one that
  /// is not as described.
  nlohmann::json parameters(const std::map<std::string, std::string>& path_values, const ServedRequest& request) const;
  /// The body as JSON, with the defaults of its first level. Throws HttpError(400) saying where it is not as described.
  nlohmann::json body(const std::string& text) const;

 private:
  struct Parameter;
  class Rule;

  std::string id_, method_, path_;
  std::vector<std::string> segments_;
  std::vector<Parameter> parameters_;
  std::unique_ptr<const Rule> body_;
};

/// All operations of the embedded document. Throws Error(internal) where that is damaged.
const std::vector<ApiOperation>& api_operations();
/// The document, compact, with `run_ids` as the values of RunId.
std::string api_document(const std::vector<std::string>& run_ids);

}  // namespace latentcrs
