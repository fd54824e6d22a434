#include "service/serve/served_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "base/util/files.h"
#include "base/util/text.h"
#include "experiment/run/stage_info.h"
#include "experiment/stages/intents.h"
#include "service/api/run_recommender.h"
#include "service/api/run_settings.h"
#include "service/serve/http_error.h"
#include "service/serve/test_users.h"

namespace latentcrs {

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr int kMapItems = 5;  // nearest items of an intent

std::string manifests_of(const fs::path& folder) {
  std::string all;
  for (const std::string& stage : stage_names()) {
    const fs::path file = folder / stage / "manifest.json";
    if (fs::is_regular_file(file)) all += read_file(file);
  }
  return all;
}

const OpenedRun& opened(const SharedRecommenderService& service) {
  return static_cast<const RunRecommender&>(*service).run();
}

json read_figures_file(const fs::path& file) {
  if (!fs::is_regular_file(file)) return nullptr;
  json value = json::parse(read_file(file), nullptr, /*allow_exceptions=*/false);
  if (value.is_discarded()) throw data_error(fmt::format("{}: not JSON; was the file cut off?", file.string()));
  return value;
}

json map_of(const IntentsReport& report, const std::vector<DrawnUser>& drawn) {
  json intents = json::array(), users = json::array();
  for (const IntentRow& row : report.intents) {
    json items = json::array();
    for (const NearTitle& item : row.items)
      items.push_back({{"id", item.item}, {"title", item.title}, {"score", item.score}});
    intents.push_back({{"intent", row.intent},
                       {"users", row.users},
                       {"share", row.share},
                       {"x", row.x},
                       {"y", row.y},
                       {"items", std::move(items)}});
  }
  for (const DrawnUser& user : drawn) users.push_back({{"x", user.x}, {"y", user.y}, {"intent", user.intent}});
  return {{"axes", report.axes}, {"intents", std::move(intents)}, {"users", std::move(users)}};
}

/// The run's name as a part of a path; letters of other alphabets and unusual signs would have to be escaped there.
std::string id_of(const fs::path& folder) {
  std::string id = load_run_settings(folder, {}).config.exp_name.substr(0, 100);
  for (char& c : id)
    if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '-' && c != '.') c = '_';
  return id;
}

}  // namespace

ServedRun::ServedRun(std::string id, const fs::path& folder, int generation)
    : id_(std::move(id)),
      generation_(generation),
      manifests_(manifests_of(folder)),
      recommender_(open_recommender(folder, {})),
      info_(recommender_->info()) {
  if (manifests_of(folder) != manifests_)
    throw conflict(fmt::format("The files of {} changed while they were read; is it being trained?", folder.string()));
}

ServedRun::~ServedRun() = default;

template <class Read>
void ServedRun::read_once(std::once_flag& once, Read read) const {
  std::call_once(once, [&] {
    if (manifests_of(info_.folder) != manifests_)
      throw conflict(fmt::format("The run {} was made again since the server read it; take it up with reload.", id_));
    read();
  });
}

std::vector<ItemDetails> ServedRun::search(const std::string& text, size_t limit) const {
  std::vector<ItemDetails> found = recommender_->find_items(text, static_cast<int>(limit));
  const std::string wanted = lower_case(trimmed(text));
  const auto is_new = [&found](int64_t id) {
    return std::none_of(found.begin(), found.end(), [id](const ItemDetails& item) { return item.id == id; });
  };
  if (const auto id = recommender_->item_of_raw(trimmed(text)); id && found.size() < limit && is_new(*id))
    found.push_back(*recommender_->item(*id));
  const OpenedRun& run = opened(recommender_);
  for (const Item& item : run.catalogue().items()) {
    if (found.size() >= limit) break;
    if (run.has_item(item.id) && lower_case(item.title).find(wanted) != std::string::npos && is_new(item.id))
      found.push_back(*recommender_->item(item.id));
  }
  return found;
}

bool ServedRun::has_users() const { return fs::is_directory(info_.folder / "simulate"); }

bool ServedRun::has_dialogues() const { return fs::is_regular_file(info_.folder / "evaluate/transcripts.jsonl"); }

const TestUsers& ServedRun::users() const {
  read_once(read_users_, [this] { users_ = std::make_unique<const TestUsers>(opened(recommender_)); });
  return *users_;
}

const std::vector<Transcript>& ServedRun::dialogues() const {
  read_once(read_dialogues_, [this] {
    if (has_dialogues()) dialogues_ = read_transcripts(info_.folder / "evaluate/transcripts.jsonl");
  });
  return dialogues_;
}

const json& ServedRun::figures() const {
  read_once(read_figures_, [this] {
    figures_ = {{"one_turn", read_figures_file(info_.folder / "evaluate/one_turn.json")},
                {"multi_turn", read_figures_file(info_.folder / "evaluate/multi_turn.json")}};
  });
  return figures_;
}

const json& ServedRun::intent_map() const {
  read_once(made_map_, [this] {
    const IntentMap map = map_intents(opened(recommender_).context(), {.items = kMapItems});
    intent_map_ = map_of(map.report, map.drawn);
  });
  return intent_map_;
}

ServedRuns::ServedRuns(const std::vector<fs::path>& folders) {
  for (const fs::path& folder : folders) {
    std::string id = id_of(folder);
    const bool is_taken =
        std::any_of(slots_.begin(), slots_.end(), [&id](const SharedRun& r) { return r->id() == id; });
    if (is_taken) id += fmt::format("-{}", slots_.size() + 1);
    slots_.push_back(std::make_shared<const ServedRun>(id, folder, 1));
  }
}

std::vector<SharedRun> ServedRuns::all() const {
  const std::lock_guard lock(mutex_);
  return slots_;
}

size_t ServedRuns::place(const std::string& id) const {
  const auto found =
      std::find_if(slots_.begin(), slots_.end(), [&id](const SharedRun& run) { return run->id() == id; });
  if (found == slots_.end()) throw not_found(fmt::format("No run is called {}; /api/v1/runs names them.", id));
  return static_cast<size_t>(found - slots_.begin());
}

SharedRun ServedRuns::find(const std::string& id) const {
  const std::lock_guard lock(mutex_);
  return slots_[place(id)];
}

SharedRun ServedRuns::reload(const std::string& id) {
  const std::unique_lock only(reloading_, std::try_to_lock);
  const SharedRun old = find(id);
  if (!only.owns_lock()) throw conflict("A run is being taken up; try again when that is done.");
  auto run = std::make_shared<const ServedRun>(id, old->info().folder, old->generation() + 1);
  const std::lock_guard lock(mutex_);
  return slots_[place(id)] = std::move(run);
}

}  // namespace latentcrs
