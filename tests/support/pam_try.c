/* One login through real libpam, with the answers given beforehand: what tests and scripts/demo put in front of a stack.
 *
 *   pam_try --confdir DIR --service NAME --user NAME [options] [-- ANSWER ...]
 *
 *   --rhost TEXT --tty TEXT --ruser TEXT   PAM items; without the option the item is not set
 *   --no-user       PAM_USER is not set: the stack asks for it, the first answer is the name
 *   --silent        PAM_SILENT
 *   --stdin         answers are lines of the standard input, instead of arguments
 *   --go FILE       (or --wait-file) shows each prompt, then waits until FILE exists before it answers
 *   --delays        shows "delay MICROSECONDS" where libpam would wait after a failure (its own dice are in that), instead of waiting
 *   --times N       calls N times on the same handle
 *   --call WHAT     authenticate (default) setcred account open_session close_session chauthtok; several with commas
 *                   between them: one after the other on the same handle, as far as they succeed
 *
 * Each line of the output is written at once: "prompt off TEXT", "prompt on TEXT", "info TEXT", "error TEXT", and after
 * each call "result NUMBER NAME elapsed_ms N"; N leaves out what the conversation took. Control bytes in TEXT become '?'.
 * A prompt for which there is no answer left fails the conversation. Exit: 0 if the last call gave PAM_SUCCESS, 1 if not,
 * 2 for wrong usage, 3 if libpam did not start.
 */
#include <getopt.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <security/pam_appl.h>

#include <garde/number.h>

struct
try {
    const char *confdir;
    const char *service;
    const char *user;
    const char *rhost;
    const char *tty;
    const char *ruser;
    const char *go;
    const char *call;
    int no_user; /* flags, as getopt_long wants them */
    int silent;
    int from_stdin;
    int delays;
    uint64_t times;
    char **answers; /* ends with NULL */
    double conversation_ms;
};

static double now_ms(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void say(const char *what, const char *text)
{
    (void)printf("%s ", what);
    for (; *text != '\0'; text++)
        (void)putchar((unsigned char)*text < 0x20 || *text == 0x7f ? '?' : *text);
    (void)putchar('\n');
    (void)fflush(stdout);
}

static char *line_of_stdin(void)
{
    char *line = NULL;
    size_t size = 0;
    ssize_t len = getline(&line, &size, stdin);
    if (len < 0) {
        free(line);
        return NULL;
    }
    if (len > 0 && line[len - 1] == '\n')
        line[len - 1] = '\0';
    return line;
}

static char *next_answer(struct try *try)
{
    while (try->go != NULL && access(try->go, F_OK) != 0)
        (void)usleep(200);
    if (try->from_stdin)
        return line_of_stdin();
    return *try->answers != NULL ? strdup(*try->answers++) : NULL;
}

/* false: no answer. */
static bool answer_message(struct try *try, const struct pam_message *message, struct pam_response *response)
{
    switch (message->msg_style) {
    case PAM_PROMPT_ECHO_OFF:
    case PAM_PROMPT_ECHO_ON:
        say(message->msg_style == PAM_PROMPT_ECHO_ON ? "prompt on" : "prompt off", message->msg);
        response->resp = next_answer(try);
        return response->resp != NULL;
    case PAM_ERROR_MSG:
        say("error", message->msg);
        return true;
    case PAM_TEXT_INFO:
        say("info", message->msg);
        return true;
    default:
        return false;
    }
}

static int converse(int count, const struct pam_message **messages, struct pam_response **out_responses, void *data)
{
    struct try *try = data;
    double began_ms = now_ms();
    struct pam_response *responses = calloc((size_t)count, sizeof *responses);
    bool good = responses != NULL;

    for (int i = 0; good && i < count; i++)
        good = answer_message(try, messages[i], &responses[i]);
    try->conversation_ms += now_ms() - began_ms;
    if (good) {
        *out_responses = responses;
        return PAM_SUCCESS;
    }
    for (int i = 0; responses != NULL && i < count; i++)
        free(responses[i].resp);
    free(responses);
    return PAM_CONV_ERR;
}

static const char *name_of(int result)
{
    static const char *const names[] = {"PAM_SUCCESS",
                                        "PAM_OPEN_ERR",
                                        "PAM_SYMBOL_ERR",
                                        "PAM_SERVICE_ERR",
                                        "PAM_SYSTEM_ERR",
                                        "PAM_BUF_ERR",
                                        "PAM_PERM_DENIED",
                                        "PAM_AUTH_ERR",
                                        "PAM_CRED_INSUFFICIENT",
                                        "PAM_AUTHINFO_UNAVAIL",
                                        "PAM_USER_UNKNOWN",
                                        "PAM_MAXTRIES",
                                        "PAM_NEW_AUTHTOK_REQD",
                                        "PAM_ACCT_EXPIRED",
                                        "PAM_SESSION_ERR",
                                        "PAM_CRED_UNAVAIL",
                                        "PAM_CRED_EXPIRED",
                                        "PAM_CRED_ERR",
                                        "PAM_NO_MODULE_DATA",
                                        "PAM_CONV_ERR",
                                        "PAM_AUTHTOK_ERR",
                                        "PAM_AUTHTOK_RECOVERY_ERR",
                                        "PAM_AUTHTOK_LOCK_BUSY",
                                        "PAM_AUTHTOK_DISABLE_AGING",
                                        "PAM_TRY_AGAIN",
                                        "PAM_IGNORE",
                                        "PAM_ABORT",
                                        "PAM_AUTHTOK_EXPIRED",
                                        "PAM_MODULE_UNKNOWN",
                                        "PAM_BAD_ITEM",
                                        "PAM_CONV_AGAIN",
                                        "PAM_INCOMPLETE"};
    return result >= 0 && (size_t)result < sizeof names / sizeof names[0] ? names[result] : "PAM_?";
}

/* Of the first of a list of calls. NULL: no such call. */
static int (*function_of(const char *names))(pam_handle_t *, int)
{
    static const struct {
        const char *name;
        int (*function)(pam_handle_t *, int);
    } calls[] = {{"authenticate", pam_authenticate},   {"setcred", pam_setcred},
                 {"account", pam_acct_mgmt},           {"open_session", pam_open_session},
                 {"close_session", pam_close_session}, {"chauthtok", pam_chauthtok}};
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++)
        if (strncmp(names, calls[i].name, strlen(calls[i].name)) == 0 &&
            strchr(",", names[strlen(calls[i].name)]) != NULL)
            return calls[i].function;
    return NULL;
}

