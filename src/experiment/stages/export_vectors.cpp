#include "experiment/stages/export_vectors.h"

#include <ATen/ATen.h>

#include "base/util/error.h"
#include "base/util/files.h"
#include "experiment/stages/stage_context.h"
#include "numerics/tensor/embedding_store.h"
#include "numerics/tensor/tensor_file.h"
#include "numerics/tensor/weights_file.h"
#include "recommender/model/centers_file.h"

namespace latentcrs {

namespace {

at::Tensor item_table(const fs::path& encoder) {
  for (const auto& [name, weights] : read_weights(encoder))
    if (name == "item_embeddings.weight") return weights.to(at::kFloat);
  throw data_error(encoder.string() + ": has no item_embeddings.weight");
}

void write_customers(const std::vector<std::string>& customers, const fs::path& path) {
  AtomicFile file(path);
  file.stream() << "customer_id\n";
  for (const std::string& customer : customers) file.stream() << customer << '\n';
  file.commit();
}

}  // namespace

std::vector<fs::path> export_vectors(const LoadedConfig& loaded, const fs::path& folder) {
  const StageContext context = make_context(loaded, at::kCPU);
  std::vector<fs::path> files;
  const auto write = [&](const at::Tensor& vectors, const std::string& name) {
    files.push_back(folder / (name + ".npy"));
    write_npy(vectors.to(at::kFloat).contiguous(), files.back());
  };
  write(item_table(context.folder.encoder()), "item_vectors");
  if (fs::exists(context.folder.centers())) write(read_centers(context.folder.centers()), "intent_centers");
  for (const std::string& task : loaded.config.datasets.meta_task_keys)
    for (const std::string& key : all_split_keys(loaded.config.datasets)) {
      const fs::path path = context.folder.embeddings(task, key);
      if (!fs::exists(path)) continue;
      const EmbeddingTable table = read_embeddings(path);
      write(table.embeddings, task + "_" + key);
      files.push_back(folder / (task + "_" + key + ".csv"));
      write_customers(table.special_id, files.back());
    }
  return files;
}

}  // namespace latentcrs
