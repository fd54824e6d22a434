// What of a model's answer is meant for the reader.
#pragma once

#include <string>
#include <string_view>

namespace latentcrs {

struct AnswerText {
  std::string text = {};
  bool complete = true;  ///< false: it ends while the model is still reasoning
};

/// The answer in `content` without what servers leave in it. Reasoning goes: between tags (<think>, <thinking>,
/// <reasoning>, [THINK], <|begin_of_thought|> and their like, in any case), before a closing tag whose opening one was
/// in the prompt, and in all of harmony's channels but the final one. So do marks of the chat template: at the start
/// with the role, and from the first one behind the answer on. A text without any of these stays as it is.
AnswerText answer_in(std::string_view content);

}  // namespace latentcrs
