// The records of a .pt archive around those of its tensors.
#pragma once

#include <filesystem>
#include <string>

#include "numerics/tensor/pickle_writer.h"
#include "numerics/tensor/zip_store.h"

namespace latentcrs {

/// The folder of all records, with its slash.
std::string archive_folder(const std::filesystem::path& path);
/// Writes what comes before the tensors, data/0, data/1, …: the pickle and the order of bytes.
void begin_archive(ZipWriter& zip, pickle::Writer& pickle, const std::string& folder);
/// Writes what comes after them.
void end_archive(ZipWriter& zip, const std::string& folder);

}  // namespace latentcrs
