#pragma once

#include <curl/curl.h>

#include <memory>

namespace qdcnn::http {

template <auto release>
struct Releases {
    template <typename T>
    void operator()(T* handle) const {
        release(handle);
    }
};

using EasyHandle = std::unique_ptr<CURL, Releases<curl_easy_cleanup>>;
using MultiHandle = std::unique_ptr<CURLM, Releases<curl_multi_cleanup>>;
using UrlHandle = std::unique_ptr<CURLU, Releases<curl_url_cleanup>>;
using StringList = std::unique_ptr<curl_slist, Releases<curl_slist_free_all>>;

}  // namespace qdcnn::http
