#include "language/transport/curl_http.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <mutex>

#include "base/util/error.h"
#include "base/util/interrupt.h"
#include "base/util/profile.h"
#include "base/util/redact.h"
#include "base/util/text.h"
#include "language/transport/curl_proxy.h"
#include "language/transport/url.h"

namespace latentcrs {

namespace {

struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
struct FreeHandle {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
using Handle = std::unique_ptr<CURL, FreeHandle>;

/// One exchange, with the data that curl's callbacks read and write. An exception must not pass through curl, so it is
/// kept in `failure`.
class Transfer {
 public:
  Transfer(CURL* handle, const HttpRequest& request) : handle_(handle), request_(request) {
    if (request.upload) {
      input_.open(request.upload->path, std::ios::binary);
      if (!input_) throw data_error(fmt::format("{}: cannot read for the upload", request.upload->path.string()));
      seek(0);
    }
  }

  void seek(int64_t offset) {
    input_.clear();
    input_.seekg(request_.upload->begin + offset);
    left_ = request_.upload->size - offset;
  }

  size_t read(char* to, size_t size) {
    const auto wanted = static_cast<std::streamsize>(std::min(static_cast<int64_t>(size), left_));
    input_.read(to, wanted);
    if (input_.gcount() != wanted)
      throw data_error(fmt::format("{}: shorter than the part to be sent", request_.upload->path.string()));
    left_ -= wanted;
    return static_cast<size_t>(wanted);
  }

  void add_header(std::string_view line) {
    if (line.starts_with("HTTP/")) {  // a new response begins; the one before was an interim one
      response.headers.clear();
      return;
    }
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos) return;
    std::string& value = response.headers[lower_case(line.substr(0, colon))];
    if (!value.empty()) value += ", ";
    value += trimmed(line.substr(colon + 1));
  }

  /// Returns false if the body has become too large.
  bool add_body(std::string_view bytes) {
    long status = 0;
    curl_easy_getinfo(handle_, CURLINFO_RESPONSE_CODE, &status);
    if (request_.download.empty() || status < 200 || status >= 300) {
      if (static_cast<int64_t>(response.body.size() + bytes.size()) > request_.max_body) return false;
      response.body.append(bytes);
      return true;
    }
    open_output(status);
    if (!output_.write(bytes.data(), static_cast<std::streamsize>(bytes.size()))) fail_output();
    return true;
  }

  /// Finishes a download after a 2xx answer; an empty body makes an empty file.
  void close_output() {
    open_output(response.status);
    output_.close();
    if (!output_) fail_output();
  }

  std::exception_ptr failure;
  HttpResponse response;
  bool too_large = false;

 private:
  void open_output(long status) {
    if (output_.is_open()) return;
    const bool add = request_.append && status == 206;
    output_.open(request_.download, std::ios::binary | (add ? std::ios::app : std::ios::trunc));
    if (!output_) fail_output();
  }
  [[noreturn]] void fail_output() {
    throw data_error(fmt::format("{}: cannot write the download", request_.download.string()));
  }

