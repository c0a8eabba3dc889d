// Debian's cpp-httplib is a shared library that the thread sanitizer did not instrument. Its request parser
// fills a local static behind a guard that the compiler inlined there: what one connection's thread builds,
// another reads in an order that the sanitizer cannot see. Here the first request is answered before there
// are threads.
#include <httplib.h>

#include <string_view>

namespace {

struct FirstRequest : httplib::Server {
    FirstRequest() {
        httplib::detail::BufferStream stream;
        constexpr std::string_view request = "GET / HTTP/1.1\r\n\r\n";
        stream.write(request.data(), request.size());
        bool is_closed = false;
        process_request(stream, true, is_closed, nullptr);
    }
};

const FirstRequest kFirstRequest;

}  // namespace
