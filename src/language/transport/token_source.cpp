#include "language/transport/token_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/util/error.h"
#include "language/transport/api_client.h"
#include "language/transport/api_error.h"
#include "language/transport/url.h"

namespace latentcrs {

namespace {

using nlohmann::json;

class TokenCredentials : public Credentials {
 public:
  TokenCredentials(TokenSource source, Clock& clock) : source_(std::move(source)), clock_(clock) {}

  std::vector<SecretHeader> headers() override {
    const std::lock_guard lock(mutex_);
    if (token_.empty() || (refresh_at_ > 0 && clock_.steady() >= refresh_at_)) fetch();
    return with_token();
  }

  bool renew(const std::vector<SecretHeader>& refused) override {
    const std::lock_guard lock(mutex_);
    if (!token_.empty() && refused == with_token()) token_ = {};  // otherwise another thread has renewed it already
    return true;
  }

  std::string describe() const override { return source_.description; }
  std::string project() const override { return source_.project; }

 private:
  void fetch() {
    constexpr double early = 225;  // seconds before the expiry
    constexpr double pause = 30;   // seconds between fetches of a short-lived token, as the metadata server may return
    Token token = source_.fetch();
    token_ = std::move(token.value);
    refresh_at_ = token.lifetime == 0
                      ? 0
                      : clock_.steady() + std::max(token.lifetime - early, std::min(pause, token.lifetime / 2));
  }

  std::vector<SecretHeader> with_token() const {
    std::vector<SecretHeader> headers = {{"Authorization", Secret("Bearer " + token_.reveal())}};
    if (!source_.quota_project.empty()) headers.push_back({"x-goog-user-project", Secret(source_.quota_project)});
    return headers;
  }

  const TokenSource source_;
  Clock& clock_;
  std::mutex mutex_;
  Secret token_;
  double refresh_at_ = 0;  // seconds on the steady clock; 0: never
};

}  // namespace

std::unique_ptr<Credentials> make_token_credentials(TokenSource source, Clock& clock) {
  return std::make_unique<TokenCredentials>(std::move(source), clock);
}

Token fetch_token(const HttpRequest& request, const RemoteContext& context, const std::string& who) {
  const auto nobody = make_no_credentials();
  ApiClient client(context, *nobody,
                   {.http = {.timeout = 60}, .retry = {.max_attempts = 3, .max_total = 180}, .also_retried = {}});
  const HttpResponse response = client.call(request);
  if (!response.success()) {
    const bool refused =
        response.status >= 400 && response.status < 500 && response.status != 408 && response.status != 429;
    const ErrorKind kind = refused ? ErrorKind::config : ErrorKind::remote;
    throw Error(kind, fmt::format("{}: no access token from {}: {}", who, display_url(request.url),
                                  describe_failure(response)));
  }
  const json body = json::parse(response.body, nullptr, false);
  const auto unreadable = [&] {
    return Error(ErrorKind::remote,
                 fmt::format("{}: {} answered without a usable access_token", who, display_url(request.url)));
  };
  if (!body.is_object() || !body.contains("access_token") || !body["access_token"].is_string()) throw unreadable();
  Secret value(body["access_token"].get<std::string>());
  if (value.empty()) throw unreadable();
  const auto lifetime = body.find("expires_in");
  return {std::move(value),
          lifetime != body.end() && lifetime->is_number() ? std::max(1.0, lifetime->get<double>()) : 0};
}

}  // namespace latentcrs
