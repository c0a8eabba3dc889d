#pragma once

#include <gtest/gtest.h>

#include "qdcnn/base/error.h"

namespace qdcnn::accounts {

/// What `action` throws.
template <typename Action>
Error error_of(Action action) {
    try {
        action();
    } catch (const Error& error) {
        return error;
    }
    ADD_FAILURE() << "expected an error";
    return Error(ErrorKind::internal, "nothing was thrown");
}

}  // namespace qdcnn::accounts
