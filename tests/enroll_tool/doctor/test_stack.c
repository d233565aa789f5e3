#include "suite.h"

#include <sys/stat.h>

#include "pam_folder.h"

static struct pam_folder folder;

static struct stack load(const char *text)
{
    struct stack stack = {.count = 0};
    pam_folder_write(&folder, "s", text);
    ck_assert_int_eq(stack_load(&folder.places, "s", &stack), STATUS_OK);
    pam_folder_remove(&folder, "s");
    return stack;
}

/* "auth x.so required 0" a line, "!" in front of one that fails, "{" of a substack's border. */
static void assert_lines(const struct stack *stack, const char *expected)
{
    char shown[1024] = "";
    size_t len = 0;
    for (size_t i = 0; i < stack->count; i++) {
        const struct stack_line *line = &stack->lines[i];
        static const char *const types[] = {"?", "auth", "account", "password", "session"};
        len += (size_t)snprintf(shown + len, sizeof shown - len, "%s%s %s %s %u;",
                                line->kind == STACK_FAILS      ? "!"
                                : line->kind == STACK_SUBSTACK ? "{"
                                                               : "",
                                types[line->type], line->control, line->module, line->level);
    }
    ck_assert_str_eq(shown, expected);
}

static void assert_loads(const char *text, enum stack_state state, enum stack_trouble_kind trouble,
                         const char *expected)
{
    stack_owner struct stack stack = load(text);
    assert_lines(&stack, expected);
    ck_assert_int_eq(stack.state, state);
    ck_assert_int_eq(stack.trouble.kind, trouble);
}

START_TEST(lines_of_all_types_are_kept_with_their_words)
{
    pam_folder_make(&folder);
    stack_owner struct stack stack =
        load("# head\n-AUTH [success=1 default=ignore] a.so nullok \\\n try_first_pass\naccount required b.so\n");
    assert_lines(&stack, "auth success=1 default=ignore a.so 0;account required b.so 0;");
    ck_assert_uint_eq(stack.lines[0].number, 2);
    ck_assert_uint_eq(stack.lines[1].number, 4);
    ck_assert_int_eq(stack.lines[0].actions[ANSWER_SUCCESS], 1);
    ck_assert(stack_has(&stack, STACK_AUTH));
    ck_assert(!stack_has(&stack, STACK_SESSION));
    ck_assert_int_eq(stack.trouble.kind, TROUBLE_NONE);
    pam_folder_drop(&folder);
}
END_TEST

START_TEST(files_are_included_by_type_or_whole)
{
    pam_folder_make(&folder);
    char text[512], path[128];
    pam_folder_write(&folder, "inner", "auth required i.so\naccount required j.so\nsession optional k.so\n");
    assert_loads("auth include inner\nauth required z.so\n", STACK_WHOLE, TROUBLE_NONE,
                 "auth required i.so 0;auth required z.so 0;");
    assert_loads("@Include inner\n", STACK_WHOLE, TROUBLE_NONE,
                 "auth required i.so 0;account required j.so 0;session optional k.so 0;");
    assert_loads("account substack inner\naccount required z.so\n", STACK_WHOLE, TROUBLE_NONE,
                 "{account substack inner 0;account required j.so 1;account required z.so 0;");
    pam_folder_name(&folder, "inner", path);
    (void)snprintf(text, sizeof text, "auth INCLUDE %s\n", path);
    assert_loads(text, STACK_WHOLE, TROUBLE_NONE, "auth required i.so 0;");
    pam_folder_write(&folder, "middle", "@include inner\n");
    assert_loads("auth include middle\n", STACK_WHOLE, TROUBLE_NONE, "auth required i.so 0;");
    pam_folder_remove(&folder, "middle");
    pam_folder_remove(&folder, "inner");
    pam_folder_drop(&folder);
}
END_TEST

START_TEST(a_line_that_libpam_cannot_use_stays_and_fails)
{
    pam_folder_make(&folder);
    assert_loads("auht required a.so\n", STACK_WHOLE, TROUBLE_BAD_TYPE, "!auth required a.so 0;");
    assert_loads("-\n", STACK_WHOLE, TROUBLE_BAD_TYPE, "!auth   0;");
    assert_loads("auth\nauth required b.so\n", STACK_WHOLE, TROUBLE_NO_CONTROL, "!auth   0;auth required b.so 0;");
    assert_loads("auth required\n", STACK_WHOLE, TROUBLE_NO_MODULE, "!auth required  0;");
    assert_loads("auth requierd a.so\n", STACK_WHOLE, TROUBLE_BAD_CONTROL, "auth requierd a.so 0;");
    assert_loads("auth include nowhere\nauth required b.so\n", STACK_WHOLE, TROUBLE_MISSING,
                 "!auth include  0;auth required b.so 0;");
    assert_loads("auth required a.so\r\n\r\n", STACK_WHOLE, TROUBLE_BAD_TYPE, "auth required a.so\r 0;!auth   0;");
    pam_folder_drop(&folder);
}
END_TEST

