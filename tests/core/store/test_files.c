#include "suite.h"

#include "place.h"

#include <errno.h>
#include <sys/wait.h>

static mode_t mode_of(const struct place *place, const char *ending)
{
    char path[192];
    struct stat have;
    snprintf(path, sizeof path, "%s%s", place->store, ending);
    ck_assert_int_eq(lstat(path, &have), 0);
    return have.st_mode;
}

static void write_file(const char *path, const void *bytes, size_t len)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, bytes, len), (ssize_t)len);
    close(fd);
}

static struct problem open_refused(const struct place *place, enum status status)
{
    struct problem problem = {.kind = PROBLEM_NONE};
    struct store *store = NULL;
    ck_assert_int_eq(store_open(place->store, &store, &problem), status);
    ck_assert_ptr_null(store);
    return problem;
}

START_TEST(a_new_store_is_0600_whatever_the_umask)
{
    static const mode_t masks[] = {0, 022, 0777};
    for (size_t i = 0; i < sizeof masks / sizeof masks[0]; i++) {
        place_owner struct place place = place_new();
        umask(masks[i]);
        struct store *store = open_new(&place);
        struct account account = an_account("alice", 1);
        OK(store_begin(store));
        OK(store_put_account(store, &account));
        OK(store_commit(store));
        ck_assert_uint_eq(mode_of(&place, ""), S_IFREG | 0600);
        ck_assert_uint_eq(mode_of(&place, "-wal"), S_IFREG | 0600);
        store_close(store);
        umask(022);
    }
}
END_TEST

START_TEST(a_missing_folder_is_made_0700)
{
    place_owner struct place place = place_new();
    char path[192], folder[192];
    struct problem problem;
    struct stat have;
    snprintf(folder, sizeof folder, "%s/new", place.folder);
    snprintf(path, sizeof path, "%.160s/garde.db", folder);
    umask(geteuid() == 0 ? 0777 : 0077); /* who is not root could not open a folder of his own made with 0777 */
    OK(store_create(path, an_id, geteuid(), getegid(), &problem));
    umask(022);
    ck_assert_int_eq(lstat(folder, &have), 0);
    ck_assert_uint_eq(have.st_mode, S_IFDIR | 0700);
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_int_eq(rmdir(folder), 0); /* nothing but the store was in it */
}
END_TEST

START_TEST(a_new_store_belongs_to_whom_it_is_made_for)
{
    if (geteuid() != 0)
        return; /* only root can give a file away */
    place_owner struct place place = place_new();
    struct problem problem;
    struct stat have;
    ck_assert_int_eq(chown(place.folder, 4711, 4712), 0);
    OK(store_create(place.store, an_id, 4711, 4712, &problem));
    ck_assert_int_eq(lstat(place.store, &have), 0);
    ck_assert_uint_eq(have.st_uid, 4711);
    ck_assert_uint_eq(have.st_gid, 4712);
    problem = open_refused(&place, STATUS_DENIED);
    ck_assert_int_eq(problem.kind, PROBLEM_OWNER);
    ck_assert_str_eq(problem.path, place.folder);
    ck_assert_uint_eq(problem.have_id, 4711);
    ck_assert_uint_eq(problem.want_id, 0);
}
END_TEST

START_TEST(a_store_is_not_made_in_a_folder_of_another_user)
{
    if (geteuid() != 0)
        return; /* only root can give a folder away */
    place_owner struct place place = place_new();
    struct problem problem;
    ck_assert_int_eq(chown(place.folder, 4711, 4712), 0);
    ck_assert_int_eq(store_create(place.store, an_id, 0, 0, &problem), STATUS_DENIED);
    ck_assert_int_eq(problem.kind, PROBLEM_OWNER);
    ck_assert_int_eq(access(place.store, F_OK), -1);
}
END_TEST

START_TEST(a_store_is_never_made_over_a_file_that_is_there)
{
    static const char *const endings[] = {"", "-wal", "-journal"};
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        place_owner struct place place = place_new();
        char path[192], back[8] = "";
        struct problem problem;
        snprintf(path, sizeof path, "%s%s", place.store, endings[i]);
        write_file(path, "mine", 4);
        ck_assert_int_eq(store_create(place.store, an_id, geteuid(), getegid(), &problem), STATUS_EXISTS);
        ck_assert_int_eq(problem.kind, PROBLEM_EXISTS);
        ck_assert_str_eq(problem.path, path);
        int fd = open(path, O_RDONLY);
        ck_assert_int_eq(read(fd, back, sizeof back), 4);
        close(fd);
        ck_assert_str_eq(back, "mine");
    }
}
END_TEST

