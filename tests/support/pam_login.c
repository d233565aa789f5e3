/* One login through real libpam as a person sees it: PAM's own terminal conversation, and one line about the end.
 *
 *   pam_login DIR SERVICE USER
 *
 * DIR holds the service file. Exit: 0 let in, 1 refused, 2 wrong usage.
 */
#include <stddef.h>
#include <stdio.h>
#include <unistd.h>

#include <security/pam_appl.h>
#include <security/pam_misc.h>

int main(int argc, char **argv)
{
    const struct pam_conv conversation = {.conv = misc_conv};
    pam_handle_t *handle = NULL;

    if (argc != 4) {
        (void)fputs("usage: pam_login DIR SERVICE USER\n", stderr);
        return 2;
    }
    int result = pam_start_confdir(argv[2], argv[3], &conversation, argv[1], &handle);
    if (result == PAM_SUCCESS)
        result = pam_authenticate(handle, 0);
    if (isatty(STDIN_FILENO) == 0)
        (void)puts(""); /* nobody pressed the return key */
    (void)printf("%s: libpam says \"%s\".\n", result == PAM_SUCCESS ? "Let in" : "Refused",
                 pam_strerror(handle, result));
    (void)pam_end(handle, result);
    return result == PAM_SUCCESS ? 0 : 1;
}
