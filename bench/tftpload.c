/*
 * Closed-loop TFTP load: CLIENTS readers fetch NAME again and again for SECONDS, each transfer from a port of
 * its own, with blksize 1408 and, when WINDOW > 1, windowsize.
 * usage: tftpload ADDRESS PORT NAME CLIENTS WINDOW SECONDS
 *   ->   "bytes files repeated-requests repeated-acks errors seconds granted-window"
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BLKSIZE = 1408, PATIENCE = 1 /* seconds until something is said again */ };

struct client {
  int fd;
  int answered; /* the server's port is known */
  int window;
  unsigned block;     /* last block received in order */
  unsigned confirmed; /* last block acknowledged */
  double heard;
};

static struct sockaddr_in server;
static unsigned char request[600];
static size_t request_length;
static int epoll_fd, asked_window, granted_window = 1;
static long long bytes, files, repeated_requests, repeated_acks, errors;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

static void put(const char *text) {
  memcpy(request + request_length, text, strlen(text) + 1);
  request_length += strlen(text) + 1;
}

static void build_request(const char *name) {
  char number[12];
  request[1] = 1;
  request_length = 2;
  put(name), put("octet"), put("blksize");
  snprintf(number, sizeof number, "%d", BLKSIZE);
  put(number);
  if (asked_window == 1) return;
  snprintf(number, sizeof number, "%d", asked_window);
  put("windowsize"), put(number);
}

static void ask(struct client *c) {
  sendto(c->fd, request, request_length, 0, (struct sockaddr *)&server, sizeof server);
}

static void begin(struct client *c) {
  if (c->fd > 0) close(c->fd);
  *c = (struct client){.fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0), .window = 1, .heard = now()};
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
  if (c->fd < 0 || epoll_ctl(epoll_fd, EPOLL_CTL_ADD, c->fd, &event) < 0) perror("socket"), exit(1);
  ask(c);
}

static void acknowledge(struct client *c) {
  unsigned char ack[4] = {0, 4, c->block >> 8, c->block};
  c->confirmed = c->block;
  send(c->fd, ack, 4, 0);
}

static void oack(struct client *c, char *text, char *end) {
  while (text < end) {
    char *value = text + strlen(text) + 1;
    if (value >= end) return;
    if (!strcasecmp(text, "windowsize")) c->window = granted_window = atoi(value);
    text = value + strlen(value) + 1;
  }
  acknowledge(c);
}

/* Returns 0 when the transfer is over and another has begun. */
static int packet(struct client *c, unsigned char *p, ssize_t length) {
  c->heard = now();
  if (p[1] == 6) return oack(c, (char *)p + 2, (char *)p + length), 1;
  if (p[1] != 3) return errors++, begin(c), 0;
  unsigned short block = p[2] << 8 | p[3];
  if (block != (unsigned short)(c->block + 1)) {
    if ((short)(block - c->block) > 0 && c->confirmed != c->block) acknowledge(c);
    return 1;
  }
  c->block++;
  bytes += length - 4;
  int last = length - 4 < BLKSIZE;
  if (last || c->block - c->confirmed >= (unsigned)c->window) acknowledge(c);
  if (last) files++, begin(c);
  return !last;
}

static void receive(struct client *c) {
  unsigned char p[2048];
  for (;;) {
    struct sockaddr_in from;
    socklen_t size = sizeof from;
    ssize_t length = recvfrom(c->fd, p, sizeof p - 1, 0, (struct sockaddr *)&from, &size);
    if (length < 4) return;
    p[length] = 0;
    if (!c->answered) {
      connect(c->fd, (struct sockaddr *)&from, size);
      c->answered = 1;
    }
    if (!packet(c, p, length)) return;
  }
}

static void nudge(struct client *c) {
  c->heard = now();
  if (!c->answered) repeated_requests++, ask(c);
  else repeated_acks++, acknowledge(c);
}

int main(int argc, char **argv) {
  if (argc != 7) return fprintf(stderr, "usage: tftpload ADDRESS PORT NAME CLIENTS WINDOW SECONDS\n"), 2;
  server = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(atoi(argv[2]))};
  inet_pton(AF_INET, argv[1], &server.sin_addr);
  int count = atoi(argv[4]);
  asked_window = atoi(argv[5]);
  build_request(argv[3]);
  epoll_fd = epoll_create1(0);
  struct client *clients = calloc(count, sizeof *clients);
  double start = now(), end = start + atof(argv[6]), checked = start;
  for (int i = 0; i < count; i++) begin(&clients[i]);
  while (now() < end) {
    struct epoll_event events[64];
    int ready = epoll_wait(epoll_fd, events, 64, 100);
    for (int i = 0; i < ready; i++) receive(events[i].data.ptr);
    if (now() - checked < 0.1) continue;
    checked = now();
    for (int i = 0; i < count; i++)
      if (checked - clients[i].heard > PATIENCE) nudge(&clients[i]);
  }
  printf("%lld %lld %lld %lld %lld %f %d\n", bytes, files, repeated_requests, repeated_acks, errors, now() - start,
         granted_window);
  return 0;
}
