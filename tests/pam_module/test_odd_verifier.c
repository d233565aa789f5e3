/* A verifier that is absent, late, or talks nonsense never makes a login succeed, and never lets one be skipped. */
#include "suite.h"

#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "fake_verifier.h"
#include "stack.h"

struct bytes {
    size_t len;
    const char *bytes;
};

/* What a verifier says that lost its way, in packets of its own making. */
static const struct bytes nonsense[] = {
    {1, "\x01"},                     /* no type */
    {2, "\x01\x06"},                 /* a verdict that is cut off */
    {2, "\x01\x03"},                 /* a skip that is cut off */
    {4, "\x01\x06\x01\x00"},         /* accepted, and one byte more */
    {6, "\x01\x06\x01\x01\x06\x01"}, /* accepted, twice */
    {6, "\x01\x06\x00\x00\x00\x01"}, /* accepted, in four bytes */
    {3, "\x00\x06\x01"},             /* another version */
    {3, "\x02\x06\x01"},             /* another version */
    {3, "\x01\x06\x02"},             /* a verdict that does not exist */
    {3, "\x01\x06\xff"},             /* a verdict that does not exist */
    {3, "\x01\x00\x01"},             /* no such type */
    {3, "\x01\x63\x01"},             /* no such type */
    {3, "\x01\x03\x00"},             /* a skip for no reason */
    {3, "\x01\x03\x02"},             /* a skip that no prompt has allowed */
    {3, "\x01\x03\x03"},             /* a skip for a reason that does not exist */
    {4, "\x01\x03\x01\x01"},         /* a skip, and one byte more */
    {3, "\x02\x03\x01"},             /* a skip of another version */
    {16, "HTTP/1.1 200 OK\n"},
};

static void cuts_in_after_ask(struct fake *fake, int fd)
{
    const struct bytes *bytes = fake->detail;
    if (!fake_gets(fake, fd, WIRE_ASK))
        return;
    fake_says_bytes(fd, bytes->bytes, bytes->len);
    fake_waits_for_close(fd);
}

static void cuts_in_after_answer(struct fake *fake, int fd)
{
    const struct bytes *bytes = fake->detail;
    if (!fake_gets(fake, fd, WIRE_ASK))
        return;
    fake_prompts(fd, LANGUAGE_EN, 6);
    if (!fake_gets(fake, fd, WIRE_ANSWER))
        return;
    fake_says_bytes(fd, bytes->bytes, bytes->len);
    fake_waits_for_close(fd);
}

/* The first answer is nonsense: then the person is not asked for the code, either. */
static void is_unavail_unasked(void (*script)(struct fake *fake, int fd), const void *detail)
{
    struct fake fake = {.detail = detail};
    struct stack stack;
    fake_start(&fake, script);
    stack_open(&stack, "alice", fake.path, "timeout=1 quiet");
    ck_assert_int_eq(stack_authenticate(&stack, "123456"), PAM_AUTHINFO_UNAVAIL);
    ck_assert_int_eq(stack.talk.calls, 0);
    stack_close(&stack);
    fake_stop(&fake);
}

static int try_against(void (*script)(struct fake *fake, int fd), const void *detail)
{
    struct fake fake = {.detail = detail};
    fake_start(&fake, script);
    int result = stack_try(fake.path, "timeout=1", "123456");
    fake_stop(&fake);
    return result;
}

START_TEST(nonsense_is_unavail_as_the_first_answer_and_as_the_verdict)
{
    for (size_t i = 0; i < sizeof nonsense / sizeof nonsense[0]; i++) {
        is_unavail_unasked(cuts_in_after_ask, &nonsense[i]);
        ck_assert_int_eq(try_against(cuts_in_after_answer, &nonsense[i]), PAM_AUTHINFO_UNAVAIL);
    }
    ck_assert(log_has(": an unexpected message\n"));
}
END_TEST

START_TEST(packets_that_are_empty_or_too_long_are_unavail)
{
    static const char zeroes[70000];
    const size_t lengths[] = {0, WIRE_PACKET_MAX, WIRE_PACKET_MAX + 1, 70000};
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        const struct bytes said = {lengths[i], zeroes};
        is_unavail_unasked(cuts_in_after_ask, &said);
        ck_assert_int_eq(try_against(cuts_in_after_answer, &said), PAM_AUTHINFO_UNAVAIL);
    }
}
END_TEST

