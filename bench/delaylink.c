/*
 * A wire with a length: joins two TAP devices, each in a network namespace of its own, at a rate, with a delay
 * each way, and with faults if asked. For kernels that have no netem.
 * usage: delaylink NAMESPACE DEVICE NAMESPACE DEVICE MBIT [SEED LOST DOUBLED LATE]
 * Faults are shares of 0 to 1 of the IPv4 packets: lost, delivered twice, delayed until others have overtaken
 * them. One seed gives one sequence of faults in each direction.
 * Each line on stdin is a delay for one way in microseconds, answered with a line once it holds; it ends with
 * stdin, and prints "packets lost doubled late bytes" of both directions then.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

enum {
  FRAME = 1536,
  /* More than a TCP window of Linux' usual 6 MiB, so that nothing is lost that was not asked for. */
  PACKETS = 16384,
  BATCH = 64,
  SPIN = 40000,        /* ns; a sleep may last so much longer than it should */
  OVERHEAD = 24,       /* preamble, checksum and gap of an Ethernet frame, bytes */
  OVERTAKEN = 2000000, /* ns a late packet comes later */
};

struct packet {
  int64_t due;
  uint64_t number; /* packets due at the same time leave in their order */
  int length, to;
  unsigned char frame[FRAME];
};

static struct packet *packets;
static int heap[PACKETS], heap_size; /* what is under way, the next one due first */
static int unused[PACKETS], unused_count;
static uint64_t numbers;
static int64_t delay, free_at[2]; /* when the direction's wire is free for the next frame */
static double nanoseconds_per_byte, lost_share, doubled_share, late_share;
static uint64_t chance[2];
static struct { long long packets, lost, doubled, late, bytes; } counts;

static int64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static int open_tap(const char *namespace, const char *device) {
  char path[256];
  snprintf(path, sizeof path, "/run/netns/%s", namespace);
  int inside = open(path, O_RDONLY | O_CLOEXEC);
  if (inside < 0 || setns(inside, CLONE_NEWNET) < 0) fail(path);
  close(inside);
  struct ifreq wish = {.ifr_flags = IFF_TAP | IFF_NO_PI};
  snprintf(wish.ifr_name, sizeof wish.ifr_name, "%s", device);
  int tap = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (tap < 0 || ioctl(tap, TUNSETIFF, &wish) < 0) fail(device);
  return tap;
}

/* xorshift64*, 0 up to 1 */
static double draw(int direction) {
  uint64_t x = chance[direction];
  x ^= x >> 12, x ^= x << 25, x ^= x >> 27;
  chance[direction] = x;
  return (x * 0x2545f4914f6cdd1dULL >> 11) / 9007199254740992.0;
}

static int before(int a, int b) {
  struct packet *p = &packets[a], *q = &packets[b];
  return p->due != q->due ? p->due < q->due : p->number < q->number;
}

static void push(int packet) {
  int at = heap_size++;
  for (; at > 0 && before(packet, heap[(at - 1) / 2]); at = (at - 1) / 2) heap[at] = heap[(at - 1) / 2];
  heap[at] = packet;
}

static int pop(void) {
  int first = heap[0], last = heap[--heap_size], at = 0;
  for (int child; (child = 2 * at + 1) < heap_size; at = child) {
    if (child + 1 < heap_size && before(heap[child + 1], heap[child])) child++;
    if (!before(heap[child], last)) break;
    heap[at] = heap[child];
  }
  heap[at] = last;
  return first;
}

static void send_later(int packet, int64_t due) {
  packets[packet].due = due;
  packets[packet].number = numbers++;
  push(packet);
}

