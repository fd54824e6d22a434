#include <ATen/ATen.h>

#include "base/util/files.h"
#include "numerics/tensor/pickle_writer.h"
#include "numerics/tensor/pt_archive.h"
#include "numerics/tensor/tensor_file.h"

namespace latentcrs {

namespace {

void write_archive(pickle::Writer& pickle, const std::filesystem::path& path) {
  AtomicFile file(path);
  ZipWriter zip(file.stream());
  const std::string folder = archive_folder(path);
  begin_archive(zip, pickle, folder);
  for (size_t key = 0; key < pickle.tensors().size(); ++key) {
    at::Tensor numbers = pickle.tensors()[key].detach().to(at::kCPU).contiguous();
    zip.add(folder + "data/" + std::to_string(key), {static_cast<const char*>(numbers.data_ptr()), numbers.nbytes()});
  }
  end_archive(zip, folder);
  file.commit();
}

}  // namespace

void write_pt(const PtValue& root, const std::filesystem::path& path) {
  pickle::Writer pickle;
  pickle.value(root);
  write_archive(pickle, path);
}

void write_state_dict(const StateDict& state, const std::filesystem::path& path) {
  pickle::Writer pickle;
  pickle.state_dict(state);
  write_archive(pickle, path);
}

}  // namespace latentcrs