/* NULL behind the last one. */
static const char *next_call(const char *names)
{
    const char *comma = strchr(names, ',');
    return comma != NULL ? comma + 1 : NULL;
}

static bool calls_exist(const char *names)
{
    for (; names != NULL; names = next_call(names))
        if (function_of(names) == NULL)
            return false;
    return true;
}

static bool set_item(pam_handle_t *handle, int item, const char *text)
{
    return text == NULL || pam_set_item(handle, item, text) == PAM_SUCCESS;
}

static void show_delay(int result, unsigned delay_us, void *data)
{
    (void)data;
    if (result != PAM_SUCCESS)
        (void)printf("delay %u\n", delay_us);
}

static bool set_delays(pam_handle_t *handle)
{
    void (*show)(int, unsigned, void *) = show_delay;
    void *item = NULL;
    memcpy(&item, &show, sizeof item);
    return pam_set_item(handle, PAM_FAIL_DELAY, item) == PAM_SUCCESS;
}

static int call(struct try *try, pam_handle_t *handle, int (*function)(pam_handle_t *, int))
{
    try->conversation_ms = 0;
    double began_ms = now_ms();
    int result = function(handle, try->silent ? (int)PAM_SILENT : 0);
    (void)printf("result %d %s elapsed_ms %.1f\n", result, name_of(result), now_ms() - began_ms - try->conversation_ms);
    (void)fflush(stdout);
    return result;
}

/* All calls of the list, as far as they succeed. */
static int call_all(struct try *try, pam_handle_t *handle)
{
    int result = PAM_SUCCESS;
    for (const char *names = try->call; names != NULL && result == PAM_SUCCESS; names = next_call(names))
        result = call(try, handle, function_of(names));
    return result;
}

static int run(struct try *try)
{
    const struct pam_conv conversation = {.conv = converse, .appdata_ptr = try};
    pam_handle_t *handle = NULL;
    int result = pam_start_confdir(try->service, try->no_user ? NULL : try->user, &conversation, try->confdir, &handle);
    if (result != PAM_SUCCESS || !set_item(handle, PAM_RHOST, try->rhost) || !set_item(handle, PAM_TTY, try->tty) ||
        !set_item(handle, PAM_RUSER, try->ruser) || (try->delays && !set_delays(handle))) {
        (void)fprintf(stderr, "pam_try: libpam does not start: %s\n", name_of(result));
        return 3;
    }

    for (uint64_t i = 0; i < try->times; i++)
        result = call_all(try, handle);
    (void)pam_end(handle, result);
    return result == PAM_SUCCESS ? 0 : 1;
}

static bool parse(int argc, char **argv, struct try *try)
{
    const char *times = "1";
    const char **const texts[] = {&try->confdir, &try->service, &try->user, &try->rhost, &try->tty,
                                  &try->ruser,   &try->go,      &times,     &try->call};
    enum { CONFDIR = 1, SERVICE, USER, RHOST, TTY, RUSER, GO, TIMES, CALL };
    const struct option options[] = {{"confdir", required_argument, NULL, CONFDIR},
                                     {"service", required_argument, NULL, SERVICE},
                                     {"user", required_argument, NULL, USER},
                                     {"rhost", required_argument, NULL, RHOST},
                                     {"tty", required_argument, NULL, TTY},
                                     {"ruser", required_argument, NULL, RUSER},
                                     {"go", required_argument, NULL, GO},
                                     {"wait-file", required_argument, NULL, GO},
                                     {"times", required_argument, NULL, TIMES},
                                     {"call", required_argument, NULL, CALL},
                                     {"no-user", no_argument, &try->no_user, 1},
                                     {"silent", no_argument, &try->silent, 1},
                                     {"stdin", no_argument, &try->from_stdin, 1},
                                     {"delays", no_argument, &try->delays, 1},
                                     {0}};

    for (int got = 0; (got = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (got == '?')
            return false;
        if (got != 0)
            *texts[got - 1] = optarg;
    }
    try->answers = argv + optind;
    return try->confdir != NULL && try->service != NULL && (try->user != NULL || try->no_user) &&
           calls_exist(try->call) && (!try->from_stdin || optind == argc) &&
           number_parse(times, 1, 1000000, &try->times) == STATUS_OK;
}

int main(int argc, char **argv)
{
    struct try try = {.call = "authenticate", .times = 1};
    if (!parse(argc, argv, &try)) {
        (void)fprintf(stderr, "usage: pam_try --confdir DIR --service NAME {--user NAME | --no-user} [--rhost TEXT]\n"
                              "    [--tty TEXT] [--ruser TEXT] [--silent] [--go FILE] [--times N] [--call WHAT]\n"
                              "    {--stdin | [--] ANSWER ...}\n");
        return 2;
    }
    return run(&try);
}
