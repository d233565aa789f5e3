/* A line that checks a password as pam_unix does, where a test has no /etc/shadow of its own: takes PAM_AUTHTOK or asks for it, asks for two
 * seconds of delay, and compares.
 *
 *   auth [success=1 default=ignore] pam_password.so password=TEXT [tell] [nodelay] [again] [then_user=NAME]
 *
 *   tell       logs what it was given
 *   again      has no answer yet when it is called for the first time: PAM_INCOMPLETE
 *   then_user  sets PAM_USER before it returns, or with no name takes it away
 */
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <syslog.h>

#include <security/pam_ext.h>
#include <security/pam_modules.h>

#define ENTRY    __attribute__((visibility("default")))
#define DELAY_US 2000000

/* NULL: no such word. "": it has no value. */
static const char *value_of(int argc, const char **argv, const char *name)
{
    size_t len = strlen(name);
    for (int i = 0; i < argc; i++)
        if (strncmp(argv[i], name, len) == 0)
            return argv[i] + len;
    return NULL;
}

static bool is_first_call(pam_handle_t *pamh)
{
    static const char called[] = "called";
    const void *data = NULL;
    bool first = pam_get_data(pamh, "pam_password", &data) != PAM_SUCCESS || data == NULL;
    (void)pam_set_data(pamh, "pam_password", (void *)(size_t)called, NULL);
    return first;
}

ENTRY int pam_sm_authenticate(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
    const char *right = value_of(argc, argv, "password="), *then_user = value_of(argc, argv, "then_user=");
    const char *given = NULL;
    (void)flags;

    if (value_of(argc, argv, "again") != NULL && is_first_call(pamh))
        return PAM_INCOMPLETE;
    int got = pam_get_authtok(pamh, PAM_AUTHTOK, &given, NULL);
    if (got != PAM_SUCCESS || given == NULL)
        return PAM_AUTH_ERR;
    if (value_of(argc, argv, "nodelay") == NULL)
        (void)pam_fail_delay(pamh, DELAY_US);
    if (value_of(argc, argv, "tell") != NULL)
        pam_syslog(pamh, LOG_INFO, "given: `%s`", given);
    if (then_user != NULL)
        (void)pam_set_item(pamh, PAM_USER, then_user[0] != '\0' ? then_user : NULL);
    return right != NULL && strcmp(given, right) == 0 ? PAM_SUCCESS : PAM_AUTH_ERR;
}

ENTRY int pam_sm_setcred(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
    (void)pamh, (void)flags, (void)argc, (void)argv;
    return PAM_SUCCESS;
}
