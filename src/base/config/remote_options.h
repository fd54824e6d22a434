// Settings of the language-model services: plain structs with their defaults, units and ranges. No setting holds a key
// or a token; they name the variable, file or command that has one.
#pragma once

#include <cstdint>
#include <string>

namespace latentcrs {

/// Time limits, certificates and proxy of every HTTP exchange.
struct HttpOptions {
  double connect_timeout = 10;  ///< seconds until the server answers the call, TLS included; in [1, 120]
  double timeout = 600;         ///< seconds for one request and its answer; in [1, 7200]
  double stall_timeout = 60;    ///< a file transfer is given up after so many seconds without data; in [5, 3600]
  std::string ca_file = {};     ///< trusted certificates, PEM; empty: $SSL_CERT_FILE, else the system's
  std::string ca_dir = {};      ///< folder of certificates; empty: $SSL_CERT_DIR, else the system's
  /// http://host:port, https:// or socks5h://; empty: $HTTPS_PROXY, $http_proxy, $ALL_PROXY. This machine is always
  /// reached directly. User and password are no part of it.
  std::string proxy = {};
  std::string no_proxy = {};   ///< hosts and domains reached directly, with commas; * for all; empty: $NO_PROXY
  std::string proxy_env = {};  ///< variable that holds user:password for `proxy`; empty: none
};

/// How often and how long a failed request is sent again (language/transport/retry.h).
struct RetryOptions {
  int max_attempts = 6;    ///< sends of one request; in [1, 20]
  double first_wait = 1;   ///< longest wait before the second send, seconds; doubles with each further one; in (0, 60]
  double max_wait = 60;    ///< where the doubling ends, seconds; >= first_wait
  double max_hint = 300;   ///< a server that asks for a longer wait than this is given up; seconds
  double max_total = 900;  ///< no send after so many seconds since the first
};

/// Where keys and tokens come from (language/transport/credentials.h).
struct CredentialOptions {
  /// auto: api_key for gemini, google for vertex and Cloud Storage, api_key or none for openai. api_key; google: the
  /// application default credentials; token_command; token_file; none.
  std::string kind = "auto";
  std::string api_key_env = {};   ///< variable that holds the key; empty: the provider's usual one
  std::string api_key_file = {};  ///< file whose only line is the key; goes before the variable
  std::string credentials_file =
      {};  ///< Google credentials JSON; empty: $GOOGLE_APPLICATION_CREDENTIALS, then the usual places
  std::string token_command = {};  ///< prints an access token: gcloud auth print-access-token
  std::string token_file = {};     ///< holds an access token; read again when the server refuses the last one
  std::string quota_project =
      {};  ///< project billed for user credentials; empty: $GOOGLE_CLOUD_QUOTA_PROJECT, the file's
};

/// The price of tokens, in the currency of max_cost.
struct PriceOptions {
  double input_per_million = 0;     ///< per million tokens sent; >= 0
  double output_per_million = 0;    ///< per million tokens answered, thinking included; >= 0
  int expected_output_tokens = 80;  ///< assumed for an answer not yet known; >= 1
};

/// The settings that all services share (section `services`).
struct ServiceOptions {
  std::string cache =
      "outputs/service_cache";  ///< folder of stored replies, shared between runs; also batch jobs' state
  bool offline = false;         ///< answer from the cache only, without network; other requests stay unanswered
  HttpOptions http = {};
  RetryOptions retry = {};
};

/// A chat model: the user simulator's, the intent extractor's or the zero-shot baseline's. Its provider is a setting of
/// the section around this one.
struct ChatOptions {
  std::string model = {};     ///< required: models are retired too often for a default
  std::string base_url = {};  ///< empty: the provider's own; openai: $OPENAI_BASE_URL, then https://api.openai.com/v1
  std::string project = {};   ///< vertex; empty: $GOOGLE_CLOUD_PROJECT, $GCLOUD_PROJECT, the credentials' own
  std::string location = {};  ///< vertex; empty: $GOOGLE_CLOUD_LOCATION, then global
  /// A JSON object sent verbatim: gemini and vertex as generationConfig ({"maxOutputTokens": 512}), openai beside the
  /// messages ({"temperature": 1, "max_tokens": 512}).
  std::string parameters = "{}";
  std::string safety_threshold = "BLOCK_NONE";  ///< gemini and vertex, for all four categories; empty: the server's own
  int concurrency = 8;                          ///< requests in flight; in [1, 256]
  int max_failures_in_a_row = 10;               ///< requests that fail past their retries before all is stopped; >= 1
  PriceOptions price = {};
  double max_cost = 0;  ///< of one process; a request that would exceed it is not sent; 0: no limit; needs `price`
  CredentialOptions credentials = {};
};

/// Batch jobs of a chat provider: half the price, hours of waiting.
struct BatchOptions {
  std::string folder = {};    ///< gs://bucket/path for inputs and outputs; required for vertex, of no use elsewhere
  double poll_interval = 60;  ///< seconds between the first looks at a running job; in [1, 3600]
  double max_poll_interval = 600;  ///< the waits grow by a quarter each time, up to this; in [1, 3600]
  int max_requests = 200'000;      ///< of one job (openai: at most 50000); more are split; in [1, 200000]
  double max_megabytes = 900;      ///< of one input file, 10^6 bytes (openai: at most 200); in (0, 1000]
  int max_rounds = 3;              ///< jobs a request may go into while the service loses it or fails; in [1, 10]
};

/// Embeddings of an OpenAI-compatible server with last-token pooling (docs/method.md, section 6).
struct RemoteEmbedOptions {
  std::string model = {};     ///< required
  std::string base_url = {};  ///< required, as http://127.0.0.1:8000/v1
  bool ask_width = false;     ///< the width is that of the server's vectors; embed.text_embedding_dim does not count
  /// The start-of-text marker; auto: what the server itself puts in front of a text; empty: not checked.
  std::string bos_marker = "<|begin_of_text|>";
  int bos_tokens = 1;  ///< how often it must stand there (the published code has it twice); in [0, 2]
  /// A JSON object sent verbatim with each request: here what keeps vLLM and llama.cpp from normalising.
  std::string parameters = R"({"use_activation": false, "embd_normalize": -1})";
  std::string encoding = "float";    ///< float or base64
  bool accept_unit_vectors = false;  ///< take normalised vectors, which the published results are not made of
  /// One text a request and one request at a time, for servers whose vectors change with the texts beside them.
  bool alone = false;
  int batch_size = 32;           ///< texts of a request; in [1, 2048]
  int concurrency = 4;           ///< requests in flight; in [1, 64]
  double price_per_million = 0;  ///< of tokens, for the dry run; >= 0
  CredentialOptions credentials = {};
};

}  // namespace latentcrs
