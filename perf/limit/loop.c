#define _GNU_SOURCE
#include "loop.h"
#include "frames.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { EVENTS = 512, BACKLOG = 8192, MAX_UNSENT_BYTES = 1 << 20, SCRATCH_BYTES = MAX_FRAME_BYTES + 8, REPLY_BYTES = 16384 };

struct counters counters;

static const struct program *program;
static int epoll_fd;
static uint64_t now_ns;   // taken once a wake-up, as the measured server does
static uint8_t scratch[SCRATCH_BYTES];
static volatile sig_atomic_t print_asked, stop_asked;

static void on_signal(int number)
{
    if (number == SIGUSR1) {
        print_asked = 1;
    } else {
        stop_asked = 1;
    }
}

static void print_counters(void)
{
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    double user = (double)used.ru_utime.tv_sec + (double)used.ru_utime.tv_usec / 1e6;
    double system = (double)used.ru_stime.tv_sec + (double)used.ru_stime.tv_usec / 1e6;
    printf("{\"connections\":%" PRIu64 ",\"heartbeats\":%" PRIu64 ",\"acks\":%" PRIu64 ",\"other_frames\":%" PRIu64 ",\"updates\":%" PRIu64
           ",\"cpu_user_s\":%.6f,\"cpu_system_s\":%.6f}\n",
           counters.connections, counters.heartbeats, counters.acks, counters.other_frames, counters.updates, user, system);
    fflush(stdout);
}

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static void *grown(void *old, size_t bytes)
{
    void *memory = realloc(old, bytes);
    if (memory == NULL) {
        die("realloc");
    }
    return memory;
}

// Shuts down only: the loop sees the end and closes, so that nobody up the stack holds a freed connection.
static bool give_up(struct connection *connection)
{
    shutdown(connection->fd, SHUT_RDWR);
    return false;
}

static void watch_events(struct connection *connection, int operation, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = connection};
    if (epoll_ctl(epoll_fd, operation, connection->fd, &event) < 0) {
        die("epoll_ctl");
    }
}

bool loop_send(struct connection *connection, const uint8_t *bytes, size_t count)
{
    ssize_t sent = 0;
    if (connection->unsent_bytes == 0) {
        sent = send(connection->fd, bytes, count, MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN && errno != EINTR) {
            return give_up(connection);
        }
        sent = sent < 0 ? 0 : sent;
    }
    size_t rest = count - (size_t)sent;
    if (rest == 0) {
        return true;
    }
    if (connection->unsent_bytes + rest > MAX_UNSENT_BYTES) {
        return give_up(connection);
    }
    connection->unsent = grown(connection->unsent, connection->unsent_bytes + rest);
    memcpy(connection->unsent + connection->unsent_bytes, bytes + sent, rest);
    connection->unsent_bytes += rest;
    if (!connection->reads_later) {
        connection->reads_later = true;
        watch_events(connection, EPOLL_CTL_MOD, EPOLLOUT);
    }
    return true;
}

// Sends what was kept; reads again when all of it is gone.
static bool drain(struct connection *connection)
{
    ssize_t sent = send(connection->fd, connection->unsent, connection->unsent_bytes, MSG_NOSIGNAL);
    if (sent < 0) {
        return errno == EAGAIN || errno == EINTR;
    }
    connection->unsent_bytes -= (size_t)sent;
    memmove(connection->unsent, connection->unsent + sent, connection->unsent_bytes);
    if (connection->unsent_bytes == 0) {
        free(connection->unsent);
        connection->unsent = NULL;
        connection->reads_later = false;
        watch_events(connection, EPOLL_CTL_MOD, EPOLLIN);
    }
    return true;
}

// Watch is answered as if nobody had changed: PresenceBatch{request_id, snapshot}.
static bool answer_watch(struct connection *connection, const uint8_t *payload, size_t length)
{
    uint8_t frame[24] = {0, 0x22, 0, 0x08};
    uint8_t *end = write_varint(frame + 4, request_id(payload, length));
    *end++ = 0x10;
    *end++ = 0x01;
    frame[0] = (uint8_t)(end - frame - 1);
    frame[2] = (uint8_t)(end - frame - 3);
    return loop_send(connection, frame, (size_t)(end - frame));
}

static bool take_frame(struct connection *connection, const uint8_t *payload, size_t length)
{
    counters.other_frames++;
    if (!connection->welcomed) {
        connection->welcomed = true;
        return loop_send(connection, WELCOME, sizeof WELCOME);
    }
    if (payload[0] == TAG_WATCH && !answer_watch(connection, payload, length)) {
        return false;
    }
    if (program->on_frame != NULL) {
        program->on_frame(connection, payload, length);
    }
    return true;
}

struct replies {
    size_t bytes;
    uint8_t frames[REPLY_BYTES];
};

static bool flush_replies(struct connection *connection, struct replies *replies)
{
    size_t count = replies->bytes;
    replies->bytes = 0;
    return count == 0 || loop_send(connection, replies->frames, count);
}

static bool take_heartbeat(struct connection *connection, uint8_t flags, struct replies *replies)
{
    connection->last_heartbeat_ns = now_ns;
    counters.heartbeats++;
    if (!(flags & WANT_ACK) && !program->ack_all) {
        return true;
    }
    counters.acks++;
    memcpy(replies->frames + replies->bytes, HEARTBEAT_ACK, sizeof HEARTBEAT_ACK);
    replies->bytes += sizeof HEARTBEAT_ACK;
    return replies->bytes + sizeof HEARTBEAT_ACK <= REPLY_BYTES || flush_replies(connection, replies);
}

