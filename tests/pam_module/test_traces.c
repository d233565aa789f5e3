/* What was typed, and every part of it, is gone from the memory of the process that the module was a guest in. */
#include "suite.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fake_verifier.h"
#include "stack.h"

#define CODE_LEN 64 /* free() writes over the first 16 bytes of a block */

/* The code that is looked for exists nowhere but where the conversation puts it: here it is only computed. */
static unsigned char code_at(size_t i)
{
    unsigned char c = (unsigned char)('A' + (i * 7 + i * i / 5) % 26);
    return c == 'U' ? 'V' : c; /* a part of it may be a recovery code */
}

static int make_up_the_code(int count, const struct pam_message **messages, struct pam_response **out, void *talk)
{
    (void)count, (void)messages, (void)talk;
    *out = calloc(1, sizeof **out);
    char *text = calloc(1, CODE_LEN + 1);
    ck_assert(*out != NULL && text != NULL);
    for (size_t i = 0; i < CODE_LEN; i++)
        text[i] = (char)code_at(i);
    (*out)->resp = text;
    return PAM_SUCCESS;
}

/* A part of the code that long is a copy; a register that was spilled holds 8 bytes. */
#define PART_LEN 12

static size_t parts_in(const unsigned char *bytes, size_t len)
{
    size_t found = 0;
    for (size_t at = 0; at + PART_LEN <= len; at++) {
        if (bytes[at] < 'A' || bytes[at] > 'Z')
            continue;
        for (size_t from = 0; from + PART_LEN <= CODE_LEN; from++) {
            size_t same = 0;
            while (same < PART_LEN && bytes[at + same] == code_at(from + same))
                same++;
            found += same == PART_LEN;
        }
    }
    return found;
}

/* Copies of the code in the memory of this process. */
static size_t copies_in_memory(void)
{
    size_t found = 0;
    uint64_t from = 0;
    uint64_t to = 0;
    char mode[8];
    char line[512];
    const size_t size = 1 << 20;
    unsigned char *window = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    FILE *maps = fopen("/proc/self/maps", "r");
    int memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
    ck_assert(window != MAP_FAILED && maps != NULL && memory >= 0);

    while (fgets(line, sizeof line, maps) != NULL) {
        ck_assert_int_eq(sscanf(line, "%lx-%lx %7s", &from, &to, mode), 3);
        if (mode[1] != 'w' ||
            to - from > (64UL << 20)) /* a sanitizer's shadow is gigabytes, and holds no bytes of ours */
            continue;
        for (uint64_t at = from; at < to; at += size - CODE_LEN) {
            size_t want = to - at < size ? (size_t)(to - at) : size;
            ssize_t got = at >= (uint64_t)(uintptr_t)window && at < (uint64_t)(uintptr_t)window + size
                              ? 0
                              : pread(memory, window, want, (off_t)at);
            if (got > 0)
                found += parts_in(window, (size_t)got);
            memset(window, 0, size);
        }
    }
    (void)close(memory);
    (void)fclose(maps);
    (void)munmap(window, size);
    return found;
}

/* so much of it, before and behind it this */
static struct {
    const char *before;
    size_t len;
    const char *behind;
} field;

static int make_up_the_field(int count, const struct pam_message **messages, struct pam_response **out, void *talk)
{
    (void)count, (void)messages, (void)talk;
    size_t before = strlen(field.before), behind = strlen(field.behind);
    *out = calloc(1, sizeof **out);
    char *text = calloc(1, before + field.len + behind + 1);
    ck_assert(*out != NULL && text != NULL);
    memcpy(text, field.before, before);
    for (size_t i = 0; i < field.len; i++)
        text[before + i] = (char)code_at(i);
    memcpy(text + before + field.len, field.behind, behind);
    (*out)->resp = text;
    return PAM_SUCCESS;
}

static void leaves_no_copy(const char *arguments, void (*script)(struct fake *fake, int fd), int result)
{
    struct fake fake = {.forget = true};
    struct stack stack;
    fake_start(&fake, script);
    stack_open(&stack, "alice", fake.path, arguments);
    stack.talk.instead = make_up_the_code;
    ck_assert_int_eq(stack_authenticate(&stack, NULL), result);
    ck_assert_uint_eq(copies_in_memory(), 0);
    stack_close(&stack);
    fake_stop(&fake);
    ck_assert_uint_eq(copies_in_memory(), 0);
}

static void prompts_and_hangs_up(struct fake *fake, int fd)
{
    if (fake_gets(fake, fd, WIRE_ASK))
        fake_prompts(fd, LANGUAGE_EN, 6);
}

static void accepts_all(struct fake *fake, int fd)
{
    if (!fake_gets(fake, fd, WIRE_ASK))
        return;
    fake_prompts(fd, LANGUAGE_EN, 6);
    if (fake_gets(fake, fd, WIRE_ANSWER))
        fake_judges(fd, VERDICT_ACCEPTED);
}

