// The bytes of presence.v1 that the limit programs need, and nothing more: a length (varint), then one protobuf message.
#ifndef FRAMES_H
#define FRAMES_H

#include <stddef.h>
#include <stdint.h>

enum {
    HEARTBEAT_BYTES = 3,      // 02 08 xx
    WANT_ACK = 2,             // bit 1 of xx
    MAX_FRAME_BYTES = 65536,  // as the server allows
};

// HeartbeatAck{server_time_ms = 1700000000000, heartbeat_interval_ms = 30000}
static const uint8_t HEARTBEAT_ACK[] = {0x0d, 0x0a, 0x0b, 0x08, 0x80, 0xd0, 0x95, 0xff, 0xbc, 0x31, 0x10, 0xb0, 0xea, 0x01};

// Welcome{session_id = 1, heartbeat_interval_ms = 30000, first_heartbeat_after_ms = 30000}
static const uint8_t WELCOME[] = {0x13, 0x12, 0x11, 0x09, 0x01, 0, 0, 0, 0, 0, 0, 0, 0x20, 0xb0, 0xea, 0x01, 0x28, 0xb0, 0xea, 0x01};

// PresenceBatch{entries: [{user_id = 1, version (8 bytes at UPDATE_VERSION), status (at UPDATE_STATUS), last_active_ms}]}: what one status
// change of one user is to a watcher, in its longest usual form.
static const uint8_t UPDATE[] = {0x1f, 0x22, 0x1d, 0x22, 0x1b, 0x09, 0x01, 0, 0, 0, 0, 0, 0, 0, 0x11, 0, 0, 0, 0, 0, 0, 0, 0,
                                 0x18, 0x01, 0x20, 0x80, 0xd0, 0x95, 0xff, 0xbc, 0x31};
enum { UPDATE_VERSION = 15, UPDATE_STATUS = 24 };

// Tags of ClientFrame's oneof; the first payload byte of every frame here.
enum { TAG_HEARTBEAT = 0x08, TAG_HELLO = 0x12, TAG_SET_STATUS = 0x1a, TAG_WATCH = 0x22 };

// Reads the length in front of a frame. Returns its size in bytes (1-3), 0 when more bytes are needed, -1 when no frame can begin so.
static inline int read_length(const uint8_t *bytes, size_t count, size_t *length)
{
    size_t value = 0;
    for (int i = 0; i < 3; i++) {
        if ((size_t)i >= count) {
            return 0;
        }
        value |= (size_t)(bytes[i] & 0x7f) << (7 * i);
        if (bytes[i] < 0x80) {
            *length = value;
            return value == 0 || value > MAX_FRAME_BYTES ? -1 : i + 1;
        }
    }
    return -1;
}

// Reads one protobuf varint. Returns the byte after it, or NULL when it does not end within the bytes.
static inline const uint8_t *read_varint(const uint8_t *bytes, const uint8_t *end, uint64_t *value)
{
    *value = 0;
    for (int shift = 0; bytes < end && shift < 64; shift += 7) {
        uint8_t byte = *bytes++;
        *value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            return bytes;
        }
    }
    return NULL;
}

// Writes one protobuf varint, at most 10 bytes. Returns the byte after it.
static inline uint8_t *write_varint(uint8_t *bytes, uint64_t value)
{
    for (; value >= 0x80; value >>= 7) {
        *bytes++ = (uint8_t)(value | 0x80);
    }
    *bytes++ = (uint8_t)value;
    return bytes;
}

// A request begins with its id, field 1. Returns 0 when it has none. The payload is tag, length, message.
static inline uint64_t request_id(const uint8_t *payload, size_t length)
{
    const uint8_t *end = payload + length;
    uint64_t value;
    const uint8_t *message = read_varint(payload + 1, end, &value);
    if (message == NULL || message == end || *message != 0x08) {
        return 0;
    }
    return read_varint(message + 1, end, &value) == NULL ? 0 : value;
}

#endif
