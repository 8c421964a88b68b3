/*
 * Closed-loop DHCP load: W clients boot at once, each DISCOVER, OFFER, REQUEST, ACK, and when one has its
 * address the next begins. One line of JSON on standard output.
 *
 *   dhcpload SERVER GIADDR INFLIGHT MACS SECONDS [DEVICE]
 *
 * GIADDR   address of ours that plays the relay (requests go by unicast to SERVER); 0.0.0.0: no relay, requests
 *          are broadcast on DEVICE with the broadcast flag, as undionly and OVMF do
 * MACS     how many distinct machines; 0: never the same twice, a boot storm
 *
 * The packets are those of an iPXE ROM: options 60, 77, 93, 94, 97, 175 and its list of wishes.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MAX_INFLIGHT 1024
#define BATCH 64
#define TIMEOUT_NS 1000000000ull
#define MAX_SAMPLES 4000000

enum state { DISCOVERING, REQUESTING };

struct exchange {
  enum state state;
  uint32_t xid, machine;
  uint64_t began, sent;
};

static struct exchange exchanges[MAX_INFLIGHT];
static uint32_t inflight, machines, next_machine, generation;
static uint32_t giaddr;
static struct sockaddr_in server;
static int fd;
static uint64_t done, lost, refused, *samples, stop_at;

static uint8_t out_bytes[BATCH][600];
static struct iovec out_iov[BATCH];
static struct mmsghdr out_msgs[BATCH];
static unsigned out_count;

static uint64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000ull + t.tv_nsec;
}

static void flush(void) {
  for (unsigned sent = 0; sent < out_count;) {
    int n = sendmmsg(fd, out_msgs + sent, out_count - sent, 0);
    if (n < 0 && errno != EAGAIN && errno != EINTR) sent++; /* the timeout counts it as lost */
    if (n > 0) sent += n;
  }
  out_count = 0;
}

static uint8_t *option(uint8_t *p, uint8_t code, const void *value, uint8_t length) {
  *p++ = code;
  *p++ = length;
  memcpy(p, value, length);
  return p + length;
}

/* yiaddr and server in network byte order; both 0 in a DISCOVER */
static void emit(struct exchange *x, uint32_t yiaddr, uint32_t server_id) {
  if (out_count == BATCH) flush();
  uint8_t *b = out_bytes[out_count], *p;
  uint8_t mac[6] = {2, 0xcb, x->machine >> 24, x->machine >> 16, x->machine >> 8, x->machine};
  uint8_t identifier[7] = {1}, uuid[17] = {0};
  memset(b, 0, 240);
  b[0] = 1, b[1] = 1, b[2] = 6, b[3] = giaddr ? 1 : 0;
  memcpy(b + 4, &x->xid, 4);
  b[9] = 4;
  if (!giaddr) b[10] = 0x80;
  memcpy(b + 24, &giaddr, 4);
  memcpy(b + 28, mac, 6);
  memcpy(b + 236, "\x63\x82\x53\x63", 4);
  memcpy(identifier + 1, mac, 6);
  memcpy(uuid + 11, mac, 6);
  p = b + 240;
  p = option(p, 53, server_id ? "\x03" : "\x01", 1);
  p = option(p, 57, "\x05\xc0", 2);
  p = option(p, 93, "\0\0", 2);
  p = option(p, 94, "\x01\x02\x01", 3);
  p = option(p, 60, "PXEClient:Arch:00000:UNDI:002001", 32);
  p = option(p, 77, "iPXE", 4);
  p = option(p, 55, "\x01\x03\x06\x07\x0c\x0f\x11\x1a\x2b\x3c\x42\x43\x77\x80\x81\x82\x83\x84\x85\x86\x87\xaf\xcb", 23);
  p = option(p, 175, "\xb1\x05\x01\x80\x86\x10\x0e\x18\x01\x01\x23\x01\x01\x21\x01\x01\x13\x01\x01\x11\x01\x01"
                     "\xeb\x03\x01\x00\x00\x17\x01\x01\x15\x01\x01\x12\x01\x01", 34);
  p = option(p, 61, identifier, 7);
  p = option(p, 97, uuid, 17);
  if (server_id) {
    p = option(p, 54, &server_id, 4);
    p = option(p, 50, &yiaddr, 4);
  }
  *p++ = 255;
  out_iov[out_count] = (struct iovec){b, p - b};
  out_msgs[out_count].msg_hdr = (struct msghdr){
      .msg_name = &server, .msg_namelen = sizeof server, .msg_iov = &out_iov[out_count], .msg_iovlen = 1};
  out_count++;
}