// Takes all whole frames off the bytes; the acks of one read go out with one send. Returns what is left, -1 to close.
static ssize_t take_frames(struct connection *connection, const uint8_t *bytes, size_t count)
{
    static struct replies replies;
    replies.bytes = 0;
    size_t at = 0;
    while (at < count) {
        const uint8_t *frame = bytes + at;
        if (count - at >= HEARTBEAT_BYTES && frame[0] == 2 && frame[1] == TAG_HEARTBEAT && frame[2] < 0x80) {
            if (!take_heartbeat(connection, frame[2], &replies)) {
                return -1;
            }
            at += HEARTBEAT_BYTES;
            continue;
        }
        size_t length = 0;
        int prefix = read_length(frame, count - at, &length);
        if (prefix < 0) {
            return -1;
        }
        if (prefix == 0 || count - at - (size_t)prefix < length) {
            break;
        }
        if (!flush_replies(connection, &replies) || !take_frame(connection, frame + prefix, length)) {
            return -1;
        }
        at += (size_t)prefix + length;
    }
    return flush_replies(connection, &replies) ? (ssize_t)(count - at) : -1;
}

static void keep_partial(struct connection *connection, const uint8_t *bytes, size_t count)
{
    if (count == 0) {
        free(connection->partial);
        connection->partial = NULL;
    } else {
        connection->partial = grown(connection->partial, count);
        memcpy(connection->partial, bytes, count);
    }
    connection->partial_bytes = count;
}

// One recv a wake-up: epoll tells again when there is more. False: close.
static bool read_some(struct connection *connection)
{
    size_t held = connection->partial_bytes;
    if (held > 0) {
        memcpy(scratch, connection->partial, held);
    }
    ssize_t received = recv(connection->fd, scratch + held, SCRATCH_BYTES - held, 0);
    if (received <= 0) {
        return received < 0 && (errno == EAGAIN || errno == EINTR);
    }
    size_t count = held + (size_t)received;
    ssize_t left = take_frames(connection, scratch, count);
    if (left < 0) {
        return false;
    }
    if (left > 0 || held > 0) {
        keep_partial(connection, scratch + count - left, (size_t)left);
    }
    return true;
}

static void close_connection(struct connection *connection)
{
    if (program->on_close != NULL) {
        program->on_close(connection);
    }
    close(connection->fd);
    free(connection->partial);
    free(connection->unsent);
    free(connection);
    counters.connections--;
}

static void accept_all(int listener)
{
    int fd;
    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        int on = 1;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        struct connection *connection = calloc(1, sizeof *connection);
        if (connection == NULL) {
            die("calloc");
        }
        connection->fd = fd;
        counters.connections++;
        watch_events(connection, EPOLL_CTL_ADD, EPOLLIN);
    }
    if (errno == EMFILE || errno == ENFILE) {
        die("accept4 (raise ulimit -n)");
    }
}

static int listen_on(const char *host, int port)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int on = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    if (fd < 0 || inet_pton(AF_INET, host, &address.sin_addr) != 1) {
        die(host);
    }
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(fd, BACKLOG) < 0) {
        die("listen");
    }
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0) {
        die("epoll_ctl");
    }
    return fd;
}

// Signals come only inside epoll_pwait, so none is missed between a look at the flags and the wait.
static sigset_t take_signals(void)
{
    sigset_t ours, during_wait;
    struct sigaction action = {.sa_handler = on_signal};
    sigemptyset(&ours);
    int numbers[] = {SIGUSR1, SIGINT, SIGTERM};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        sigaction(numbers[i], &action, NULL);
        sigaddset(&ours, numbers[i]);
    }
    sigprocmask(SIG_BLOCK, &ours, &during_wait);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        sigdelset(&during_wait, numbers[i]);
    }
    return during_wait;
}

static void serve(int listener, const struct epoll_event *event)
{
    struct connection *connection = event->data.ptr;
    if (connection == NULL) {
        accept_all(listener);
        return;
    }
    bool lives = event->events & EPOLLOUT ? drain(connection) : read_some(connection);
    // An error or hang-up comes with EPOLLIN while reading (recv tells); while only sending, nobody else would.
    if (!lives || (connection->reads_later && event->events & (EPOLLERR | EPOLLHUP))) {
        close_connection(connection);
    }
}

static void raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

int loop_run(const char *host, int port, const struct program *ours)
{
    program = ours;
    raise_descriptor_limit();
    sigset_t during_wait = take_signals();
    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (epoll_fd < 0) {
        die("epoll_create1");
    }
    int listener = listen_on(host, port);
    fprintf(stderr, "listening on %s:%d, pid %d\n", host, port, (int)getpid());
    struct epoll_event events[EVENTS];
    while (!stop_asked) {
        int count = epoll_pwait(epoll_fd, events, EVENTS, -1, &during_wait);
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
        now_ns = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
        for (int i = 0; i < count; i++) {
            serve(listener, &events[i]);
        }
        if (print_asked) {
            print_asked = 0;
            print_counters();
        }
    }
    print_counters();
    return 0;
}
