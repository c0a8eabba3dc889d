#include "run/journal/dates.h"

#include <fmt/format.h>

#include <cstdio>

#include "qdcnn/base/error.h"

namespace qdcnn::run {

namespace chr = std::chrono;

std::string iso_date(Date date) {
    const auto day = chr::floor<chr::days>(date);
    const chr::year_month_day ymd(day);
    const chr::hh_mm_ss time(chr::floor<chr::milliseconds>(date - day));
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(ymd.year()),
                       static_cast<unsigned>(ymd.month()), static_cast<unsigned>(ymd.day()),
                       time.hours().count(), time.minutes().count(), time.seconds().count(),
                       time.subseconds().count());
}

Date date_of(const std::string& text) {
    int year = 0;
    unsigned month = 0, day = 0, hour = 0, minute = 0, second = 0, millisecond = 0;
    int length = 0;
    if (std::sscanf(text.c_str(), "%4d-%2u-%2uT%2u:%2u:%2u.%3uZ%n", &year, &month, &day, &hour, &minute,
                    &second, &millisecond, &length) != 7 ||
        static_cast<std::size_t>(length) != text.size() || length == 0)
        throw Error(ErrorKind::storage, fmt::format("\"{}\" in the job journal is no date", text));
    const chr::year_month_day ymd{chr::year(year), chr::month(month), chr::day(day)};
    // scanf takes "-1" for a large number, and nanoseconds since 1970 end in 2262.
    if (!ymd.ok() || year < 1970 || year > 2261 || hour > 23 || minute > 59 || second > 59 ||
        millisecond > 999)
        throw Error(ErrorKind::storage, fmt::format("\"{}\" in the job journal is no date", text));
    return chr::sys_days(ymd) + chr::hours(hour) + chr::minutes(minute) + chr::seconds(second) +
           chr::milliseconds(millisecond);
}

}  // namespace qdcnn::run