START_TEST(the_code_is_in_no_memory_of_the_process_after_the_call)
{
    struct pam_response *response = NULL;
    (void)make_up_the_code(1, NULL, &response, NULL);
    ck_assert_uint_gt(copies_in_memory(), 0); /* the search does find it */
    secret_wipe(response->resp, CODE_LEN);
    ck_assert_uint_eq(copies_in_memory(), 0);
    free(response->resp);
    free(response);

    leaves_no_copy("", fake_honest, PAM_AUTH_ERR);
    leaves_no_copy("debug echo", fake_honest, PAM_AUTH_ERR);
    leaves_no_copy("", accepts_all, PAM_SUCCESS);
    leaves_no_copy("timeout=1", prompts_and_hangs_up, PAM_AUTHINFO_UNAVAIL);
}
END_TEST

/* The lines of the pair; the script's verifier takes every code. */
static void begin_pair(struct fake *fake, struct stack *stack, struct pair arguments)
{
    *fake = (struct fake){.forget = true};
    fake_start(fake, accepts_all);
    stack_open_pair(stack, "alice", fake->path, arguments);
    stack->talk.instead = make_up_the_field;
}

#define RECOVERY_LEN 15

START_TEST(the_code_of_a_split_is_in_no_memory_after_verify)
{
    struct fake fake;
    struct stack stack;
    field.before = "secret ", field.len = RECOVERY_LEN, field.behind = "";
    begin_pair(&fake, &stack, (struct pair){.split = "debug", .verify = "debug"});
    ck_assert_int_eq(stack_authenticate(&stack, NULL), PAM_SUCCESS);
    ck_assert_int_eq(fake.answers, 1);
    ck_assert_uint_eq(copies_in_memory(), 0);
    stack_close(&stack);
    fake_stop(&fake);
}
END_TEST

START_TEST(the_code_of_a_split_is_in_one_place_until_the_handle_ends)
{
    struct fake fake;
    struct stack stack;
    field.before = "Secret ", field.len = RECOVERY_LEN, field.behind = "";
    begin_pair(&fake, &stack, (struct pair){.split = NULL});
    ck_assert_int_eq(stack_authenticate(&stack, NULL), PAM_AUTH_ERR); /* wrong password: verify is not reached */
    ck_assert_uint_eq(copies_in_memory(), RECOVERY_LEN - PART_LEN + 1);
    field.before = "Secret", field.len = 0;
    ck_assert_int_eq(stack_authenticate(&stack, NULL), PAM_AUTH_ERR);
    ck_assert_uint_eq(copies_in_memory(), 0); /* another attempt has begun */
    field.before = "Secret ", field.len = RECOVERY_LEN;
    ck_assert_int_eq(stack_authenticate(&stack, NULL), PAM_AUTH_ERR);
    ck_assert_uint_gt(copies_in_memory(), 0);
    stack_close(&stack);
    fake_stop(&fake);
    ck_assert_uint_eq(copies_in_memory(), 0);
}
END_TEST

static void leaves_no_text(const char *const lines[2], int result)
{
    struct fake fake = {.forget = true};
    struct stack stack;
    char text[1024];
    size_t len = 0;
    fake_start(&fake, accepts_all);
    for (size_t i = 0; i < 2 && lines[i] != NULL; i++)
        len += (size_t)snprintf(text + len, sizeof text - len, "auth %s socket=%s\n", lines[i], fake.path);
    stack_open_lines(&stack, "alice", text);
    stack.talk.instead = make_up_the_field;
    ck_assert_int_eq(stack_authenticate(&stack, NULL), result);
    ck_assert_uint_eq(copies_in_memory(), 0);
    stack_close(&stack);
    fake_stop(&fake);
    ck_assert_uint_eq(copies_in_memory(), 0);
}

/* The whole text, password and all: of libpam's PAM_AUTHTOK, too, what it was before it was taken apart. */
START_TEST(the_typed_text_is_in_no_memory_after_the_lines)
{
    static const char *const pair[] = {"[ignore=ignore default=die] " PAM_MODULE " split",
                                       "required " PAM_MODULE " verify"};
    static const char *const one[] = {"required " PAM_MODULE " concat", NULL};
    static const char *const asked[] = {"optional " PAM_PASSWORD " nodelay", "required " PAM_MODULE " concat"};
    static const char *const behind[] = {"123456", " 123 456", ",", "", ",12345678"};
    for (size_t i = 0; i < sizeof behind / sizeof behind[0]; i++) {
        field.before = "", field.len = CODE_LEN, field.behind = behind[i];
        int result = strlen(behind[i]) < 2 ? PAM_AUTH_ERR : PAM_SUCCESS;
        leaves_no_text(pair, result);
        leaves_no_text(one, result);
        leaves_no_text(asked, result);
    }
}
END_TEST

SUITE("traces", the_code_is_in_no_memory_of_the_process_after_the_call,
      the_code_of_a_split_is_in_no_memory_after_verify, the_code_of_a_split_is_in_one_place_until_the_handle_ends,
      the_typed_text_is_in_no_memory_after_the_lines)
