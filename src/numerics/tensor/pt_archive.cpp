#include "numerics/tensor/pt_archive.h"

namespace latentcrs {

std::string archive_folder(const std::filesystem::path& path) { return path.stem().string() + "/"; }

void begin_archive(ZipWriter& zip, pickle::Writer& pickle, const std::string& folder) {
  zip.add(folder + "data.pkl", pickle.finish());
  zip.add(folder + "byteorder", "little");
}

void end_archive(ZipWriter& zip, const std::string& folder) {
  zip.add(folder + "version", "3\n");
  zip.finish();
}

}  // namespace latentcrs
