/* The whole module with a handle of the real libpam, between a caller and a verifier that do what the input says, while calls fail.
 *
 * Whatever they do: PAM_SUCCESS only after the verifier sent ACCEPTED as its next word after one ANSWER, PAM_IGNORE only after its first
 * word SKIP, or SKIP as the next word after one empty ANSWER that its PROMPT allowed, and else a failure that the module has; it comes in time; nothing is left open or mapped; each response is freed, and wiped
 * before; the code is in no line of the log; lines of other types fail.
 *
 * Of a line with `split` it is PAM_IGNORE only once the code is set aside, PAM_AUTHTOK is the beginning of what was typed, and nothing was answered; a line with `verify` asks
 * and tells nothing, and each of its failures is PAM_AUTH_ERR; what is answered is the end of what was typed; no delay is longer than two seconds; what is set aside is one mapping
 * until the handle ends. An account line with `split` is PAM_PERM_DENIED where a code was taken off and no `verify` came since, and nowhere else; it is never PAM_SUCCESS.
 *
 * The module's own objects are linked in and called with the handle: libpam would load the module anew for each input, and what is
 * loaded and unloaded cannot be watched by libFuzzer. Its dispatcher is the only part of the way that is left out; tests/pam_module/ goes
 * through it.
 *
 * Input: user, items, arguments, flags (the first three bits: mode and nodelay), failing calls, number of attempts; then what caller (below) and verifier (played.h) do.
 * Target: pam_module/pam_entry.c pam_module/options.c pam_module/conversation.c pam_module/verifier_client.c pam_module/texts.c
 * Target: pam_module/result.c pam_module/modes.c pam_module/items.c pam_module/set_aside.c core/wire/socket.c
 */
#include "fuzz.h"

#include <fcntl.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

#include <security/pam_appl.h>
#include <security/pam_modules.h>

#include "calls.h"
#include "played.h"

#define ARGUMENTS_MAX 6
#define RESPONSES_MAX 3
#define HANDED_MAX    64
#define TEXT_MAX      700
#define LONGEST_MS    (3 * 30 * 1000 + 1000) /* three exchanges, and failing calls beyond */
#define DESCRIPTORS   64

static struct input input;
static bool shows_the_code; /* the input has it elsewhere */

/* ---- the log ---- */

__attribute__((visibility("default"))) void __syslog_chk(int priority, int flag, const char *format, ...);
__attribute__((visibility("default"))) void __syslog_chk(int priority, int flag, const char *format, ...)
{
    char line[2048];
    va_list arguments;
    (void)priority, (void)flag;
    va_start(arguments, format);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    (void)vsnprintf(line, sizeof line, format, arguments);
#pragma GCC diagnostic pop
    va_end(arguments);
    CLAIM(shows_the_code || strstr(line, PLAYED_CODE) == NULL);
}

/* ---- responses ---- */

/* What was handed to the module, in the order of the calls. */
static struct handed {
    const void *at;
    size_t secret_len; /* so many bytes must be zero when it is freed */
    bool freed;
} handed[HANDED_MAX];
static unsigned handed_count;
static char *extra[HANDED_MAX]; /* what it cannot know of */
static unsigned extra_count;

static void hand_over(const void *at, size_t secret_len)
{
    CLAIM(handed_count < HANDED_MAX);
    handed[handed_count++] = (struct handed){.at = at, .secret_len = secret_len};
}

static void frees(const void *at)
{
    for (unsigned i = 0; at != NULL && i < handed_count; i++) {
        if (handed[i].at != at || handed[i].freed)
            continue;
        for (size_t byte = 0; byte < handed[i].secret_len; byte++)
            CLAIM(((const uint8_t *)at)[byte] == 0);
        handed[i].freed = true;
    }
}

static char *text_of(const void *bytes, size_t len)
{
    char *text = malloc(len + 1);
    CLAIM(text != NULL);
    memcpy(text, bytes, len);
    text[len] = '\0';
    return text;
}

/* ---- the caller's conversation ---- */

