// SPDX-License-Identifier: MIT
#include "protocols/transfer/media_type.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>

namespace librats::protocols {

namespace {

struct ending {
  std::string_view text;
  const char* type;
};

/// By ending, for the search. Types as registered at https://www.iana.org/assignments/media-types/.
constexpr ending endings[] = {
  {"7z", "application/x-7z-compressed"},
  {"aac", "audio/aac"},
  {"avif", "image/avif"},
  {"bmp", "image/bmp"},
  {"bz2", "application/x-bzip2"},
  {"c", "text/x-c"},
  {"cpp", "text/x-c++"},
  {"css", "text/css"},
  {"csv", "text/csv"},
  {"doc", "application/msword"},
  {"docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
  {"epub", "application/epub+zip"},
  {"flac", "audio/flac"},
  {"gif", "image/gif"},
  {"gz", "application/gzip"},
  {"h", "text/x-c"},
  {"hpp", "text/x-c++"},
  {"htm", "text/html"},
  {"html", "text/html"},
  {"ico", "image/vnd.microsoft.icon"},
  {"ics", "text/calendar"},
  {"jpeg", "image/jpeg"},
  {"jpg", "image/jpeg"},
  {"js", "text/javascript"},
  {"json", "application/json"},
  {"m4a", "audio/mp4"},
  {"md", "text/markdown"},
  {"mkv", "video/matroska"},
  {"mov", "video/quicktime"},
  {"mp3", "audio/mpeg"},
  {"mp4", "video/mp4"},
  {"mpeg", "video/mpeg"},
  {"odp", "application/vnd.oasis.opendocument.presentation"},
  {"ods", "application/vnd.oasis.opendocument.spreadsheet"},
  {"odt", "application/vnd.oasis.opendocument.text"},
  {"ogg", "audio/ogg"},
  {"opus", "audio/ogg"},
  {"otf", "font/otf"},
  {"pdf", "application/pdf"},
  {"png", "image/png"},
  {"ppt", "application/vnd.ms-powerpoint"},
  {"pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"},
  {"py", "text/x-python"},
  {"rar", "application/vnd.rar"},
  {"rtf", "application/rtf"},
  {"sh", "application/x-sh"},
  {"sqlite", "application/vnd.sqlite3"},
  {"svg", "image/svg+xml"},
  {"tar", "application/x-tar"},
  {"tif", "image/tiff"},
  {"tiff", "image/tiff"},
  {"torrent", "application/x-bittorrent"},
  {"ts", "video/mp2t"},
  {"ttf", "font/ttf"},
  {"txt", "text/plain"},
  {"wasm", "application/wasm"},
  {"wav", "audio/wav"},
  {"webm", "video/webm"},
  {"webp", "image/webp"},
  {"woff", "font/woff"},
  {"woff2", "font/woff2"},
  {"xls", "application/vnd.ms-excel"},
  {"xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
  {"xml", "application/xml"},
  {"xz", "application/x-xz"},
  {"yaml", "application/yaml"},
  {"yml", "application/yaml"},
  {"zip", "application/zip"},
  {"zst", "application/zstd"},
};

constexpr std::size_t ending_max = 8;

} // namespace

const char* media_type_of(std::string_view name) noexcept {
  constexpr auto unknown = "application/octet-stream";
  const auto dot = name.find_last_of("./\\");
  if (dot == std::string_view::npos || name[dot] != '.')
    return unknown;
  const auto raw = name.substr(dot + 1);
  if (raw.empty() || raw.size() > ending_max)
    return unknown;
  std::array<char, ending_max> lower{};
  std::transform(raw.begin(), raw.end(), lower.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
  const std::string_view wanted{lower.data(), raw.size()};
  const auto* found = std::lower_bound(
    std::begin(endings), std::end(endings), wanted, [](const ending& x, std::string_view y) { return x.text < y; });
  return found != std::end(endings) && found->text == wanted ? found->type : unknown;
}

} // namespace librats::protocols
