// Prompt templates: text files with {named} fields that a user can replace.
#pragma once

#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace latentcrs {

struct TemplateField {
  std::string_view name;
  bool required = true;
};

/// A text with fields `{name}`; `{{` and `}}` stand for braces. Values are data: braces in them have no meaning.
class PromptTemplate {
 public:
  /// Throws Error(config) naming origin:line for a brace that opens no field and for a field not in `fields`, and
  /// naming `origin` for a required field that does not occur.
  PromptTemplate(std::string_view text, const std::string& origin, std::span<const TemplateField> fields);
  /// Reads a template from a file; the final newline is not part of the text. Throws Error(data) if the file cannot be
  /// read, and as the constructor does.
  static PromptTemplate load(const std::filesystem::path& path, std::span<const TemplateField> fields);

  /// Whether the field `name` occurs.
  bool has_field(std::string_view name) const;
  /// Returns the text with the fields replaced by `values`. Throws Error(internal) if a field of the template has no
  /// value.
  std::string render(const std::map<std::string, std::string>& values) const;

 private:
  struct Piece {
    std::string text;   ///< literal text before the field
    std::string field;  ///< the field that follows; empty in the last piece
  };
  std::vector<Piece> pieces_;
};

}  // namespace latentcrs