static void begin(struct exchange *x, uint64_t t) {
  uint32_t n = next_machine++;
  x->machine = machines ? n % machines : n;
  x->xid = htonl((generation++ << 10) | (uint32_t)(x - exchanges));
  x->state = DISCOVERING;
  x->began = x->sent = t;
  emit(x, 0, 0);
}

static const uint8_t *find(const uint8_t *b, unsigned length, uint8_t code) {
  for (unsigned at = 240; at + 1 < length && b[at] != 255;) {
    if (b[at] == 0) {
      at++;
      continue;
    }
    if (at + 2 + b[at + 1] > length) break;
    if (b[at] == code) return b + at + 1;
    at += 2 + b[at + 1];
  }
  return NULL;
}

static void receive(const uint8_t *b, unsigned length, uint64_t t) {
  uint32_t xid, yiaddr, id;
  if (length < 244 || b[0] != 2) return;
  memcpy(&xid, b + 4, 4);
  uint32_t index = ntohl(xid) & 1023;
  if (index >= inflight || exchanges[index].xid != xid) return;
  struct exchange *x = &exchanges[index];
  const uint8_t *type = find(b, length, 53), *server_id = find(b, length, 54);
  if (!type || !server_id) return;
  memcpy(&yiaddr, b + 16, 4);
  memcpy(&id, server_id + 1, 4);
  if (type[1] == 2 && x->state == DISCOVERING) {
    x->state = REQUESTING;
    x->sent = t;
    emit(x, yiaddr, id);
  } else if ((type[1] == 5 || type[1] == 6) && x->state == REQUESTING) {
    if (type[1] == 6) refused++;
    else if (done < MAX_SAMPLES) samples[done++] = t - x->began;
    if (t < stop_at) begin(x, t);
    else x->xid = 0xffffffff;
  }
}

static int by_value(const void *a, const void *b) {
  uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return x < y ? -1 : x > y;
}

int main(int argc, char **argv) {
  if (argc < 6) {
    fprintf(stderr, "usage: dhcpload SERVER GIADDR INFLIGHT MACS SECONDS [DEVICE]\n");
    return 2;
  }
  giaddr = inet_addr(argv[2]);
  inflight = atoi(argv[3]);
  machines = atoi(argv[4]);
  double seconds = atof(argv[5]);
  if (inflight < 1 || inflight > MAX_INFLIGHT) return 2;
  samples = malloc(sizeof *samples * MAX_SAMPLES);
  server = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(67)};
  server.sin_addr.s_addr = giaddr ? inet_addr(argv[1]) : INADDR_BROADCAST;

  fd = socket(AF_INET, SOCK_DGRAM, 0);
  int on = 1, size = 8 << 20;
  setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof on);
  setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
  if (argc > 6) setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, argv[6], strlen(argv[6]) + 1);
  struct sockaddr_in local = {.sin_family = AF_INET, .sin_port = htons(giaddr ? 67 : 68)};
  local.sin_addr.s_addr = giaddr;
  if (bind(fd, (struct sockaddr *)&local, sizeof local) < 0) {
    perror("bind");
    return 1;
  }

  static uint8_t in_bytes[BATCH][1500];
  static struct iovec in_iov[BATCH];
  static struct mmsghdr in_msgs[BATCH];
  for (int i = 0; i < BATCH; i++) {
    in_iov[i] = (struct iovec){in_bytes[i], sizeof in_bytes[i]};
    in_msgs[i].msg_hdr = (struct msghdr){.msg_iov = &in_iov[i], .msg_iovlen = 1};
  }

  uint64_t start = now(), checked = start;
  stop_at = start + (uint64_t)(seconds * 1e9);
  for (uint32_t i = 0; i < inflight; i++) begin(&exchanges[i], start);
  flush();
  for (uint64_t t = start; t < stop_at; t = now()) {
    struct pollfd p = {fd, POLLIN, 0};
    if (poll(&p, 1, 50) > 0) {
      int n = recvmmsg(fd, in_msgs, BATCH, MSG_DONTWAIT, NULL);
      t = now();
      for (int i = 0; i < n; i++) receive(in_bytes[i], in_msgs[i].msg_len, t);
    }
    if (t - checked > 50000000) {
      checked = t;
      for (uint32_t i = 0; i < inflight; i++)
        if (t - exchanges[i].sent > TIMEOUT_NS) lost++, begin(&exchanges[i], t);
    }
    flush();
  }
  double took = (now() - start) / 1e9;
  qsort(samples, done, sizeof *samples, by_value);
  printf("{\"exchanges\":%lu,\"lost\":%lu,\"refused\":%lu,\"seconds\":%.3f,\"p50\":%.3f,\"p99\":%.3f}\n", done, lost,
         refused, took, done ? samples[done / 2] / 1e6 : 0, done ? samples[done * 99 / 100] / 1e6 : 0);
  return 0;
}
