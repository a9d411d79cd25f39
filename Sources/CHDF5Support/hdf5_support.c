#include "hdf5_support.h"

#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static pthread_mutex_t mutex;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void initialise(void) {
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
  pthread_mutex_init(&mutex, &attributes);
  pthread_mutexattr_destroy(&attributes);
  H5Lunregister(H5L_TYPE_EXTERNAL);
}

// Who is inside the library, how deep, and in which file: what the crash handler looks at.
static volatile sig_atomic_t depth;
static pthread_t inside;
static char file[1024];
// Builds of HDF5 for threads have a choice of printing errors for each of them.
static _Thread_local int is_quiet;

void hdf5_support_lock(void) {
  pthread_once(&once, initialise);
  pthread_mutex_lock(&mutex);
  if (!is_quiet) H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
  is_quiet = 1;
  inside = pthread_self();
  depth = depth + 1;
}

void hdf5_support_unlock(void) {
  depth = depth - 1;
  pthread_mutex_unlock(&mutex);
}

void hdf5_support_name_file(const char *name) { snprintf(file, sizeof file, "%s", name); }

static const int crashes[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
enum { crash_count = sizeof crashes / sizeof *crashes };
static struct sigaction before[crash_count];
static int exit_code;

static void say(const char *text) {
  if (write(STDERR_FILENO, text, strlen(text)) < 0) return;
}

static void crashed(int number) {
  if (depth > 0 && pthread_equal(inside, pthread_self())) {
    say(file);
    say(": error: not an HDF5 file, or a damaged one\n");
    _exit(exit_code);
  }
  // Not ours: the instruction is run again, and whoever was there before sees it.
  for (int i = 0; i < crash_count; i++) {
    if (crashes[i] == number) sigaction(number, &before[i], NULL);
  }
}

void hdf5_support_exit_on_crash(int code) {
  exit_code = code;
  struct sigaction action = {0};
  action.sa_handler = crashed;
  action.sa_flags = SA_NODEFER;
  for (int i = 0; i < crash_count; i++) sigaction(crashes[i], &action, &before[i]);
}

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

long long hdf5_support_offset(hid_t dataset) {
  hid_t creation = H5Dget_create_plist(dataset);
  if (creation < 0) return -1;
  int is_contiguous = H5Pget_layout(creation) == H5D_CONTIGUOUS && H5Pget_external_count(creation) == 0;
  H5Pclose(creation);
  haddr_t offset = is_contiguous ? H5Dget_offset(dataset) : HADDR_UNDEF;
  if (offset == HADDR_UNDEF) return -1;
  return offset > LLONG_MAX ? LLONG_MAX : (long long)offset;
}

size_t hdf5_support_chunk(hid_t dataset) {
  hid_t creation = H5Dget_create_plist(dataset), type = H5Dget_type(dataset);
  hsize_t lengths[H5S_MAX_RANK];
  int rank = creation < 0 || H5Pget_layout(creation) != H5D_CHUNKED
                 ? 0
                 : H5Pget_chunk(creation, H5S_MAX_RANK, lengths);
  size_t bytes = rank > 0 && type >= 0 ? H5Tget_size(type) : 0;
  for (int axis = 0; axis < rank && axis < H5S_MAX_RANK; axis++) {
    if (__builtin_mul_overflow(bytes, lengths[axis], &bytes)) bytes = SIZE_MAX;
  }
  if (type >= 0) H5Tclose(type);
  if (creation >= 0) H5Pclose(creation);
  return bytes;
}

int hdf5_support_is_native(hid_t dataset) {
  hid_t type = H5Dget_type(dataset);
  if (type < 0) return 0;
  int is_native = H5Tequal(type, H5T_NATIVE_FLOAT) > 0 || H5Tequal(type, H5T_NATIVE_DOUBLE) > 0;
  H5Tclose(type);
  return is_native;
}