  CURL* handle_;
  const HttpRequest& request_;
  std::ifstream input_;
  int64_t left_ = 0;
  std::ofstream output_;
};

/// Runs `work` for a callback. An exception is kept and `refusal` is returned, which makes curl stop.
template <class Result, class Work>
Result guarded(void* user, Result refusal, Work work) {
  auto& transfer = *static_cast<Transfer*>(user);
  try {
    return work(transfer);
  } catch (...) {
    transfer.failure = std::current_exception();
    return refusal;
  }
}

size_t on_header(char* data, size_t, size_t size, void* user) {
  return guarded<size_t>(user, 0, [&](Transfer& transfer) {
    transfer.add_header({data, size});
    return size;
  });
}

size_t on_body(char* data, size_t, size_t size, void* user) {
  return guarded<size_t>(user, 0, [&](Transfer& transfer) -> size_t {
    if (transfer.add_body({data, size})) return size;
    transfer.too_large = true;
    return 0;
  });
}

size_t on_read(char* to, size_t, size_t size, void* user) {
  return guarded<size_t>(user, CURL_READFUNC_ABORT, [&](Transfer& transfer) { return transfer.read(to, size); });
}

int on_seek(void* user, curl_off_t offset, int) {
  return guarded<int>(user, CURL_SEEKFUNC_FAIL, [&](Transfer& transfer) {
    transfer.seek(offset);
    return CURL_SEEKFUNC_OK;
  });
}

int on_progress(void*, curl_off_t, curl_off_t, curl_off_t, curl_off_t) { return interrupted() ? 1 : 0; }

Transport transport_of(CURLcode code, CURL* handle) {
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
    case CURLE_SSL_CONNECT_ERROR: return Transport::unreachable;
    case CURLE_OPERATION_TIMEDOUT: {
      curl_off_t before_sending = 0;
      curl_easy_getinfo(handle, CURLINFO_PRETRANSFER_TIME_T, &before_sending);
      return before_sending == 0 ? Transport::unreachable : Transport::timeout;
    }
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_ISSUER_ERROR: return Transport::certificate;
    default: return Transport::broken;
  }
}

class CurlHttp : public Http {
 public:
  explicit CurlHttp(const HttpOptions& options)
      : ca_file_(options.ca_file.empty() ? variable("SSL_CERT_FILE") : options.ca_file),
        ca_dir_(options.ca_dir.empty() ? variable("SSL_CERT_DIR") : options.ca_dir),
        proxy_(options) {
    static const CURLcode initialised = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (initialised != CURLE_OK) throw internal_error("libcurl cannot be initialised");
  }

  HttpResponse send(const HttpRequest& request) override {
    Handle handle = take_handle();
    Transfer transfer(handle.get(), request);
    const auto headers = header_list(request);
    char problem[CURL_ERROR_SIZE] = "";
    set_common(handle.get(), request, problem);
    set_body(handle.get(), request);
    set_callbacks(handle.get(), transfer);
    curl_easy_setopt(handle.get(), CURLOPT_HTTPHEADER, headers.get());

    const CURLcode code = profile::timed("request", [&] { return curl_easy_perform(handle.get()); });
    HttpResponse response = finish(transfer, handle.get(), code, problem, request);
    give_back(std::move(handle));
    return response;
  }

 private:
  static std::string variable(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
  }

  static std::unique_ptr<curl_slist, FreeList> header_list(const HttpRequest& request) {
    curl_slist* list = nullptr;
    const auto add = [&](const std::string& line) {
      if (line.find_first_of("\r\n") != std::string::npos)
        throw config_error(fmt::format("header {}: a line break in its value", line.substr(0, line.find(':'))));
      list = curl_slist_append(list, line.c_str());
    };
    add("Expect:");        // avoids a round trip before a large body
    add("Content-Type:");  // curl would send that of a form; a later line with a value replaces this one
    for (const auto& [name, value] : request.headers) add(name + ": " + value);
    for (const SecretHeader& header : request.authorization) add(header.name + ": " + header.value.reveal());
    return std::unique_ptr<curl_slist, FreeList>(list);
  }

