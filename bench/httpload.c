/*
 * Closed-loop HTTP load: CONNECTIONS keep-alive connections fetch PATH again and again for SECONDS.
 * Bodies are thrown away inside the kernel (MSG_TRUNC), so that the server is what is measured.
 * usage: httpload ADDRESS PORT PATH CONNECTIONS SECONDS   ->   "bytes requests errors seconds"
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

struct client {
  int fd;
  int head_length;
  long long left; /* body bytes to come; -1 while the head is read */
  char head[8192];
};

static char request[1024];
static long long bytes, requests, errors;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

static void ask(struct client *c) {
  c->head_length = 0;
  c->left = -1;
  if (send(c->fd, request, strlen(request), MSG_NOSIGNAL) < 0) errors++;
}

/* Peeks at the head, so that only its own bytes are taken out of the socket. Returns 0 on a fault. */
static int read_head(struct client *c) {
  ssize_t got = recv(c->fd, c->head, sizeof c->head - 1, MSG_PEEK);
  if (got <= 0) return got < 0 && errno == EAGAIN;
  c->head[got] = 0;
  char *end = strstr(c->head, "\r\n\r\n");
  if (!end) return got < (ssize_t)sizeof c->head - 1;
  char *length = strcasestr(c->head, "\r\ncontent-length:");
  if (!length || length > end || (strncmp(c->head, "HTTP/1.1 200", 12) != 0)) return 0;
  if (recv(c->fd, c->head, end + 4 - c->head, 0) < 0) return 0;
  c->left = atoll(length + 17);
  return 1;
}

static int readable(struct client *c) {
  for (int i = 0; i < 16; i++) {
    if (c->left < 0) {
      if (!read_head(c)) return 0;
      if (c->left < 0) return 1;
    }
    if (c->left > 0) {
      size_t want = c->left > 4194304 ? 4194304 : c->left;
      ssize_t got = recv(c->fd, NULL, want, MSG_TRUNC);
      if (got < 0) return errno == EAGAIN;
      if (got == 0) return 0;
      c->left -= got;
      bytes += got;
    }
    if (c->left == 0) {
      requests++;
      ask(c);
      return 1;
    }
  }
  return 1;
}

int main(int argc, char **argv) {
  if (argc != 6) return 2;
  int connections = atoi(argv[4]);
  double seconds = atof(argv[5]);
  snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: %s:%s\r\nUser-Agent: iPXE/1.0.0\r\n\r\n", argv[3],
           argv[1], argv[2]);
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[2]))};
  inet_pton(AF_INET, argv[1], &to.sin_addr);
  struct client *clients = calloc(connections, sizeof *clients);
  int poll = epoll_create1(0);
  for (int i = 0; i < connections; i++) {
    clients[i].fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(clients[i].fd, (struct sockaddr *)&to, sizeof to) < 0) return perror("connect"), 1;
    int flags = 1;
    setsockopt(clients[i].fd, IPPROTO_TCP, TCP_NODELAY, &flags, sizeof flags);
    fcntl(clients[i].fd, F_SETFL, O_NONBLOCK);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = &clients[i]};
    epoll_ctl(poll, EPOLL_CTL_ADD, clients[i].fd, &event);
    ask(&clients[i]);
  }
  double start = now(), end = start + seconds;
  struct epoll_event ready[64];
  while (now() < end) {
    int count = epoll_wait(poll, ready, 64, 100);
    for (int i = 0; i < count; i++) {
      struct client *c = ready[i].data.ptr;
      if (readable(c)) continue;
      errors++;
      epoll_ctl(poll, EPOLL_CTL_DEL, c->fd, NULL);
      close(c->fd);
    }
  }
  printf("%lld %lld %lld %.3f\n", bytes, requests, errors, now() - start);
  return 0;
}
