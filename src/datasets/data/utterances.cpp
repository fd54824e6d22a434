#include "datasets/data/utterances.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/util/error.h"
#include "base/util/json_depth.h"
#include "base/util/profile.h"
#include "base/util/text.h"
#include "datasets/data/half_surrogates.h"
#include "datasets/data/printable.h"
#include "datasets/data/warn_once.h"

namespace latentcrs {

namespace {

using nlohmann::json;

template <class T>
std::optional<T> parse_id(std::string_view text) {
  T value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 1) return std::nullopt;
  return value;
}

/// An item id, which published files write as a string and others as a number.
int32_t item_id(const json& value) {
  const auto id = parse_id<int32_t>(value.is_string() ? value.get_ref<const std::string&>() : value.dump());
  if (!id) throw data_error(fmt::format("{} is no item id (a positive integer)", value.dump()));
  return *id;
}

/// The user of "<user>_<raw|selection>_<key>".
int64_t user_of(const std::string& customer_id) {
  const size_t first = customer_id.find('_');
  const size_t second = first == std::string::npos ? first : customer_id.find('_', first + 1);
  if (second != std::string::npos && second + 1 < customer_id.size()) {
    const auto user = parse_id<int64_t>(std::string_view(customer_id).substr(0, first));
    const std::string kind = customer_id.substr(first + 1, second - first - 1);
    if (user && (kind == "raw" || kind == "selection")) return *user;
  }
  throw data_error(fmt::format("customer_id '{}' is not <user>_<raw|selection>_<key>", customer_id));
}

/// The object of a line. Half a surrogate pair, which a cut text ends with, becomes U+FFFD.
json parse_line(std::string_view line) {
  if (is_nested_too_deeply(line)) throw data_error(fmt::format("is nested more than {} levels deep", kMaxJsonDepth));
  json object = json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (!object.is_discarded()) return object;
  std::string repaired(line);
  replace_half_surrogates(repaired);
  return json::parse(repaired);
}

/// Whether a text is blank: it holds only spaces of any alphabet and marks without width.
bool says_nothing(std::string_view text) {
  constexpr std::string_view kBlanks[] = {
      " ",      "\t",     "\r",     "\n",     "\f",     "\v",     "\u00a0", "\u1680", "\u2000", "\u2001",
      "\u2002", "\u2003", "\u2004", "\u2005", "\u2006", "\u2007", "\u2008", "\u2009", "\u200a", "\u200b",
      "\u200c", "\u200d", "\u2028", "\u2029", "\u202f", "\u205f", "\u2060", "\u3000", "\ufeff"};
  while (!text.empty()) {
    const auto blank = std::find_if(std::begin(kBlanks), std::end(kBlanks),
                                    [&](std::string_view mark) { return text.starts_with(mark); });
    if (blank == std::end(kBlanks)) return false;
    text.remove_prefix(blank->size());
  }
  return true;
}

/// A response of blanks counts as a missing one.
std::string response_of(const json& object) {
  const auto found = object.find("response");
  if (found == object.end() || !found->is_string())
    throw data_error(fmt::format("its response is {}, and must be a text (\"\" where there is no reply)",
                                 found == object.end() ? "missing" : printable(found->dump())));
  const auto& response = found->get_ref<const std::string&>();
  return says_nothing(response) ? std::string() : response;
}

Utterance parse_utterance(std::string_view line, Prompts prompts) {
  const json object = parse_line(line);
  Utterance utterance;
  SplitRecord& record = utterance.record;
  object.at("customer_id").get_to(record.customer_id);
  record.user = user_of(record.customer_id);
  for (const json& item : object.at("history").get_ref<const json::array_t&>()) record.history.push_back(item_id(item));
  record.target = item_id(object.at("target"));
  const auto& prompt = object.at("prompt").get_ref<const std::string&>();
  if (prompts == Prompts::keep) utterance.prompt = prompt;
  utterance.response = response_of(object);
  utterance.leaks_title = object.value("leaks_title", false);
  return utterance;
}

std::string to_line(const Utterance& utterance) {
  const SplitRecord& record = utterance.record;
  nlohmann::ordered_json object;
  object["customer_id"] = record.customer_id;
  auto& history = object["history"] = nlohmann::ordered_json::array();
  for (int32_t item : record.history) history.push_back(std::to_string(item));
  object["target"] = std::to_string(record.target);
  object["prompt"] = utterance.prompt;
  object["response"] = utterance.response;
  if (utterance.leaks_title) object["leaks_title"] = true;
  try {
    return object.dump();
  } catch (const json::exception&) {
    throw data_error(fmt::format("utterance {}: its prompt or response is not UTF-8", record.customer_id));
  }
}

}  // namespace

void UtteranceWriter::add(const Utterance& utterance) {
  if (!last_.customer_id.empty() && processed_before(utterance.record, last_))
    throw internal_error(fmt::format("utterance {} comes after {}", utterance.record.customer_id, last_.customer_id));
  last_ = utterance.record;
  file_.stream() << to_line(utterance) << '\n';
}

void write_utterances(std::vector<Utterance> utterances, const std::filesystem::path& path) {
  std::stable_sort(utterances.begin(), utterances.end(),
                   [](const Utterance& a, const Utterance& b) { return processed_before(a.record, b.record); });
  UtteranceWriter file(path);
  for (const Utterance& utterance : utterances) file.add(utterance);
  file.commit();
}

bool UtteranceReader::next(Utterance& utterance) {
  std::string_view line;
  do {
    if (!lines_.next(line)) {
      check_ids();
      say_silent();
      return false;
    }
  } while (is_blank(line, " \t"));
  try {
    utterance = parse_utterance(line, prompts_);
  } catch (const json::exception& error) {
    throw data_error(fmt::format("{}: {}", lines_.where(), error.what()));
  } catch (const Error& error) {
    throw data_error(fmt::format("{}: {}", lines_.where(), error.what()));
  }
  ++utterances_;
  if (utterance.response.empty() && silent_++ == 0) first_silent_ = lines_.where();
  const std::string& id = utterance.record.customer_id;
  const uint32_t known = ids_.size();
  if (ids_.intern(id) < known && first_again_.empty())
    first_again_ = fmt::format("{}: customer_id '{}'", lines_.where(), id);
  return true;
}

void UtteranceReader::check_ids() const {
  if (!first_again_.empty())
    throw data_error(fmt::format("{} repeats an earlier one, the first of {} among {} lines", first_again_,
                                 utterances_ - ids_.size(), utterances_));
}

void UtteranceReader::say_silent() const {
  if (silent_ > 0)
    warn_once(fmt::format("{}: the response is blank, the first of {} among {} that count as no reply", first_silent_,
                          silent_, utterances_));
}

std::vector<Utterance> read_utterances(const std::filesystem::path& path, Prompts prompts) {
  const profile::Scope scope("read utterances");
  std::vector<Utterance> utterances;
  UtteranceReader reader(path, prompts);
  for (Utterance utterance; reader.next(utterance);) utterances.push_back(std::move(utterance));
  return utterances;
}

}  // namespace latentcrs
