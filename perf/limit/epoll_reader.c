// The least a server can do with heartbeats: one recv, three bytes looked at, one store. See README.md.
#include "arguments.h"
#include "loop.h"

int main(int argc, char **argv)
{
    struct address address;
    struct program reader = {.ack_all = argc == 3 && strcmp(argv[2], "--ack") == 0};
    if (argc < 2 || argc > 3 || (argc == 3 && !reader.ack_all) || !parse_address(argv[1], &address)) {
        fprintf(stderr, "usage: epoll_reader 127.0.0.1:PORT [--ack]\n");
        return 2;
    }
    return loop_run(address.host, address.port, &reader);
}
