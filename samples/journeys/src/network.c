/* Writes down every name that a program looks up; names of the sink have a public address, but two of them: one leads to this
   machine, and one to where a cloud keeps its metadata. Who connects to any of the three for HTTPS comes to a listener. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define PUBLIC "93.184.215.14"
#define LOOPBACK "127.0.0.1"
#define METADATA "169.254.169.254"

typedef int lookup(const char *, const char *, const struct addrinfo *, struct addrinfo **);
typedef int join(int, const struct sockaddr *, socklen_t);

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **found) {
  lookup *next = (lookup *)dlsym(RTLD_NEXT, "getaddrinfo");
  const char *path = getenv("SINK_NAMES");
  FILE *names = node && path ? fopen(path, "a") : NULL;
  if (names) {
    fprintf(names, "%s\n", node);
    fclose(names);
  }
  size_t length = node ? strlen(node) : 0;
  if (length > 10 && strcmp(node + length - 10, ".sink.test") == 0) {
    node = strncmp(node, "loopback.", 9) == 0 ? LOOPBACK : strncmp(node, "metadata.", 9) == 0 ? METADATA : PUBLIC;
  }
  return next(node, service, hints, found);
}

int connect(int socket, const struct sockaddr *to, socklen_t length) {
  join *next = (join *)dlsym(RTLD_NEXT, "connect");
  const char *port = getenv("SINK_PORT");
  const struct sockaddr_in *there = (const struct sockaddr_in *)to;
  in_addr_t address = to->sa_family == AF_INET ? there->sin_addr.s_addr : INADDR_NONE;
  int is_ours = address == inet_addr(PUBLIC) || address == inet_addr(LOOPBACK) || address == inet_addr(METADATA);
  if (port && is_ours && there->sin_port == htons(443)) {
    struct sockaddr_in here = *there;
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    here.sin_port = htons(atoi(port));
    return next(socket, (const struct sockaddr *)&here, sizeof here);
  }
  return next(socket, to, length);
}
