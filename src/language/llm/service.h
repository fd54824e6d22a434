// A remote service with everything that is needed to ask it: the settings of its own section of the config, and those
// that stand elsewhere.
#pragma once

#include <string>

#include "base/config/remote_options.h"

namespace latentcrs {

/// A chat model behind one provider.
struct ChatService {
  std::string provider = "gemini";  ///< ChatProvider::name
  ChatOptions options = {};         ///< what the user set for this model
  ServiceOptions shared = {};       ///< cache, offline, http and retry; the cache is required
  std::string section = {};         ///< where the user finds `options`, "simulate.chat"; for messages
};

/// An embedding model that reads one prompt.
struct EmbeddingService {
  std::string provider = "openai";  ///< EmbeddingProvider::name
  RemoteEmbedOptions options = {};  ///< what the user set
  /// The model's chat markers around the task prompt; {text} is the utterance. It does not begin with the start-of-text
  /// marker, because servers put that in front themselves.
  std::string prompt = {};
  ServiceOptions shared = {};  ///< cache, offline, http and retry; an empty cache stores nothing
  std::string section = {};    ///< where the user finds `options`, "embed.remote"; for messages
};

}  // namespace latentcrs
