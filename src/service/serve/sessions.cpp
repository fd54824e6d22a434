#include "service/serve/sessions.h"

#include <algorithm>
#include <utility>

#include "service/serve/access.h"
#include "service/serve/http_error.h"

namespace latentcrs {

namespace {

HttpError no_session() { return not_found("There is no such session; it may have ended for want of use."); }

}  // namespace

Sessions::Shared Sessions::create(const SharedRun& run, TalkOptions options, std::vector<std::string> unknown) {
  const Shared session(new ServedSession{.id = random_id(),
                                         .run = run,
                                         .unknown = std::move(unknown),
                                         .talk = TalkSession(run->recommender(), std::move(options))});
  const std::lock_guard lock(mutex_);
  const auto now = Clock::now();
  end_idle(now);
  entries_.emplace(session->id, Entry{session, now});
  return session;
}

/// Makes room for one more. There are few enough to look at all of them.
void Sessions::end_idle(Clock::time_point now) {
  std::erase_if(entries_, [&](const auto& entry) { return now - entry.second.used > limits_.idle; });
  if (entries_.size() < limits_.count) return;
  entries_.erase(std::min_element(entries_.begin(), entries_.end(),
                                  [](const auto& a, const auto& b) { return a.second.used < b.second.used; }));
}

Sessions::Shared Sessions::find(const std::string& id) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(id);
  if (found == entries_.end()) throw no_session();
  found->second.used = Clock::now();
  return found->second.session;
}

void Sessions::end(const std::string& id) {
  const std::lock_guard lock(mutex_);
  if (entries_.erase(id) == 0) throw no_session();
}

size_t Sessions::count() const {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

}  // namespace latentcrs
