// The command `latentcrs serve`: finished runs on a page, as JSON, and for OpenAI's clients. Free of LibTorch, because
// the launcher fills in the options.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "service/serve/http_server.h"

namespace latentcrs {

struct ServeOptions {
  std::vector<std::filesystem::path> runs = {};  ///< one or two
  std::string host = "127.0.0.1";
  int port = 8080;                      ///< 0: a free one
  std::string token = {};               ///< empty: none on this machine alone; otherwise a random one, which is printed
  std::vector<std::string> names = {};  ///< further names in the Host header
  HttpLimits http = {};
  int sessions = 256;  ///< at once; a further one ends the one that has been idle for longest
  int workers = 0;     ///< answers computed at once; 0: one for each processor
};

/// Opens the runs, prints the address, and answers until SIGINT or SIGTERM. Throws Error(usage) for an address that
/// cannot be taken, and as Recommender::open().
void serve(const ServeOptions& options);

}  // namespace latentcrs