/* A right verdict that goes on too long. */
START_TEST(an_accepted_verdict_with_a_tail_is_unavail)
{
    secret_owner struct secret *packet = secret_new(WIRE_PACKET_MAX);
    ck_assert_ptr_nonnull(packet);
    const struct wire_message accepted = {.type = WIRE_VERDICT, .verdict = {VERDICT_ACCEPTED}};
    ck_assert_int_eq(wire_encode(&accepted, packet), STATUS_OK);
    size_t len = secret_len(packet);

    char bytes[64] = {0};
    ck_assert_uint_lt(len, sizeof bytes - 1);
    memcpy(bytes, secret_read(packet), len);
    for (size_t cut = 1; cut <= len + 1; cut++) {
        const struct bytes said = {cut, bytes};
        int result = try_against(cuts_in_after_answer, &said);
        ck_assert_int_eq(result, cut == len ? PAM_SUCCESS : PAM_AUTHINFO_UNAVAIL);
    }
}
END_TEST

/* Every type of message that the protocol knows, with values that come closest to a yes. */
static struct wire_message message_of(int type)
{
    struct wire_message message = {.type = (enum wire_type)type};
    switch (type) {
    case WIRE_PROMPT:
        message.prompt = (struct wire_prompt){LANGUAGE_EN, 6};
        break;
    case WIRE_SKIP:
        message.skip.why = WIRE_SKIP_UNENROLLED;
        break;
    case WIRE_REFUSE:
        message.refuse.why = WIRE_REFUSE_BUSY;
        break;
    case WIRE_ANSWER:
        message.answer.code = secret_copy("123456", 6);
        break;
    case WIRE_VERDICT:
        message.verdict.verdict = VERDICT_ACCEPTED;
        break;
    case WIRE_RESULT:
        message.result = (struct wire_result){.code = WIRE_OK};
        break;
    default:
        break;
    }
    return message;
}

static const int types[] = {WIRE_ASK,  WIRE_PROMPT, WIRE_SKIP,  WIRE_REFUSE, WIRE_ANSWER,      WIRE_VERDICT,
                            WIRE_LIST, WIRE_SHOW,   WIRE_AUDIT, WIRE_RESULT, WIRE_AUDIT_VERIFY};

static void says_type_after_ask(struct fake *fake, int fd)
{
    wire_owner struct wire_message message = message_of(*(const int *)fake->detail);
    if (!fake_gets(fake, fd, WIRE_ASK))
        return;
    fake_says(fd, &message);
    fake_waits_for_close(fd);
}

static void says_type_after_answer(struct fake *fake, int fd)
{
    wire_owner struct wire_message message = message_of(*(const int *)fake->detail);
    if (!fake_gets(fake, fd, WIRE_ASK))
        return;
    fake_prompts(fd, LANGUAGE_EN, 6);
    if (!fake_gets(fake, fd, WIRE_ANSWER))
        return;
    fake_says(fd, &message);
    fake_waits_for_close(fd);
}

START_TEST(a_message_of_another_type_is_unavail)
{
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (types[i] != WIRE_SKIP && types[i] != WIRE_PROMPT)
            is_unavail_unasked(says_type_after_ask, &types[i]);
        if (types[i] != WIRE_VERDICT)
            ck_assert_int_eq(try_against(says_type_after_answer, &types[i]), PAM_AUTHINFO_UNAVAIL);
    }
}
END_TEST

static void judges_too_early(struct fake *fake, int fd)
{
    if (!fake_gets(fake, fd, WIRE_ASK))
        return;
    fake_prompts(fd, LANGUAGE_EN, 6);
    fake_judges(fd, VERDICT_ACCEPTED);
    atomic_store(&fake->spoken, 1);
    fake_waits_for_close(fd);
}

/* The person takes longer than the verifier. */
static void type_after_it_spoke(void *detail)
{
    struct fake *fake = detail;
    while (atomic_load(&fake->spoken) == 0)
        (void)sched_yield();
}

static void type_after_it_hung_up(void *detail)
{
    struct fake *fake = detail;
    while (atomic_load(&fake->ended) == 0)
        (void)sched_yield();
}

START_TEST(a_verdict_from_before_the_answer_does_not_count)
{
    struct fake fake = {0};
    struct stack stack;
    fake_start(&fake, judges_too_early);
    stack_open(&stack, "alice", fake.path, "timeout=1");
    stack.talk.at_prompt = type_after_it_spoke;
    stack.talk.detail = &fake;
    ck_assert_int_eq(stack_authenticate(&stack, "123456"), PAM_AUTHINFO_UNAVAIL);
    stack_close(&stack);
    fake_stop(&fake);
    ck_assert_int_eq(fake.answers, 0);
}
END_TEST

static void hangs_up(struct fake *fake, int fd)
{
    (void)fake;
    (void)fd;
}

static void hangs_up_after_ask(struct fake *fake, int fd)
{
    (void)fake_gets(fake, fd, WIRE_ASK);
}

