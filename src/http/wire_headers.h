#pragma once

namespace qdcnn::http {

// What curl is told to write by itself.
constexpr const char* kUserAgent = "qdcnn/" QDCNN_VERSION;
constexpr const char* kAcceptedEncodings = "gzip, deflate";

}  // namespace qdcnn::http