static unsigned name_prompts, code_prompts, messages_told;
static bool in_one_field;
static char said[TEXT_MAX + 1300]; /* what was typed last */
static int64_t typed_for_ms;

enum reply {
    REPLY_TEXT = 4, /* below: the right code */
    REPLY_EMPTY,
    REPLY_INNER_ZERO,
    REPLY_LONG,
    REPLY_NO_TEXT,
    REPLY_NO_ARRAY,
    REPLY_MORE,   /* two further answers that nobody asked for */
    REPLY_RESULT, /* another result, with the right code */
    REPLY_RESULT_ALONE,
    REPLY_RETURN_CODE, /* inside the response */
    REPLY_COUNT
};

static char *reply_text(unsigned reply)
{
    static char many[2000];
    const uint8_t *bytes = NULL;
    size_t len = 0;

    switch (reply) {
    case REPLY_TEXT:
        bytes = input_bytes(&input, TEXT_MAX, &len);
        return text_of(bytes, len);
    case REPLY_EMPTY:
        return text_of("", 0);
    case REPLY_INNER_ZERO:
        return text_of(PLAYED_CODE "\0" PLAYED_CODE, 2 * strlen(PLAYED_CODE) + 1);
    case REPLY_LONG:
        memset(many, '7', sizeof many);
        return text_of(many, 400 + input_byte(&input));
    case REPLY_NO_TEXT:
        return NULL;
    default:
        return text_of(PLAYED_CODE, strlen(PLAYED_CODE));
    }
}

static struct pam_response *respond(unsigned reply, bool to_module, const char **out_text)
{
    size_t count = reply == REPLY_MORE ? RESPONSES_MAX : 1;
    struct pam_response *responses = calloc(count, sizeof *responses);
    CLAIM(responses != NULL);
    char *text = reply_text(reply);
    responses[0].resp = text;
    responses[0].resp_retcode = reply == REPLY_RETURN_CODE ? input_byte(&input) : 0;
    for (size_t i = 1; i < count; i++)
        responses[i].resp = extra[extra_count++] = text_of(PLAYED_CODE, strlen(PLAYED_CODE));
    if (to_module)
        hand_over(responses, sizeof *responses);
    if (to_module && text != NULL)
        hand_over(text, strlen(text));
    *out_text = text;
    return responses;
}

static void is_a_fair_message(int count, const struct pam_message *message)
{
    CLAIM(count == 1 && message->msg != NULL && strlen(message->msg) < PAM_MAX_MSG_SIZE);
    CLAIM(strcmp(message->msg, "Password: ") != 0 && strcmp(message->msg, "Password:") != 0);
}

static int converse_now(int count, const struct pam_message **messages, struct pam_response **out_responses)
{
    bool question = messages[0]->msg_style == PAM_PROMPT_ECHO_OFF || messages[0]->msg_style == PAM_PROMPT_ECHO_ON;
    bool to_module = played_connections() > 0 || !question; /* before, it is libpam that asks for the name */
    const char *text = NULL;
    unsigned reply = input_byte(&input) % REPLY_COUNT;

    is_a_fair_message(count, messages[0]);
    if (question)
        (to_module ? code_prompts++ : name_prompts++);
    else
        messages_told++;
    typed_for_ms += played_while_typing();
    if (reply == REPLY_NO_ARRAY) {
        *out_responses = NULL;
        return PAM_SUCCESS;
    }
    if (reply == REPLY_RESULT_ALONE)
        return (int8_t)input_byte(&input);
    *out_responses = respond(reply, to_module, &text);
    int result = reply == REPLY_RESULT ? (int8_t)input_byte(&input) : PAM_SUCCESS;
    if (question && to_module && text != NULL && result == PAM_SUCCESS)
        (in_one_field ? played_types_both : played_types)(memcpy(said, text, strlen(text) + 1));
    return result;
}

static int converse(int count, const struct pam_message **messages, struct pam_response **out_responses, void *data)
{
    bool by_module = calls.by_module;
    (void)data;
    calls.by_module = false;
    int result = converse_now(count, messages, out_responses);
    calls.by_module = by_module;
    return result;
}

