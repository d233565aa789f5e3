#include "actor.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <garde/number.h>

#include "text.h"

uint32_t actor_login_uid(const char *path)
{
    char text[16] = "";
    uint64_t uid = NO_UID;

    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return NO_UID;
    ssize_t len = read(fd, text, sizeof text - 1);
    (void)close(fd);
    if (len <= 0)
        return NO_UID;
    text[len] = '\0';
    text[strcspn(text, "\n")] = '\0';
    return number_parse(text, 0, UINT32_MAX, &uid) == STATUS_OK ? (uint32_t)uid : NO_UID;
}

struct wire_actor actor_find(void)
{
    struct wire_actor actor = {.login_uid = actor_login_uid("/proc/self/loginuid")};
    const char *sudo = secure_getenv("SUDO_USER");

    if (sudo != NULL)
        (void)text_copy(actor.sudo_user, sizeof actor.sudo_user, sudo);
    return actor;
}
