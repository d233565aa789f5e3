#include "stack.h"

#include <check.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* libpam's way to syslog ends here: the program's own symbol comes before the C library's. */
static char logged[16384];
static size_t logged_len;
static pthread_mutex_t logging = PTHREAD_MUTEX_INITIALIZER;

__attribute__((visibility("default"))) void __syslog_chk(int priority, int flag, const char *format, ...);
__attribute__((visibility("default"))) void __syslog_chk(int priority, int flag, const char *format, ...)
{
    (void)flag;
    char line[1024];
    va_list arguments;
    va_start(arguments, format);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    (void)vsnprintf(line, sizeof line, format, arguments);
#pragma GCC diagnostic pop
    va_end(arguments);
    if (strstr(line, "no default config other") != NULL) /* libpam's own, and true: a test has one service */
        return;

    (void)pthread_mutex_lock(&logging);
    int len = snprintf(logged + logged_len, sizeof logged - logged_len, "<%d>%s\n", priority & 7, line);
    if (len > 0 && (size_t)len < sizeof logged - logged_len)
        logged_len += (size_t)len;
    (void)pthread_mutex_unlock(&logging);
}

bool log_has(const char *text)
{
    return strstr(logged, text) != NULL;
}

const char *log_text(void)
{
    return logged;
}

static void remember(struct talk *talk, const struct pam_message *message)
{
    ck_assert_int_lt(talk->calls, TALKED_MAX);
    talk->styles[talk->calls] = message->msg_style;
    (void)snprintf(talk->texts[talk->calls], sizeof talk->texts[0], "%s", message->msg);
    talk->calls++;
}

static int converse(int count, const struct pam_message **messages, struct pam_response **out_responses, void *data)
{
    struct talk *talk = data;
    int style = messages[0]->msg_style;
    bool question = style == PAM_PROMPT_ECHO_OFF || style == PAM_PROMPT_ECHO_ON;

    remember(talk, messages[0]);
    if (count > talk->most_messages)
        talk->most_messages = count;
    if (talk->instead != NULL)
        return talk->instead(count, messages, out_responses, talk);
    if (question && talk->at_prompt != NULL)
        talk->at_prompt(talk->detail);

    const char *answer = style == PAM_PROMPT_ECHO_ON && talk->user != NULL ? talk->user : talk->answer;
    if (question && answer == NULL)
        return PAM_CONV_ERR;
    *out_responses = calloc(1, sizeof **out_responses);
    if (*out_responses == NULL)
        return PAM_BUF_ERR;
    if (question)
        (*out_responses)->resp = strdup(answer);
    return PAM_SUCCESS;
}

static void note_delay(int result, unsigned delay_us, void *data)
{
    struct talk *talk = data;
    (void)result;
    if (talk != NULL) /* a test may have taken the conversation away */
        talk->delay_us = delay_us;
}

void stack_open_lines(struct stack *stack, const char *user, const char *lines)
{
    char file[128];
    const struct pam_conv conversation = {.conv = converse, .appdata_ptr = &stack->talk};

    *stack = (struct stack){.folder = "/tmp/garde-stack-XXXXXX"};
    ck_assert_ptr_nonnull(mkdtemp(stack->folder));
    (void)snprintf(file, sizeof file, "%s/test", stack->folder);
    FILE *out = fopen(file, "w");
    ck_assert_ptr_nonnull(out);
    ck_assert_int_ge(fputs(lines, out), 0);
    ck_assert_int_eq(fclose(out), 0);
    ck_assert_int_eq(pam_start_confdir("test", user, &conversation, stack->folder, &stack->handle), PAM_SUCCESS);
    void (*delay)(int, unsigned, void *) = note_delay;
    void *item = NULL;
    memcpy(&item, &delay, sizeof item);
    ck_assert_int_eq(pam_set_item(stack->handle, PAM_FAIL_DELAY, item), PAM_SUCCESS);
}

void stack_open_pair(struct stack *stack, const char *user, const char *socket, struct pair arguments)
{
    char lines[4096];
    (void)snprintf(lines, sizeof lines,
                   "auth [success=ignore ignore=ignore default=die] " PAM_MODULE " split socket=%s %s\n"
                   "auth [success=1 default=ignore] " PAM_PASSWORD " password=secret tell %s\n"
                   "auth requisite pam_deny.so\n"
                   "auth required pam_permit.so\n"
                   "auth [success=ok ignore=ignore default=die] " PAM_MODULE " verify socket=%s %s\n",
                   socket, arguments.split != NULL ? arguments.split : "",
                   arguments.password != NULL ? arguments.password : "", socket,
                   arguments.verify != NULL ? arguments.verify : "");
    stack_open_lines(stack, user, lines);
}

void stack_open(struct stack *stack, const char *user, const char *socket, const char *arguments)
{
    char lines[2048];
    (void)snprintf(lines, sizeof lines,
                   "auth     [success=ok ignore=ok default=bad] " PAM_MODULE " %s%s %s\n"
                   "account  required " PAM_MODULE "\n"
                   "session  required " PAM_MODULE "\n"
                   "password required " PAM_MODULE "\n",
                   socket != NULL ? "socket=" : "", socket != NULL ? socket : "", arguments);
    stack_open_lines(stack, user, lines);
}

int stack_authenticate(struct stack *stack, const char *answer)
{
    stack->talk.answer = answer;
    stack->talk.delay_us = 0;
    return pam_authenticate(stack->handle, 0);
}

int stack_end(struct stack *stack, int status)
{
    char file[128];
    int result = pam_end(stack->handle, status);
    (void)snprintf(file, sizeof file, "%s/test", stack->folder);
    ck_assert_int_eq(unlink(file), 0);
    ck_assert_int_eq(rmdir(stack->folder), 0);
    return result;
}

void stack_close(struct stack *stack)
{
    ck_assert_int_eq(stack_end(stack, PAM_SUCCESS), PAM_SUCCESS);
}

int stack_try(const char *socket, const char *arguments, const char *answer)
{
    struct stack stack;
    stack_open(&stack, "alice", socket, arguments);
    int result = stack_authenticate(&stack, answer);
    stack_close(&stack);
    return result;
}

int stack_try_as(uid_t uid, const char *socket, const char *arguments, const char *answer)
{
    struct stack stack;
    stack_open(&stack, "alice", socket, arguments);
    (void)pam_acct_mgmt(stack.handle, 0);
    ck_assert_int_eq(seteuid(uid), 0);
    int result = stack_authenticate(&stack, answer);
    ck_assert_int_eq(seteuid(0), 0);
    stack_close(&stack);
    return result;
}
