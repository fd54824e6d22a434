// The public interface throws Error and std::bad_alloc only.
#pragma once

#include <new>
#include <stdexcept>

#include "base/util/error.h"

namespace latentcrs {

/// The result of body(); any other exception, such as one of LibTorch's, becomes an Error(internal).
template <class Body>
auto only_errors(Body body) -> decltype(body()) {
  try {
    return body();
  } catch (const Error&) {
    throw;
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& e) {
    throw internal_error(e.what());
  }
}

}  // namespace latentcrs
