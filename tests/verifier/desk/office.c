#include "office.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <garde/vault.h>

static void tell(const struct entry *entry, void *context)
{
    struct office *office = context;
    if (office->told_count >=
        OFFICE_TOLD) /* no assertion that holds: Check allocates for it, and that may be failing */
        ck_abort_msg("more entries than there is room for");
    office->told[office->told_count++] = *entry;
}

static void take_notice(const struct notice *notice, void *context)
{
    struct office *office = context;
    if (office->notice_count >= OFFICE_NOTICES)
        ck_abort_msg("more notices than there is room for");
    office->notices[office->notice_count++] = *notice;
}

static void hand_back(struct job *first, void *context)
{
    struct office *office = context;
    for (; first != NULL; first = first->next)
        office->handed_back++;
    office->told_at_hand_back = office->told_count;
}

void office_reopen(struct office *office)
{
    struct crypto *crypto = NULL;
    struct vault *vault = NULL;
    struct store *store = NULL;
    struct problem problem;

    ck_assert_int_eq(crypto_new(&crypto), STATUS_OK);
    ck_assert_int_eq(vault_open(crypto, office->ring, geteuid(), &vault, &problem), STATUS_OK);
    ck_assert_int_eq(store_open(office->store, &store, &problem), STATUS_OK);
    ck_assert_int_eq(desk_open(crypto, vault, store, &office->rules, tell, take_notice, office, &office->desk),
                     STATUS_OK);
}

void office_open(struct office *office)
{
    static const char template[] = "/tmp/garde-office-XXXXXX";
    static const uint8_t id[STORE_ID_SIZE] = "the test's store";
    struct problem problem;

    memset(office, 0, sizeof *office);
    office->now_s = OFFICE_START_S;
    office->rules = (struct desk_rules){.limits = {.window_steps = 1, .lock_for_s = 900}, .pending_for_s = 900};
    memcpy(office->folder, template, sizeof template);
    ck_assert_ptr_nonnull(mkdtemp(office->folder));
    (void)snprintf(office->ring, sizeof office->ring, "%s/key", office->folder);
    (void)snprintf(office->store, sizeof office->store, "%s/store/garde.db", office->folder);

    ck_assert_int_eq(crypto_new(&office->crypto), STATUS_OK);
    ck_assert_int_eq(vault_create(office->crypto, office->ring, &problem), STATUS_OK);
    ck_assert_int_eq(store_create(office->store, id, geteuid(), getegid(), &problem), STATUS_OK);
    office_reopen(office);
    ck_assert_int_eq(desk_first_entry(office->desk, office->now_s * 1000, "uid=0"), STATUS_OK);
}

static void remove_folder(const char *path)
{
    DIR *folder = opendir(path);
    ck_assert_ptr_nonnull(folder);
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        char inside[1024];
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        (void)snprintf(inside, sizeof inside, "%s/%s", path, entry->d_name);
        if (unlink(inside) != 0)
            remove_folder(inside);
    }
    (void)closedir(folder);
    (void)rmdir(path);
}

void office_close(struct office *office)
{
    desk_close(office->desk);
    crypto_free(office->crypto);
    remove_folder(office->folder);
}

void office_tend(struct office *office)
{
    for (bool more = true; more;)
        ck_assert_int_eq(desk_tend(office->desk, false, &more), STATUS_OK);
}

void office_restart(struct office *office)
{
    desk_close(office->desk);
    office_reopen(office);
}

void office_sql(struct office *office, const char *format, ...)
{
    char sql[2048];
    va_list arguments;
    int state = 0;

    va_start(arguments, format);
    (void)vsnprintf(sql, sizeof sql, format, arguments);
    va_end(arguments);
    desk_close(office->desk);

    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        (void)execlp("sqlite3", "sqlite3", "-bail", office->store, sql, (char *)NULL);
        _exit(127);
    }
    ck_assert_int_eq(waitpid(child, &state, 0), child);
    ck_assert_msg(WIFEXITED(state) && WEXITSTATUS(state) == 0, "sqlite3 refused: %s", sql);
    office_reopen(office);
}

