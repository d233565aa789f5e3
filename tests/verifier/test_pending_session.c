/* A prompt that may stay empty, as the event loop has it. */
#include "suite.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "house.h"
#include "session.h"

#define FILES 4096

static struct house house;

static struct wire_message hear(int fd)
{
    struct wire_message message = {0};
    if (house_hear(&house, fd, &message) == 0)
        message.type = (enum wire_type)0;
    return message;
}

static const struct settings_said allowed = {.given = true, .rule = {.answer = UNENROLLED_ALLOW}};

/* Everybody is pending; the general rule lets them through, or only that for the group "games" does. */
static void open_house(bool for_a_group)
{
    house_open(&house, FILES);
    house.desk->all_pending = true;
    if (!for_a_group) {
        house.server.settings.pending.answer = UNENROLLED_ALLOW;
        return;
    }
    house.server.settings.group_count = 2;
    strcpy(house.server.settings.groups[0].name, "no-such-group");
    strcpy(house.server.settings.groups[1].name, "games");
    house.server.settings.groups[0].says.unenrolled = allowed;
    house.server.settings.groups[1].says.pending = allowed;
}

/* What the prompt says: 0 or 1. */
static int asked(const char *socket, const char *user, uint32_t *out_may_be_empty)
{
    int fd = house_call(&house, socket);
    house_ask(fd, user, "sshd");
    struct wire_message prompt = hear(fd);
    ck_assert_int_eq(prompt.type, WIRE_PROMPT);
    *out_may_be_empty = prompt.prompt.may_be_empty;
    return fd;
}

/* The prompt may stay empty. */
static int offered(void)
{
    uint32_t may_be_empty = 0;
    int fd = asked(WIRE_TRUSTED_SOCKET, "games", &may_be_empty);
    ck_assert_uint_eq(may_be_empty, 1);
    return fd;
}

static void is_refused(int fd)
{
    struct wire_message verdict = hear(fd);
    ck_assert_int_eq(verdict.type, WIRE_VERDICT);
    ck_assert_int_eq(verdict.verdict.verdict, VERDICT_REFUSED);
}

START_TEST(an_empty_answer_is_let_through_where_the_prompt_said_so_and_that_is_the_last_word)
{
    open_house(false);
    int fd = offered();
    house_answer(fd, "");
    struct wire_message skip = hear(fd);
    ck_assert_int_eq(skip.type, WIRE_SKIP);
    ck_assert_int_eq(skip.skip.why, WIRE_SKIP_PENDING);
    ck_assert_int_eq(hear(fd).type, 0);
    close(fd);
    ck_assert_uint_eq(house.server.census.trusted_count, 0);
    house_close(&house);
}
END_TEST

START_TEST(a_code_is_judged_as_ever_and_an_empty_answer_may_follow)
{
    open_house(false);
    int fd = offered();
    house_answer(fd, "wrong");
    is_refused(fd);
    house_answer(fd, "");
    ck_assert_int_eq(hear(fd).type, WIRE_SKIP);
    close(fd);
    fd = offered();
    house_answer(fd, "right");
    ck_assert_int_eq(hear(fd).verdict.verdict, VERDICT_ACCEPTED);
    close(fd);
    house_close(&house);
}
END_TEST

START_TEST(where_no_rule_lets_anybody_through_nothing_is_looked_at)
{
    house_open(&house, FILES);
    house.desk->all_pending = true;
    house.server.settings.group_count = 1;
    strcpy(house.server.settings.groups[0].name, "games");
    house.server.settings.groups[0].says.pending =
        (struct settings_said){.given = true, .rule = {.answer = UNENROLLED_ALLOW_UNTIL, .until_s = 1000}};
    uint32_t may_be_empty = 1;
    int fd = asked(WIRE_TRUSTED_SOCKET, "games", &may_be_empty);
    ck_assert_uint_eq(may_be_empty, 0);
    ck_assert_uint_eq(house.desk->batches, 0);
    house_answer(fd, "");
    is_refused(fd);
    close(fd);
    house_close(&house);
}
END_TEST

