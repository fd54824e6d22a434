// What a batch chat needs of one service, with everything that must live as long.
#pragma once

#include <memory>
#include <string>

#include "config/remote_options.h"
#include "llm/batch_job.h"
#include "llm/chat.h"

namespace latentcrs {

class BatchBackend {
 public:
  virtual ~BatchBackend() = default;
  virtual const ChatProtocol& protocol() const = 0;
  virtual BatchService& service() = 0;
  /// What names the place where the service keeps its jobs: project and location, or the server's address.
  virtual std::string place() const = 0;
  /// `options` with the service's own limits.
  virtual BatchOptions limited(BatchOptions options) const { return options; }
};

/// Throw Error(config) for options that are wrong or missing, or without credentials.
std::unique_ptr<BatchBackend> make_vertex_backend(const ChatOptions& options, const BatchOptions& batch,
                                                  const RemoteContext& context);
std::unique_ptr<BatchBackend> make_gemini_backend(const ChatOptions& options, const RemoteContext& context);
std::unique_ptr<BatchBackend> make_openai_backend(const ChatOptions& options, const RemoteContext& context);

}  // namespace latentcrs
