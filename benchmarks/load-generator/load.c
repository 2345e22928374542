/*
 * Sends RocketMQ frames over many connections with a fixed number in flight on each, one write() a frame as real clients do,
 * and measures the answers. The headers are built once; only the opaque and, of sends the unique key, of pulls the offset, are patched, so
 * that the generator costs as little as possible. It prints one JSON object.
 *
 * usage: load send|pull HOST PORT CONNECTIONS IN_FLIGHT BODY_BYTES WARM_UP_SECONDS SECONDS TOPIC QUEUES
 *
 * A pull asks for 32 messages at an offset of four digits, so each queue needs 10,000 messages of BODY_BYTES; an answer with less than
 * 32 of them counts as an error.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { OPAQUE_BASE = 1000000000, SLOTS = 4096, READ_BYTES = 1 << 19, MAX_MICROS = 4000000 };
enum { PULLED = 32, FIRST_OFFSET = 1000, LAST_OFFSET = 9999 - PULLED };

typedef struct {
  int fd;
  uint64_t *sent_at;
  char *input;
  size_t input_bytes;
} Connection;

static char *frames[64];
static size_t frame_bytes, opaque_at[64], patch_at[64], least_answer_bytes;
static uint32_t *histogram;
static uint64_t sequence, errors, answered;
static int measuring, last_error_code, pulling;

static uint64_t now_micros(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000u + (uint64_t)t.tv_nsec / 1000u;
}

static void fail(const char *what) {
  fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
  exit(1);
}

static void build_frame(int queue, const char *topic, int body_bytes) {
  char header[1024];
  int length = pulling ? snprintf(
      header, sizeof header,
      "{\"code\":11,\"extFields\":{\"commitOffset\":\"0\",\"consumerGroup\":\"load\",\"expressionType\":\"TAG\",\"maxMsgNums\":\"%d\","
      "\"queueId\":\"%d\",\"queueOffset\":\"%d\",\"subVersion\":\"0\",\"subscription\":\"*\",\"suspendTimeoutMillis\":\"20000\","
      "\"sysFlag\":\"4\",\"topic\":\"%s\"},\"flag\":0,\"language\":\"JAVA\",\"opaque\":%d,\"serializeTypeCurrentRPC\":\"JSON\","
      "\"version\":493}",
      PULLED, queue, FIRST_OFFSET, topic, OPAQUE_BASE) : snprintf(
      header, sizeof header,
      "{\"code\":310,\"extFields\":{\"a\":\"load\",\"b\":\"%s\",\"c\":\"TBW102\",\"d\":\"4\",\"e\":\"%d\",\"f\":\"0\","
      "\"g\":\"1700000000000\",\"h\":\"0\",\"i\":\"UNIQ_KEY\\u00017F00000100002A9F0000000000000000\\u0002WAIT\\u0001true\\u0002\","
      "\"j\":\"0\",\"k\":\"false\",\"m\":\"false\",\"n\":\"load\"},\"flag\":0,\"language\":\"JAVA\",\"opaque\":%d,"
      "\"serializeTypeCurrentRPC\":\"JSON\",\"version\":493}",
      topic, queue, OPAQUE_BASE);
  if (pulling) {
    least_answer_bytes = PULLED * (size_t)body_bytes;
    body_bytes = 0;
  }
  frame_bytes = 8 + (size_t)length + (size_t)body_bytes;
  char *frame = malloc(frame_bytes);
  uint32_t total = htonl((uint32_t)(frame_bytes - 4)), header_word = htonl((uint32_t)length);
  memcpy(frame, &total, 4);
  memcpy(frame + 4, &header_word, 4);
  memcpy(frame + 8, header, (size_t)length);
  memset(frame + 8 + length, 'x', (size_t)body_bytes);
  frames[queue] = frame;
  opaque_at[queue] = (size_t)(strstr(header, "\"opaque\":") - header) + 8 + 9;
  const char *patched = pulling ? strstr(header, "\"queueOffset\":\"") + 15 : strstr(header, "\\u0001") + 6 + 16;
  patch_at[queue] = (size_t)(patched - header) + 8;
}

static void put_decimal(char *at, int digits, uint32_t value) {
  for (int i = digits - 1; i >= 0; i--, value /= 10) at[i] = (char)('0' + value % 10);
}

static void put_hex(char *at, uint64_t value) {
  for (int i = 15; i >= 0; i--, value >>= 4) at[i] = "0123456789ABCDEF"[value & 15];
}

static void send_one(Connection *connection, int index, int slot, int queues) {
  int queue = (int)(sequence % (uint64_t)queues);
  char *frame = frames[queue];
  put_decimal(frame + opaque_at[queue], 10, OPAQUE_BASE + (uint32_t)(index * SLOTS + slot));
  sequence++;
  if (pulling) put_decimal(frame + patch_at[queue], 4, FIRST_OFFSET + (uint32_t)(sequence / (uint64_t)queues * PULLED % (LAST_OFFSET - FIRST_OFFSET)));
  else put_hex(frame + patch_at[queue], sequence);
  connection->sent_at[slot] = now_micros();
  for (size_t done = 0; done < frame_bytes;) {
    ssize_t wrote = write(connection->fd, frame + done, frame_bytes - done);
    if (wrote > 0) {
      done += (size_t)wrote;
    } else if (errno == EAGAIN) {
      struct pollfd ready = {connection->fd, POLLOUT, 0};
      poll(&ready, 1, 1000);
    } else {
      fail("write");
    }
  }
}

static long number_after(const char *text, size_t bytes, const char *key) {
  const char *found = memmem(text, bytes, key, strlen(key));
  return found == NULL ? -1 : strtol(found + strlen(key), NULL, 10);
}

static void take_answer(Connection *connection, int index, const char *frame, size_t bytes, int queues) {
  uint32_t word;
  memcpy(&word, frame + 4, 4);
  size_t header_bytes = ntohl(word) & 0xFFFFFF;
  long code = number_after(frame + 8, header_bytes, "\"code\":");
  long opaque = number_after(frame + 8, header_bytes, "\"opaque\":");
  int slot = (int)(opaque - OPAQUE_BASE) - index * SLOTS;
  if (slot < 0 || slot >= SLOTS) fail("an answer with a foreign opaque");
  if (measuring) {
    uint64_t micros = now_micros() - connection->sent_at[slot];
    histogram[micros < MAX_MICROS ? micros : MAX_MICROS - 1]++;
    answered++;
    if (code != 0 || bytes < least_answer_bytes) {
      errors++;
      last_error_code = (int)code;
    }
  }
  send_one(connection, index, slot, queues);
}

static void drain(Connection *connection, int index, int queues) {
  ssize_t got = read(connection->fd, connection->input + connection->input_bytes, READ_BYTES - connection->input_bytes);
  if (got <= 0) fail(got == 0 ? "the broker closed the connection" : "read");
  connection->input_bytes += (size_t)got;
  size_t at = 0;
  while (connection->input_bytes - at >= 8) {
    uint32_t word;
    memcpy(&word, connection->input + at, 4);
    size_t bytes = ntohl(word) + 4u;
    if (connection->input_bytes - at < bytes) break;
    take_answer(connection, index, connection->input + at, bytes, queues);
    at += bytes;
  }
  memmove(connection->input, connection->input + at, connection->input_bytes - at);
  connection->input_bytes -= at;
}

static void connect_to(Connection *connection, const char *host, int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  inet_pton(AF_INET, host, &address.sin_addr);
  connection->fd = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(connection->fd, (struct sockaddr *)&address, sizeof address) != 0) fail("connect");
  int on = 1;
  setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  fcntl(connection->fd, F_SETFL, O_NONBLOCK);
  connection->sent_at = calloc(SLOTS, sizeof(uint64_t));
  connection->input = malloc(READ_BYTES);
  connection->input_bytes = 0;
}

static uint64_t percentile(double fraction) {
  uint64_t wanted = (uint64_t)((double)answered * fraction), seen = 0;
  for (uint64_t micros = 0; micros < MAX_MICROS; micros++) {
    seen += histogram[micros];
    if (seen > wanted) return micros;
  }
  return MAX_MICROS;
}

static double cpu_micros(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6 + (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

int main(int argc, char **argv) {
  if (argc != 11 || (strcmp(argv[1], "send") != 0 && strcmp(argv[1], "pull") != 0)) {
    fprintf(stderr, "usage: load send|pull HOST PORT CONNECTIONS IN_FLIGHT BODY_BYTES WARM_UP_SECONDS SECONDS TOPIC QUEUES\n");
    return 2;
  }
  pulling = strcmp(*++argv, "pull") == 0;
  int connections = atoi(argv[3]), in_flight = atoi(argv[4]), queues = atoi(argv[9]);
  double warm_up = atof(argv[6]), seconds = atof(argv[7]);
  if (in_flight > SLOTS || queues < 1 || queues > 10) fail("too many in flight, or not 1 to 10 queues");
  for (int queue = 0; queue < queues; queue++) build_frame(queue, argv[8], atoi(argv[5]));
  histogram = calloc(MAX_MICROS, sizeof *histogram);
  Connection *all = calloc((size_t)connections, sizeof *all);
  int epoll = epoll_create1(0);
  for (int i = 0; i < connections; i++) {
    connect_to(&all[i], argv[1], atoi(argv[2]));
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = (uint32_t)i};
    epoll_ctl(epoll, EPOLL_CTL_ADD, all[i].fd, &event);
    for (int slot = 0; slot < in_flight; slot++) send_one(&all[i], i, slot, queues);
  }
  uint64_t begin = now_micros(), start = begin + (uint64_t)(warm_up * 1e6), end = start + (uint64_t)(seconds * 1e6), now = begin;
  double cpu_at_start = 0;
  while (now < end) {
    struct epoll_event events[256];
    int ready = epoll_wait(epoll, events, 256, 100);
    for (int i = 0; i < ready; i++) drain(&all[events[i].data.u32], (int)events[i].data.u32, queues);
    now = now_micros();
    if (!measuring && now >= start) {
      measuring = 1;
      start = now;
      cpu_at_start = cpu_micros();
      fprintf(stderr, "measuring\n");
    }
  }
  double elapsed = (double)(now - start) / 1e6;
  printf("{\"answers\":%llu,\"errors\":%llu,\"lastErrorCode\":%d,\"seconds\":%.3f,\"perSecond\":%.0f,\"p50Ms\":%.3f,\"p99Ms\":%.3f,\"p999Ms\":%.3f,"
         "\"clientCpuMicros\":%.2f}\n",
         (unsigned long long)answered, (unsigned long long)errors, last_error_code, elapsed, (double)answered / elapsed,
         (double)percentile(0.50) / 1e3, (double)percentile(0.99) / 1e3, (double)percentile(0.999) / 1e3,
         answered == 0 ? 0 : (cpu_micros() - cpu_at_start) / (double)answered);
  return errors == 0 ? 0 : 3;
}
