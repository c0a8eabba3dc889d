#include "torture/faulty_vfs.h"

#include <sqlite3.h>

#include <stdexcept>

namespace qdcnn::test {
namespace {

/// What SQLite allocates for an open file: ours, and behind it the system's.
struct FaultyFile {
    sqlite3_file base;
    sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

FaultyFile* ours(sqlite3_file* file) { return reinterpret_cast<FaultyFile*>(file); }
sqlite3_file* real_of(sqlite3_file* file) { return ours(file)->real(); }
const sqlite3_io_methods* methods_of(sqlite3_file* file) { return real_of(file)->pMethods; }

sqlite3_vfs* system_vfs() {
    static sqlite3_vfs* vfs = ::sqlite3_vfs_find(nullptr);
    return vfs;
}

int code_of(int io_code) { return disk_faults().kind == DiskFaults::Kind::full ? SQLITE_FULL : io_code; }

int faulty_write(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 offset) {
    if (!disk_faults().strike()) return methods_of(file)->xWrite(real_of(file), bytes, size, offset);
    // A disk that is full took what went in.
    methods_of(file)->xWrite(real_of(file), bytes, size / 2, offset);
    return code_of(SQLITE_IOERR_WRITE);
}

int faulty_sync(sqlite3_file* file, int flags) {
    return disk_faults().strike() ? SQLITE_IOERR_FSYNC : methods_of(file)->xSync(real_of(file), flags);
}

int faulty_truncate(sqlite3_file* file, sqlite3_int64 size) {
    return disk_faults().strike() ? SQLITE_IOERR_TRUNCATE : methods_of(file)->xTruncate(real_of(file), size);
}

// The rest goes through as it is.
int pass_close(sqlite3_file* f) { return methods_of(f)->xClose(real_of(f)); }
int pass_read(sqlite3_file* f, void* b, int n, sqlite3_int64 at) {
    return methods_of(f)->xRead(real_of(f), b, n, at);
}
int pass_size(sqlite3_file* f, sqlite3_int64* size) { return methods_of(f)->xFileSize(real_of(f), size); }
int pass_lock(sqlite3_file* f, int level) { return methods_of(f)->xLock(real_of(f), level); }
int pass_unlock(sqlite3_file* f, int level) { return methods_of(f)->xUnlock(real_of(f), level); }
int pass_reserved(sqlite3_file* f, int* out) { return methods_of(f)->xCheckReservedLock(real_of(f), out); }
int pass_control(sqlite3_file* f, int op, void* arg) {
    return methods_of(f)->xFileControl(real_of(f), op, arg);
}
int pass_sector(sqlite3_file* f) { return methods_of(f)->xSectorSize(real_of(f)); }
int pass_traits(sqlite3_file* f) { return methods_of(f)->xDeviceCharacteristics(real_of(f)); }
int pass_map(sqlite3_file* f, int page, int size, int extend, void volatile** out) {
    return methods_of(f)->xShmMap(real_of(f), page, size, extend, out);
}
int pass_shm_lock(sqlite3_file* f, int offset, int n, int flags) {
    return methods_of(f)->xShmLock(real_of(f), offset, n, flags);
}
void pass_barrier(sqlite3_file* f) { methods_of(f)->xShmBarrier(real_of(f)); }
int pass_unmap(sqlite3_file* f, int is_deleted) { return methods_of(f)->xShmUnmap(real_of(f), is_deleted); }

const sqlite3_io_methods* faulty_methods(int version) {
    static const auto make = [](int v) {
        sqlite3_io_methods methods{};
        methods.iVersion = v;
        methods.xClose = pass_close;
        methods.xRead = pass_read;
        methods.xWrite = faulty_write;
        methods.xTruncate = faulty_truncate;
        methods.xSync = faulty_sync;
        methods.xFileSize = pass_size;
        methods.xLock = pass_lock;
        methods.xUnlock = pass_unlock;
        methods.xCheckReservedLock = pass_reserved;
        methods.xFileControl = pass_control;
        methods.xSectorSize = pass_sector;
        methods.xDeviceCharacteristics = pass_traits;
        methods.xShmMap = pass_map;
        methods.xShmLock = pass_shm_lock;
        methods.xShmBarrier = pass_barrier;
        methods.xShmUnmap = pass_unmap;
        return methods;
    };
    static const sqlite3_io_methods plain = make(1);
    static const sqlite3_io_methods shared = make(2);
    return version == 1 ? &plain : &shared;
}

/// pAppData says which.
int version_of(const sqlite3_vfs* vfs) { return vfs->pAppData == nullptr ? 1 : 2; }

int faulty_open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out_flags) {
    file->pMethods = nullptr;
    if ((flags & SQLITE_OPEN_CREATE) != 0 && (flags & SQLITE_OPEN_MAIN_DB) == 0 && disk_faults().strike())
        return SQLITE_CANTOPEN;
    const int code = system_vfs()->xOpen(system_vfs(), name, real_of(file), flags, out_flags);
    if (real_of(file)->pMethods != nullptr) file->pMethods = faulty_methods(version_of(vfs));
    return code;
}

int faulty_delete(sqlite3_vfs* /*vfs*/, const char* name, int is_synced) {
    return disk_faults().strike() ? SQLITE_IOERR_DELETE
                                  : system_vfs()->xDelete(system_vfs(), name, is_synced);
}

sqlite3_vfs make_vfs(const char* name, bool has_shared_memory) {
    sqlite3_vfs vfs = *system_vfs();
    vfs.zName = name;
    vfs.szOsFile = static_cast<int>(sizeof(FaultyFile)) + system_vfs()->szOsFile;
    vfs.pAppData = has_shared_memory ? system_vfs() : nullptr;
    vfs.xOpen = faulty_open;
    vfs.xDelete = faulty_delete;
    return vfs;
}

}  // namespace

DiskFaults& disk_faults() {
    static DiskFaults faults;
    return faults;
}

bool DiskFaults::strike() {
    const int number = ++count;
    return first > 0 && (is_lasting ? number >= first : number == first);
}

std::string faulty_vfs(bool has_shared_memory) {
    static sqlite3_vfs shared = make_vfs("faulty", true);
    static sqlite3_vfs plain = make_vfs("faulty-without-shared-memory", false);
    auto& vfs = has_shared_memory ? shared : plain;
    if (::sqlite3_vfs_register(&vfs, 0) != SQLITE_OK) throw std::runtime_error("the VFS was not registered");
    return vfs.zName;
}

}  // namespace qdcnn::test
