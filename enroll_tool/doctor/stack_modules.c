#include "stack_modules.h"

#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_SIZE 1024

#define BIT(answer) (UINT32_C(1) << (answer))
#define ANY         (~BIT(ANSWER_INCOMPLETE))             /* a module that wants to be called again is no way in yet */
#define NO_TOKEN    (ANY & ~BIT(ANSWER_NEW_AUTHTOK_REQD)) /* has nothing to say of passwords */
/* All that pam_garde.so can answer, and libpam in its place. */
#define OF_GARDE                                                                                                       \
    (BIT(ANSWER_SUCCESS) | BIT(ANSWER_IGNORE) | BIT(ANSWER_SERVICE_ERR) | BIT(ANSWER_SYSTEM_ERR) |                     \
     BIT(ANSWER_BUF_ERR) | BIT(ANSWER_AUTH_ERR) | BIT(ANSWER_AUTHINFO_UNAVAIL) | BIT(ANSWER_USER_UNKNOWN) |            \
     BIT(ANSWER_CONV_ERR) | BIT(ANSWER_MODULE_UNKNOWN))

static const struct known {
    const char *names; /* between blanks, as " pam_x pam_y " */
    enum stack_role role;
    uint32_t answers;
} known[] = {
    {" pam_garde ", ROLE_GARDE, OF_GARDE},
    {" pam_permit ", ROLE_HELPER, BIT(ANSWER_SUCCESS)},
    {" pam_deny ", ROLE_HELPER, BIT(ANSWER_AUTH_ERR)},
    {" pam_rootok ", ROLE_ROOT, NO_TOKEN},
    {" pam_unix pam_unix2 pam_sss pam_ldap pam_krb5 pam_heimdal pam_winbind pam_userdb pam_pwdfile pam_mysql pam_pgsql "
     "pam_radius_auth pam_systemd_home ",
     ROLE_PASSWORD, ANY},
    {" pam_succeed_if pam_listfile pam_access pam_wheel pam_localuser pam_time pam_usertype pam_rhosts pam_timestamp "
     "pam_sepermit pam_ftp ",
     ROLE_CONDITION, NO_TOKEN},
    {" pam_u2f pam_pkcs11 pam_p11 pam_fprintd pam_google_authenticator pam_oath pam_yubico pam_ssh_agent_auth pam_duo "
     "pam_poldi pam_usb ",
     ROLE_FACTOR, ANY},
    {" pam_cap pam_echo pam_ecryptfs pam_env pam_faildelay pam_faillock pam_gnome_keyring pam_group pam_issue "
     "pam_keyinit pam_kwallet pam_kwallet5 pam_lastlog pam_limits pam_loginuid pam_mail pam_mkhomedir pam_motd "
     "pam_mount pam_namespace pam_nologin pam_securetty pam_selinux pam_setquota pam_shells pam_systemd pam_tally2 "
     "pam_tty_audit pam_umask pam_warn pam_xauth ",
     ROLE_HELPER, NO_TOKEN},
};

/* Decides nothing where all is well: that is PAM_IGNORE. */
#define OF_SPLIT (OF_GARDE & ~BIT(ANSWER_SUCCESS))

/* "pam_unix" of "/lib/security/pam_unix.so", between blanks. */
static void name_of(const char *module, char *out, size_t size)
{
    const char *name = strrchr(module, '/');
    name = name == NULL ? module : name + 1;
    size_t len = strcspn(name, ".");
    (void)snprintf(out, size, " %.*s ", (int)(len < size ? len : size), name);
}

/* The module takes one of these words, and fails for whoever gives two. */
static void know_mode(struct stack_line *line)
{
    static const struct {
        const char *word;
        enum stack_role role;
        uint32_t answers;
    } modes[] = {{"split", ROLE_SPLIT, OF_SPLIT}, {"verify", ROLE_VERIFY, OF_GARDE}, {"concat", ROLE_CONCAT, OF_GARDE}};
    char value[8];

    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        if (stack_argument(line, modes[i].word, value, sizeof value) == NULL)
            continue;
        line->role = modes[i].role;
        line->answers = modes[i].answers;
        return;
    }
}

bool stack_modules_is_garde(const struct stack_line *line)
{
    return line->role == ROLE_SPLIT || stack_modules_checks_code(line);
}

bool stack_modules_checks_code(const struct stack_line *line)
{
    return line->role == ROLE_GARDE || line->role == ROLE_VERIFY || line->role == ROLE_CONCAT;
}

bool stack_modules_closes(const struct stack_line *line)
{
    return line->type == STACK_ACCOUNT && line->kind == STACK_MODULE && line->role == ROLE_SPLIT;
}

static void know(const struct stack_places *places, struct stack_line *line)
{
    char name[128], path[PATH_SIZE];

    line->role = ROLE_UNKNOWN;
    line->answers = line->kind == STACK_FAILS ? BIT(ANSWER_PERM_DENIED) : ANY;
    if (line->kind != STACK_MODULE)
        return;
    name_of(line->module, name, sizeof name);
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strstr(known[i].names, name) == NULL)
            continue;
        line->role = known[i].role;
        line->answers = known[i].answers;
        break;
    }
    if (line->role == ROLE_GARDE)
        know_mode(line);
    if (stack_modules_find(places, line, path, sizeof path) == NULL)
        line->answers = BIT(ANSWER_MODULE_UNKNOWN);
}

void stack_modules_know(const struct stack_places *places, struct stack *stack)
{
    for (size_t i = 0; i < stack->count; i++)
        know(places, &stack->lines[i]);
}

static bool is_there(const char *path)
{
    struct stat found = {0};
    return stat(path, &found) == 0 && S_ISREG(found.st_mode);
}

const char *stack_modules_find(const struct stack_places *places, const struct stack_line *line, char *out, size_t size)
{
    /* A part that libpam fills in: it finds what we do not look for. */
    if (line->module[0] == '/' || strstr(line->module, "$ISA") != NULL) {
        (void)snprintf(out, size, "%s", line->module);
        return strstr(line->module, "$ISA") != NULL || is_there(line->module) ? out : NULL;
    }
    for (size_t i = 0; places->modules[i] != NULL; i++) {
        (void)snprintf(out, size, "%s/%s", places->modules[i], line->module);
        if (is_there(out))
            return out;
    }
    return NULL;
}

/* false: it cannot be opened. What is missing of the header stays zero. */
static bool read_header(const char *path, ElfW(Ehdr) * out_header, off_t *out_size)
{
    struct stat found = {0};
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return false;
    *out_header = (ElfW(Ehdr)){.e_type = ET_NONE};
    ssize_t len = fstat(fd, &found) == 0 ? read(fd, out_header, sizeof *out_header) : -1;
    (void)close(fd);
    *out_size = found.st_size;
    return len >= 0;
}

bool stack_modules_is_loadable(const char *path)
{
    ElfW(Ehdr) own, its;
    off_t own_size = 0, size = 0;

    if (!read_header("/proc/self/exe", &own, &own_size) || !read_header(path, &its, &size))
        return true;
    /* The table of sections is the last of what a linker writes. */
    uint64_t end = its.e_shoff + (uint64_t)its.e_shnum * its.e_shentsize;
    return memcmp(its.e_ident, own.e_ident, EI_VERSION + 1) == 0 && its.e_machine == own.e_machine &&
           its.e_type == ET_DYN && its.e_shoff <= (uint64_t)size && end <= (uint64_t)size;
}