/* ---- the caller ---- */

static const char *file_of_services(void)
{
    static char folder[200], path[220];
    const char *above = secure_getenv("TMPDIR");
    if (folder[0] == '\0') {
        (void)snprintf(folder, sizeof folder, "%s/garde-fuzz-services-XXXXXX", above != NULL ? above : "/tmp");
        CLAIM(mkdtemp(folder) != NULL);
        (void)snprintf(path, sizeof path, "%s/fuzz", folder);
        int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600); /* a service without lines */
        CLAIM(fd >= 0 && close(fd) == 0);
    }
    return folder;
}

static void remove_services(void)
{
    char path[256];
    (void)snprintf(path, sizeof path, "%s/fuzz", file_of_services());
    (void)unlink(path);
    (void)rmdir(file_of_services());
}

static pam_handle_t *start(void)
{
    static const int items[] = {PAM_RHOST, PAM_TTY, PAM_RUSER, PAM_SERVICE, PAM_USER_PROMPT};
    static const struct pam_conv conversation = {.conv = converse}, none = {.conv = NULL};
    static bool made;
    pam_handle_t *handle = NULL;
    char text[TEXT_MAX];
    uint8_t who = input_byte(&input);
    const char *user = who % 4 < 2 ? "alice" : who % 4 == 2 ? NULL : input_text(&input, text, sizeof text);

    if (!made)
        CLAIM(atexit(remove_services) == 0);
    made = true;
    CLAIM(pam_start_confdir("fuzz", user, &conversation, file_of_services(), &handle) == PAM_SUCCESS);
    uint8_t which = input_byte(&input);
    for (size_t i = 0; i < sizeof items / sizeof items[0]; i++)
        if ((which >> i & 1) != 0)
            CLAIM(pam_set_item(handle, items[i], input_text(&input, text, sizeof text)) == PAM_SUCCESS);
    if (which >> 5 == 7 && user != NULL) /* without a name libpam itself would call it */
        CLAIM(pam_set_item(handle, PAM_CONV, &none) == PAM_SUCCESS);
    return handle;
}

static int read_arguments(const char *argv[ARGUMENTS_MAX + 3], char own[ARGUMENTS_MAX][TEXT_MAX])
{
    static const char *const known[] = {"debug",      "quiet",         "echo",       "timeout=1",
                                        "timeout=30", "prompt=Code: ", "timeout=31", "prompt=Password:"};
    static char socket_argument[256];
    uint8_t how = input_byte(&input);
    int argc = 0;

    (void)snprintf(socket_argument, sizeof socket_argument, "socket=%s", played_path());
    if (how < 224)
        argv[argc++] = socket_argument;
    for (unsigned i = how % ARGUMENTS_MAX; i > 0; i--) {
        unsigned which = input_byte(&input) % (sizeof known / sizeof known[0] + 2);
        argv[argc] =
            which < sizeof known / sizeof known[0] ? known[which] : input_text(&input, own[argc], sizeof own[0]);
        argc++;
    }
    return argc;
}

/* ---- one attempt ---- */

static uint64_t open_descriptors(void)
{
    uint64_t open = 0;
    for (int fd = 0; fd < DESCRIPTORS; fd++)
        open |= (uint64_t)(fcntl(fd, F_GETFD) != -1) << fd;
    return open;
}

static bool is_a_failure(int result)
{
    return result == PAM_AUTH_ERR || result == PAM_USER_UNKNOWN || result == PAM_AUTHINFO_UNAVAIL ||
           result == PAM_CONV_ERR || result == PAM_INCOMPLETE || result == PAM_SERVICE_ERR || result == PAM_BUF_ERR ||
           result == PAM_SYSTEM_ERR;
}

static void clear_up(void)
{
    for (unsigned i = 0; i < handed_count; i++)
        CLAIM(handed[i].freed);
    for (unsigned i = 0; i < extra_count; i++)
        free(extra[i]);
    handed_count = extra_count = 0;
}

static void begin(void)
{
    played_start(&input);
    name_prompts = code_prompts = messages_told = 0;
    typed_for_ms = 0;
    calls.count = 0;
    calls.kept.delay_us = 0;
    calls.frees = frees;
}

