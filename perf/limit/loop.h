// One epoll loop on one thread: accepts, reads, cuts frames, counts heartbeats, answers what every program here must answer (Hello, Watch,
// heartbeats that want an ack). What else to do with a frame is the program's.
#ifndef LOOP_H
#define LOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct connection {
    int fd;
    bool welcomed;
    bool reads_later;             // its output is full: wait for EPOLLOUT
    uint64_t last_heartbeat_ns;   // what the measured server stores, too
    uint8_t *partial;             // the beginning of a frame whose rest has not come
    size_t partial_bytes;
    uint8_t *unsent;              // what the socket did not take
    size_t unsent_bytes;
    size_t index;                 // for the program
};

struct counters {
    uint64_t connections;         // open now
    uint64_t heartbeats;
    uint64_t acks;
    uint64_t other_frames;
    uint64_t updates;             // of fanout_writer
};

struct program {
    // A frame that is neither a heartbeat nor the first one. The payload begins with its tag.
    void (*on_frame)(struct connection *connection, const uint8_t *payload, size_t length);
    void (*on_close)(struct connection *connection);
    bool ack_all;                 // answer every heartbeat, asked or not
};

extern struct counters counters;

// Runs until SIGINT or SIGTERM; SIGUSR1 prints the counters. Returns the exit code.
int loop_run(const char *host, int port, const struct program *program);

// Sends with one call; what the socket does not take is kept and sent when it does. False: more than MAX_UNSENT_BYTES are kept already, or
// the peer is gone; the connection is then closed by the loop.
bool loop_send(struct connection *connection, const uint8_t *bytes, size_t count);

#endif
