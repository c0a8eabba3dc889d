#pragma once

#include <curl/curl.h>

#include "qdcnn/http/message.h"

namespace qdcnn::http {

/// What curl's code means where the transfer got as far as `reach`. proxy_status: the proxy's answer to
/// CONNECT, or 0.
FailureKind kind_of(CURLcode code, Reach reach, long proxy_status);

}  // namespace qdcnn::http
