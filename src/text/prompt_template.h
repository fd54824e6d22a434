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

/// Text with fields `{name}`; `{{` and `}}` are braces. Values are data: braces in them mean nothing.
class PromptTemplate {
 public:
  /// Throws Error(config) naming origin:line for a brace that opens no field and for a field not in `fields`, and
  /// naming `origin` for a required field that does not occur.
  PromptTemplate(std::string_view text, const std::string& origin, std::span<const TemplateField> fields);
  /// Reads a file; its final newline is not part of the text.
  static PromptTemplate load(const std::filesystem::path& path, std::span<const TemplateField> fields);

  /// Fills the fields in. Every field of the template needs a value.
  std::string render(const std::map<std::string, std::string>& values) const;

 private:
  struct Piece {
    std::string text;   ///< literal text before the field
    std::string field;  ///< empty at the end
  };
  std::vector<Piece> pieces_;
};

}  // namespace latentcrs
