#include "played.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <garde/wire.h>

#include "calls.h"

#define CONNECTIONS_MAX 64
#define HAPPENED_MAX    64
#define BACKLOG_MS      100

/* What came and what was said on a connection, in order. */
enum happened {
    GOT_ASK,
    GOT_LOOK,
    GOT_ANSWER,
    SAID_PROMPT,       /* and all further ones: words of the verifier */
    SAID_PROMPT_EMPTY, /* it may stay so */
    SAID_SKIP,
    SAID_SKIP_PENDING,
    SAID_ACCEPTED,
    SAID_OTHER,
};

struct connection {
    int fd;
    unsigned count;
    enum happened happened[HAPPENED_MAX];
};

static struct input *input;
static int listener = -1;
static char folder[200], path[sizeof((struct sockaddr_un){0}.sun_path)];
static struct connection connections[CONNECTIONS_MAX];
static unsigned count, answers;
static const char *typed;
static bool down, is_both;
static size_t answered_len;

static void clean_up(void)
{
    (void)unlink(path);
    (void)rmdir(folder);
}

const char *played_path(void)
{
    if (listener >= 0)
        return path;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const char *above = secure_getenv("TMPDIR");
    (void)snprintf(folder, sizeof folder, "%s/garde-fuzz-pam-XXXXXX", above != NULL ? above : "/tmp");
    CLAIM(mkdtemp(folder) != NULL && atexit(clean_up) == 0);
    CLAIM((size_t)snprintf(path, sizeof path, "%s/socket", folder) < sizeof path);
    memcpy(address.sun_path, path, sizeof path);
    listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    CLAIM(listener >= 0 && bind(listener, (const struct sockaddr *)&address, sizeof address) == 0);
    CLAIM(listen(listener, 8) == 0);
    return path;
}

static void happens(struct connection *connection, enum happened what)
{
    if (connection->count < HAPPENED_MAX)
        connection->happened[connection->count++] = what;
}

/* ---- what it says ---- */

static enum happened word_of(const uint8_t *packet, size_t len)
{
    if (len == 3 && memcmp(packet, "\1\3\1", 3) == 0)
        return SAID_SKIP;
    if (len == 3 && memcmp(packet, "\1\3\2", 3) == 0)
        return SAID_SKIP_PENDING;
    if (len == 3 && memcmp(packet, "\1\6\1", 3) == 0)
        return SAID_ACCEPTED;
    if (len == 8 && memcmp(packet, "\1\2", 2) == 0 && (packet[2] == 1 || packet[2] == 2) && packet[7] <= 1)
        return packet[7] == 1 ? SAID_PROMPT_EMPTY : SAID_PROMPT;
    return SAID_OTHER;
}

static void say(struct connection *connection, const uint8_t *packet, size_t len, bool with_descriptor)
{
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int))];
    } control = {.header = {.cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS}};
    struct iovec part = {(void *)(uintptr_t)packet, len};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    int descriptor = STDERR_FILENO;

    if (with_descriptor) {
        memcpy(CMSG_DATA(&control.header), &descriptor, sizeof descriptor);
        message.msg_control = control.room;
        message.msg_controllen = sizeof control.room;
    }
    if (connection->fd >= 0 && sendmsg(connection->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0)
        happens(connection, with_descriptor ? SAID_OTHER : word_of(packet, len));
}

static size_t good_packet(uint8_t out[8])
{
    static const uint8_t packets[][9] = {
        {8, 1, 2, 1, 0, 0, 0, 6, 0}, {3, 1, 3, 1}, {3, 1, 6, 1}, {3, 1, 6, 0}, {3, 1, 4, 1}, {3, 1, 4, 2}, {3, 1, 4, 3},
        {8, 1, 2, 2, 0, 0, 0, 8, 1}, {3, 1, 3, 2}, {2, 1, 20}};
    const uint8_t *packet = packets[input_byte(input) % (sizeof packets / sizeof packets[0])];
    memcpy(out, packet + 1, 8);
    return packet[0];
}

enum action {
    ACTION_SAY,
    ACTION_SAY_CHANGED,
    ACTION_SAY_WITH_A_TAIL,
    ACTION_SAY_WITH_A_DESCRIPTOR,
    ACTION_SAY_BYTES,
    ACTION_SAY_TOO_MUCH,
    ACTION_HANG_UP,
    ACTION_SHUT_DOWN,
    ACTION_STOP_OR_START,
    ACTION_DELAY,
    ACTION_COUNT
};