START_TEST(what_makes_libpam_refuse_a_service_is_told)
{
    pam_folder_make(&folder);
    pam_folder_write(&folder, "unfinished", "auth sufficient i.so\nauth \\\n");
    assert_loads("auth required a.so\n@include nowhere\nauth required b.so\n", STACK_REFUSED, TROUBLE_MISSING,
                 "auth required a.so 0;");
    assert_loads("auth required a.so\nauth required \\\n", STACK_REFUSED, TROUBLE_UNFINISHED, "auth required a.so 0;");
    assert_loads("auth required .so\n", STACK_REFUSED, TROUBLE_NO_MODULE, "");
    assert_loads("auth required /x/?.so\n", STACK_REFUSED, TROUBLE_NO_MODULE, "");
    assert_loads("auth include\n", STACK_REFUSED, TROUBLE_NO_NAME, "");
    /* Included by type, it leaves the lines before it and one that fails. */
    assert_loads("auth include unfinished\nauth required b.so\n", STACK_WHOLE, TROUBLE_UNFINISHED,
                 "auth sufficient i.so 0;!auth include  0;auth required b.so 0;");
    pam_folder_remove(&folder, "unfinished");
    pam_folder_drop(&folder);
}
END_TEST

/* libpam takes whatever control value its memory holds for such a line. */
START_TEST(an_include_of_all_types_that_fails_in_a_file_of_one_type_is_not_guessed_at)
{
    pam_folder_make(&folder);
    pam_folder_write(&folder, "inner", "auth required i.so\n@include nowhere\nauth required j.so\n");
    assert_loads("auth substack inner\nauth required b.so\n", STACK_UNKNOWN, TROUBLE_MISSING,
                 "{auth substack inner 0;auth required i.so 1;");
    assert_loads("auth include inner\n", STACK_UNKNOWN, TROUBLE_MISSING, "auth required i.so 0;");
    pam_folder_remove(&folder, "inner");
    pam_folder_drop(&folder);
}
END_TEST

START_TEST(files_that_include_each_other_end_somewhere)
{
    pam_folder_make(&folder);
    stack_owner struct stack stack = {.count = 0};
    pam_folder_write(&folder, "a", "auth required x.so\nauth include b\n");
    pam_folder_write(&folder, "b", "@include a\n");
    ck_assert_int_eq(stack_load(&folder.places, "a", &stack), STATUS_OK);
    ck_assert_int_eq(stack.state, STACK_UNKNOWN);
    ck_assert_int_eq(stack.trouble.kind, TROUBLE_TOO_DEEP);
    stack_drop(&stack);

    /* libpam ends this one by itself: the sixteenth substack is a line that fails. */
    pam_folder_write(&folder, "a", "auth substack a\n");
    ck_assert_int_eq(stack_load(&folder.places, "a", &stack), STATUS_OK);
    ck_assert_int_eq(stack.state, STACK_WHOLE);
    ck_assert_int_eq(stack.trouble.kind, TROUBLE_TOO_DEEP);
    ck_assert_uint_eq(stack.count, 2 * STACK_LEVELS_MAX - 15);
    ck_assert_int_eq(stack.lines[stack.count - 1].kind, STACK_FAILS);
    stack_drop(&stack);

    /* Twice as many with each level: the number of lines is the end of it. */
    pam_folder_write(&folder, "a", "auth required x.so\nauth include b\nauth include b\n");
    ck_assert_int_eq(stack_load(&folder.places, "a", &stack), STATUS_OK);
    ck_assert_int_eq(stack.state, STACK_UNKNOWN);
    pam_folder_remove(&folder, "a");
    pam_folder_remove(&folder, "b");
    pam_folder_drop(&folder);
}
END_TEST

