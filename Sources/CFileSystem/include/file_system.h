// What Swift's import of the C library leaves out.
#ifndef TRIGGERFISH_FILE_SYSTEM_H
#define TRIGGERFISH_FILE_SYSTEM_H

/// Exchanges what is at two paths in one step: nobody ever sees either of them missing.
///
/// Gives 0, or -1 with errno: EINVAL, ENOSYS or ENOTSUP where the file system (or the system) has no such step.
int file_system_exchange(const char *one, const char *other);

#endif