static bool asks_for_delay; /* not `nodelay` */

/* What it must have asked for, if nothing but the verifier took time. */
static void delay_is(bool is_wanted, int64_t less_ms)
{
    int64_t left_ms = is_wanted && asks_for_delay && less_ms < 2000 ? 2000 - less_ms : 0;
    CLAIM(calls.kept.delay_us == left_ms * 1000 || calls_may_fail());
}

static int call(pam_handle_t *handle, int flags, int argc, const char **argv)
{
    uint64_t open_before = open_descriptors();
    int64_t start_ms = calls.now_ms;
    calls.by_module = true;
    int result = pam_sm_authenticate(handle, flags, argc, argv);
    calls.by_module = false;
    played_end();

    CLAIM(open_descriptors() == open_before);
    CLAIM(calls.mapped == (calls.kept.data != NULL ? 1 : 0));
    CLAIM(calls.now_ms - start_ms - typed_for_ms <= LONGEST_MS);
    CLAIM(code_prompts <= 1 && name_prompts <= 1);
    CLAIM(calls.kept.delay_us <= 2000000);
    CLAIM(result == PAM_SUCCESS || result == PAM_IGNORE || is_a_failure(result));
    clear_up();
    return result;
}

static void attempt(pam_handle_t *handle, int flags, int argc, const char **argv, bool honest)
{
    begin();
    in_one_field = false;
    int result = call(handle, flags, argc, argv);
    CLAIM(calls.kept.data == NULL && calls.kept.authtok == NULL && calls.kept.delay_us == 0);
    if (result == PAM_SUCCESS)
        CLAIM(code_prompts == 1 && played_accepted());
    if (result == PAM_IGNORE)
        CLAIM(code_prompts == 0 ? played_skipped() : played_skipped_pending());
    CLAIM(!honest || result == PAM_SUCCESS);
}

/* A line before has asked for the text, sometimes. */
static void set_authtok(void)
{
    char text[TEXT_MAX];
    uint8_t which = input_byte(&input);
    calls_set_authtok(which < 192 ? NULL : input_text(&input, text, sizeof text));
    (void)snprintf(said, sizeof said, "%s", which < 192 ? "" : calls.kept.authtok);
    played_types_both(said);
    in_one_field = true;
}

/* What the account line with `split` has to go by: a code was taken off and no line with `verify` has come since; or perhaps. */
static bool is_left, may_be_left;

static void attempt_split(pam_handle_t *handle, int flags, int argc, const char **argv)
{
    begin();
    set_authtok();
    argv[argc] = "split";
    int result = call(handle, flags, argc + 1, argv);
    CLAIM(result != PAM_SUCCESS && played_answers() == 0);
    delay_is(result == PAM_AUTH_ERR, 0);
    may_be_left = result == PAM_IGNORE;
    is_left = false;
    if (result == PAM_IGNORE) {
        CLAIM(calls.kept.data != NULL && calls.kept.authtok != NULL);
        CLAIM(strncmp(said, calls.kept.authtok, strlen(calls.kept.authtok)) == 0);
        is_left = strlen(calls.kept.authtok) < strlen(said);
    }
}

static void attempt_verify(pam_handle_t *handle, int flags, int argc, const char **argv)
{
    begin();
    played_types_both(said);
    if (input_byte(&input) >= 240)
        CLAIM(pam_set_item(handle, PAM_USER, "bob") == PAM_SUCCESS);
    argv[argc] = "verify";
    int64_t start_ms = calls.now_ms;
    int result = call(handle, flags, argc + 1, argv);
    is_left = may_be_left = false;
    delay_is(result == PAM_AUTH_ERR, calls.now_ms - start_ms);
    CLAIM(code_prompts + name_prompts + messages_told == 0);
    if (result == PAM_SUCCESS)
        CLAIM(played_accepted());
    else if (result == PAM_IGNORE)
        CLAIM(played_skipped() || played_skipped_pending());
    else
        CLAIM(result == PAM_AUTH_ERR);
    calls_set_authtok(NULL);
}

