#include "service/serve/api_document.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>
#include <cmath>
#include <optional>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include "base/util/json_depth.h"
#include "base/util/text.h"
#include "base/util/utf8.h"
#include "service/serve/assets.h"
#include "service/serve/http_error.h"

namespace latentcrs {

namespace {

using nlohmann::json;
using valijson::adapters::NlohmannJsonAdapter;

std::vector<std::string> segments_of(std::string_view path) {
  std::vector<std::string> segments;
  for (size_t begin = 1; begin <= path.size();) {
    const size_t end = std::min(path.find('/', begin), path.size());
    segments.emplace_back(path.substr(begin, end - begin));
    begin = end + 1;
  }
  return segments;
}

bool is_name(const std::string& segment) { return segment.front() == '{'; }

/// A text of the path or the query as the schema's type; nullopt for one that is none.
std::optional<json> typed(const json& schema, const std::string& text) {
  if (schema.value("type", "") != "integer") return json(text);
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return json(number);
}

/// "#/components/schemas/X" in the document.
const json& resolved(const json& document, const json& schema) {
  const auto reference = schema.find("$ref");
  return reference == schema.end() ? schema : document.at(json::json_pointer(reference->get<std::string>().substr(1)));
}

json document_of(std::string_view text) {
  json document = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (document.is_discarded()) throw internal_error("openapi.json in the program is no JSON");
  return document;
}

/// What JSON takes for equal and the checking library does not: 5.0 becomes 5. It also takes U+0000 for the end of a
/// text, where that means nothing: it becomes U+FFFD.
void normalise(json& value) {
  constexpr double kExact = 9007199254740992;  // 2^53
  if (value.is_number_float()) {
    const double number = value.get<double>();
    if (std::abs(number) <= kExact && number == std::trunc(number)) value = static_cast<int64_t>(number);
  } else if (value.is_string()) {
    std::string& text = value.get_ref<std::string&>();
    for (size_t at = text.find('\0'); at != std::string::npos; at = text.find('\0', at)) text.replace(at, 1, "\uFFFD");
  } else if (value.is_structured()) {
    for (json& part : value) normalise(part);
  }
}

}  // namespace

/// A schema of the document, ready to check with.
class ApiOperation::Rule {
 public:
  Rule(const json& document, const json& schema) : schema_(resolved(document, schema)) {
    json root = {{"components", document.at("components")}};
    root.update(schema);
    valijson::SchemaParser().populateSchema(NlohmannJsonAdapter(root), *rule_);
  }

  const json& schema() const { return schema_; }

  /// The first fault of `value`; "" if there is none.
  std::string fault(const json& value) const {
    valijson::Validator validator;
    valijson::ValidationResults results;
    if (validator.validate(*rule_, NlohmannJsonAdapter(value), &results)) return "";
    const valijson::ValidationResults::Error& first = *results.begin();  // the innermost one
    return fmt::format("{}: {}", fmt::join(first.context, ""), first.description);
  }

 private:
  json schema_;
  std::unique_ptr<valijson::Schema> rule_ = std::make_unique<valijson::Schema>();  // it cannot be moved
};

struct ApiOperation::Parameter {
  std::string name;
  bool in_path = false, required = false;
  Rule rule;

  json value(const std::string& text) const {
    const std::optional<json> value = typed(rule.schema(), text);
    const std::string fault = !is_utf8(text) ? "it is not UTF-8" : !value ? "it is no integer" : rule.fault(*value);
    if (!fault.empty()) throw bad_request(fmt::format("{}: {}", name, fault));
    return *value;
  }
};

ApiOperation::ApiOperation(const json& document, std::string method, std::string path)
    : method_(std::move(method)), path_(std::move(path)), segments_(segments_of(path_)) {
  const json& operation = document.at("paths").at(path_).at(lower_case(method_));
  id_ = operation.at("operationId");
  for (const json& parameter : operation.value("parameters", json::array()))
    parameters_.push_back({.name = parameter.at("name"),
                           .in_path = parameter.at("in") == "path",
                           .required = parameter.at("required"),
                           .rule = Rule(document, parameter.at("schema"))});
  if (operation.contains("requestBody"))
    body_ = std::make_unique<const Rule>(document,
                                         operation.at("requestBody").at("content").at("application/json").at("schema"));
}

ApiOperation::~ApiOperation() = default;
ApiOperation::ApiOperation(ApiOperation&&) noexcept = default;

bool ApiOperation::matches(const std::string& path, std::map<std::string, std::string>& values) const {
  const std::vector<std::string> given = segments_of(path);
  if (given.size() != segments_.size()) return false;
  std::map<std::string, std::string> found;
  for (size_t i = 0; i < given.size(); ++i) {
    if (is_name(segments_[i]))
      found.emplace(segments_[i].substr(1, segments_[i].size() - 2), given[i]);
    else if (given[i] != segments_[i])
      return false;
  }
  values = std::move(found);
  return true;
}

json ApiOperation::parameters(const std::map<std::string, std::string>& path_values,
                              const ServedRequest& request) const {
  json values = json::object();
  for (const Parameter& parameter : parameters_) {
    if (parameter.in_path) {
      values[parameter.name] = parameter.value(path_values.at(parameter.name));
    } else if (const auto given = request.query.find(parameter.name); given != request.query.end()) {
      if (request.query.count(parameter.name) > 1) throw bad_request(parameter.name + ": it is given twice");
      values[parameter.name] = parameter.value(given->second);
    } else if (parameter.required) {
      throw bad_request(parameter.name + ": it is missing");
    } else if (parameter.rule.schema().contains("default")) {
      values[parameter.name] = parameter.rule.schema().at("default");
    }
  }
  return values;
}

json ApiOperation::body(const std::string& text) const {
  if (!is_utf8(text)) throw bad_request("The body is not UTF-8.");
  if (is_nested_too_deeply(text)) throw bad_request("The body is nested too deeply.");
  json value = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (value.is_discarded()) throw bad_request("The body is not JSON.");
  normalise(value);
  if (const std::string fault = body_->fault(value); !fault.empty()) throw bad_request(fault);
  for (const auto& [name, schema] : body_->schema().at("properties").items())
    if (schema.contains("default") && !value.contains(name)) value[name] = schema.at("default");
  return value;
}

const std::vector<ApiOperation>& api_operations() {
  static const std::vector<ApiOperation> operations = [] {
    const json document = document_of(serve_asset("openapi.json"));
    std::vector<ApiOperation> all;
    for (const auto& [path, methods] : document.at("paths").items())
      for (const auto& [method, operation] : methods.items()) {
        std::string upper = method;
        for (char& c : upper) c = static_cast<char>(c - 'a' + 'A');
        all.emplace_back(document, upper, path);
      }
    return all;
  }();
  return operations;
}

std::string api_document(const std::vector<std::string>& run_ids) {
  json document = document_of(serve_asset("openapi.json"));
  document.at("components").at("schemas").at("RunId")["enum"] = run_ids;
  return document.dump();
}

}  // namespace latentcrs
