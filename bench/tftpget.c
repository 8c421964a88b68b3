/*
 * One TFTP read as a boot ROM makes it, its bytes counted and thrown away. Breaks the transfer off after SECONDS.
 * usage: tftpget ADDRESS PORT NAME BLKSIZE WINDOW SECONDS   ->   "bytes per-window setup granted-window"
 * `per-window` is the median of the seconds from one acknowledgement to the next, `setup` runs from the request to
 * the first block.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { ACK = 4, PATIENCE = 1 /* seconds until something is said again */, WINDOWS = 65536 };

static unsigned char packet[65600];
static double windows[WINDOWS];
static struct sockaddr_in server;
static int fd, blksize, window = 1;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

/* The options in iPXE's order; a window of 1 is not worth an option. */
static int build_request(unsigned char *request, const char *name, const char *size, const char *wish) {
  const char *words[] = {name, "octet", "blksize", size, "tsize", "0", "windowsize", wish};
  int count = atoi(wish) > 1 ? 8 : 6, length = 2;
  request[0] = 0, request[1] = 1;
  for (int i = 0; i < count; i++) length += sprintf((char *)request + length, "%s", words[i]) + 1;
  return length;
}

static void read_options(char *text, const char *end) {
  while (text < end) {
    char *value = text + strlen(text) + 1;
    if (value >= end) return;
    if (!strcasecmp(text, "blksize")) blksize = atoi(value);
    if (!strcasecmp(text, "windowsize")) window = atoi(value);
    text = value + strlen(value) + 1;
  }
}

static void acknowledge(unsigned block) {
  unsigned char ack[4] = {0, ACK, block >> 8, block};
  send(fd, ack, sizeof ack, 0);
}

static int by_length(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

int main(int argc, char **argv) {
  if (argc != 7) return fprintf(stderr, "usage: tftpget ADDRESS PORT NAME BLKSIZE WINDOW SECONDS\n"), 2;
  server = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(atoi(argv[2]))};
  inet_pton(AF_INET, argv[1], &server.sin_addr);
  blksize = 512;
  double limit = atof(argv[6]);
  fd = socket(AF_INET, SOCK_DGRAM, 0);
  int buffer = 4 << 20;
  setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof buffer);
  struct timeval patience = {PATIENCE, 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  unsigned char request[1024];
  int request_length = build_request(request, argv[3], argv[4], argv[5]);
  sendto(fd, request, request_length, 0, (struct sockaddr *)&server, sizeof server);

  double asked = now(), first = 0, acknowledged = 0;
  long long bytes = 0;
  unsigned block = 0, confirmed = 0;
  int silent = 0, known = 0, count = 0;
  for (;;) {
    struct sockaddr_in from;
    socklen_t size = sizeof from;
    ssize_t length = recvfrom(fd, packet, sizeof packet - 1, 0, (struct sockaddr *)&from, &size);
    if (length < 4) {
      if (++silent == 5) return fprintf(stderr, "the server is silent\n"), 1;
      if (known) acknowledge(block), confirmed = block;
      else sendto(fd, request, request_length, 0, (struct sockaddr *)&server, sizeof server);
      continue;
    }
    silent = 0;
    packet[length] = 0;
    if (!known) connect(fd, (struct sockaddr *)&from, size), known = 1;
    if (packet[1] == 5) return fprintf(stderr, "ERROR %d %s\n", packet[3], packet + 4), 1;
    if (packet[1] == 6) {
      read_options((char *)packet + 2, (char *)packet + length);
      acknowledge(0);
      continue;
    }
    if ((unsigned short)(packet[2] << 8 | packet[3]) != (unsigned short)(block + 1)) {
      if (confirmed != block) acknowledge(block), confirmed = block;
      continue;
    }
    double time = now();
    if (block++ == 0) first = time;
    bytes += length - 4;
    if (length - 4 < blksize) {
      acknowledge(block);
      break;
    }
    if (time - first > limit) {
      send(fd, "\0\5\0\0enough", 11, 0);
      break;
    }
    if (block - confirmed < (unsigned)window) continue;
    acknowledge(block), confirmed = block;
    if (acknowledged > 0 && count < WINDOWS) windows[count++] = time - acknowledged;
    acknowledged = time;
  }
  if (count == 0) return fprintf(stderr, "no two windows came\n"), 1;
  qsort(windows, count, sizeof *windows, by_length);
  printf("%lld %.6f %.6f %d\n", bytes, windows[count / 2], first - asked, window);
  return 0;
}