START_TEST(a_store_is_not_made_through_a_link)
{
    place_owner struct place place = place_new();
    char target[192];
    struct problem problem;
    snprintf(target, sizeof target, "%s/elsewhere", place.folder);
    ck_assert_int_eq(symlink(target, place.store), 0);
    ck_assert_int_eq(store_create(place.store, an_id, geteuid(), getegid(), &problem), STATUS_EXISTS);
    ck_assert_int_eq(access(target, F_OK), -1);
}
END_TEST

START_TEST(a_store_that_is_not_there_is_missing)
{
    place_owner struct place place = place_new();
    struct problem problem = open_refused(&place, STATUS_NOT_FOUND);
    ck_assert_int_eq(problem.kind, PROBLEM_MISSING);
    ck_assert_str_eq(problem.path, place.store);
    ck_assert_int_eq(access(place.store, F_OK), -1);
}
END_TEST

START_TEST(a_folder_or_file_that_others_may_touch_is_refused)
{
    place_owner struct place place = place_new();
    create(&place);
    ck_assert_int_eq(chmod(place.folder, 0750), 0);
    struct problem problem = open_refused(&place, STATUS_DENIED);
    ck_assert_int_eq(problem.kind, PROBLEM_MODE);
    ck_assert_str_eq(problem.path, place.folder);
    ck_assert_uint_eq(problem.have_mode, 0750);
    ck_assert_uint_eq(problem.want_mode, 0700);
    ck_assert_int_eq(chmod(place.folder, 0700), 0);

    ck_assert_int_eq(chmod(place.store, 0604), 0);
    problem = open_refused(&place, STATUS_DENIED);
    ck_assert_int_eq(problem.kind, PROBLEM_MODE);
    ck_assert_str_eq(problem.path, place.store);
    ck_assert_uint_eq(problem.want_mode, 0600);
    ck_assert_int_eq(chmod(place.store, 0600), 0);

    char log[192];
    snprintf(log, sizeof log, "%s-wal", place.store);
    write_file(log, "", 0);
    ck_assert_int_eq(chmod(log, 0660), 0);
    problem = open_refused(&place, STATUS_DENIED);
    ck_assert_int_eq(problem.kind, PROBLEM_MODE);
    ck_assert_str_eq(problem.path, log);
    ck_assert_int_eq(unlink(log), 0);
    store_close(reopen(&place));
}
END_TEST

START_TEST(links_are_refused_as_folder_file_and_log)
{
    place_owner struct place place = place_new();
    char other[192], log[192];
    create(&place);
    snprintf(other, sizeof other, "%s/other", place.folder);
    snprintf(log, sizeof log, "%s-wal", place.store);

    ck_assert_int_eq(link(place.store, other), 0);
    ck_assert_int_eq(open_refused(&place, STATUS_DENIED).kind, PROBLEM_NOT_A_FILE);
    ck_assert_int_eq(unlink(place.store), 0);
    ck_assert_int_eq(symlink("other", place.store), 0);
    ck_assert_int_eq(open_refused(&place, STATUS_DENIED).kind, PROBLEM_NOT_A_FILE);
    ck_assert_int_eq(rename(other, place.store), 0);

    ck_assert_int_eq(symlink("/etc/passwd", log), 0);
    struct problem problem = open_refused(&place, STATUS_DENIED);
    ck_assert_int_eq(problem.kind, PROBLEM_NOT_A_FILE);
    ck_assert_str_eq(problem.path, log);
    ck_assert_int_eq(unlink(log), 0);

    struct place linked = {.folder = ""};
    snprintf(linked.folder, sizeof linked.folder, "%.80s-link", place.folder);
    snprintf(linked.store, sizeof linked.store, "%s/garde.db", linked.folder);
    ck_assert_int_eq(symlink(place.folder, linked.folder), 0);
    problem = open_refused(&linked, STATUS_DENIED);
    ck_assert_int_eq(unlink(linked.folder), 0);
    ck_assert_int_eq(problem.kind, PROBLEM_NOT_A_FOLDER);
    store_close(reopen(&place));
}
END_TEST

