#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace qdcnn {

/// The whole file. Throws Error(not_found) when there is none or it cannot be opened, Error(storage) when
/// reading it fails.
std::string read_file(const std::string& path);

/// Writes `content` so that `path` holds either its old content or all of the new one: a temporary file
/// beside it, synced, then renamed, and its folder synced. A file that was there keeps its permissions; a
/// link stays a link, and the file it names is written. Several threads and processes may write one path: the
/// last wins. Throws Error(storage) and leaves nothing half-written.
void write_file_atomic(const std::string& path, std::string_view content);

/// The same for content that comes piece by piece: produce(write) calls write(piece) for each. What it throws
/// leaves the old file as it was; a pipe or device has what was written until then.
using WritePiece = std::function<void(std::string_view)>;
void write_file_atomic(const std::string& path, const std::function<void(const WritePiece&)>& produce);

/// Writes a file that only its owner can read (mode 0600, whatever was there before), in one step as
/// write_file_atomic does. A link is replaced, not followed. Throws Error(storage).
void write_private_file(const std::string& path, std::string_view content);

/// Whether something, or a folder, is there, links followed. False where that cannot be found out.
bool exists(const std::string& path);
bool is_folder(const std::string& path);

/// Makes the folder and its parents. Throws Error(storage).
void make_folders(const std::string& path);

}  // namespace qdcnn