/* ---- tokens ---- */

static struct office_token filled(struct office_token token)
{
    if (token.kind == 0)
        token.kind = FACTOR_TOTP;
    if (token.algorithm == 0)
        token.algorithm = ALGORITHM_SHA1;
    if (token.digits == 0)
        token.digits = 6;
    if (token.period_s == 0 && token.kind == FACTOR_TOTP)
        token.period_s = 30;
    return token;
}

static struct secret *key_of(struct office_token token)
{
    struct secret *key = secret_new(20);
    ck_assert_ptr_nonnull(key);
    memset(secret_fill(key), token.seed, 20);
    return key;
}

struct secret *office_code(struct office *office, struct office_token token, int64_t shift)
{
    token = filled(token);
    secret_owner struct secret *key = key_of(token);
    struct secret *code = NULL;
    uint64_t moving = (uint64_t)shift;
    if (token.kind == FACTOR_TOTP)
        moving += otp_step(office->now_s, token.period_s);
    ck_assert_int_eq(otp_code(office->crypto, key, token.algorithm, token.digits, moving, &code), STATUS_OK);
    return code;
}

struct secret *office_wrong_code(struct office *office, struct office_token token)
{
    struct secret *code = secret_copy("000000", 6);
    for (int64_t shift = -3; shift < 16; shift++) {
        secret_owner struct secret *right = office_code(office, token, shift);
        if (memcmp(secret_read(right), secret_read(code), 6) != 0)
            continue;
        secret_fill(code)[5]++;
        shift = -4;
    }
    return code;
}

/* ---- jobs ---- */

static void set_text(char *out, size_t size, const char *text)
{
    ck_assert_uint_lt(strlen(text), size);
    memcpy(out, text, strlen(text) + 1);
}

static struct job *new_job(enum job_kind kind, enum door door, const char *service, const char *origin)
{
    struct job *job = job_new(kind);
    ck_assert_ptr_nonnull(job);
    job->caller.door = door;
    set_text(job->caller.service, sizeof job->caller.service, service);
    set_text(job->caller.origin, sizeof job->caller.origin, origin);
    set_text(job->caller.actor, sizeof job->caller.actor, "uid=0");
    return job;
}

struct job *office_attempt(const char *user, const char *origin, struct secret *code)
{
    struct job *job = new_job(JOB_ATTEMPT, DOOR_TRUSTED, "sshd", origin);
    set_text(job->user, sizeof job->user, user);
    job->request.type = WIRE_ANSWER;
    job->request.answer.code = code;
    return job;
}

struct job *office_admin(enum wire_type type)
{
    struct job *job = new_job(JOB_ADMIN, DOOR_ADMIN, "garde", "admin:0");
    set_text(job->caller.actor, sizeof job->caller.actor, "uid=0 login=1000 sudo=ann");
    job->request.type = type;
    return job;
}

struct job *office_enrolment(struct office_token token)
{
    token = filled(token);
    struct job *job = office_admin(WIRE_ENROL);
    struct wire_enrol *ask = &job->request.enrol;
    set_text(ask->user, sizeof ask->user, token.user);
    set_text(ask->label, sizeof ask->label, "phone");
    ask->uid = token.uid;
    ask->kind = token.kind;
    ask->algorithm = token.algorithm;
    ask->digits = token.digits;
    ask->period_s = token.period_s;
    ask->counter = token.counter;
    ask->secret = key_of(token);
    return job;
}

struct job *office_confirmation(const char *user, struct secret *code)
{
    struct job *job = office_admin(WIRE_CONFIRM);
    set_text(job->request.confirm.user, sizeof job->request.confirm.user, user);
    job->request.confirm.code = code;
    return job;
}

struct job *office_change(enum wire_change_kind kind, const char *user, int64_t factor_id)
{
    struct job *job = office_admin(WIRE_CHANGE);
    job->request.change.change = kind;
    job->request.change.factor_id = factor_id;
    job->request.change.last = kind == WIRE_REVOKE ? 1 : 0;
    set_text(job->request.change.user, sizeof job->request.change.user, user);
    return job;
}