static void hang_up(struct connection *connection)
{
    if (connection->fd >= 0)
        CLAIM(close(connection->fd) == 0);
    connection->fd = -1;
}

static void act(struct connection *connection, int64_t until_ms)
{
    static uint8_t much[WIRE_PACKET_MAX + 1000] = {1, 6, 1};
    uint8_t packet[9];
    size_t len = 0;
    int64_t delay_ms = 0;
    enum action action = (enum action)(input_byte(input) % ACTION_COUNT);
    if (action <= ACTION_SAY_WITH_A_DESCRIPTOR)
        len = good_packet(packet);

    switch (action) {
    case ACTION_SAY_CHANGED:
        packet[input_byte(input) % len] = input_byte(input);
        say(connection, packet, len, false);
        return;
    case ACTION_SAY_WITH_A_TAIL:
        packet[len] = input_byte(input);
        say(connection, packet, len + 1, false);
        return;
    case ACTION_SAY:
    case ACTION_SAY_WITH_A_DESCRIPTOR:
        say(connection, packet, len, action != ACTION_SAY);
        return;
    case ACTION_SAY_BYTES: {
        const uint8_t *bytes = input_bytes(input, sizeof much, &len);
        say(connection, bytes, len, false);
        return;
    }
    case ACTION_SAY_TOO_MUCH:
        say(connection, much, sizeof much - input_byte(input) * 4U, false);
        return;
    case ACTION_HANG_UP:
        hang_up(connection);
        return;
    case ACTION_SHUT_DOWN:
        if (connection->fd >= 0)
            (void)shutdown(connection->fd, SHUT_WR);
        return;
    case ACTION_STOP_OR_START:
        down = !down;
        return;
    case ACTION_DELAY:
        delay_ms = (int64_t)input_number(input, 2);
        calls.now_ms += delay_ms < until_ms - calls.now_ms ? delay_ms : until_ms - calls.now_ms;
        return;
    case ACTION_COUNT:
        return;
    }
}

/* True: as the input says, and nothing else. until_ms: no delay goes beyond that. */
static bool play(struct connection *connection, int64_t until_ms)
{
    uint8_t turn = input_byte(input);
    if (turn < 64)
        return false;
    for (unsigned i = turn % 4; i > 0; i--)
        act(connection, until_ms);
    return true;
}

/* ---- its turns ---- */

static struct connection *last(void)
{
    return count == 0 ? NULL : &connections[count - 1];
}

static int connects(void)
{
    if (down)
        return ECONNREFUSED;
    uint8_t turn = input_byte(input);
    if (turn < 240)
        return 0;
    calls.now_ms += BACKLOG_MS;
    return EAGAIN;
}

static void is_connected(void)
{
    CLAIM(count < CONNECTIONS_MAX);
    struct connection *connection = &connections[count++];
    *connection = (struct connection){.fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK)};
    CLAIM(connection->fd >= 0);
    (void)play(connection, calls.now_ms);
}

static enum happened first_word(const struct connection *connection)
{
    for (unsigned i = 0; i < connection->count; i++)
        if (connection->happened[i] >= SAID_PROMPT)
            return connection->happened[i];
    return SAID_OTHER;
}

/* Without the spaces and dashes in it. */
static void is_the_end_of(const char *text, const struct secret *code)
{
    size_t at = strlen(text), left = secret_len(code);
    CLAIM(left <= 15 && strpbrk((const char *)secret_read(code), " -,") == NULL);
    for (; left > 0; at--) {
        CLAIM(at > 0);
        if (text[at - 1] != ' ' && text[at - 1] != '-')
            CLAIM(text[at - 1] == (char)secret_read(code)[--left]);
    }
}

static void answer_is_what_was_typed(const struct connection *connection, const struct wire_message *message)
{
    const struct secret *code = message->answer.code;
    CLAIM(++answers == 1); /* a code is sent once, whatever happens */
    answered_len = secret_len(code);
    CLAIM(typed != NULL);
    CLAIM(secret_len(code) > 0 || first_word(connection) == SAID_PROMPT_EMPTY);
    if (is_both) {
        is_the_end_of(typed, code);
        return;
    }
    CLAIM(secret_len(code) == strlen(typed));
    CLAIM(memcmp(secret_read(code), typed, secret_len(code)) == 0);
}