START_TEST(a_link_above_the_folder_is_the_administrators_business)
{
    place_owner struct place place = place_new();
    struct place inside = {.folder = ""};
    char real[96];
    snprintf(real, sizeof real, "%.80s/real", place.folder);
    snprintf(inside.folder, sizeof inside.folder, "%.80s/in", place.folder);
    snprintf(inside.store, sizeof inside.store, "%s/in/store/garde.db", place.folder);
    ck_assert_int_eq(mkdir(real, 0700), 0);
    ck_assert_int_eq(symlink(real, inside.folder), 0);
    store_close(open_new(&inside));

    char path[192];
    static const char *const left[] = {"garde.db-wal", "garde.db", ""};
    for (size_t i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s/store/%s", real, left[i]);
        (void)(left[i][0] == '\0' ? rmdir(path) : unlink(path));
    }
}
END_TEST

START_TEST(a_directory_is_no_store)
{
    place_owner struct place place = place_new();
    struct problem problem;
    ck_assert_int_eq(mkdir(place.store, 0700), 0);
    ck_assert_int_eq(open_refused(&place, STATUS_DENIED).kind, PROBLEM_NOT_A_FILE);
    ck_assert_int_eq(store_create(place.store, an_id, geteuid(), getegid(), &problem), STATUS_EXISTS);
    ck_assert_int_eq(store_create("/tmp/", an_id, geteuid(), getegid(), &problem), STATUS_DENIED);
    ck_assert_int_eq(problem.kind, PROBLEM_NOT_A_FILE);
}
END_TEST

START_TEST(a_foreign_file_is_refused_and_left_as_it_is)
{
    uint8_t database[4096] = "SQLite format 3"; /* with another application's id */
    static const char text[] =
        "not a database, but long enough to be one if it were one ....................................";
    const struct {
        const void *bytes;
        size_t len;
    } files[] = {{"", 0}, {text, sizeof text}, {database, sizeof database}};

    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        place_owner struct place place = place_new();
        uint8_t back[5000];
        write_file(place.store, files[i].bytes, files[i].len);
        ck_assert_int_eq(open_refused(&place, STATUS_INVALID).kind, PROBLEM_FOREIGN);
        int fd = open(place.store, O_RDONLY);
        ck_assert_int_eq(read(fd, back, sizeof back), (ssize_t)files[i].len);
        close(fd);
        ck_assert_mem_eq(back, files[i].bytes, files[i].len);
        ck_assert_int_eq(unlink(place.store), 0);
        ck_assert_int_eq(rmdir(place.folder), 0); /* no log beside it */
    }
}
END_TEST

START_TEST(a_store_that_another_process_holds_is_busy)
{
    place_owner struct place place = place_new();
    int ready[2], done[2];
    char byte = 0;
    create(&place);
    ck_assert(pipe(ready) == 0 && pipe(done) == 0);
    pid_t child = fork();
    if (child == 0) {
        struct problem problem;
        struct store *store = NULL;
        int code = store_open(place.store, &store, &problem) == STATUS_OK ? 0 : 1;
        (void)!write(ready[1], "x", 1);
        (void)!read(done[0], &byte, 1);
        _exit(code);
    }
    ck_assert_int_eq(read(ready[0], &byte, 1), 1);
    struct problem problem = open_refused(&place, STATUS_FAILED);
    ck_assert_int_eq(problem.kind, PROBLEM_BUSY);
    ck_assert_str_eq(problem.path, place.store);
    ck_assert_int_eq(write(done[1], "x", 1), 1);
    int state = 0;
    ck_assert_int_eq(waitpid(child, &state, 0), child);
    ck_assert(WIFEXITED(state) && WEXITSTATUS(state) == 0);
    store_close(reopen(&place));
}
END_TEST

START_TEST(an_open_store_needs_no_shared_memory)
{
    place_owner struct place place = place_new();
    char path[192];
    struct store *store = open_new(&place);
    OK(store_begin(store));
    OK(store_commit(store));
    snprintf(path, sizeof path, "%s-shm", place.store);
    ck_assert_int_eq(access(path, F_OK), -1);
    store_close(store);
}
END_TEST

SUITE("store files", a_new_store_is_0600_whatever_the_umask, a_missing_folder_is_made_0700,
      a_new_store_belongs_to_whom_it_is_made_for, a_store_is_not_made_in_a_folder_of_another_user,
      a_store_is_never_made_over_a_file_that_is_there, a_store_is_not_made_through_a_link,
      a_store_that_is_not_there_is_missing, a_folder_or_file_that_others_may_touch_is_refused,
      links_are_refused_as_folder_file_and_log, a_link_above_the_folder_is_the_administrators_business,
      a_directory_is_no_store, a_foreign_file_is_refused_and_left_as_it_is, a_store_that_another_process_holds_is_busy,
      an_open_store_needs_no_shared_memory)
