// What Swift cannot import of HDF5: macros that call H5open(), versioned functions, and a lock, because
// the serial build of HDF5 is not thread safe.
#ifndef TRIGGERFISH_HDF5_SUPPORT_H
#define TRIGGERFISH_HDF5_SUPPORT_H

#include <hdf5.h>
#include <stddef.h>

// Takes the process-wide lock (recursive) that every use of HDF5 needs. The first call also initialises
// the library: its error printing is switched off, and external links are removed, so that a file cannot
// make us open another one.
void hdf5_support_lock(void);
void hdf5_support_unlock(void);

// Ends the process with this exit code and a message should the library crash, which damaged files make it do; for
// processes that read models before they do anything else. The message names the file named last.
void hdf5_support_exit_on_crash(int code);
void hdf5_support_name_file(const char *name);

// Opens a file for reading only, or an image of a file in memory (which HDF5 copies; with the lock held). Negative on failure.
hid_t hdf5_support_open(const char *path);
hid_t hdf5_support_open_image(const void *bytes, size_t count);

// The memory that reading everything in a file may take beyond what the process has: 512 MiB.
#define HDF5_SUPPORT_BYTES 536870912
// What reading everything in a file (or, with path NULL, an image) does to a child process. With the lock held.
enum hdf5_support_outcome { hdf5_support_sound, hdf5_support_crashes, hdf5_support_takes_too_much_memory };
int hdf5_support_probe(const char *path, const void *image, size_t count);

// Memory types.
static inline hid_t hdf5_support_double(void) { return H5T_NATIVE_DOUBLE; }
static inline hid_t hdf5_support_float(void) { return H5T_NATIVE_FLOAT; }
static inline hid_t hdf5_support_int64(void) { return H5T_NATIVE_INT64; }
// A fresh variable-length C string type, to be closed with H5Tclose.
hid_t hdf5_support_variable_string(void);

// Opens an object by path from a file or group. Negative on failure.
static inline hid_t hdf5_support_open_object(hid_t parent, const char *path) {
  return H5Oopen(parent, path, H5P_DEFAULT);
}
static inline int hdf5_support_is_group(hid_t object) { return H5Iget_type(object) == H5I_GROUP; }
static inline int hdf5_support_is_dataset(hid_t object) { return H5Iget_type(object) == H5I_DATASET; }
// Whether the link `name` is in the group and leads to an object: 1, 0, or negative on failure.
int hdf5_support_exists(hid_t parent, const char *name);
// The name of child number `index` in alphabetical order: its length, or negative on failure. With
// buffer NULL, only the length.
static inline ssize_t hdf5_support_child_name(hid_t group, size_t index, char *buffer, size_t size) {
  return H5Lget_name_by_idx(group, ".", H5_INDEX_NAME, H5_ITER_INC, (hsize_t)index, buffer, size, H5P_DEFAULT);
}
// 1 if the data of the dataset is inside its own file (neither external files nor a virtual dataset).
int hdf5_support_is_self_contained(hid_t dataset);
// Where in the file the data of the dataset begin, if they lie there one after the other (and hence without filters);
// negative for other layouts, and where nothing was ever written. A damaged file may name any place.
long long hdf5_support_offset(hid_t dataset);
// The bytes of one chunk of the dataset unpacked, which the library holds at once; 0 where it is not in chunks.
size_t hdf5_support_chunk(hid_t dataset);
// 1 if the elements are floats or doubles as this machine stores them.
int hdf5_support_is_native(hid_t dataset);
// Reads all of a dataset (selection: the given memory and file spaces, or 0 for everything).
static inline herr_t hdf5_support_read(hid_t dataset, hid_t type, hid_t memory, hid_t file, void *buffer) {
  return H5Dread(dataset, type, memory > 0 ? memory : H5S_ALL, file > 0 ? file : H5S_ALL, H5P_DEFAULT, buffer);
}
static inline herr_t hdf5_support_reclaim(hid_t type, hid_t space, void *buffer) {
  return H5Dvlen_reclaim(type, space, H5P_DEFAULT, buffer);
}

#endif