static void hangs_up_after_answer(struct fake *fake, int fd)
{
    if (!fake_gets(fake, fd, WIRE_ASK))
        return;
    fake_prompts(fd, LANGUAGE_EN, 6);
    (void)fake_gets(fake, fd, WIRE_ANSWER);
}

START_TEST(a_connection_that_is_closed_is_unavail_and_the_code_is_sent_once)
{
    is_unavail_unasked(hangs_up, NULL);
    is_unavail_unasked(hangs_up_after_ask, NULL);

    struct fake fake = {0};
    fake_start(&fake, hangs_up_after_answer);
    ck_assert_int_eq(stack_try(fake.path, "", "123456"), PAM_AUTHINFO_UNAVAIL);
    fake_stop(&fake);
    ck_assert_int_eq(fake.answers, 1);
    ck_assert_int_eq(fake.connections, 1);
    ck_assert(log_has(": the connection was closed\n"));
}
END_TEST

/* The first connection ends as soon as it has prompted; the second goes as *detail says: a wire type, 0 for an honest one. */
static void hangs_up_while_the_person_types(struct fake *fake, int fd)
{
    int second = *(const int *)fake->detail;
    if (atomic_load(&fake->connections) == 1) {
        if (fake_gets(fake, fd, WIRE_ASK))
            fake_prompts(fd, LANGUAGE_EN, 6);
    } else if (second == 0) {
        fake_honest(fake, fd);
    } else {
        says_type_after_ask(fake, fd);
    }
}

static int outlive_the_connection(int second, int *out_prompts)
{
    struct fake fake = {.detail = &second};
    struct stack stack;
    fake_start(&fake, hangs_up_while_the_person_types);
    stack_open(&stack, "alice", fake.path, "timeout=1 quiet");
    stack.talk.at_prompt = type_after_it_hung_up;
    stack.talk.detail = &fake;
    int result = stack_authenticate(&stack, "123456");
    *out_prompts = stack.talk.calls;
    stack_close(&stack);
    fake_stop(&fake);
    ck_assert_int_eq(fake.connections, 2);
    return result;
}

START_TEST(a_verifier_that_restarts_while_the_person_types_is_asked_again)
{
    int prompts = 0;
    ck_assert_int_eq(outlive_the_connection(0, &prompts), PAM_SUCCESS);
    ck_assert_int_eq(prompts, 1);
    ck_assert_int_eq(outlive_the_connection(WIRE_SKIP, &prompts), PAM_AUTHINFO_UNAVAIL);
    ck_assert_int_eq(outlive_the_connection(WIRE_VERDICT, &prompts), PAM_AUTHINFO_UNAVAIL);
    ck_assert_int_eq(outlive_the_connection(WIRE_REFUSE, &prompts), PAM_AUTHINFO_UNAVAIL);
}
END_TEST

/* On its second connection the module is kept from reading until all words are there: the program's own recvmsg() comes before the C library's. */
static struct fake *_Atomic held_by;

__attribute__((visibility("default"))) ssize_t recvmsg(int fd, struct msghdr *message, int flags)
{
    struct fake *fake = held_by;
    while (fake != NULL && atomic_load(&fake->connections) == 2 && atomic_load(&fake->spoken) == 0)
        (void)sched_yield();
    return syscall(SYS_recvmsg, fd, message, flags);
}

static void hold_after_it_hung_up(void *detail)
{
    type_after_it_hung_up(detail);
    held_by = detail;
}

static void judges_too_early_after_a_restart(struct fake *fake, int fd)
{
    if (atomic_load(&fake->connections) == 1) {
        if (fake_gets(fake, fd, WIRE_ASK))
            fake_prompts(fd, LANGUAGE_EN, 6);
        return;
    }
    fake_prompts(fd, LANGUAGE_EN, 6);
    fake_judges(fd, VERDICT_ACCEPTED);
    atomic_store(&fake->spoken, 1);
    if (fake_gets(fake, fd, WIRE_ASK))
        (void)fake_gets(fake, fd, WIRE_ANSWER);
}

START_TEST(a_verdict_from_before_the_answer_does_not_count_after_a_restart_either)
{
    struct fake fake = {0};
    struct stack stack;
    fake_start(&fake, judges_too_early_after_a_restart);
    stack_open(&stack, "alice", fake.path, "timeout=1 quiet");
    stack.talk.at_prompt = hold_after_it_hung_up;
    stack.talk.detail = &fake;
    ck_assert_int_eq(stack_authenticate(&stack, "123456"), PAM_AUTHINFO_UNAVAIL);
    stack_close(&stack);
    fake_stop(&fake);
    ck_assert_int_eq(fake.connections, 2);
    ck_assert_int_eq(fake.answers, 0);
}
END_TEST