START_TEST(the_rule_is_that_of_the_users_own_groups)
{
    uint32_t may_be_empty = 0;
    open_house(true);
    close(offered());
    close(asked(WIRE_TRUSTED_SOCKET, "daemon", &may_be_empty)); /* no member */
    ck_assert_uint_eq(may_be_empty, 0);
    close(asked(WIRE_VERIFY_SOCKET, "games",
                &may_be_empty)); /* of groups, not of services: for every door that has rules */
    ck_assert_uint_eq(may_be_empty, 1);
    house_close(&house);
}
END_TEST

START_TEST(an_unenrolled_user_has_the_rule_of_the_own_groups_too)
{
    open_house(true);
    house.desk->all_pending = false;
    house.server.settings.groups[1].says.unenrolled = allowed;
    int fd = house_call(&house, WIRE_TRUSTED_SOCKET);
    house_ask(fd, "games", "sshd");
    ck_assert_int_eq(hear(fd).type, WIRE_SKIP);
    ck_assert_int_eq(house.desk->last_rule, UNENROLLED_ALLOW);
    close(fd);
    fd = house_call(&house, WIRE_TRUSTED_SOCKET);
    house_ask(fd, "daemon", "sshd");
    (void)hear(fd);
    ck_assert_int_eq(house.desk->last_rule, UNENROLLED_REFUSE);
    close(fd);
    house_close(&house);
}
END_TEST

START_TEST(a_lookup_that_fails_leaves_the_prompt_and_takes_the_rule)
{
    static const char *const names[] = {"crashes", "no-such-user", "speaks-of-no-groups"};
    open_house(true);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        uint32_t may_be_empty = 1;
        int fd = asked(WIRE_TRUSTED_SOCKET, names[i], &may_be_empty);
        ck_assert_uint_eq(may_be_empty, 0);
        house_answer(fd, "right"); /* a first code still confirms */
        ck_assert_int_eq(hear(fd).verdict.verdict, VERDICT_ACCEPTED);
        close(fd);
    }
    house_close(&house);
}
END_TEST

START_TEST(an_empty_answer_is_nothing_special_after_any_other_prompt)
{
    open_house(true);
    uint32_t may_be_empty = 1;
    int fd = asked(WIRE_TRUSTED_SOCKET, "daemon", &may_be_empty);
    house_answer(fd, "");
    is_refused(fd);
    house.desk->attempts_skip = true; /* a desk that has lost its mind */
    house_answer(fd, "");
    is_refused(fd);
    close(fd);
    house_close(&house);
}
END_TEST

START_TEST(new_settings_take_back_what_the_prompt_said)
{
    open_house(false);
    int fd = offered();
    struct settings other = house.server.settings;
    server_adopt(&house.server, &other);
    house_answer(fd, "");
    is_refused(fd);
    close(fd);
    close(offered());
    house_close(&house);
}
END_TEST

START_TEST(what_was_looked_up_for_other_settings_is_worth_nothing)
{
    open_house(true);
    int fd = house_call(&house, WIRE_TRUSTED_SOCKET);
    house_ask(fd, "games", "sshd");
    while (waitid(P_ALL, 0, &(siginfo_t){0}, WEXITED | WNOHANG | WNOWAIT) != 0) /* until there is a helper */
        ck_assert_int_ge(house_turn(&house, 1000), 0);
    struct settings swapped = house.server.settings; /* the bits that come back are of the old order */
    strcpy(swapped.groups[0].name, "games");
    strcpy(swapped.groups[1].name, "no-such-group");
    server_adopt(&house.server, &swapped);
    struct wire_message prompt = hear(fd);
    ck_assert_int_eq(prompt.type, WIRE_PROMPT);
    ck_assert_uint_eq(prompt.prompt.may_be_empty, 0);
    close(fd);
    house_close(&house);
}
END_TEST

