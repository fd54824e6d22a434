#include "datasets/setup/config_draft.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "datasets/data/record_times.h"
#include "datasets/data/usual_names.h"
#include "datasets/setup/dataset_text.h"
#include "datasets/setup/run_sizes.h"

namespace latentcrs {
namespace {

struct YamlLine {
  std::string key, value, comment;
};

/// Lines `key: value  # comment` at one depth, the comments below each other.
std::string yaml_lines(const std::vector<YamlLine>& lines, size_t indent) {
  size_t width = 0;
  constexpr size_t kLongest = 48;
  const auto pair = [&](const YamlLine& line) {
    return std::string(indent, ' ') + line.key + ":" + (line.value.empty() ? "" : " " + line.value);
  };
  for (const YamlLine& line : lines) width = std::max(width, std::min(pair(line).size(), kLongest));
  std::string text;
  for (const YamlLine& line : lines)
    text += line.comment.empty() ? pair(line) + "\n" : fmt::format("{:<{}}  # {}\n", pair(line), width, line.comment);
  return text;
}

std::string noun_for(const DatasetOptions& options) {
  const std::string& format = options.format;
  const std::string item = plain_name(options.columns.item + options.columns.title);
  const auto speaks_of = [&](std::string_view word) { return item.find(word) != std::string::npos; };
  if (format.starts_with("movielens") || speaks_of("movie") || speaks_of("film")) return "movies";
  if (format == "steam" || speaks_of("game")) return "games";
  if (format == "lastfm-1k" || speaks_of("artist")) return "artists";
  if (format == "yelp" || speaks_of("business")) return "businesses";
  if (format == "gowalla" || speaks_of("place") || speaks_of("venue")) return "places";
  if (speaks_of("book") || speaks_of("isbn")) return "books";
  if (speaks_of("song") || speaks_of("track")) return "songs";
  if (format.starts_with("amazon") || speaks_of("product") || speaks_of("asin") || speaks_of("sku")) return "products";
  return "items";
}

std::string note_of(const FoundDataset& found, const std::string& key) {
  const auto note = found.notes.find(key);
  return note == found.notes.end() ? "" : note->second;
}

/// The settings that the files tell, `columns` apart.
std::vector<YamlLine> dataset_lines(const std::string& name, const FoundDataset& found, const DatasetSurvey& survey) {
  const KeptData& kept = survey.choice();
  const bool rated = survey.all.ratings.has_value();
  DatasetOptions options = found.options;
  options.dataset_name = name;
  options.item_noun = noun_for(options);
  options.min_rating = kept.min_rating;
  options.min_interactions = kept.min_interactions;
  if (!options.metadata.empty()) options.features_name = name + "_features.csv";
  options.id_column = "ItemID";
  options.multi_turn_users = sizes_for(kept).dialogue_users;
  std::vector<YamlLine> lines;
  const std::vector<SettingValue> usual = setting_values({});
  for (const SettingValue& setting : setting_values(options)) {
    const std::string key = setting.key.substr(setting.key.find('.') + 1);
    const bool is_usual = std::find(usual.begin(), usual.end(), setting) != usual.end();
    const bool always = key == "format" || key == "item_noun" || key.starts_with("min_");
    if (key.starts_with("columns.") || (is_usual && !always)) continue;
    std::string comment = note_of(found, key);
    if (key == "item_noun") comment = "what prompts and utterances call them; a guess";
    if (key == "interactions") comment = fmt::format("{} lines", survey.all.interactions_file.lines);
    if (key == "min_rating")
      comment = rated ? fmt::format("ratings go from {} to {}; those below do not count", survey.all.ratings->lowest,
                                    survey.all.ratings->highest)
                      : "no rating: every interaction counts";
    if (key == "min_interactions") comment = kept_text(kept, rated);
    if (key == "multi_turn_users") comment = "test users drawn for dialogues";
    if (key == "metadata" && comment.empty()) comment = fmt::format("{} items", survey.all.feature_rows);
    lines.push_back({key, setting.value, comment});
  }
  return lines;
}

std::vector<YamlLine> column_lines(const FoundDataset& found) {
  std::vector<YamlLine> lines;
  for (const SettingValue& setting : differing_settings(found.options, {})) {
    constexpr std::string_view kPrefix = "datasets.columns.";
    if (!setting.key.starts_with(kPrefix)) continue;
    const std::string key = setting.key.substr(kPrefix.size());
    lines.push_back({key, setting.value, note_of(found, "columns." + key)});
  }
  return lines;
}

std::string commented(const std::vector<std::string>& sentences) {
  std::string text;
  for (const std::string& sentence : sentences) text += "# " + sentence + "\n";
  return text;
}

std::string draft_dataset(const std::string& name, const std::string& command, const FoundDataset& found,
                          const DatasetSurvey& survey) {
  std::string text = fmt::format(
      "# `{}` wrote this from what the files look like. Correct what is wrong; configs/README.md describes the "
      "settings.\n",
      command);
  text += yaml_lines(dataset_lines(name, found, survey), 0);
  if (const auto columns = column_lines(found); !columns.empty()) text += "columns:\n" + yaml_lines(columns, 2);
  std::vector<std::string> said = found.findings;
  said.insert(said.end(), survey.all.remarks.begin(), survey.all.remarks.end());
  said.insert(said.end(), survey.all.warnings.begin(), survey.all.warnings.end());
  if (!said.empty()) text += "# What was found:\n" + commented(said);
  if (survey.kept.size() > 1) {
    text += "# Other thresholds (min_rating, min_interactions):\n";
    for (size_t i = 0; i + 1 < survey.kept.size(); ++i)
      text += "# " + kept_text(survey.kept[i], survey.all.ratings.has_value()) + "\n";
  }
  return text;
}

std::string draft_main(const std::string& name, const std::string& command, const DatasetSurvey& survey) {
  const KeptData& kept = survey.choice();
  const RunSizes sizes = sizes_for(kept);
  const std::string size =
      fmt::format("{} users, {} items, {} interactions", kept.users, kept.items, kept.interactions);
  std::string text = fmt::format(
      "# `{}` wrote this. The sizes suit {} and two cores;\n"
      "# docs/performance.md and the shipped configs show larger ones.\n"
      "defaults:\n  - base\n  - override datasets: {}\n  - override pretrain: {}\n  - _self_\n\n",
      command, size, name, sizes.pretrain_group);
  text += yaml_lines({{"exp_name", name, ""}}, 0);
  text += "pretrain:\n  encoder:\n";
  text += yaml_lines({{"hidden_size", std::to_string(sizes.hidden_size), "width of the encoder"},
                      {"num_hidden_layers", std::to_string(sizes.layers), ""},
                      {"max_seq_length", std::to_string(sizes.max_seq_length),
                       fmt::format("19 of 20 users have at most {} items", kept.longest_usual)}},
                     4);
  text += yaml_lines({{"num_intent_clusters", fmt::format("[{}]", sizes.clusters), "intents: about 16 users for each"},
                      {"loss", sizes.loss, "with contrast none: the losses that measured best (docs/results.md)"},
                      {"contrast_type", sizes.contrast, ""}},
                     2);
  if (sizes.loss == "sampled_softmax")
    text +=
        yaml_lines({{"num_negatives", "2048", "all items would take longer than they are worth (docs/performance.md)"},
                    {"correct_sampling", "true", ""}},
                   2);
  text += yaml_lines({{"batch_size", std::to_string(sizes.batch_size), "users"},
                      {"lr", fmt::format("{}", sizes.learning_rate), "higher than published: few epochs"},
                      {"epochs", std::to_string(sizes.epochs), "at most; early stopping ends sooner"},
                      {"eval_every", std::to_string(sizes.eval_every), ""}},
                     2);
  text += fmt::format("  early_stop:\n    patience: {}\n", sizes.patience);
  text += fmt::format("embed:\n  text_embedding_dim: {}  # of the offline embedder\n", sizes.text_width);
  text += fmt::format("prior:\n  m_ux:\n    text_projection: [{0}, {1}]\n    layer_hidden: [{0}, {1}]\n",
                      2 * sizes.hidden_size, sizes.hidden_size);
  text += "# EM\n";
  text += yaml_lines({{"batch_size", std::to_string(sizes.em_batch_size), "examples"},
                      {"epochs", std::to_string(sizes.em_epochs), "at most; early stopping ends sooner"},
                      {"learning_rate", fmt::format("{}", sizes.em_learning_rate), ""},
                      {"e_negative_loss_weight", "5", "the weights of MovieLens-1M (docs/method.md)"},
                      {"m_negative_loss_weight", "0", ""},
                      {"m_rec_loss_weight", "5", ""}},
                     0);
  text += fmt::format("early_stop:\n  patience: {}\n", sizes.em_patience);
  return text;
}

}  // namespace

ConfigDraft draft_config(const std::string& name, const std::string& command, const FoundDataset& found,
                         const DatasetSurvey& survey) {
  return {.dataset = draft_dataset(name, command, found, survey), .main = draft_main(name, command, survey)};
}

}  // namespace latentcrs
