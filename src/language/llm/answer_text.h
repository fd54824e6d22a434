// The part of a model's answer that is meant for the reader.
#pragma once

#include <string>
#include <string_view>

namespace latentcrs {

struct AnswerText {
  std::string text = {};
  bool complete = true;  ///< false: the answer ends while the model is still reasoning
};

/// The answer in `content` without the reasoning and the template marks that servers leave in it. Reasoning stands
/// between tags (<think>, <thinking>, <reasoning>, [THINK], <|begin_of_thought|> and the like, in any case), before a
/// closing tag whose opening one was in the prompt, and in all of harmony's channels but the final one. Marks of the
/// chat template are removed at the start, with the role, and behind the answer, with everything that follows the first
/// one. A text without any of these stays as it is.
AnswerText answer_in(std::string_view content);

}  // namespace latentcrs
