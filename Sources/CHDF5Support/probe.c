// HDF5 1.10 does not survive every damaged file: of Keras weights files with one changed byte it crashed on one in
// hundreds, with 20 changed bytes on 14 of 100 (most in attributes of variable-length strings); on some it never
// ends. So a file is read once in a child process, and only if the child comes back does the caller read it too.
// What the library reads by mistake depends on its memory, so that the caller may crash still: the command line
// then says so (hdf5_support_exit_on_crash). A damaged length can also make it take gigabytes: the child may not, and
// tells the caller where it tried.
#include "hdf5_support.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

// `too_much_memory`: the status of a child that would have taken more than it may.
enum { cpu_seconds = 5, wall_seconds = 120, most_depth = 64, too_much_memory = 3 };
static const size_t most_bytes = (size_t)1 << 28;
// Larger datasets, which are events rather than weights, are not worth reading twice.
static const hssize_t most_elements = 1 << 22;
// Hard links may form a cycle.
static int objects_left = 100000;
// The attributes Keras files are asked for by name: they can be found where going through all of them fails.
static const char *const asked_for[] = {"layer_names", "weight_names", "model_config", "keras_version"};

static herr_t read_attribute(hid_t object, const char *name, const H5A_info_t *info, void *data) {
  (void)info;
  (void)data;
  hid_t attribute = H5Aopen(object, name, H5P_DEFAULT);
  if (attribute < 0) return 0;
  hid_t type = H5Aget_type(attribute), space = H5Aget_space(attribute);
  hssize_t count = H5Sget_simple_extent_npoints(space);
  int varies = H5Tis_variable_str(type) > 0;
  size_t size = varies ? sizeof(char *) : H5Tget_size(type);
  if (H5Tget_class(type) == H5T_STRING && count > 0 && count <= 1000000 && size > 0 &&
      size <= most_bytes / (size_t)count) {
    char *buffer = calloc((size_t)count, size);
    if (!buffer) _exit(too_much_memory);
    if (H5Aread(attribute, type, buffer) >= 0 && varies) {
      volatile size_t length = 0;
      for (hssize_t i = 0; i < count; i++) {
        const char *text = ((const char **)buffer)[i];
        if (text) length += strlen(text);
      }
      hdf5_support_reclaim(type, space, buffer);
    }
    free(buffer);
  }
  H5Tclose(type);
  H5Sclose(space);
  H5Aclose(attribute);
  return 0;
}

static void read_dataset(hid_t dataset) {
  hid_t type = H5Dget_type(dataset), space = H5Dget_space(dataset);
  hssize_t count = H5Sget_simple_extent_npoints(space);
  H5T_class_t class = H5Tget_class(type);
  int is_number = class == H5T_FLOAT || class == H5T_INTEGER || class == H5T_ENUM;
  if (is_number && count > 0 && count <= most_elements &&
      (size_t)count * H5Tget_size(type) / 1100 <= H5Dget_storage_size(dataset) &&
      hdf5_support_is_self_contained(dataset)) {
    void *buffer = malloc((size_t)count * sizeof(double));
    if (!buffer) _exit(too_much_memory);
    hdf5_support_read(dataset, H5T_NATIVE_DOUBLE, 0, 0, buffer);
    free(buffer);
  }
  H5Tclose(type);
  H5Sclose(space);
}

static herr_t read_member(hid_t group, const char *name, const H5L_info_t *info, void *data);

// H5Ovisit would stop at the first object it cannot open; a reader that asks for objects by name does not.
static void read_object(hid_t parent, const char *name, int depth) {
  hid_t object = hdf5_support_open_object(parent, name);
  if (object < 0) return;
  for (size_t i = 0; i < sizeof asked_for / sizeof *asked_for; i++) {
    if (H5Aexists(object, asked_for[i]) > 0) read_attribute(object, asked_for[i], NULL, NULL);
  }
  hsize_t position = 0;
  H5Aiterate2(object, H5_INDEX_NAME, H5_ITER_INC, &position, read_attribute, NULL);
  if (hdf5_support_is_dataset(object)) read_dataset(object);
  position = 0;
  if (hdf5_support_is_group(object) && depth < most_depth)
    H5Literate(object, H5_INDEX_NAME, H5_ITER_INC, &position, read_member, &depth);
  H5Oclose(object);
}

