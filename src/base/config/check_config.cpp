#include "base/config/check_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <regex>
#include <set>

#include "base/config/conditions.h"
#include "base/config/genre_coordinates.h"
#include "base/config/provider_names.h"

namespace latentcrs {

namespace {

using Conflicts = std::vector<Conflict>;

constexpr int kFewestItems = 3;  // of a user: one each for training, validation and test

void check_run(const Config& c, Conflicts& found) {
  static const std::regex device("auto|cpu|cuda(:[0-9]+)?");
  if (!std::regex_match(c.device, device))
    found.push_back({{"device"}, "must be auto, cpu, cuda or cuda:N, got '" + c.device + "'", ""});
  if (c.exp_name.find('/') != std::string::npos || c.exp_name.starts_with('.'))
    found.push_back(
        {{"exp_name"}, "'" + c.exp_name + "' cannot be the beginning of a file name", "output_dir names the folder"});
}

void check_shards(const Config& c, Conflicts& found) {
  const int shards = c.data_shards;
  if ((shards & (shards - 1)) != 0)
    found.push_back({{"data_shards"}, fmt::format("must be 1 or a power of two, got {}", shards), "set data_shards=8"});
  if (shards > std::min(c.pretrain.batch_size, c.em.batch_size))
    found.push_back(
        {{"data_shards", "pretrain.batch_size", "batch_size"}, "a batch needs an example for each shard", ""});
  if (shards > 1 && (c.compat.gate_over_batch || c.compat.batch_width_positions))
    found.push_back(
        {{"data_shards", c.compat.gate_over_batch ? "compat.gate_over_batch" : "compat.batch_width_positions"},
         "a published behaviour that looks at a whole batch at once needs data_shards=1",
         ""});
}

/// Settings that a format does not read. The lines of `sequences` are taken as they are: they have neither ratings nor
/// times. `movielens` and `amazon` have ids of one form, and item_filter counts the items that their metadata lack.
void check_row_settings(const DatasetOptions& o, Conflicts& found) {
  if (is_records_format(o.format)) return;
  const DatasetOptions usual;
  const bool lists = o.format == "sequences";
  const TimeUnit own = o.format == "amazon" ? TimeUnit::milliseconds : TimeUnit::seconds;
  const bool other_unit = o.time_unit != usual.time_unit && o.time_unit != own && o.time_unit != TimeUnit::file_order;
  const std::pair<const char*, bool> refused[] = {
      {"datasets.min_rating", lists && o.min_rating != usual.min_rating && o.min_rating != 0},
      {"datasets.min_interactions",
       lists && o.min_interactions != usual.min_interactions && o.min_interactions != kFewestItems},
      {"datasets.sort_by_time", lists && !o.sort_by_time},
      {"datasets.item_filter_time", lists && o.item_filter_time != usual.item_filter_time},
      {"datasets.item_filter", lists && o.item_filter == ItemFilter::description},
      {"datasets.min_item_interactions", lists && o.min_item_interactions != usual.min_item_interactions},
      {"datasets.feedback", lists && o.feedback != usual.feedback},
      {"datasets.ties", lists && o.ties != usual.ties},
      {"datasets.short_users", lists && o.short_users != usual.short_users},
      {"datasets.time_unit", lists ? o.time_unit != usual.time_unit : other_unit},
      {"datasets.limits.malformed", lists && o.limits.malformed != usual.limits.malformed},
      {"datasets.limits.doubtful_times", lists && o.limits.doubtful_times != usual.limits.doubtful_times},
      {"datasets.limits.alike_ids", o.limits.alike_ids != usual.limits.alike_ids},
      {"datasets.limits.unknown_items", o.limits.unknown_items != usual.limits.unknown_items}};
  for (const auto& [key, set] : refused)
    if (set)
      found.push_back({{key, "datasets.format"},
                       "of no use with the format " + o.format,
                       lists ? "the lines are taken as they are; datasets.format=lightgcn or pairs reads rows" : ""});
}

/// Other users have an item each for training, validation and test.
void check_fewest(const DatasetOptions& o, Conflicts& found) {
  if (o.min_interactions < kFewestItems && !is_given_split(o.split))
    found.push_back({{"datasets.min_interactions"},
                     fmt::format("must be >= {}, got {}", kFewestItems, o.min_interactions),
                     "only a split that is given may have shorter users"});
}

void check_columns(const DatasetOptions& o, Conflicts& found) {
  const ColumnOptions& c = o.columns;
  const bool named =
      !(c.user + c.item + c.rating + c.time + c.title + c.genres + c.year + c.description + c.metadata_item).empty();
  if (named && o.format != "csv" && o.format != "jsonl" && o.format != "recbole")
    found.push_back({{"datasets.columns.user", "datasets.format"},
                     "columns are named for the formats csv, jsonl and recbole only; " + o.format + " has its own",
                     "set datasets.format=csv"});
  if (!o.more_interactions.empty() && !is_records_format(o.format))
    found.push_back({{"datasets.more_interactions", "datasets.format"}, "of no use with the format " + o.format, ""});
  if (!o.separator.empty() && o.format != "csv")
    found.push_back({{"datasets.separator", "datasets.format"},
                     "a separator is set for the format csv only; " + o.format + " has its own",
                     "set datasets.format=csv"});
  check_row_settings(o, found);
  check_fewest(o, found);
  constexpr double kFiveStars = 5;
  if (o.min_rating > kFiveStars && !is_records_format(o.format))
    found.push_back({{"datasets.min_rating"},
                     fmt::format("{} is more than 5, the best rating of the format {}", o.min_rating, o.format),
                     "set a value in [0, 5]"});
}

void check_split(const DatasetOptions& o, Conflicts& found) {
  const SplitOptions& split = o.split;
  const bool by_column = split.by == SplitBy::column, by_files = split.by == SplitBy::files;
  const auto expect = [&](const char* name, const std::string& value, bool wanted, bool may_lack) {
    const std::string key = std::string("datasets.split.") + name;
    if (wanted && value.empty() && !may_lack)
      found.push_back({{key, "datasets.split.by"},
                       fmt::format("required with datasets.split.by={}", kSplitNames.at(static_cast<size_t>(split.by))),
                       ""});
    if (!wanted && !value.empty())
      found.push_back(
          {{key, "datasets.split.by"},
           fmt::format("of no use with datasets.split.by={}", kSplitNames.at(static_cast<size_t>(split.by))),
           fmt::format("set datasets.split.by={}", std::string(name) == "column" ? "column" : "files")});
  };
  expect("column", split.column, by_column, false);
  expect("test", split.test, by_files, false);
  expect("valid", split.valid, by_files, true);
  if (by_column && o.format != "csv" && o.format != "recbole")
    found.push_back({{"datasets.split.by", "datasets.format"},
                     "a column of the split is read in the formats csv and recbole only",
                     "set datasets.format=csv"});
  if (is_given_split(split) && !is_records_format(o.format))
    found.push_back(
        {{"datasets.split.by", "datasets.format"},
         fmt::format("{} of a split are not read in the format {}", by_files ? "files" : "columns", o.format),
         "set datasets.format=csv, for example"});
  if (split.by == SplitBy::time && !o.sort_by_time)
    found.push_back({{"datasets.split.by", "datasets.sort_by_time"},
                     "a split by time needs sequences in order of time",
                     "set datasets.sort_by_time=true"});
}

void check_datasets(const DatasetOptions& o, Conflicts& found) {
  if (needs_metadata(o)) {
    if (o.metadata.empty())
      found.push_back({{"datasets.metadata"}, "required for this format", "movies.dat or meta_<Category>.jsonl"});
    if (o.features_name.empty())
      found.push_back({{"datasets.features_name"}, "required for this format", "movie_features.csv, for example"});
  }
  check_columns(o, found);
  check_split(o, found);
  std::set<std::string> tasks;
  for (const std::string& task : o.meta_task_keys) {
    if (task.empty() || task.front() == '.' || task.find('/') != std::string::npos)
      found.push_back({{"datasets.meta_task_keys"}, "'" + task + "' cannot be part of a file name", ""});
    if (!tasks.insert(task).second)
      found.push_back({{"datasets.meta_task_keys"}, "'" + task + "' is listed twice", ""});
  }
  static const std::regex split("raw|0|[1-9][0-9]{0,17}");
  std::set<std::string> seen;
  for (const std::string& key : o.filter_keys) {
    if (!std::regex_match(key, split))
      found.push_back({{"datasets.filter_keys"}, "'" + key + "' is no training split", "raw, or a selection's seed"});
    if (!seen.insert(key).second) found.push_back({{"datasets.filter_keys"}, "'" + key + "' is listed twice", ""});
  }
}

void check_stop_metrics(const EarlyStopOptions& o, const std::string& section, Conflicts& found) {
  static const std::regex metric("(HIT|NDCG)@[1-9][0-9]{0,5}");
  if (!std::regex_match(o.stop_metrics, metric))
    found.push_back({{section + ".stop_metrics"}, "must be HIT@k or NDCG@k, got '" + o.stop_metrics + "'", ""});
}

void check_pretrain(const PretrainOptions& o, Conflicts& found) {
  const std::string encoder = "pretrain.encoder.";
  if (o.encoder.hidden_size % o.encoder.num_attention_heads != 0)
    found.push_back({{encoder + "hidden_size", encoder + "num_attention_heads"},
                     fmt::format("{} cannot be divided among {} attention heads", o.encoder.hidden_size,
                                 o.encoder.num_attention_heads),
                     ""});
  if (!o.centers.empty() && o.checkpoint.empty())
    found.push_back({{"pretrain.centers", "pretrain.checkpoint"},
                     "centres belong to a checkpoint, and none is given",
                     "set pretrain.checkpoint"});
  if (o.popularity_discount > 0 && o.loss != "softmax")
    found.push_back({{"pretrain.popularity_discount", "pretrain.loss"},
                     "popularity is taken out of the logits of softmax, not of " + o.loss,
                     "set pretrain.loss=softmax"});
  check_stop_metrics(o.early_stop, "pretrain.early_stop", found);
}

/// Settings that EM's short histories and its discount of popularity exclude.
void check_conversation_training(const Config& c, Conflicts& found) {
  const EmOptions& em = c.em;
  if (em.popularity_discount > 0 && !em.full_catalogue_loss)
    found.push_back({{"popularity_discount", "full_catalogue_loss"},
                     "popularity is taken out where the target is compared with all items",
                     "set full_catalogue_loss=true"});
  if (!em.mentions.empty() && !em.score_mixture)
    found.push_back(
        {{"mentions", "score_mixture"}, "mentions count in the mixture of scores", "set score_mixture=true"});
  if (em.short_histories.most == 0) {
    if (em.short_histories.empty > 0)
      found.push_back({{"short_histories.empty", "short_histories.most"},
                       "no history is drawn, so none is empty",
                       "set short_histories.most"});
    return;
  }
  const std::pair<const char*, bool> excluded[] = {{"train_preintent", em.train_preintent},
                                                   {"lambda_reconstruct", em.lambda_reconstruct > 0},
                                                   {"compat.batch_width_positions", c.compat.batch_width_positions}};
  for (const auto& [key, set] : excluded)
    if (set)
      found.push_back({{"short_histories.most", key},
                       "short histories are drawn for frozen encoders, whose states are made anew each epoch",
                       std::string("leave ") + key + " off"});
}

void check_genres(const EmbedOptions& embed, Conflicts& found) {
  constexpr int kFewestWords = 8, kLeastWidth = static_cast<int>(kNumGenres) + kFewestWords;
  if (embed.genre_weight == 0) return;
  if (embed.text_embedding_dim < kLeastWidth)
    found.push_back({{"embed.genre_weight", "embed.text_embedding_dim"},
                     fmt::format("{} coordinates of a vector say genres, and words need {}", kNumGenres, kFewestWords),
                     fmt::format("embed.text_embedding_dim={} or more", kLeastWidth)});
  if (embed.center)
    found.push_back({{"embed.genre_weight", "embed.center"},
                     "a coordinate of a genre is 0 where the words do not name it, and has no mean taken away",
                     "embed.center=false"});
}

void check_networks(const Config& c, Conflicts& found) {
  const PriorHeadOptions& head = c.em.prior.m_ux;
  const char* negative = "must be true: without softmax the loss takes logarithms of negative numbers";
  if (!head.is_softmax) found.push_back({{"prior.m_ux.is_softmax"}, negative, ""});
  if (!c.em.posterior.is_softmax) found.push_back({{"posterior.is_softmax"}, negative, ""});
  if (head.text_projection.size() != 2) {
    found.push_back({{"prior.m_ux.text_projection"},
                     fmt::format("must have two widths, got {}", head.text_projection.size()),
                     "[1024, 64]"});
  } else if (head.agg_type == "gated" && (head.use_text_projection || !asks_width(c))) {
    const int text_width = head.use_text_projection ? head.text_projection[1] : c.embed.text_embedding_dim;
    if (text_width != c.pretrain.encoder.hidden_size)
      found.push_back({{"prior.m_ux.agg_type", "prior.m_ux.text_projection", "embed.text_embedding_dim",
                        "pretrain.encoder.hidden_size"},
                       fmt::format("gated adds the text (width {}) to the history (width {}): they must be equal",
                                   text_width, c.pretrain.encoder.hidden_size),
                       "set the last of prior.m_ux.text_projection"});
  }
  const auto check_pretrained = [&](const std::string& network, bool load, const std::string& path) {
    const std::string key = network + ".pretrained_path", switch_key = network + ".load_pretrained";
    if (load && path.empty()) found.push_back({{key}, "required with " + switch_key, ""});
    if (!load && !path.empty())
      found.push_back({{key, switch_key}, "of no use without " + switch_key, "set " + switch_key + "=true"});
  };
  check_pretrained("prior", c.em.prior.load_pretrained, c.em.prior.pretrained_path);
  check_pretrained("posterior", c.em.posterior.load_pretrained, c.em.posterior.pretrained_path);
}

/// The score that a stage does not train stays as it is: its first epoch would be the best one.
void check_watched_score(const Config& c, const StageOptions& stage, Conflicts& found) {
  if (stage.epochs == 0) return;
  const std::string& watched = stage.stopbywhich.empty() ? c.em.early_stop.stopbywhich : stage.stopbywhich;
  const bool untrained = watched == "EStep" ? stage.no_estep : stage.no_mstep;
  if (!untrained || (stage.no_estep && stage.no_mstep)) return;
  const char* missing = watched == "EStep" ? "no_estep" : "no_mstep";
  found.push_back({{"stages", "early_stop.stopbywhich"},
                   fmt::format("stage '{}' has {}, but early stopping watches its {}", stage.name, missing, watched),
                   fmt::format("stopbywhich: {} in this stage", watched == "EStep" ? "MStep" : "EStep")});
}

void check_stages(const Config& c, Conflicts& found) {
  if (c.em.stages.empty())
    found.push_back({{"stages"}, "must not be empty", "without the key: posterior, prior, joint"});
  std::set<std::string> names;
  for (const StageOptions& stage : c.em.stages) {
    if (!names.insert(stage.name).second)
      found.push_back({{"stages"}, "two stages are called '" + stage.name + "'", ""});
    if (stage.no_estep && stage.no_mstep)
      found.push_back({{"stages"}, "stage '" + stage.name + "' has no_estep and no_mstep: it trains nothing", ""});
    // Before only_rec_epoch the M-step's loss has no other term than the recommendation.
    if (!stage.no_mstep && stage.only_rec_epoch > 0 && c.em.m_rec_loss_weight <= 0)
      found.push_back(
          {{"m_rec_loss_weight", "stages"},
           fmt::format("must be > 0: stage '{}' has an M-step and only_rec_epoch {}", stage.name, stage.only_rec_epoch),
           ""});
    // The E-step's loss has the reconstruction term as well.
    const bool e_recommendation = c.em.use_negative_loss && c.em.e_negative_loss_weight > 0;
    if (!stage.no_estep && stage.only_rec_epoch > 0 && !e_recommendation && c.em.lambda_reconstruct <= 0)
      found.push_back({{"use_negative_loss", "e_negative_loss_weight", "lambda_reconstruct", "stages"},
                       fmt::format("stage '{}' has an E-step, only_rec_epoch {}, and no loss before that epoch",
                                   stage.name, stage.only_rec_epoch),
                       "use_negative_loss=true and e_negative_loss_weight > 0, or lambda_reconstruct > 0"});
    check_watched_score(c, stage, found);
  }
  check_stop_metrics(c.em.early_stop, "early_stop", found);
}

/// No message repeats the address, because it may hold a password.
void check_proxy(const HttpOptions& o, Conflicts& found) {
  static const std::regex address(
      R"(((https?|socks4a?|socks5h?)://)?([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?/?)");
  const std::string key = "services.http.proxy";
  if (o.proxy.find('@') != std::string::npos)
    found.push_back({{key},
                     "must hold no user and password: settings are written down",
                     "put user:password into a variable and name that in services.http.proxy_env"});
  else if (!o.proxy.empty() && !std::regex_match(o.proxy, address))
    found.push_back({{key}, "must be an address", "http://proxy.example.org:3128, for example"});
  if (!o.proxy_env.empty() && o.proxy.empty())
    found.push_back({{"services.http.proxy_env", key}, "of no use without services.http.proxy", ""});
}

void check_services(const Config& c, Conflicts& found) {
  check_proxy(c.services.http, found);
  if (c.services.retry.max_wait < c.services.retry.first_wait)
    found.push_back(
        {{"services.retry.max_wait", "services.retry.first_wait"},
         fmt::format("{} is less than the first wait, {}", c.services.retry.max_wait, c.services.retry.first_wait),
         ""});
  const auto needs_price = [&](const ChatOptions& chat, const std::string& section) {
    if (chat.max_cost > 0 && chat.price.input_per_million <= 0 && chat.price.output_per_million <= 0)
      found.push_back({{section + ".max_cost", section + ".price.input_per_million"},
                       "a limit needs a price",
                       "set " + section + ".price.input_per_million and .output_per_million"});
  };
  const size_t tasks = c.datasets.meta_task_keys.size(), templates = c.embed.prompt_templates.size();
  if (asks_service(c.embed.provider) && tasks != templates)
    found.push_back({{"datasets.meta_task_keys", "embed.prompt_templates"},
                     fmt::format("{} embedding tasks, but {} prompt templates", tasks, templates),
                     "one file for each task, in the same order"});
  needs_price(c.simulate.chat, "simulate.chat");
  if (asks_service(c.evaluate.extractor.provider)) needs_price(c.evaluate.extractor.chat, "evaluate.extractor.chat");
  if (asks_service(c.evaluate.zero_shot.provider)) needs_price(c.evaluate.zero_shot.chat, "evaluate.zero_shot.chat");
}

}  // namespace

std::vector<Conflict> check_config(const Config& c) {
  Conflicts found;
  check_run(c, found);
  check_shards(c, found);
  check_datasets(c.datasets, found);
  check_pretrain(c.pretrain, found);
  check_conversation_training(c, found);
  check_genres(c.embed, found);
  check_networks(c, found);
  check_stages(c, found);
  check_services(c, found);
  if (c.evaluate.sampled_negatives > 0 && asks_service(c.evaluate.zero_shot.provider))
    found.push_back({{"evaluate.sampled_negatives", "evaluate.zero_shot.provider"},
                     "a language model names titles of the whole catalogue: its ranks cannot stand beside sampled ones",
                     "set evaluate.sampled_negatives=0"});
  if (c.evaluate.candidates < c.evaluate.shown_items)
    found.push_back(
        {{"evaluate.candidates", "evaluate.shown_items"},
         fmt::format("{} candidates are fewer than the {} items shown", c.evaluate.candidates, c.evaluate.shown_items),
         ""});
  return found;
}

}  // namespace latentcrs