static void attempt_concat(pam_handle_t *handle, int flags, int argc, const char **argv)
{
    begin();
    set_authtok();
    argv[argc] = "concat";
    int result = call(handle, flags, argc + 1, argv);
    delay_is(result == PAM_AUTH_ERR, 0);
    CLAIM(calls.kept.data == NULL);
    if (result == PAM_SUCCESS)
        CLAIM(played_accepted());
    if (result == PAM_IGNORE)
        CLAIM(played_skipped() || played_skipped_pending());
    if (result == PAM_SUCCESS || result == PAM_IGNORE)
        CLAIM(calls.kept.authtok != NULL && strncmp(said, calls.kept.authtok, strlen(calls.kept.authtok)) == 0);
    calls_set_authtok(NULL);
}

static void account(pam_handle_t *handle, int flags, int argc, const char **argv)
{
    int64_t mapped_before = calls.mapped;
    calls.count = 0;
    argv[argc] = "split";
    calls.by_module = true;
    int result = pam_sm_acct_mgmt(handle, flags, argc + 1, argv);
    calls.by_module = false;
    if (result == PAM_IGNORE)
        CLAIM(!is_left);
    else if (result == PAM_PERM_DENIED)
        CLAIM(may_be_left || calls_may_fail());
    else
        CLAIM(result == PAM_SERVICE_ERR || (result == PAM_SYSTEM_ERR && calls_may_fail()));
    CLAIM(calls.mapped == mapped_before);
}

static bool has_split(int argc, const char **argv)
{
    for (int i = 0; i < argc; i++)
        if (strcmp(argv[i], "split") == 0)
            return true;
    return false;
}

static void other_entries(pam_handle_t *handle, int flags, int argc, const char **argv)
{
    account(handle, flags, argc, argv);
    calls.by_module = true;
    CLAIM(pam_sm_setcred(handle, flags, argc, argv) == PAM_SUCCESS);
    CLAIM(pam_sm_acct_mgmt(handle, flags, argc, argv) == PAM_SERVICE_ERR || has_split(argc, argv));
    CLAIM(pam_sm_open_session(handle, flags, argc, argv) == PAM_SERVICE_ERR);
    CLAIM(pam_sm_close_session(handle, flags, argc, argv) == PAM_SERVICE_ERR);
    CLAIM(pam_sm_chauthtok(handle, flags, argc, argv) == PAM_SERVICE_ERR);
    calls.by_module = false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char own[ARGUMENTS_MAX][TEXT_MAX];
    const char *argv[ARGUMENTS_MAX + 3] = {NULL};

    input = (struct input){data, size};
    is_left = may_be_left = false;
    shows_the_code = size > 0 && memmem(data, size, PLAYED_CODE, strlen(PLAYED_CODE)) != NULL;
    pam_handle_t *handle = start();
    int argc = read_arguments(argv, own);
    unsigned how = (unsigned)input_number(&input, 3);
    int flags = (int)(how & 0x1fffff);
    calls_read_failures(&input);
    asks_for_delay = (how >> 21 & 1) == 0;
    if (!asks_for_delay)
        argv[argc++] = "nodelay";
    for (unsigned left = 1 + input_byte(&input) % 3; left > 0; left--) {
        if (how >> 22 == 1) {
            attempt_split(handle, flags, argc, argv);
            account(handle, flags, argc, argv);
        }
        if (how >> 22 == 1 || how >> 22 == 2)
            attempt_verify(handle, flags, argc, argv);
        if (how >> 22 == 3)
            attempt_concat(handle, flags, argc, argv);
        if (how >> 22 == 0)
            attempt(handle, flags, argc, argv, size == 0);
    }
    other_entries(handle, flags, argc, argv);
    calls_end(handle, input_byte(&input) % 2 == 0 ? PAM_SUCCESS : PAM_AUTH_ERR);
    CLAIM(calls.mapped == 0);
    CLAIM(pam_end(handle, PAM_SUCCESS) == PAM_SUCCESS);
    return 0;
}