struct job *office_resync(const char *user, int64_t factor_id, struct secret *first, struct secret *second)
{
    struct job *job = office_admin(WIRE_RESYNC);
    struct wire_resync *ask = &job->request.resync;
    set_text(ask->user, sizeof ask->user, user);
    ask->factor_id = factor_id;
    ask->first = first;
    ask->second = second;
    return job;
}

struct job *office_try(const char *user, struct secret *code)
{
    struct job *job = office_admin(WIRE_TRY);
    set_text(job->request.try.user, sizeof job->request.try.user, user);
    job->request.try.code = code;
    return job;
}

struct secret *office_typed(const char *text)
{
    struct secret *secret = secret_copy(text, strlen(text));
    ck_assert_ptr_nonnull(secret);
    return secret;
}

struct job *office_recovery(const char *user, const char *codes)
{
    struct job *job = office_admin(WIRE_RECOVERY);
    set_text(job->request.recovery.user, sizeof job->request.recovery.user, user);
    job->request.recovery.codes = office_typed(codes);
    return job;
}

struct job *office_tempcode(const char *user, const char *code, int64_t for_s, uint32_t uses, const char *why)
{
    struct job *job = office_admin(WIRE_TEMPCODE);
    struct wire_tempcode *ask = &job->request.tempcode;
    set_text(ask->user, sizeof ask->user, user);
    set_text(ask->why, sizeof ask->why, why);
    ask->code = office_typed(code);
    ask->for_s = for_s;
    ask->uses = uses;
    return job;
}

void office_free(struct job *first)
{
    while (first != NULL) {
        struct job *next = first->next;
        job_free(first);
        first = next;
    }
}

void office_run(struct office *office, struct job *first)
{
    ck_assert_int_eq(desk_run(office->desk, first, office->now_s * 1000, hand_back, office), STATUS_OK);
}

enum reason office_log_in(struct office *office, const char *user, const char *origin, struct secret *code)
{
    struct job *job = office_attempt(user, origin, code);
    office_run(office, job);
    enum reason reason = job->reason;
    ck_assert_int_eq(job->verdict, reason == ACCEPTED ? VERDICT_ACCEPTED : VERDICT_REFUSED);
    office_free(job);
    return reason;
}

struct wire_result office_ask(struct office *office, struct job *job)
{
    office_run(office, job);
    ck_assert(job->finished);
    ck_assert_int_eq(job->reply.type, WIRE_RESULT);
    struct wire_result result = job->reply.result;
    office_free(job);
    return result;
}

int64_t office_give(struct office *office, struct office_token token)
{
    struct wire_result result = office_ask(office, office_enrolment(token));
    ck_assert_int_eq(result.code, WIRE_OK);
    int64_t shift = token.kind == FACTOR_HOTP ? (int64_t)token.counter : 0;
    struct job *job = office_confirmation(token.user, office_code(office, token, shift));
    ck_assert_int_eq(office_ask(office, job).code, WIRE_OK);
    return result.number;
}

struct wire_factor office_row(struct office *office, const char *user, int64_t id)
{
    struct job *job = office_admin(WIRE_SHOW);
    struct wire_factor found = {.id = 0};
    set_text(job->request.show.user, sizeof job->request.show.user, user);
    office_run(office, job);
    for (size_t i = 0; i < job->row_count; i++)
        if (job->rows[i].type == WIRE_FACTOR && job->rows[i].factor.id == id)
            found = job->rows[i].factor;
    office_free(job);
    return found;
}

/* ---- what was told ---- */

const struct entry *office_last(const struct office *office)
{
    ck_assert_uint_gt(office->told_count, 0);
    return &office->told[office->told_count - 1];
}

size_t office_count_told(const struct office *office, enum event event, enum reason reason)
{
    size_t count = 0;
    for (size_t i = 0; i < office->told_count; i++)
        count += office->told[i].event == event && office->told[i].reason == reason ? 1 : 0;
    return count;
}
