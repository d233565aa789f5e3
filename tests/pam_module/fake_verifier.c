#include "fake_verifier.h"

#include <check.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define LONG_MS 20000 /* nothing here waits so long unless the module is broken */

static void *play(void *data)
{
    struct fake *fake = data;
    struct pollfd wanted[] = {{.fd = fake->listener, .events = POLLIN}, {.fd = fake->stop[0], .events = POLLIN}};

    while (poll(wanted, 2, -1) > 0 && wanted[1].revents == 0) {
        int fd = accept(fake->listener, NULL, NULL);
        if (fd < 0)
            continue;
        atomic_fetch_add(&fake->connections, 1);
        fake->script(fake, fd);
        (void)close(fd);
        atomic_fetch_add(&fake->ended, 1);
    }
    return NULL;
}

void fake_start(struct fake *fake, void (*script)(struct fake *fake, int fd))
{
    *fake = (struct fake){
        .folder = "/tmp/garde-fake-XXXXXX", .script = script, .detail = fake->detail, .forget = fake->forget};
    ck_assert_ptr_nonnull(mkdtemp(fake->folder));
    (void)snprintf(fake->path, sizeof fake->path, "%s/socket", fake->folder);

    struct sockaddr_un address = {.sun_family = AF_UNIX};
    memcpy(address.sun_path, fake->path, strlen(fake->path));
    fake->listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    ck_assert_int_ge(fake->listener, 0);
    ck_assert_int_eq(bind(fake->listener, (const struct sockaddr *)&address, sizeof address), 0);
    ck_assert_int_eq(listen(fake->listener, script != NULL ? 64 : 0), 0);
    ck_assert_int_eq(pipe(fake->stop), 0);
    if (script != NULL)
        ck_assert_int_eq(pthread_create(&fake->thread, NULL, play, fake), 0);
}

void fake_stop(struct fake *fake)
{
    (void)close(fake->stop[1]);
    if (fake->script != NULL)
        ck_assert_int_eq(pthread_join(fake->thread, NULL), 0);
    (void)close(fake->stop[0]);
    (void)close(fake->listener);
    ck_assert_int_eq(unlink(fake->path), 0);
    ck_assert_int_eq(rmdir(fake->folder), 0);
}

bool fake_gets(struct fake *fake, int fd, enum wire_type type)
{
    wire_owner struct wire_message message = {0};
    if (wire_receive(fd, &message, wire_deadline_ms(LONG_MS)) != STATUS_OK)
        return false;
    if (message.type == WIRE_ASK || message.type == WIRE_LOOK)
        fake->ask = message.type == WIRE_ASK ? message.ask : message.look.ask;
    if (message.type == WIRE_LOOK) {
        atomic_fetch_add(&fake->looks, 1);
        return type == WIRE_ASK;
    }
    if (message.type == WIRE_ANSWER) {
        atomic_fetch_add(&fake->answers, 1);
        atomic_fetch_add(&fake->at_once, (int)message.answer.at_once);
        size_t len = secret_len(message.answer.code);
        if (!fake->forget) {
            memcpy(fake->code, secret_read(message.answer.code), len);
            fake->code[len] = '\0';
        }
    }
    return message.type == type;
}

void fake_says(int fd, const struct wire_message *message)
{
    (void)!wire_send(fd, message, wire_deadline_ms(LONG_MS));
}

void fake_says_bytes(int fd, const void *bytes, size_t len)
{
    (void)!send(fd, bytes, len, MSG_NOSIGNAL);
}

void fake_prompts(int fd, enum language language, unsigned digits)
{
    fake_says(fd, &(struct wire_message){.type = WIRE_PROMPT, .prompt = {language, digits}});
}

void fake_judges(int fd, enum verdict verdict)
{
    fake_says(fd, &(struct wire_message){.type = WIRE_VERDICT, .verdict = {verdict}});
}

void fake_waits_for_close(int fd)
{
    wire_owner struct wire_message message = {0};
    (void)!wire_receive(fd, &message, wire_deadline_ms(LONG_MS));
}

static void judge(struct fake *fake, int fd, bool may_be_empty)
{
    if (!fake_gets(fake, fd, WIRE_ANSWER))
        return;
    if (may_be_empty && fake->code[0] == '\0')
        fake_says(fd, &(struct wire_message){.type = WIRE_SKIP, .skip = {WIRE_SKIP_PENDING}});
    else
        fake_judges(fd, strcmp(fake->code, "123456") == 0 ? VERDICT_ACCEPTED : VERDICT_REFUSED);
}

void fake_plays(struct fake *fake, int fd)
{
    const struct fake_play *play = fake->detail;
    int nth = atomic_load(&fake->connections) - 1;
    enum fake_turn turn = play->asks[nth < FAKE_ASKS ? nth : FAKE_ASKS - 1];
    struct wire_message word = {.type = WIRE_PROMPT};
    word.prompt = (struct wire_prompt){play->language == 0 ? LANGUAGE_EN : play->language,
                                       play->digits == 0 ? 6 : play->digits, turn == FAKE_EMPTY};
    if (turn == FAKE_SKIP)
        word = (struct wire_message){.type = WIRE_SKIP, .skip = {WIRE_SKIP_UNENROLLED}};
    if (turn == FAKE_DENIED || turn == FAKE_BUSY || turn == FAKE_LOOKUP)
        word = (struct wire_message){.type = WIRE_REFUSE,
                                     .refuse = {turn == FAKE_DENIED ? WIRE_REFUSE_DENIED
                                                : turn == FAKE_BUSY ? WIRE_REFUSE_BUSY
                                                                    : WIRE_REFUSE_LOOKUP}};
    if (!fake_gets(fake, fd, WIRE_ASK) || turn == FAKE_NO_WORD)
        return;
    fake_says(fd, &word);
    if (word.type == WIRE_PROMPT && turn != FAKE_PROMPT_ONLY)
        judge(fake, fd, turn == FAKE_EMPTY);
}

void fake_honest(struct fake *fake, int fd)
{
    if (!fake_gets(fake, fd, WIRE_ASK))
        return;
    fake_prompts(fd, LANGUAGE_EN, 6);
    if (fake_gets(fake, fd, WIRE_ANSWER))
        fake_judges(fd, strcmp(fake->code, "123456") == 0 ? VERDICT_ACCEPTED : VERDICT_REFUSED);
}
