/* Keeps connections to the verifier busy: each login connects anew (ASK, PROMPT, ANSWER, VERDICT, close).
 *
 *   load SOCKET CONNECTIONS     logins on standard input: "USER CODE" a line
 *
 * Writes one line: "LOGINS ACCEPTED ELAPSED_NS P50_NS P99_NS", the time of a login from connect to verdict. One thread, no
 * memory is asked for and nothing is encoded while it runs: what it costs is taken from the verifier's two cores.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <garde/number.h>
#include <garde/wire.h>

#define CONNECTIONS_MAX 1024
#define PACKET_SIZE     64 /* an ASK without PAM items, or an ANSWER with a code */

struct packet {
    uint8_t len;
    uint8_t bytes[PACKET_SIZE - 1];
};

struct login {
    struct packet ask, answer;
    uint64_t began_ns;
    uint64_t took_ns;
};

struct slot {
    int fd;
    bool prompted;
    struct login *login;
};

struct load {
    struct sockaddr_un address;
    int epoll;
    struct login *logins;
    size_t count, room, begun, ended, accepted;
    struct slot slots[CONNECTIONS_MAX];
};

static uint64_t now_ns(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

static bool encode(const struct wire_message *message, struct packet *out)
{
    secret_owner struct secret *packet = secret_new(WIRE_PACKET_MAX);
    if (packet == NULL || wire_encode(message, packet) != STATUS_OK || secret_len(packet) > sizeof out->bytes)
        return false;
    out->len = (uint8_t)secret_len(packet);
    memcpy(out->bytes, secret_read(packet), secret_len(packet));
    return true;
}

static bool add_login(struct load *load, const char *user, const char *code)
{
    if (load->count == load->room) {
        load->room = load->room == 0 ? 1024 : 2 * load->room;
        load->logins = reallocarray(load->logins, load->room, sizeof *load->logins);
        if (load->logins == NULL)
            return false;
    }
    struct login *login = &load->logins[load->count++];
    struct wire_message ask = {.type = WIRE_ASK, .ask = {.service = "bench"}};
    memcpy(ask.ask.user, user, strlen(user) + 1);
    wire_owner struct wire_message answer = {.type = WIRE_ANSWER};
    answer.answer.code = secret_copy(code, strlen(code));
    return encode(&ask, &login->ask) && encode(&answer, &login->answer);
}

static bool read_logins(struct load *load)
{
    char line[128], user[64], code[16];
    while (fgets(line, sizeof line, stdin) != NULL)
        if (sscanf(line, "%63s %15s", user, code) != 2 || !add_login(load, user, code))
            return false;
    return load->count > 0;
}

static bool send_packet(int fd, const struct packet *packet)
{
    return send(fd, packet->bytes, packet->len, MSG_NOSIGNAL) == packet->len;
}

/* false: this connection stays unused from here on. */
static bool begin(struct load *load, struct slot *slot)
{
    if (load->begun == load->count)
        return false;
    slot->login = &load->logins[load->begun++];
    slot->prompted = false;
    slot->login->began_ns = now_ns();
    slot->fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = slot};
    return slot->fd >= 0 && connect(slot->fd, (struct sockaddr *)&load->address, sizeof load->address) == 0 &&
           send_packet(slot->fd, &slot->login->ask) && epoll_ctl(load->epoll, EPOLL_CTL_ADD, slot->fd, &event) == 0;
}

static void end(struct load *load, struct slot *slot, bool accepted)
{
    (void)close(slot->fd);
    slot->login->took_ns = now_ns() - slot->login->began_ns;
    load->accepted += accepted ? 1 : 0;
    load->ended++;
    while (load->begun < load->count && !begin(load, slot))
        load->ended++;
}

static void take(struct load *load, struct slot *slot)
{
    uint8_t packet[PACKET_SIZE];
    ssize_t got = recv(slot->fd, packet, sizeof packet, MSG_DONTWAIT);

    if (got > 2 && !slot->prompted && packet[1] == WIRE_PROMPT) {
        slot->prompted = true;
        if (send_packet(slot->fd, &slot->login->answer))
            return;
    }
    end(load, slot, got == 3 && slot->prompted && packet[1] == WIRE_VERDICT && packet[2] == VERDICT_ACCEPTED);
}

static bool run(struct load *load, size_t connections)
{
    struct epoll_event events[CONNECTIONS_MAX];

    for (size_t i = 0; i < connections && load->begun < load->count; i++)
        if (!begin(load, &load->slots[i]))
            return false;
    while (load->ended < load->count) {
        int ready = epoll_wait(load->epoll, events, (int)connections, 20000);
        if (ready <= 0)
            return false;
        for (int i = 0; i < ready; i++)
            take(load, events[i].data.ptr);
    }
    return true;
}

static int by_time(const void *a, const void *b)
{
    uint64_t left = ((const struct login *)a)->took_ns, right = ((const struct login *)b)->took_ns;
    return left < right ? -1 : left > right;
}

int main(int argc, char **argv)
{
    static struct load load = {.address = {.sun_family = AF_UNIX}};
    uint64_t connections = 0;

    if (argc != 3 || strlen(argv[1]) >= sizeof load.address.sun_path ||
        number_parse(argv[2], 1, CONNECTIONS_MAX, &connections) != STATUS_OK || !read_logins(&load)) {
        (void)fprintf(stderr, "usage: load SOCKET CONNECTIONS <LOGINS\n");
        return 2;
    }
    memcpy(load.address.sun_path, argv[1], strlen(argv[1]));
    load.epoll = epoll_create1(EPOLL_CLOEXEC);
    uint64_t began_ns = now_ns();
    if (load.epoll < 0 || !run(&load, (size_t)connections)) {
        perror("load");
        return 1;
    }
    uint64_t elapsed_ns = now_ns() - began_ns;
    qsort(load.logins, load.count, sizeof *load.logins, by_time);
    (void)printf("%zu %zu %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", load.count, load.accepted, elapsed_ns,
                 load.logins[load.count / 2].took_ns, load.logins[load.count - 1 - load.count / 100].took_ns);
    free(load.logins);
    return 0;
}
