#include "numerics/tensor/pt_stream.h"

#include <ATen/ATen.h>

#include "base/util/files.h"
#include "numerics/tensor/pt_archive.h"

namespace latentcrs {

struct PtStream::Impl {
  explicit Impl(const std::filesystem::path& path) : file(path), zip(file.stream()), folder(archive_folder(path)) {}

  AtomicFile file;
  ZipWriter zip;
  std::string folder;
};

PtStream::PtStream(const PtValue& root, const std::filesystem::path& path) : impl_(std::make_unique<Impl>(path)) {
  pickle::Writer pickle;
  pickle.value(root);
  begin_archive(impl_->zip, pickle, impl_->folder);
  impl_->zip.begin(impl_->folder + "data/0", pickle.tensors().at(0).nbytes());
}

PtStream::~PtStream() = default;

void PtStream::append(std::string_view numbers) { impl_->zip.append(numbers); }

void PtStream::commit() {
  impl_->zip.end();
  end_archive(impl_->zip, impl_->folder);
  impl_->file.commit();
}

}  // namespace latentcrs
