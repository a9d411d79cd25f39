#include "hdf5_support.h"

#include <pthread.h>
#include <stdio.h>

static pthread_mutex_t mutex;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void initialise(void) {
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
  pthread_mutex_init(&mutex, &attributes);
  pthread_mutexattr_destroy(&attributes);
  H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
  H5Lunregister(H5L_TYPE_EXTERNAL);
}

void hdf5_support_lock(void) {
  pthread_once(&once, initialise);
  pthread_mutex_lock(&mutex);
}

void hdf5_support_unlock(void) { pthread_mutex_unlock(&mutex); }

hid_t hdf5_support_open(const char *path) { return H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT); }

hid_t hdf5_support_open_image(const void *bytes, size_t count) {
  hid_t access = H5Pcreate(H5P_FILE_ACCESS);
  if (access < 0) return -1;
  hid_t file = -1;
  // HDF5 takes two images for one file if their names are equal.
  static unsigned long long number;
  char name[40];
  snprintf(name, sizeof name, "image %llu", number++);
  // The core driver keeps the file in memory; nothing is ever written back.
  if (H5Pset_fapl_core(access, 1 << 16, 0) >= 0 && H5Pset_file_image(access, (void *)bytes, count) >= 0)
    file = H5Fopen(name, H5F_ACC_RDONLY, access);
  H5Pclose(access);
  return file;
}

hid_t hdf5_support_variable_string(void) {
  hid_t type = H5Tcopy(H5T_C_S1);
  if (type >= 0 && H5Tset_size(type, H5T_VARIABLE) < 0) {
    H5Tclose(type);
    return -1;
  }
  return type;
}

int hdf5_support_exists(hid_t parent, const char *name) {
  htri_t link = H5Lexists(parent, name, H5P_DEFAULT);
  if (link <= 0) return (int)link;
  return (int)H5Oexists_by_name(parent, name, H5P_DEFAULT);
}

int hdf5_support_is_self_contained(hid_t dataset) {
  hid_t creation = H5Dget_create_plist(dataset);
  if (creation < 0) return 0;
  int contained = H5Pget_external_count(creation) == 0 && H5Pget_layout(creation) != H5D_VIRTUAL;
  H5Pclose(creation);
  return contained;
}