START_TEST(an_ask_for_nobody_is_prompted_at_once_whatever_the_rules)
{
    house_open(&house, FILES);
    house.desk->all_pending = true;
    house.server.settings.service_count = 1;
    strcpy(house.server.settings.services[0].name, "sshd");
    house.server.settings.services[0].says.unenrolled = house.server.settings.services[0].says.pending =
        (struct settings_said){.given = true, .rule = {.answer = UNENROLLED_ALLOW}};

    const char *const doors[] = {WIRE_TRUSTED_SOCKET, WIRE_VERIFY_SOCKET};
    for (size_t i = 0; i < sizeof doors / sizeof doors[0]; i++) {
        int fd = house_call(&house, doors[i]);
        house_ask(fd, "", "sshd");
        struct wire_message prompt = hear(fd);
        ck_assert_int_eq(prompt.type, WIRE_PROMPT);
        ck_assert_int_eq(prompt.prompt.language, LANGUAGE_FR);
        ck_assert_uint_eq(prompt.prompt.digits, 6);
        ck_assert_uint_eq(prompt.prompt.may_be_empty, 0);
        ck_assert_uint_eq(house.desk->batches, 0); /* nothing was looked at */
        close(fd);
    }

    int fd = house_call(&house, WIRE_TRUSTED_SOCKET);
    house_ask(fd, "", "sshd");
    ck_assert_int_eq(hear(fd).type, WIRE_PROMPT);
    house_answer(fd, ""); /* not let through, and judged as any other */
    struct wire_message verdict = hear(fd);
    ck_assert_int_eq(verdict.type, WIRE_VERDICT);
    ck_assert_int_eq(verdict.verdict.verdict, VERDICT_REFUSED);
    ck_assert_uint_eq(house.desk->attempts, 1);
    close(fd);
    house_close(&house);
}
END_TEST

START_TEST(a_look_is_answered_as_an_ask_and_then_it_is_over)
{
    struct wire_message word = {0};
    house_open(&house, FILES);
    int fd = house_call(&house, WIRE_TRUSTED_SOCKET);
    house_look(fd, "alice", "sshd");
    ck_assert_int_eq(hear(fd).type, WIRE_PROMPT);
    ck_assert_int_eq(house_hear(&house, fd, &word), 0); /* closed: an ANSWER has nowhere to go */
    close(fd);
    house_close(&house);

    open_house(true);
    fd = house_call(&house, WIRE_TRUSTED_SOCKET);
    house_look(fd, "games", "sshd");
    word = hear(fd);
    ck_assert_int_eq(word.type, WIRE_PROMPT);
    ck_assert_uint_eq(word.prompt.may_be_empty, 1);
    ck_assert_int_eq(house_hear(&house, fd, &word), 0);
    close(fd);
    fd = house_call(&house, WIRE_TRUSTED_SOCKET);
    house_look(fd, "", "sshd");
    ck_assert_int_eq(hear(fd).type, WIRE_PROMPT);
    ck_assert_int_eq(house_hear(&house, fd, &word), 0);
    close(fd);
    house_close(&house);
}
END_TEST

SUITE("pending session", an_empty_answer_is_let_through_where_the_prompt_said_so_and_that_is_the_last_word,
      a_code_is_judged_as_ever_and_an_empty_answer_may_follow, where_no_rule_lets_anybody_through_nothing_is_looked_at,
      the_rule_is_that_of_the_users_own_groups, an_unenrolled_user_has_the_rule_of_the_own_groups_too,
      a_lookup_that_fails_leaves_the_prompt_and_takes_the_rule,
      an_empty_answer_is_nothing_special_after_any_other_prompt, new_settings_take_back_what_the_prompt_said,
      a_look_is_answered_as_an_ask_and_then_it_is_over, an_ask_for_nobody_is_prompted_at_once_whatever_the_rules,
      what_was_looked_up_for_other_settings_is_worth_nothing)
