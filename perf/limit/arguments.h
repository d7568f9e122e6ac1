// HOST:PORT from the command line.
#ifndef ARGUMENTS_H
#define ARGUMENTS_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct address {
    char host[64];
    int port;
};

// Returns 0 when the text is not HOST:PORT with a numeric IPv4 host.
static inline int parse_address(const char *text, struct address *address)
{
    const char *colon = strrchr(text, ':');
    if (colon == NULL || (size_t)(colon - text) >= sizeof address->host) {
        return 0;
    }
    memcpy(address->host, text, (size_t)(colon - text));
    address->host[colon - text] = 0;
    char *end;
    long port = strtol(colon + 1, &end, 10);
    address->port = (int)port;
    return *end == 0 && port > 0 && port < 65536;
}

#endif
