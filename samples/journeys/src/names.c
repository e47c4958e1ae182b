/* Writes down every name that a program looks up, and leads those of the sink to this machine if no server of names does. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef int lookup(const char *, const char *, const struct addrinfo *, struct addrinfo **);

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **found) {
  lookup *next = (lookup *)dlsym(RTLD_NEXT, "getaddrinfo");
  const char *path = getenv("SINK_NAMES");
  FILE *names = node && path ? fopen(path, "a") : NULL;
  if (names) {
    fprintf(names, "%s\n", node);
    fclose(names);
  }
  size_t length = node && !getenv("SINK_SERVED") ? strlen(node) : 0;
  if (length > 10 && strcmp(node + length - 10, ".sink.test") == 0) node = "127.0.0.1";
  return next(node, service, hints, found);
}
