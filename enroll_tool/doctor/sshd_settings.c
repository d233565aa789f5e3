#include "sshd_settings.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/wait.h>
#include <unistd.h>

#include <garde/wire.h>

#define ANSWER_SIZE 65536
#define WAIT_MS     5000

static void take_setting(const char *key, const char *value, struct sshd_settings *settings)
{
    const struct {
        const char *key;
        bool *flag;
    } flags[] = {
        {"usepam", &settings->use_pam},
        {"passwordauthentication", &settings->password},
        {"kbdinteractiveauthentication", &settings->keyboard_interactive},
        {"challengeresponseauthentication", &settings->keyboard_interactive}, /* its name of old */
        {"pubkeyauthentication", &settings->public_key},
        {"hostbasedauthentication", &settings->host_based},
        {"gssapiauthentication", &settings->gssapi},
        {"kerberosauthentication", &settings->kerberos},
    };
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++)
        if (strcasecmp(key, flags[i].key) == 0)
            *flags[i].flag = strcasecmp(value, "yes") == 0;
    if (strcasecmp(key, "authenticationmethods") == 0)
        (void)snprintf(settings->methods, sizeof settings->methods, "%s", value);
    if (strcasecmp(key, "permitrootlogin") == 0)
        (void)snprintf(settings->root_login, sizeof settings->root_login, "%s", value);
}

bool sshd_settings_read(const char *text, struct sshd_settings *out_settings)
{
    struct sshd_settings settings = {.use_pam = false};
    bool any = false;

    while (*text != '\0') {
        char line[SSHD_TEXT_SIZE];
        size_t len = strcspn(text, "\n");
        (void)snprintf(line, sizeof line, "%.*s", (int)len, text);
        char *value = strchr(line, ' ');
        if (value != NULL) {
            *value++ = '\0';
            any = any || strcasecmp(line, "usepam") == 0 || strcasecmp(line, "passwordauthentication") == 0;
            take_setting(line, value, &settings);
        }
        text += len + (text[len] == '\n' ? 1 : 0);
    }
    if (any)
        *out_settings = settings;
    return any;
}

/* What it writes, at most so much and so long; a child that goes on is ended. */
static int collect(pid_t child, int fd, char answer[ANSWER_SIZE])
{
    int64_t deadline_ms = wire_deadline_ms(WAIT_MS);
    size_t len = 0;
    int status = -1;

    for (;;) {
        struct pollfd ready = {.fd = fd, .events = POLLIN};
        int64_t left_ms = deadline_ms - wire_deadline_ms(0);
        if (left_ms <= 0 || len + 1 >= ANSWER_SIZE || poll(&ready, 1, (int)left_ms) <= 0)
            break;
        ssize_t more = read(fd, answer + len, ANSWER_SIZE - 1 - len);
        if (more <= 0) {
            (void)waitpid(child, &status, 0);
            answer[len] = '\0';
            return status;
        }
        len += (size_t)more;
    }
    answer[0] = '\0';
    (void)kill(child, SIGKILL);
    (void)waitpid(child, &status, 0);
    return -1;
}

static int run(const char *path, char answer[ANSWER_SIZE])
{
    char *const arguments[] = {(char[]){"sshd"}, (char[]){"-T"}, NULL};
    char *const environment[] = {(char[]){"PATH=/usr/sbin:/usr/bin:/sbin:/bin"}, (char[]){"LC_ALL=C"}, NULL};
    posix_spawn_file_actions_t actions;
    int ends[2];
    pid_t child = 0;

    answer[0] = '\0';
    if (pipe2(ends, O_CLOEXEC) != 0)
        return -1;
    if (posix_spawn_file_actions_init(&actions) != 0) {
        (void)close(ends[0]);
        (void)close(ends[1]);
        return -1;
    }
    bool spawned = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0) == 0 &&
                   posix_spawn_file_actions_adddup2(&actions, ends[1], 1) == 0 &&
                   posix_spawn_file_actions_adddup2(&actions, ends[1], 2) == 0 &&
                   posix_spawn(&child, path, &actions, NULL, arguments, environment) == 0;
    (void)posix_spawn_file_actions_destroy(&actions);
    (void)close(ends[1]);
    int status = spawned ? collect(child, ends[0], answer) : -1;
    (void)close(ends[0]);
    return status;
}

enum sshd_said sshd_settings_ask(struct sshd_settings *out_settings)
{
    static const char *const places[] = {"/usr/sbin/sshd", "/usr/local/sbin/sshd"};
    static char answer[ANSWER_SIZE];

    *out_settings = (struct sshd_settings){.use_pam = false};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        if (access(places[i], X_OK) != 0)
            continue;
        if (run(places[i], answer) == 0 && sshd_settings_read(answer, out_settings))
            return SSHD_SAID;
        (void)snprintf(out_settings->complaint, sizeof out_settings->complaint, "%.*s", (int)strcspn(answer, "\r\n"),
                       answer);
        return SSHD_REFUSES;
    }
    return SSHD_NOT_THERE;
}
