/*
 * Fetches files by HTTP once, as iPXE does, and says how long it took from the first SYN to the last byte. Over
 * one keep-alive connection one after the other, or over a connection for each at the same time.
 * usage: httpget ADDRESS PORT one|each WINDOW PATH...   ->   "bytes seconds"
 * WINDOW: most bytes the client ever advertises as its receive window; 0: as the kernel likes.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { FILES = 8 };

struct fetch {
  int fd;
  long long left; /* body bytes to come; -1 while the head is read */
};

static struct sockaddr_in server;
static char **arguments;
static long long bytes;
static int window;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static void clamp_window(int fd) {
  if (window > 0 && setsockopt(fd, IPPROTO_TCP, TCP_WINDOW_CLAMP, &window, sizeof window) < 0)
    fail("TCP_WINDOW_CLAMP");
}

static int dial(void) {
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  /* The kernel counts its own overhead against the buffer, so that is larger; what counts is the clamp. */
  int buffer = 4 * window;
  if (window > 0 && setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof buffer) < 0) fail("SO_RCVBUFFORCE");
  clamp_window(fd);
  if (connect(fd, (struct sockaddr *)&server, sizeof server) < 0) fail("connect");
  return fd;
}

static void ask(struct fetch *f, const char *path) {
  char request[1024];
  int length = snprintf(request, sizeof request,
                        "GET %s HTTP/1.1\r\nConnection: keep-alive\r\nUser-Agent: iPXE/1.0.0\r\nHost: %s:%s\r\n\r\n",
                        path, arguments[1], arguments[2]);
  f->left = -1;
  if (send(f->fd, request, length, MSG_NOSIGNAL) != length) fail("send");
}

/* Takes the head out of the socket once it is whole, and nothing more. */
static void read_head(struct fetch *f) {
  char head[8192];
  ssize_t got = recv(f->fd, head, sizeof head - 1, MSG_PEEK);
  if (got <= 0) fail("the head");
  head[got] = 0;
  char *end = strstr(head, "\r\n\r\n");
  if (!end) return;
  char *length = strcasestr(head, "\r\ncontent-length:");
  if (!length || length > end || strncmp(head, "HTTP/1.1 200", 12) != 0) fail("not what was asked for");
  if (recv(f->fd, head, end + 4 - head, 0) < 0) fail("the head");
  f->left = atoll(length + 17);
}

/* Throws away inside the kernel what has come. Returns 0 when the file is whole. */
static int receive(struct fetch *f) {
  /* The kernel computes a clamp of its own whenever it learns more of the size of segments. */
  clamp_window(f->fd);
  if (f->left < 0) {
    read_head(f);
    return 1;
  }
  ssize_t got = recv(f->fd, NULL, f->left > 1 << 20 ? 1 << 20 : f->left, MSG_TRUNC);
  if (got <= 0) fail("the body");
  bytes += got;
  f->left -= got;
  return f->left > 0;
}

static void fetch_in_turn(char **paths, int count) {
  struct fetch f = {dial(), -1};
  for (int i = 0; i < count; i++)
    for (ask(&f, paths[i]); receive(&f);) continue;
}

static void fetch_together(char **paths, int count) {
  struct fetch fetches[FILES];
  struct pollfd polls[FILES];
  for (int i = 0; i < count; i++) {
    fetches[i].fd = dial();
    ask(&fetches[i], paths[i]);
    polls[i] = (struct pollfd){fetches[i].fd, POLLIN, 0};
  }
  for (int open = count; open > 0;) {
    poll(polls, count, -1);
    for (int i = 0; i < count; i++) {
      if (!polls[i].revents || receive(&fetches[i])) continue;
      polls[i].fd = -1;
      open--;
    }
  }
}

int main(int argc, char **argv) {
  if (argc < 6 || argc - 5 > FILES)
    return fprintf(stderr, "usage: httpget ADDRESS PORT one|each WINDOW PATH...\n"), 2;
  arguments = argv;
  window = atoi(argv[4]);
  server = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(atoi(argv[2]))};
  inet_pton(AF_INET, argv[1], &server.sin_addr);
  double start = now();
  (strcmp(argv[3], "one") == 0 ? fetch_in_turn : fetch_together)(argv + 5, argc - 5);
  printf("%lld %.6f\n", bytes, now() - start);
  return 0;
}
