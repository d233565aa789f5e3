/* Whatever call of the event loop fails while somebody is served: they get their answer, a refusal or a closed connection, never
 * more than the desk said; nothing stays open, and the next one is served. */
#include "suite.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "failing.h"
#include "house.h"

#define FILES 4096
#define WAIT  20000000 /* nothing here takes so long unless it never comes */

static struct house house;

#define HOLDS(claim, nth) ck_assert_msg(claim, "%s: %s, call %d", #claim, failing_which(), (nth))

/* 0: closed. The calls of the loop count, those of the client do not. */
static enum wire_type hear(int fd, struct wire_message *out_message)
{
    for (;;) {
        enum status status = wire_receive(fd, out_message, 0);
        if (status != STATUS_TIMEOUT)
            return status == STATUS_OK ? out_message->type : (enum wire_type)0;
        failing_go_on();
        int handled = house_turn(&house, WAIT);
        failing_hold();
        ck_assert_msg(handled > 0, "no answer comes: %s", failing_which());
    }
}

static void begin(int nth)
{
    failing_start(nth, 1, EINTR);
    failing_hold();
}

/* false: the loop made fewer calls. */
static bool end(int fd, int nth)
{
    (void)close(fd);
    failing_go_on();
    house_settle(&house);
    int calls = failing_stop();
    house_settle(&house);
    HOLDS(house.server.connections == NULL, nth);
    ck_assert_int_lt(nth, 500);
    return calls >= nth;
}

static enum verdict log_in(int fd, const char *code)
{
    struct wire_message message = {0};
    house_ask(fd, "alice", "sshd");
    if (hear(fd, &message) != WIRE_PROMPT)
        return VERDICT_REFUSED;
    house_answer(fd, code);
    return hear(fd, &message) == WIRE_VERDICT ? message.verdict.verdict : VERDICT_REFUSED;
}

START_TEST(a_login_is_accepted_by_the_desk_or_not_at_all_whatever_fails)
{
    bool went_on = true;
    house_open(&house, FILES);
    for (int nth = 1; went_on; nth++) {
        unsigned attempts = house.desk->attempts;
        int fd = house_call(&house, WIRE_TRUSTED_SOCKET);
        begin(nth);
        enum verdict verdict = log_in(fd, "right");
        went_on = end(fd, nth);
        HOLDS(verdict == VERDICT_REFUSED || house.desk->attempts == attempts + 1, nth);
        HOLDS(verdict == VERDICT_ACCEPTED || went_on, nth);

        fd = house_call(&house, WIRE_TRUSTED_SOCKET);
        HOLDS(log_in(fd, "right") == VERDICT_ACCEPTED, nth);
        (void)close(fd);
        house_settle(&house);
    }
    house_close(&house);
}
END_TEST

static enum wire_type ask_for(int fd, const char *user)
{
    struct wire_message message = {0};
    house_ask(fd, user, "sshd");
    return hear(fd, &message);
}

START_TEST(a_name_is_let_through_only_when_it_was_found_whatever_fails)
{
    static const struct {
        const char *user;
        enum wire_type answer;
    } names[] = {{"root", WIRE_SKIP}, {"no-such-user", WIRE_REFUSE}};
    house_open(&house, FILES);
    house.server.settings.unenrolled = (struct unenrolled_rule){.answer = UNENROLLED_ALLOW};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        bool went_on = true;
        for (int nth = 1; went_on; nth++) {
            int fd = house_call(&house, WIRE_TRUSTED_SOCKET);
            begin(nth);
            enum wire_type type = ask_for(fd, names[i].user);
            went_on = end(fd, nth);
            HOLDS(type == names[i].answer || ((type == WIRE_REFUSE || type == 0) && went_on), nth);

            fd = house_call(&house, WIRE_TRUSTED_SOCKET);
            HOLDS(ask_for(fd, names[i].user) == names[i].answer, nth);
            (void)close(fd);
            house_settle(&house);
        }
    }
    house_close(&house);
}
END_TEST

/* Rows, then the result: how many there were; -1: closed before the result. */
static int list(int fd)
{
    const struct wire_message list = {.type = WIRE_LIST};
    struct wire_message message = {0};
    int rows = 0;

    house_say(fd, &list);
    for (;;) {
        enum wire_type type = hear(fd, &message);
        if (type == WIRE_RESULT)
            return message.result.code == WIRE_OK ? rows : -1;
        if (type == 0)
            return -1;
        rows++;
    }
}

START_TEST(a_list_is_whole_or_its_end_is_missing_whatever_fails)
{
    bool went_on = true;
    house_open(&house, FILES);
    house.desk->pages = 2;
    for (int nth = 1; went_on; nth++) {
        int fd = house_call(&house, WIRE_ADMIN_SOCKET);
        begin(nth);
        int rows = list(fd);
        went_on = end(fd, nth);
        HOLDS(rows == 2 * JOB_ROWS_MAX || (rows == -1 && went_on), nth);

        fd = house_call(&house, WIRE_ADMIN_SOCKET);
        HOLDS(list(fd) == 2 * JOB_ROWS_MAX, nth);
        (void)close(fd);
        house_settle(&house);
    }
    house_close(&house);
}
END_TEST

SUITE("verifier/failing_sessions", a_login_is_accepted_by_the_desk_or_not_at_all_whatever_fails,
      a_name_is_let_through_only_when_it_was_found_whatever_fails, a_list_is_whole_or_its_end_is_missing_whatever_fails)
