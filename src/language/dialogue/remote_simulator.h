// A chat model that speaks for the user.
#pragma once

#include <memory>
#include <vector>

#include "datasets/data/item_catalogue.h"
#include "language/dialogue/user_simulator.h"
#include "language/llm/chat.h"

namespace latentcrs {

/// What becomes of a reply that the server cut off.
enum class CutReplies { leave_out, keep_sentences };

/// Sends each request's prompt, then the dialogue with the roles swapped: the model has said the user's words. There is
/// no answer where the outcome is not text or holds no words; the log gets a summary of the reasons. The catalogue must
/// outlive it.
std::unique_ptr<UserSimulator> make_remote_simulator(std::shared_ptr<Chat> chat, const ItemCatalogue& catalogue,
                                                     CutReplies cut = CutReplies::leave_out);

/// The chat request that a remote simulator sends for `request`.
ChatRequest simulator_request(const UtteranceRequest& request, const ItemCatalogue& catalogue);

}  // namespace latentcrs