static void put_on_wire(int packet, int64_t arrived) {
  struct packet *p = &packets[packet];
  int64_t begins = arrived > free_at[p->to] ? arrived : free_at[p->to];
  free_at[p->to] = begins + (int64_t)((p->length + OVERHEAD) * nanoseconds_per_byte);
  int64_t due = free_at[p->to] + delay;
  counts.packets++, counts.bytes += p->length;
  /* A lost ARP would only test how patient the kernel is. All three are drawn, whatever comes of it. */
  int fair_game = p->frame[12] == 8 && p->frame[13] == 0;
  int lost = fair_game && draw(p->to) < lost_share;
  int doubled = fair_game && draw(p->to) < doubled_share;
  int late = fair_game && draw(p->to) < late_share;
  if (lost) {
    counts.lost++;
    unused[unused_count++] = packet;
    return;
  }
  if (late) counts.late++;
  if (doubled && unused_count > 0) {
    counts.doubled++;
    int twin = unused[--unused_count];
    packets[twin].length = p->length, packets[twin].to = p->to;
    memcpy(packets[twin].frame, p->frame, p->length);
    send_later(twin, due);
  }
  send_later(packet, late ? due + OVERTAKEN : due);
}

/* Returns how many frames it took from the device. */
static int take_in(int tap, int to) {
  int count = 0;
  for (; count < BATCH && unused_count > 0; count++) {
    int packet = unused[unused_count - 1];
    struct packet *p = &packets[packet];
    p->length = read(tap, p->frame, FRAME);
    if (p->length <= 0) break;
    p->to = to;
    unused_count--;
    put_on_wire(packet, now());
  }
  return count;
}

static void deliver(const int *taps) {
  while (heap_size > 0 && packets[heap[0]].due <= now()) {
    int packet = pop();
    struct packet *p = &packets[packet];
    if (write(taps[p->to], p->frame, p->length) < 0 && errno != EAGAIN && errno != EIO) fail("write");
    unused[unused_count++] = packet;
  }
}

/* Returns 0 at the end of stdin. */
static int obey(void) {
  char line[64];
  ssize_t got = read(STDIN_FILENO, line, sizeof line - 1);
  if (got <= 0) return 0;
  line[got] = 0;
  delay = atoll(line) * 1000;
  return write(STDOUT_FILENO, "ok\n", 3) == 3;
}

static void wait_for(struct pollfd *polls) {
  if (heap_size == 0) {
    poll(polls, 3, -1);
    return;
  }
  int64_t left = packets[heap[0]].due - now() - SPIN;
  struct timespec time = {left > 0 ? left / 1000000000 : 0, left > 0 ? left % 1000000000 : 0};
  ppoll(polls, 3, &time, NULL);
}

int main(int argc, char **argv) {
  if (argc != 6 && argc != 10) return fprintf(stderr, "usage: see delaylink.c\n"), 2;
  int taps[2] = {open_tap(argv[1], argv[2]), open_tap(argv[3], argv[4])};
  nanoseconds_per_byte = 8000 / atof(argv[5]);
  if (argc == 10) {
    uint64_t seed = strtoull(argv[6], NULL, 10) + 1;
    chance[0] = seed * 0x9e3779b97f4a7c15ULL, chance[1] = ~chance[0];
    lost_share = atof(argv[7]), doubled_share = atof(argv[8]), late_share = atof(argv[9]);
  }
  packets = calloc(PACKETS, sizeof *packets);
  if (!packets) fail("calloc");
  for (int i = 0; i < PACKETS; i++) unused[unused_count++] = PACKETS - 1 - i;
  prctl(PR_SET_TIMERSLACK, 1UL);
  /* A wire does not wait for its turn on a busy machine. Where this is not allowed, it does. */
  struct sched_param first = {.sched_priority = 1};
  sched_setscheduler(0, SCHED_FIFO, &first);
  struct pollfd polls[3] = {{taps[0], POLLIN, 0}, {taps[1], POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};
  for (;;) {
    int taken = take_in(taps[0], 1) + take_in(taps[1], 0);
    deliver(taps);
    if (taken > 0) continue;
    wait_for(polls);
    if (polls[2].revents && !obey()) break;
  }
  printf("%lld %lld %lld %lld %lld\n", counts.packets, counts.lost, counts.doubled, counts.late, counts.bytes);
  return 0;
}
