/* A name service that knows alice by another spelling, and never answers about anybody else: put in the place of
 * libnss_hesiod.so.2 by tests/system/test_names.py. */
#include <errno.h>
#include <nss.h>
#include <pwd.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

enum nss_status _nss_hesiod_getpwnam_r(const char *name, struct passwd *result, char *buffer, size_t size, int *error);

__attribute__((visibility("default"))) enum nss_status _nss_hesiod_getpwnam_r(const char *name, struct passwd *result,
                                                                              char *buffer, size_t size, int *error)
{
    static const char alice[] = "alice";

    while (strcmp(name, "ALICE") != 0)
        (void)pause();
    if (size < sizeof alice) {
        *error = ERANGE;
        return NSS_STATUS_TRYAGAIN;
    }
    memcpy(buffer, alice, sizeof alice);
    char *end = buffer + sizeof alice - 1;
    *result = (struct passwd){.pw_name = buffer,
                              .pw_passwd = end,
                              .pw_uid = 20001,
                              .pw_gid = 20001,
                              .pw_gecos = end,
                              .pw_dir = end,
                              .pw_shell = end};
    return NSS_STATUS_SUCCESS;
}