static herr_t read_member(hid_t group, const char *name, const H5L_info_t *info, void *data) {
  if (info->type == H5L_TYPE_HARD && objects_left-- > 0) read_object(group, name, *(int *)data + 1);
  return 0;
}

static herr_t look_for_memory(unsigned number, const H5E_error2_t *error, void *found) {
  (void)number;
  if (error->maj_num == H5E_RESOURCE || error->min_num == H5E_NOSPACE || error->min_num == H5E_CANTALLOC) *(int *)found = 1;
  return 0;
}

// Called by the library whenever one of its functions fails. It gives damaged files and a full heap the same answer, so
// the reason is looked up in its stack of errors.
static herr_t failed(hid_t stack, void *data) {
  (void)data;
  int found = 0;
  H5Ewalk2(stack, H5E_WALK_UPWARD, look_for_memory, &found);
  if (found) _exit(too_much_memory);
  return 0;
}

// Limits memory to what the process has and HDF5_SUPPORT_BYTES more, or a limit that stands already.
static void limit_memory(size_t more) {
  unsigned long long pages = 0;
  FILE *file = fopen("/proc/self/statm", "r");
  if (!file) return;
  int count = fscanf(file, "%llu", &pages);
  fclose(file);
  struct rlimit memory;
  if (count != 1 || getrlimit(RLIMIT_AS, &memory) != 0) return;
  rlim_t most = (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE) + HDF5_SUPPORT_BYTES + more;
  if (most < memory.rlim_cur) memory.rlim_cur = most;
  setrlimit(RLIMIT_AS, &memory);
}

// The child: quiet, without the parent's signal handlers, and limited in time and memory.
static void read_everything(const char *path, const void *image, size_t count) {
  int nowhere = open("/dev/null", O_RDWR);
  if (nowhere >= 0) {
    dup2(nowhere, STDOUT_FILENO);
    dup2(nowhere, STDERR_FILENO);
  }
  static const int signals[] = {SIGSEGV, SIGBUS, SIGABRT, SIGILL, SIGFPE, SIGTRAP, SIGXCPU};
  for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) signal(signals[i], SIG_DFL);
  struct rlimit none = {0, 0}, time = {cpu_seconds, cpu_seconds};
  setrlimit(RLIMIT_CORE, &none);
  setrlimit(RLIMIT_CPU, &time);
  // A child that waits for a lock some other thread of the parent held takes no processor time, and would wait for ever.
  sigset_t alarms;
  sigemptyset(&alarms);
  sigaddset(&alarms, SIGALRM);
  sigprocmask(SIG_UNBLOCK, &alarms, NULL);
  signal(SIGALRM, SIG_DFL);
  alarm(wall_seconds);
  // The library holds two copies of an image.
  limit_memory(2 * count);
  H5Eset_auto2(H5E_DEFAULT, failed, NULL);
  hid_t file = path ? hdf5_support_open(path) : hdf5_support_open_image(image, count);
  if (file < 0) _exit(0);
  read_object(file, "/", 0);
  H5Fclose(file);
  _exit(0);
}

int hdf5_support_probe(const char *path, const void *image, size_t count) {
  pid_t child = fork();
  if (child < 0) return hdf5_support_sound;
  if (child == 0) read_everything(path, image, count);
  int status = 0;
  while (waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return hdf5_support_sound;
  }
  if (WIFSIGNALED(status)) return hdf5_support_crashes;
  return WEXITSTATUS(status) == too_much_memory ? hdf5_support_takes_too_much_memory : hdf5_support_sound;
}
