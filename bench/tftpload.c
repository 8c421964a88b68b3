/*
 * TFTP load: CLIENTS readers each fetch NAME, TIMES times one after the other, each transfer from a port of its
 * own, with blksize 1408 and, when WINDOW > 1, windowsize. Data is discarded in the kernel; what is not done
 * after SECONDS counts as failed.
 * usage: tftpload ADDRESS PORT NAME CLIENTS TIMES WINDOW SECONDS
 *   ->   JSON: bytes, files, failed, requestsAgain, acksAgain, seconds, window (granted), and from request to
 *        last block in ms: p50, p99, max
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

enum {
  BLKSIZE = 1408,
  PATIENCE = 1, /* seconds until something is said again */
  BATCH = 64,
  HEAD = 512, /* of a packet; the rest of it stays in the kernel */
};

struct client {
  int fd;
  int left;     /* transfers to go, this one included */
  int answered; /* the server's port is known */
  int window;
  unsigned block;     /* last block received in order */
  unsigned confirmed; /* last block acknowledged */
  double began, heard;
};

static struct sockaddr_in server;
static unsigned char request[600];
static size_t request_length;
static int epoll_fd, asked_window, granted_window = 1, running;
static long long bytes, files, failed, requests_again, acks_again;
static double *took;

static struct mmsghdr messages[BATCH];
static struct iovec vectors[BATCH];
static struct sockaddr_in senders[BATCH];
static unsigned char heads[BATCH][HEAD + 1];

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
  double t = now();
  *c = (struct client){.fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0),
                       .left = c->left, .window = 1, .began = t, .heard = t};
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
  if (c->fd < 0 || epoll_ctl(epoll_fd, EPOLL_CTL_ADD, c->fd, &event) < 0) perror("socket"), exit(1);
  ask(c);
}

static void next(struct client *c) {
  close(c->fd);
  c->fd = -1;
  if (--c->left > 0) begin(c);
  else running--;
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

/* Returns 0 when the transfer is over and another may have begun. */
static int packet(struct client *c, unsigned char *p, unsigned length) {
  if (p[1] == 6) return oack(c, (char *)p + 2, (char *)p + length), 1;
  if (p[1] != 3) return failed++, next(c), 0;
  unsigned short block = p[2] << 8 | p[3];
  if (block != (unsigned short)(c->block + 1)) {
    if ((short)(block - c->block) > 0 && c->confirmed != c->block) acknowledge(c);
    return 1;
  }
  c->block++;
  bytes += length - 4;
  int last = length - 4 < BLKSIZE;
  if (last || c->block - c->confirmed >= (unsigned)c->window) acknowledge(c);
  if (!last) return 1;
  took[files++] = (now() - c->began) * 1e3;
  next(c);
  return 0;
}

static void receive(struct client *c) {
  for (int count = BATCH; count == BATCH;) {
    for (int i = 0; i < BATCH; i++) messages[i].msg_hdr.msg_namelen = sizeof senders[i];
    count = recvmmsg(c->fd, messages, BATCH, MSG_TRUNC | MSG_DONTWAIT, NULL);
    if (count <= 0) return;
    c->heard = now();
    if (!c->answered) {
      connect(c->fd, (struct sockaddr *)&senders[0], sizeof senders[0]);
      c->answered = 1;
    }
    for (int i = 0; i < count; i++) {
      unsigned length = messages[i].msg_len;
      if (length < 4) continue;
      heads[i][length < HEAD ? length : HEAD] = 0;
      if (!packet(c, heads[i], length)) return;
    }
  }
}

static void nudge(struct client *c) {
  c->heard = now();
  if (!c->answered) requests_again++, ask(c);
  else acks_again++, acknowledge(c);
}

/* So that no server goes on sending to nobody. */
static void give_up(struct client *c) {
  static const unsigned char error[] = {0, 5, 0, 0, 'e', 'n', 'd', 0};
  if (c->fd < 0) return;
  if (c->answered) send(c->fd, error, sizeof error, 0);
  failed += c->left;
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double quantile(double q) { return files == 0 ? 0 : took[(long long)((files - 1) * q)]; }

int main(int argc, char **argv) {
  if (argc != 8) return fprintf(stderr, "usage: tftpload ADDRESS PORT NAME CLIENTS TIMES WINDOW SECONDS\n"), 2;
  server = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(atoi(argv[2]))};
  inet_pton(AF_INET, argv[1], &server.sin_addr);
  int count = atoi(argv[4]), times = atoi(argv[5]);
  asked_window = atoi(argv[6]);
  build_request(argv[3]);
  epoll_fd = epoll_create1(0);
  for (int i = 0; i < BATCH; i++) {
    vectors[i] = (struct iovec){heads[i], HEAD};
    messages[i].msg_hdr = (struct msghdr){.msg_name = &senders[i], .msg_iov = &vectors[i], .msg_iovlen = 1};
  }
  struct client *clients = calloc(count, sizeof *clients);
  took = calloc((size_t)count * times, sizeof *took);
  double start = now(), end = start + atof(argv[7]), checked = start;
  running = count;
  for (int i = 0; i < count; i++) clients[i].left = times, begin(&clients[i]);
  while (running > 0 && now() < end) {
    struct epoll_event events[64];
    int ready = epoll_wait(epoll_fd, events, 64, 100);
    for (int i = 0; i < ready; i++) receive(events[i].data.ptr);
    if (now() - checked < 0.1) continue;
    checked = now();
    for (int i = 0; i < count; i++)
      if (clients[i].fd >= 0 && checked - clients[i].heard > PATIENCE) nudge(&clients[i]);
  }
  double seconds = now() - start;
  for (int i = 0; i < count; i++) give_up(&clients[i]);
  qsort(took, files, sizeof *took, ascending);
  printf("{\"bytes\":%lld,\"files\":%lld,\"failed\":%lld,\"requestsAgain\":%lld,\"acksAgain\":%lld,"
         "\"seconds\":%f,\"window\":%d,\"p50\":%.2f,\"p99\":%.2f,\"max\":%.2f}\n",
         bytes, files, failed, requests_again, acks_again, seconds, granted_window, quantile(0.5), quantile(0.99),
         quantile(1));
  return 0;
}
