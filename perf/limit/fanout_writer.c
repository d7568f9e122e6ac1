// The least a server can do with one status change: the same few bytes to each watcher, one send each. See README.md.
#include "arguments.h"
#include "frames.h"
#include "loop.h"

#include <stdint.h>

static struct connection **watchers;   // in the order in which they came
static size_t watcher_count, watcher_room;
static size_t fan_out = SIZE_MAX;
static uint64_t version;

// index is 1-based: 0 is a connection that does not watch.
static void add_watcher(struct connection *connection)
{
    if (connection->index != 0) {
        return;
    }
    if (watcher_count == watcher_room) {
        watcher_room = watcher_room == 0 ? 1024 : watcher_room * 2;
        watchers = realloc(watchers, watcher_room * sizeof *watchers);
        if (watchers == NULL) {
            perror("realloc");
            exit(1);
        }
    }
    watchers[watcher_count++] = connection;
    connection->index = watcher_count;
}

static void remove_watcher(struct connection *connection)
{
    if (connection->index == 0) {
        return;
    }
    struct connection *last = watchers[--watcher_count];
    watchers[connection->index - 1] = last;
    last->index = connection->index;
    connection->index = 0;
}

// Ack{request_id, version}
static void acknowledge(struct connection *publisher, uint64_t request)
{
    uint8_t frame[24] = {0, 0x1a, 0, 0x08};
    uint8_t *end = write_varint(frame + 4, request);
    *end++ = 0x11;
    memcpy(end, &version, sizeof version);
    end += sizeof version;
    frame[0] = (uint8_t)(end - frame - 1);
    frame[2] = (uint8_t)(end - frame - 3);
    loop_send(publisher, frame, (size_t)(end - frame));
}

// SetStatus{request_id = 1, status = 2, …}
static uint8_t wanted_status(const uint8_t *payload, size_t length)
{
    const uint8_t *end = payload + length;
    uint64_t value;
    const uint8_t *field = read_varint(payload + 1, end, &value);
    field = field != NULL && field < end && *field == 0x08 ? read_varint(field + 1, end, &value) : field;
    return field != NULL && end - field >= 2 && field[0] == 0x10 && field[1] < 0x80 ? field[1] : 1;
}

static void publish(struct connection *publisher, const uint8_t *payload, size_t length)
{
    uint8_t update[sizeof UPDATE];
    memcpy(update, UPDATE, sizeof UPDATE);
    version++;
    memcpy(update + UPDATE_VERSION, &version, sizeof version);   // fixed64 is little-endian, as x86 and Arm are
    update[UPDATE_STATUS] = wanted_status(payload, length);
    size_t count = watcher_count < fan_out ? watcher_count : fan_out;
    for (size_t i = 0; i < count; i++) {
        loop_send(watchers[i], update, sizeof update);
    }
    counters.updates += count;
    acknowledge(publisher, request_id(payload, length));
}

static void on_frame(struct connection *connection, const uint8_t *payload, size_t length)
{
    if (payload[0] == TAG_WATCH) {
        add_watcher(connection);
    } else if (payload[0] == TAG_SET_STATUS) {
        publish(connection, payload, length);
    }
}

int main(int argc, char **argv)
{
    struct address address;
    struct program writer = {.on_frame = on_frame, .on_close = remove_watcher};
    if (argc == 3) {
        fan_out = strtoul(argv[2], NULL, 10);
    }
    if (argc < 2 || argc > 3 || fan_out == 0 || !parse_address(argv[1], &address)) {
        fprintf(stderr, "usage: fanout_writer 127.0.0.1:PORT [FAN_OUT]\n");
        return 2;
    }
    return loop_run(address.host, address.port, &writer);
}