  void set_common(CURL* handle, const HttpRequest& request, char* problem) const {
    const auto milliseconds = [](double seconds) { return static_cast<long>(seconds * 1000); };
    curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, problem);
    curl_easy_setopt(handle, CURLOPT_URL, request.url.c_str());
    curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(handle, CURLOPT_USERAGENT, "latentcrs");
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(handle, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    curl_easy_setopt(handle, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(handle, CURLOPT_SSL_VERIFYHOST, 2L);
    for (const CURLoption option : {CURLOPT_CAINFO, CURLOPT_PROXY_CAINFO})
      if (!ca_file_.empty()) curl_easy_setopt(handle, option, ca_file_.c_str());
    for (const CURLoption option : {CURLOPT_CAPATH, CURLOPT_PROXY_CAPATH})
      if (!ca_dir_.empty()) curl_easy_setopt(handle, option, ca_dir_.c_str());
    proxy_.set(handle, request);
    // Answers may be compressed. A file is kept as it is stored, because its checksum is that of these bytes.
    if (request.download.empty()) curl_easy_setopt(handle, CURLOPT_ACCEPT_ENCODING, "");
    // curl repeats a request by itself if a kept connection turns out to be closed.
    if (request.repeat == Repeat::never) curl_easy_setopt(handle, CURLOPT_FRESH_CONNECT, 1L);
    curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, milliseconds(request.connect_timeout));
    curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, milliseconds(request.timeout));
    if (request.stall_timeout > 0) {
      curl_easy_setopt(handle, CURLOPT_LOW_SPEED_LIMIT, 1L);
      curl_easy_setopt(handle, CURLOPT_LOW_SPEED_TIME, std::max(1L, static_cast<long>(request.stall_timeout)));
    }
  }

  static void set_body(CURL* handle, const HttpRequest& request) {
    if (request.upload) {
      curl_easy_setopt(handle, CURLOPT_UPLOAD, 1L);
      curl_easy_setopt(handle, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(request.upload->size));
    } else if (request.method != "GET" && request.method != "DELETE") {
      curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
      curl_easy_setopt(handle, CURLOPT_POSTFIELDS, request.body.c_str());
    }
    curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }

  static void set_callbacks(CURL* handle, Transfer& transfer) {
    curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(handle, CURLOPT_HEADERDATA, &transfer);
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(handle, CURLOPT_WRITEDATA, &transfer);
    curl_easy_setopt(handle, CURLOPT_READFUNCTION, on_read);
    curl_easy_setopt(handle, CURLOPT_READDATA, &transfer);
    curl_easy_setopt(handle, CURLOPT_SEEKFUNCTION, on_seek);
    curl_easy_setopt(handle, CURLOPT_SEEKDATA, &transfer);
    curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
  }

  static HttpResponse finish(Transfer& transfer, CURL* handle, CURLcode code, const char* problem,
                             const HttpRequest& request) {
    if (transfer.failure) std::rethrow_exception(transfer.failure);
    if (code == CURLE_ABORTED_BY_CALLBACK) throw_if_interrupted();
    if (code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL)
      throw config_error(fmt::format("{}: not a URL that can be asked", display_url(request.url)));
    if (transfer.too_large) {
      return {.transport = Transport::too_large,
              .problem = fmt::format("the answer is larger than {} bytes", request.max_body)};
    }
    if (code != CURLE_OK) {
      if (const int status = login_wanted(handle); status != 0) return {.status = status};
      // curl repeats the address of a proxy, with the password that an environment variable may have in it.
      return {.transport = transport_of(code, handle),
              .problem = without_users(*problem != '\0' ? problem : curl_easy_strerror(code))};
    }

    long status = 0;
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
    transfer.response.status = static_cast<int>(status);
    if (transfer.response.success() && !request.download.empty()) transfer.close_output();
    return std::move(transfer.response);
  }

  /// Returns an unused handle with its open connections, or a new one.
  Handle take_handle() {
    {
      const std::lock_guard lock(mutex_);
      if (!idle_.empty()) {
        Handle handle = std::move(idle_.back());
        idle_.pop_back();
        return handle;
      }
    }
    Handle handle(curl_easy_init());
    if (!handle) throw internal_error("libcurl gives no handle");
    return handle;
  }

  void give_back(Handle handle) {
    curl_easy_reset(handle.get());  // resets the options; connections stay open
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(handle));
  }

  const std::string ca_file_, ca_dir_;
  const CurlProxy proxy_;
  std::mutex mutex_;
  std::vector<Handle> idle_;
};

}  // namespace

std::string curl_version_text() { return curl_version_info(CURLVERSION_NOW)->version; }

std::unique_ptr<Http> make_curl_http(const HttpOptions& options) { return std::make_unique<CurlHttp>(options); }

}  // namespace latentcrs
