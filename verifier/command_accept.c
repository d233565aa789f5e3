/* Takes the rows of the store as they are.
 *
 * MUST 1  Nothing is taken that was not shown, nor without a word of the admin: --yes, or "yes" at a terminal.
 */
#include "commands.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <garde/number.h>
#include <garde/speech.h>

#include "caller.h"
#include "installation.h"
#include "journal.h"
#include "journal_line.h"

#define LOGIN_UID_FILE "/proc/self/loginuid"

static uint32_t login_uid(void)
{
    char text[16] = "";
    uint64_t uid = NO_UID;

    int fd = open(LOGIN_UID_FILE, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return NO_UID;
    ssize_t len = read(fd, text, sizeof text - 1);
    (void)close(fd);
    text[len < 0 ? 0 : len] = '\0';
    text[strcspn(text, "\n")] = '\0';
    return number_parse(text, 0, UINT32_MAX, &uid) == STATUS_OK ? (uint32_t)uid : NO_UID;
}

/* Said as the entries of the tool `garde` say it. */
static struct caller caller_here(const struct installation *installation)
{
    struct wire_message request = {.type = WIRE_CHANGE, .change.actor.login_uid = login_uid()};
    struct wire_actor *actor = &request.change.actor;
    const char *sudo = secure_getenv("SUDO_USER");
    struct caller caller;

    if (sudo != NULL && strlen(sudo) < sizeof actor->sudo_user)
        memcpy(actor->sudo_user, sudo, strlen(sudo) + 1);
    caller_of_admin(installation->started_as, &request, &caller);
    return caller;
}

static void show_row(const char *user, const char *what, void *context)
{
    char quoted_user[JOURNAL_VALUE_SIZE(USER_SIZE)], quoted_what[JOURNAL_VALUE_SIZE(WHAT_SIZE)];

    (void)context;
    journal_value(user, quoted_user, sizeof quoted_user);
    journal_value(what, quoted_what, sizeof quoted_what);
    (void)printf(_("changed without the key: user=%s row=%s\n"), quoted_user, quoted_what);
}

static void show(const struct desk_survey *survey)
{
    unsigned long long rows = survey->rows, expected = survey->expected, bad_rows = survey->bad_rows;

    switch (survey->found) {
    case DESK_ROWS_ADD_UP:
        (void)printf(_("%llu rows, which are those that the head over them knows of\n"), rows);
        break;
    case DESK_ROWS_DIFFER:
        (void)printf(
            _("%llu rows, which are not those that the head over them knows of (%llu): some were changed, taken "
              "away, put in or put back\n"),
            rows, expected);
        break;
    case DESK_ROWS_WITHOUT_HEAD:
        (void)printf(_("%llu rows; the head over them is missing, or was changed without the key\n"), rows);
        break;
    case DESK_ROWS_OF_ANOTHER_AUDIT:
        (void)printf(_("%llu rows; the head over them (%llu) is not of this audit: one of the two was put back\n"),
                     rows, expected);
        break;
    }
    if (bad_rows != 0)
        (void)printf(_("%llu of them were changed without the key: they stay as they are, and their users refused\n"),
                     bad_rows);
}

static bool is_agreed(bool yes)
{
    char answer[32] = "";

    if (yes)
        return true;
    if (isatty(STDIN_FILENO) == 0) {
        journal_say(LOG_ERR, _("nothing was changed; to take the rows as they are, say --yes"));
        return false;
    }
    (void)printf(_("Whoever is missing in them counts as un-enrolled from now on. Take the rows as they are? "
                   "Type yes: "));
    (void)fflush(stdout);
    if (fgets(answer, sizeof answer, stdin) != NULL) {
        answer[strcspn(answer, "\n")] = '\0';
        if (strcmp(answer, "yes") == 0 || strcmp(answer, _("yes")) == 0)
            return true;
    }
    journal_say(LOG_ERR, _("nothing was changed"));
    return false;
}

static enum exit_code take(const struct installation *installation, struct desk *desk, const struct desk_survey *shown)
{
    const struct caller caller = caller_here(installation);
    struct entry entry;

    enum status status = desk_accept_rows(desk, shown, (int64_t)time(NULL) * 1000, caller.actor, &entry);
    if (status == STATUS_TAMPERED) {
        journal_say(
            LOG_ERR,
            _("store: the rows are not those that were shown any more: somebody writes into %s; nothing was taken"),
            installation->settings.store);
        return CODE_STORE;
    }
    if (status != STATUS_OK) {
        journal_say(LOG_ERR, _("store: the rows could not be taken: %s could not be read or written"),
                    installation->settings.store);
        return CODE_STORE;
    }
    journal_open(installation->settings.log);
    journal_entry(&entry, NULL);
    journal_open(SETTINGS_LOG_STDERR);
    (void)printf(_("taken as they are: entry %llu of the audit says so\n"), (unsigned long long)entry.seq);
    return CODE_GOOD;
}

static enum exit_code accept_rows(const struct installation *installation, struct desk *desk, bool yes)
{
    struct desk_survey survey;

    if (desk_survey_rows(desk, show_row, NULL, &survey) != STATUS_OK) {
        journal_say(LOG_ERR, _("store: %s has rows that cannot be read; restore it from a backup"),
                    installation->settings.store);
        return CODE_STORE;
    }
    show(&survey);
    if (survey.found == DESK_ROWS_ADD_UP) {
        (void)printf(_("nothing to take\n"));
        return CODE_GOOD;
    }
    (void)fflush(stdout);
    return is_agreed(yes) ? take(installation, desk, &survey) : CODE_STORE;
}

int command_accept(const char *config, bool yes)
{
    struct installation installation;
    struct problem problem = {0};
    struct crypto *crypto = NULL;
    struct vault *vault = NULL;
    struct desk *desk = NULL;

    enum exit_code code = installation_load(config, &installation);
    if (code != CODE_GOOD)
        return (int)code;
    if (installation_protect() != CODE_GOOD || installation_open_crypto(&crypto) != CODE_GOOD)
        return CODE_RUNNING;
    code = installation_open_key_ring(&installation, crypto, &vault);
    if (code == CODE_GOOD)
        code = installation_become(&installation);
    if (code != CODE_GOOD) {
        vault_close(vault);
        crypto_free(crypto);
        return (int)code;
    }
    code = installation_open_desk(&installation, crypto, vault, NULL, NULL, &desk, &problem);
    if (code != CODE_GOOD) {
        journal_problem(LOG_ERR, _("store"), &problem);
        return (int)code;
    }
    code = accept_rows(&installation, desk, yes);
    desk_close(desk);
    (void)fflush(stdout);
    return (int)code;
}
