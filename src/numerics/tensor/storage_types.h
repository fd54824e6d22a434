// PyTorch's storage class names and the element types they stand for.
#pragma once

#include <c10/core/ScalarType.h>

#include <array>
#include <string_view>

namespace latentcrs {

struct StorageType {
  std::string_view name;  ///< in Python's module `torch`
  at::ScalarType type;
};

inline constexpr std::array kStorageTypes = {
    StorageType{"FloatStorage", at::ScalarType::Float},
    StorageType{"DoubleStorage", at::ScalarType::Double},
    StorageType{"HalfStorage", at::ScalarType::Half},
    StorageType{"BFloat16Storage", at::ScalarType::BFloat16},
    StorageType{"LongStorage", at::ScalarType::Long},
    StorageType{"IntStorage", at::ScalarType::Int},
    StorageType{"ShortStorage", at::ScalarType::Short},
    StorageType{"CharStorage", at::ScalarType::Char},
    StorageType{"ByteStorage", at::ScalarType::Byte},
    StorageType{"BoolStorage", at::ScalarType::Bool},
    StorageType{"ComplexFloatStorage", at::ScalarType::ComplexFloat},
    StorageType{"ComplexDoubleStorage", at::ScalarType::ComplexDouble},
};

}  // namespace latentcrs
