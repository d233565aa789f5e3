/* MUST 1  After hardening_become no way leads back: real, effective and saved ids are checked.
 * MUST 2  MCL_FUTURE only where later mappings can be locked too: under a small limit it would make malloc fail.
 */
#include "hardening.h"

#include <grp.h>
#include <linux/capability.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ENOUGH_LOCKED ((rlim_t)256 * 1024 * 1024)

enum status hardening_begin(void)
{
    struct rlimit none = {0, 0};

    (void)umask(077);
    if (prctl(PR_SET_DUMPABLE, 0L, 0L, 0L, 0L) != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L) != 0 ||
        setrlimit(RLIMIT_CORE, &none) != 0)
        return STATUS_DENIED;
    return STATUS_OK;
}

size_t hardening_files(size_t wanted)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return 256;
    if (limit.rlim_cur < wanted) {
        rlim_t before = limit.rlim_cur;
        limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
        if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
            limit.rlim_cur = before;
    }
    return limit.rlim_cur < wanted ? (size_t)limit.rlim_cur : wanted;
}

static enum status set_capabilities(unsigned mask)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2] = {{.effective = mask, .permitted = mask}};
    return syscall(SYS_capset, &header, data) == 0 ? STATUS_OK : STATUS_DENIED;
}

static bool has_capability(unsigned number)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2] = {0};
    return syscall(SYS_capget, &header, data) == 0 && (data[0].effective & (1U << number)) != 0;
}

static bool limit_is_enough(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_MEMLOCK, &limit) != 0)
        return false;
    if (limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_MEMLOCK, &limit);
    }
    return getrlimit(RLIMIT_MEMLOCK, &limit) == 0 && limit.rlim_cur >= ENOUGH_LOCKED;
}

enum status hardening_lock_memory(bool keep_right)
{
    bool privileged = has_capability(CAP_IPC_LOCK);

    if (!privileged && !limit_is_enough())
        return STATUS_DENIED;
    if (privileged && keep_right && prctl(PR_SET_KEEPCAPS, 1L, 0L, 0L, 0L) != 0)
        return STATUS_DENIED;
    return mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) == 0 ? STATUS_OK : STATUS_DENIED;
}

enum status hardening_become(uid_t uid, gid_t gid)
{
    uid_t real, effective, saved;
    gid_t real_group, effective_group, saved_group;
    bool locks = has_capability(CAP_IPC_LOCK);

    /* only the login group: initgroups would ask every name service and could wait for ever */
    if (setgroups(1, &gid) != 0 || setresgid(gid, gid, gid) != 0 || setresuid(uid, uid, uid) != 0)
        return STATUS_DENIED;
    if (getresuid(&real, &effective, &saved) != 0 || real != uid || effective != uid || saved != uid ||
        getresgid(&real_group, &effective_group, &saved_group) != 0 || real_group != gid || effective_group != gid ||
        saved_group != gid)
        return STATUS_DENIED;
    bool keeps = locks && prctl(PR_GET_KEEPCAPS, 0L, 0L, 0L, 0L) == 1;
    if (uid != 0 && set_capabilities(keeps ? 1U << CAP_IPC_LOCK : 0) != STATUS_OK)
        return STATUS_DENIED;
    if (uid != 0 && setresuid((uid_t)-1, 0, (uid_t)-1) == 0)
        return STATUS_DENIED;
    /* a change of ids made the process dumpable again or not, as the system is set */
    return prctl(PR_SET_DUMPABLE, 0L, 0L, 0L, 0L) == 0 ? STATUS_OK : STATUS_DENIED;
}
