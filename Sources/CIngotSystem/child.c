// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "CIngotSystem.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern char **environ;

// A descriptor that no standard stream has and no other child inherits: streams that this process was started without are not filled.
static int above_standard(int descriptor) {
  if (descriptor < 0 || descriptor > 2) return descriptor;
  int moved = fcntl(descriptor, F_DUPFD_CLOEXEC, 3);
  int number = errno;
  close(descriptor);
  errno = number;
  return moved;
}

static void close_all(const int *descriptors) {
  for (int index = 0; index < 6; index++) {
    if (descriptors[index] >= 0) close(descriptors[index]);
  }
}

// Six descriptors: reading and writing ends of three pipes. 0, or an error number.
static int make_pipes(int *ends) {
  for (int index = 0; index < 6; index++) ends[index] = -1;
  for (int index = 0; index < 6; index += 2) {
    int pair[2];
    if (pipe2(pair, O_CLOEXEC) != 0) return errno;
    ends[index] = above_standard(pair[0]);
    int number = errno;
    ends[index + 1] = above_standard(pair[1]);
    if (ends[index] < 0) return number;
    if (ends[index + 1] < 0) return errno;
  }
  return 0;
}

// The child reads `ends[0]` and writes `ends[3]` and `ends[5]`.
static int spawn(const char *program, char **arguments, const int *ends, pid_t *process) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  int number = posix_spawn_file_actions_init(&actions);
  if (number != 0) return number;
  number = posix_spawnattr_init(&attributes);
  if (number == 0) {
    sigset_t signals;
    sigfillset(&signals);
    posix_spawnattr_setsigdefault(&attributes, &signals);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
    const int from[] = {ends[0], ends[3], ends[5]};
    for (int target = 0; target < 3 && number == 0; target++) {
      number = posix_spawn_file_actions_adddup2(&actions, from[target], target);
    }
    if (number == 0) number = posix_spawn(process, program, &actions, &attributes, arguments, environ);
    posix_spawnattr_destroy(&attributes);
  }
  posix_spawn_file_actions_destroy(&actions);
  return number;
}

int ingot_start_child(const char *program, const char *arguments, size_t count, ingot_child *child) {
  char **list = calloc(count + 2, sizeof *list);
  if (list == NULL) return ENOMEM;
  list[0] = (char *)program;
  for (size_t index = 0; index < count; index++) {
    list[index + 1] = (char *)arguments;
    arguments += strlen(arguments) + 1;
  }
  int ends[6];
  pid_t process = 0;
  int number = make_pipes(ends);
  if (number == 0) number = spawn(program, list, ends, &process);
  free(list);
  if (number != 0) {
    close_all(ends);
    return number;
  }
  close(ends[0]);
  close(ends[3]);
  close(ends[5]);
  child->process = process;
  child->input = ends[1];
  child->output = ends[2];
  child->errors = ends[4];
  return 0;
}
