// Batch prediction of Gemini models on Vertex AI, with Cloud Storage for input and output.
#pragma once

#include <memory>
#include <string>

#include "latentcrs/config/remote_options.h"
#include "latentcrs/remote/api_client.h"
#include "latentcrs/remote/batch_job.h"
#include "latentcrs/remote/chat.h"
#include "latentcrs/remote/gcs.h"

namespace latentcrs {

struct VertexBatchOptions {
  std::string base_url;  ///< of the location, as vertex_base_url()
  std::string project;
  std::string location;
  std::string model;
  GcsPath folder;  ///< each job has its own below
};

/// Lines are {"customer_id": "c:<key>", "request": <body>}. All arguments must outlive the service.
std::unique_ptr<BatchService> make_vertex_batch(ApiClient& client, Gcs& storage, const VertexBatchOptions& options);

/// A Chat that asks by batch jobs. Its answers share the cache with the direct one of provider vertex: what a job has
/// left open can be asked for directly. complete() ends when the jobs do; killed and called again, it goes on with the
/// same jobs.
std::unique_ptr<Chat> make_vertex_batch_chat(const ChatOptions& options, const BatchOptions& batch,
                                             const RemoteContext& context);

}  // namespace latentcrs