static void stop_it(void *detail)
{
    fake_stop(detail);
}

START_TEST(a_verifier_that_stops_while_the_person_types_is_unavail)
{
    const int honest = 0;
    struct fake fake = {.detail = &honest};
    struct stack stack;
    fake_start(&fake, hangs_up_while_the_person_types);
    stack_open(&stack, "alice", fake.path, "timeout=1");
    stack.talk.at_prompt = stop_it;
    stack.talk.detail = &fake;
    ck_assert_int_eq(stack_authenticate(&stack, "123456"), PAM_AUTHINFO_UNAVAIL);
    ck_assert_int_eq(stack.talk.calls, 2);
    ck_assert_str_eq(stack.talk.texts[1],
                     "Login with a code is not available at the moment. Try again, then call IT support.");
    stack_close(&stack);
    ck_assert(log_has(": nobody listens\n"));
}
END_TEST

static double now_s(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void says_nothing(struct fake *fake, int fd)
{
    if (fake_gets(fake, fd, WIRE_ASK))
        fake_waits_for_close(fd);
}

static void never_judges(struct fake *fake, int fd)
{
    hangs_up_after_answer(fake, fd);
    fake_waits_for_close(fd);
}

START_TEST(a_verifier_that_is_late_is_unavail_when_the_time_is_up)
{
    void (*const scripts[])(struct fake *, int) = {says_nothing, never_judges};
    for (size_t i = 0; i < 2; i++) {
        double began_s = now_s();
        ck_assert_int_eq(try_against(scripts[i], NULL), PAM_AUTHINFO_UNAVAIL);
        double took_s = now_s() - began_s;
        ck_assert_double_ge(took_s, 0.9);
        ck_assert_double_le(took_s, 2.9);
    }
    ck_assert(log_has(": no answer in time\n"));
}
END_TEST

START_TEST(a_full_backlog_is_unavail_when_the_time_is_up)
{
    struct fake fake = {0};
    fake_start(&fake, NULL);
    int waiting[2] = {-1, -1};
    size_t in_line = 0;
    while (in_line < 2 && wire_connect(fake.path, wire_deadline_ms(50), &waiting[in_line]) == STATUS_OK)
        in_line++;
    double began_s = now_s();
    ck_assert_int_eq(stack_try(fake.path, "timeout=1", "123456"), PAM_AUTHINFO_UNAVAIL);
    ck_assert_double_le(now_s() - began_s, 2.9);
    for (size_t i = 0; i < in_line; i++)
        (void)close(waiting[i]);
    fake_stop(&fake);
}
END_TEST

START_TEST(a_path_that_is_no_socket_is_unavail)
{
    ck_assert_int_eq(stack_try("/nonexistent/socket", "", "123456"), PAM_AUTHINFO_UNAVAIL);
    ck_assert_int_eq(stack_try("/", "", "123456"), PAM_AUTHINFO_UNAVAIL);
    ck_assert_int_eq(stack_try("/etc/passwd", "", "123456"), PAM_AUTHINFO_UNAVAIL);
    ck_assert_int_eq(stack_try("/etc/passwd/socket", "", "123456"), PAM_AUTHINFO_UNAVAIL);
}
END_TEST

START_TEST(a_socket_without_permission_is_unavail)
{
    if (geteuid() != 0)
        return; /* only root can shut a socket against itself, by being somebody else */
    struct fake fake = {0};
    fake_start(&fake, fake_honest);
    ck_assert_int_eq(chmod(fake.folder, 0755), 0);
    ck_assert_int_eq(chmod(fake.path, 0600), 0);
    ck_assert_int_eq(stack_try_as(65533, fake.path, "", "123456"), PAM_AUTHINFO_UNAVAIL);
    fake_stop(&fake);
    ck_assert(log_has(": access denied\n"));
}
END_TEST

SUITE("odd verifier", nonsense_is_unavail_as_the_first_answer_and_as_the_verdict,
      packets_that_are_empty_or_too_long_are_unavail, an_accepted_verdict_with_a_tail_is_unavail,
      a_message_of_another_type_is_unavail, a_verdict_from_before_the_answer_does_not_count,
      a_connection_that_is_closed_is_unavail_and_the_code_is_sent_once,
      a_verifier_that_restarts_while_the_person_types_is_asked_again,
      a_verdict_from_before_the_answer_does_not_count_after_a_restart_either,
      a_verifier_that_stops_while_the_person_types_is_unavail, a_verifier_that_is_late_is_unavail_when_the_time_is_up,
      a_full_backlog_is_unavail_when_the_time_is_up, a_path_that_is_no_socket_is_unavail,
      a_socket_without_permission_is_unavail)