START_TEST(hostile_files_are_told_and_not_guessed_at)
{
    pam_folder_make(&folder);
    char path[128];
    static char huge[300000];
    memset(huge, '\n', sizeof huge);
    pam_folder_write_bytes(&folder, "huge", huge, sizeof huge);
    memset(huge, 'x', sizeof huge);
    pam_folder_write_bytes(&folder, "long", huge, 2000);
    for (size_t i = 0; i + 16 < 200000; i += 16)
        memcpy(huge + i, "auth optional y\n", 16);
    pam_folder_write_bytes(&folder, "many", huge, 16 * 2000);
    pam_folder_name(&folder, "folder", path);
    ck_assert_int_eq(mkdir(path, 0700), 0);
    pam_folder_name(&folder, "pipe", path);
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    pam_folder_name(&folder, "loop", path);
    ck_assert_int_eq(symlink("loop", path), 0);

    static const struct {
        const char *name;
        enum stack_trouble_kind trouble;
    } cases[] = {{"huge", TROUBLE_TOO_LONG},
                 {"long", TROUBLE_TOO_LONG},
                 {"many", TROUBLE_TOO_MANY},
                 {"folder", TROUBLE_NOT_A_FILE},
                 {"pipe", TROUBLE_NOT_A_FILE}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        stack_owner struct stack stack = {.count = 0};
        ck_assert_int_eq(stack_load(&folder.places, cases[i].name, &stack), STATUS_OK);
        ck_assert_int_eq(stack.state, STACK_UNKNOWN);
        ck_assert_int_eq(stack.trouble.kind, cases[i].trouble);
        ck_assert_ptr_nonnull(strstr(stack.trouble.file, cases[i].name));
    }
    stack_owner struct stack none = {.count = 0};
    ck_assert_int_eq(stack_load(&folder.places, "loop", &none), STATUS_NOT_FOUND);
    ck_assert_int_eq(stack_load(&folder.places, "nowhere", &none), STATUS_NOT_FOUND);
    pam_folder_name(&folder, "folder", path);
    ck_assert_int_eq(rmdir(path), 0);
    static const char *const left[] = {"huge", "long", "many", "pipe", "loop"};
    for (size_t i = 0; i < sizeof left / sizeof left[0]; i++)
        pam_folder_remove(&folder, left[i]);
    pam_folder_drop(&folder);
}
END_TEST

START_TEST(random_bytes_never_break_the_reader)
{
    pam_folder_make(&folder);
    unsigned seed = 20261127;
    for (int round = 0; round < 2000; round++) {
        static const char alphabet[] = "auth \t\n\\[]#=-@include substack required s success 1\r\0.so/";
        char bytes[200];
        size_t len = 0;
        for (; len < sizeof bytes; len++) {
            seed = seed * 1103515245U + 12345U;
            bytes[len] = alphabet[(seed >> 16) % (sizeof alphabet - 1)];
        }
        stack_owner struct stack stack = {.count = 0};
        pam_folder_write_bytes(&folder, "s", bytes, len);
        ck_assert_int_eq(stack_load(&folder.places, "s", &stack), STATUS_OK);
        for (size_t i = 0; i < stack.count; i++)
            ck_assert_int_ne(stack.lines[i].kind, 0);
    }
    pam_folder_remove(&folder, "s");
    pam_folder_drop(&folder);
}
END_TEST

START_TEST(a_file_for_all_services_has_their_names_in_front)
{
    pam_folder_make(&folder);
    char path[128];
    pam_folder_write(&folder, "pam.conf",
                     "sshd auth required a.so\nother auth required pam_deny.so\nSSHD account required b.so\nx\n");
    pam_folder_name(&folder, "pam.conf", path);
    stack_owner struct stack stack = {.count = 0};
    ck_assert_int_eq(stack_load_single(path, "sshd", &stack), STATUS_OK);
    assert_lines(&stack, "auth required a.so 0;account required b.so 0;");
    stack_owner struct stack none = {.count = 0};
    ck_assert_int_eq(stack_load_single(path, "login", &none), STATUS_NOT_FOUND);
    pam_folder_remove(&folder, "pam.conf");
    pam_folder_drop(&folder);
}
END_TEST

START_TEST(arguments_are_words_or_what_follows_their_name)
{
    pam_folder_make(&folder);
    stack_owner struct stack stack = load("auth required a.so debug [socket=/a b] timeout=5 quietly\n");
    char value[64];
    ck_assert_str_eq(stack_argument(&stack.lines[0], "socket=", value, sizeof value), "/a b");
    ck_assert_str_eq(stack_argument(&stack.lines[0], "debug", value, sizeof value), "");
    ck_assert_str_eq(stack_argument(&stack.lines[0], "timeout=", value, 1), "");
    ck_assert_ptr_null(stack_argument(&stack.lines[0], "quiet", value, sizeof value));
    pam_folder_drop(&folder);
}
END_TEST

SUITE("stack", lines_of_all_types_are_kept_with_their_words, files_are_included_by_type_or_whole,
      a_line_that_libpam_cannot_use_stays_and_fails, what_makes_libpam_refuse_a_service_is_told,
      an_include_of_all_types_that_fails_in_a_file_of_one_type_is_not_guessed_at,
      files_that_include_each_other_end_somewhere, hostile_files_are_told_and_not_guessed_at,
      random_bytes_never_break_the_reader, a_file_for_all_services_has_their_names_in_front,
      arguments_are_words_or_what_follows_their_name)
