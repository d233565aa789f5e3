/* A name service that never answers: put in the place of libnss_hesiod.so.2 by tests/system/test_names.py. */
#include <nss.h>
#include <pwd.h>
#include <stddef.h>
#include <unistd.h>

enum nss_status _nss_hesiod_getpwnam_r(const char *name, struct passwd *result, char *buffer, size_t size, int *error);

__attribute__((visibility("default"))) enum nss_status _nss_hesiod_getpwnam_r(const char *name, struct passwd *result,
                                                                              char *buffer, size_t size, int *error)
{
    (void)name, (void)result, (void)buffer, (void)size, (void)error;
    for (;;)
        (void)pause();
}
