// Google's credential files and its metadata server.
#pragma once

#include <memory>

#include "base/config/remote_options.h"
#include "language/transport/credentials.h"

namespace latentcrs {

/// Access tokens for Google Cloud: a token command or file where options.kind says so, else the application default
/// credentials in Google's order: file named by option or variable, gcloud's file, metadata server. Throws
/// Error(config) if there are none, or if a file is of a kind not supported, naming it.
std::unique_ptr<Credentials> make_google_credentials(const CredentialOptions& options, const RemoteContext& context);

}  // namespace latentcrs
