#include "census.h"

static unsigned share(size_t *left, unsigned wanted)
{
    unsigned given = *left < wanted ? (unsigned)*left : wanted;
    *left -= given;
    return given;
}

void census_begin(struct census *census, size_t files)
{
    size_t left = files > CENSUS_OWN_FILES ? files - CENSUS_OWN_FILES : 0;
    size_t kept_for_public = left / 4; /* a small machine: a locker must still get in beside a busy sshd */

    *census = (struct census){0};
    census->admin_max = share(&left, CENSUS_ADMIN_MAX);
    size_t for_trusted = left > kept_for_public ? left - kept_for_public : 0;
    census->trusted_max = share(&for_trusted, CENSUS_TRUSTED_MAX);
    left -= census->trusted_max;
    census->public_max = share(&left, CENSUS_PUBLIC_MAX);
}

static bool admit_below(unsigned *count, unsigned max)
{
    if (*count >= max)
        return false;
    (*count)++;
    return true;
}

static size_t index_of(const struct census *census, uint32_t uid)
{
    size_t i = 0;
    while (i < census->uid_count && census->uids[i].uid != uid)
        i++;
    return i;
}

static bool admit_public(struct census *census, uint32_t uid, unsigned per_uid)
{
    size_t i = index_of(census, uid);
    unsigned count = i < census->uid_count ? census->uids[i].count : 0;

    if (count >= per_uid || !admit_below(&census->public_count, census->public_max))
        return false;
    if (i == census->uid_count) /* fits: each uid here has a session, and there are no more of them than that */
        census->uids[census->uid_count++].uid = uid;
    census->uids[i].count = count + 1;
    return true;
}

bool census_admit(struct census *census, enum door door, uint32_t uid)
{
    switch (door) {
    case DOOR_PUBLIC:
        return admit_public(census, uid, CENSUS_PER_UID);
    case DOOR_PEER:
        return admit_public(census, uid, CENSUS_PER_PEER);
    case DOOR_TRUSTED:
        return admit_below(&census->trusted_count, census->trusted_max);
    case DOOR_ADMIN:
        return admit_below(&census->admin_count, census->admin_max);
    }
    return false;
}

static void leave_public(struct census *census, uint32_t uid)
{
    size_t i = index_of(census, uid);
    if (i == census->uid_count)
        return;
    census->public_count--;
    if (--census->uids[i].count == 0)
        census->uids[i] = census->uids[--census->uid_count];
}

void census_leave(struct census *census, enum door door, uint32_t uid)
{
    if (door == DOOR_PUBLIC || door == DOOR_PEER)
        leave_public(census, uid);
    else if (door == DOOR_TRUSTED && census->trusted_count > 0)
        census->trusted_count--;
    else if (door == DOOR_ADMIN && census->admin_count > 0)
        census->admin_count--;
}