static void is_a_fair_question(const struct wire_message *message)
{
    const struct wire_ask *ask = message->type == WIRE_ASK ? &message->ask : &message->look.ask;
    CLAIM(message->type == WIRE_LOOK || ask->user[0] != '\0');
    CLAIM(strpbrk(ask->user, "\n\r\t\x1b\x7f") == NULL);
}

static void is_sent(void)
{
    struct connection *connection = last();
    wire_owner struct wire_message message = {0};
    if (connection->fd < 0)
        return;
    CLAIM(wire_receive(connection->fd, &message, 0) == STATUS_OK);
    CLAIM(message.type == WIRE_ASK || message.type == WIRE_LOOK || message.type == WIRE_ANSWER);
    happens(connection, message.type == WIRE_ASK ? GOT_ASK : message.type == WIRE_LOOK ? GOT_LOOK : GOT_ANSWER);
    if (message.type == WIRE_ANSWER)
        answer_is_what_was_typed(connection, &message);
    else
        is_a_fair_question(&message);

    if (play(connection, calls.now_ms))
        return;
    const char *code = message.type == WIRE_ANSWER ? (const char *)secret_read(message.answer.code) : NULL;
    if (code == NULL)
        say(connection, (const uint8_t *)"\1\2\1\0\0\0\6\0", 8, false);
    else if (code[0] == '\0')
        say(connection, (const uint8_t *)"\1\3\2", 3, false);
    else
        say(connection, (const uint8_t *)(strcmp(code, PLAYED_CODE) == 0 ? "\1\6\1" : "\1\6\0"), 3, false);
}

static void waits(int64_t until_ms)
{
    if (last() != NULL)
        (void)play(last(), until_ms);
}

int64_t played_while_typing(void)
{
    int64_t start_ms = calls.now_ms;
    if (last() != NULL)
        (void)play(last(), INT64_MAX);
    return calls.now_ms - start_ms;
}

void played_types(const char *text)
{
    typed = text;
    is_both = false;
}

void played_types_both(const char *text)
{
    typed = text;
    is_both = true;
}

unsigned played_answers(void)
{
    return answers;
}

unsigned played_connections(void)
{
    return count;
}

void played_start(struct input *from)
{
    input = from;
    count = answers = 0;
    typed = NULL;
    is_both = down = false;
    calls.path = played_path();
    calls.connects = connects;
    calls.is_connected = is_connected;
    calls.is_sent = is_sent;
    calls.waits = waits;
}

void played_end(void)
{
    for (unsigned i = 0; i < count; i++)
        hang_up(&connections[i]);
}

/* ---- what it all came to ---- */

/* The last connection: ASK, a word, ANSWER, another word, and no word too many before it. */
static bool last_went(enum happened out_words[2])
{
    static const enum happened login[] = {GOT_ASK, GOT_ANSWER};
    const struct connection *connection = last();
    unsigned got = 0, said = 0;

    for (unsigned i = 0; connection != NULL && i < connection->count && said < 2; i++) {
        enum happened what = connection->happened[i];
        if (what >= SAID_PROMPT && said == 1 && got < 2)
            return false; /* a word between prompt and answer */
        if (what >= SAID_PROMPT)
            out_words[said++] = what;
        else if (got == 2 || what != login[got++])
            return false;
    }
    return got == 2 && said == 2;
}

bool played_accepted(void)
{
    enum happened words[2];
    return last_went(words) && (words[0] == SAID_PROMPT || words[0] == SAID_PROMPT_EMPTY) && words[1] == SAID_ACCEPTED;
}

static bool has_come(const struct connection *connection, enum happened what)
{
    for (unsigned i = 0; i < connection->count; i++)
        if (connection->happened[i] == what)
            return true;
    return false;
}

bool played_skipped(void)
{
    unsigned asks = 0;
    for (unsigned i = 0; i < count; i++)
        asks += connections[i].count > 0 && has_come(&connections[i], GOT_ASK);
    return asks == 1 && has_come(last(), GOT_ASK) && first_word(last()) == SAID_SKIP;
}

bool played_skipped_pending(void)
{
    enum happened words[2];
    return last_went(words) && words[0] == SAID_PROMPT_EMPTY && words[1] == SAID_SKIP_PENDING && answered_len == 0;
}
