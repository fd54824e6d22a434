// A provider of chat models as one object. Each is defined in the source of its family (language/llm/*_provider.cpp)
// and listed in language/llm/providers.cpp.
#pragma once

#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "language/llm/batch_service.h"
#include "language/llm/chat_protocol.h"
#include "language/llm/service.h"
#include "language/transport/api_client.h"
#include "language/transport/credentials.h"

namespace latentcrs {

struct ServiceCheck;  // language/llm/service_check.h

/// A provider as it is reached with certain settings.
struct ChatConnection {
  std::unique_ptr<ChatProtocol> protocol;
  std::unique_ptr<Credentials> credentials;
  std::vector<int> also_retried = {};  ///< HTTP statuses worth another try, beside the usual ones
  std::string base_url = {};           ///< of the service, without a slash at the end
  std::string project = {};            ///< vertex only
  std::string location = {};           ///< vertex only
  /// Names the place where the service keeps its jobs: the base URL, or project and location. State files of jobs are
  /// found by it.
  std::string job_place = {};
};

/// A setting that a provider needs: it must not be empty.
template <class Options>
struct RequiredSetting {
  std::string_view name;  ///< within its section
  std::string Options::*value;
};

/// Everything that a provider's batch service is made from. The client, the connection and the context's clock outlive
/// it.
struct BatchAccess {
  ApiClient& client;  ///< with the connection's credentials
  const ChatConnection& connection;
  const ChatService& service;
  const BatchOptions& batch;
  const RemoteContext& context;
};

/// The most that a job may hold, beside BatchOptions.
struct BatchLimits {
  int max_requests = std::numeric_limits<int>::max();
  double max_megabytes = std::numeric_limits<double>::infinity();  ///< of its input file, 10^6 bytes
};

/// The storage that carries the files of jobs, where that is a service of its own.
struct BatchStorage {
  std::string_view name;  ///< "bucket"
  /// Looks at it without cost. Sets check.credentials. Throws Error.
  void (*probe)(ServiceCheck& check, const ChatService& service, const BatchOptions& batch,
                const RemoteContext& context);
};

/// How a provider answers by batch jobs.
struct BatchJobs {
  ChatConnection (*connect)(const ChatService& service, const RemoteContext& context);
  std::unique_ptr<BatchService> (*make_service)(const BatchAccess& access);
  BatchLimits limits = {};
  std::vector<RequiredSetting<BatchOptions>> required = {};
  std::optional<BatchStorage> storage = {};
};

struct ChatProvider {
  /// As settings call it when it is asked directly. Part of cache keys and of the folders of jobs.
  std::string_view name;
  std::vector<RequiredSetting<ChatOptions>> required = {};
  /// Throws Error(config) for settings that are wrong or missing, or without credentials where it needs some.
  ChatConnection (*connect)(const ChatService& service, const RemoteContext& context);
  /// Asks in a way that costs nothing whether the service knows the model and these credentials. Throws Error.
  void (*probe)(ApiClient& client, const ChatConnection& connection, const ChatService& service);
  std::optional<BatchJobs> batch = {};
};

}  // namespace latentcrs
