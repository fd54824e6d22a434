#include "base/util/log.h"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <mutex>

#include "base/util/error.h"
#include "base/util/terminal.h"

namespace latentcrs::log {

namespace {

spdlog::level::level_enum to_spdlog(Level level) {
  switch (level) {
    case Level::debug: return spdlog::level::debug;
    case Level::info: return spdlog::level::info;
    case Level::warn: return spdlog::level::warn;
    case Level::error: break;
  }
  return spdlog::level::err;
}

/// The prefix `%*` of the terminal's pattern: ordinary lines have no prefix, a warning and the final error name their
/// level.
class TerminalPrefix : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&, spdlog::memory_buf_t& out) override {
    const std::string_view prefix = message.level == spdlog::level::warn  ? "warning: "
                                    : message.level >= spdlog::level::err ? "latentcrs: "
                                                                          : "";
    out.append(prefix.data(), prefix.data() + prefix.size());
  }
  std::unique_ptr<custom_flag_formatter> clone() const override { return std::make_unique<TerminalPrefix>(); }
};

class Logger {
 public:
  Logger() : terminal_(std::make_shared<spdlog::sinks::stderr_color_sink_mt>()) {
    auto formatter = std::make_unique<spdlog::pattern_formatter>();
    formatter->add_flag<TerminalPrefix>('*').set_pattern("%^%*%v%$");
    terminal_->set_formatter(std::move(formatter));
    terminal_->set_color(spdlog::level::info, terminal_->reset);
    set_level(Level::info);
  }

  Level level() const { return level_; }

  void set_level(Level level) {
    level_ = level;
    terminal_->set_level(to_spdlog(level));
  }

  void add_file(const std::filesystem::path& path) {
    const std::lock_guard lock(mutex_);
    try {
      file_ = std::make_shared<spdlog::sinks::basic_file_sink_mt>(path.string());
    } catch (const spdlog::spdlog_ex& e) {
      throw data_error(fmt::format("cannot write the log {}: {}", path.string(), e.what()));
    }
    file_->set_pattern("%Y-%m-%d %H:%M:%S.%e %-7l %v");
  }

  void write(Level level, const std::string& message) {
    const std::lock_guard lock(mutex_);
    const spdlog::details::log_msg line(spdlog::string_view_t{}, to_spdlog(level), message);
    if (terminal_->should_log(line.level)) {
      terminal::erase_bar();
      terminal_->log(line);
    }
    if (file_ != nullptr) {
      file_->log(line);
      file_->flush();
    }
  }

  void flush() {
    const std::lock_guard lock(mutex_);
    terminal_->flush();
    if (file_ != nullptr) file_->flush();
  }

 private:
  std::mutex mutex_;
  Level level_ = Level::info;
  std::shared_ptr<spdlog::sinks::stderr_color_sink_mt> terminal_;
  std::shared_ptr<spdlog::sinks::basic_file_sink_mt> file_;
};

Logger& logger() {
  static Logger the_logger;
  return the_logger;
}

}  // namespace

void set_level(Level level) { logger().set_level(level); }

bool shows(Level level) { return level >= logger().level(); }

void add_file(const std::filesystem::path& path) { logger().add_file(path); }

void flush() { logger().flush(); }

void write(Level level, const std::string& message) { logger().write(level, message); }

}  // namespace latentcrs::log
