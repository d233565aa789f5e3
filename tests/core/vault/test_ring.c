#include "suite.h"

#include "open_vault.h"

static enum status try_text(const char *text, size_t len, struct problem *out_problem)
{
    crypto_owner struct crypto *crypto = a_crypto();
    vault_owner struct vault *vault = NULL;
    char name[32];
    write_ring(name, text, len);
    enum status status = vault_open(crypto, name, geteuid(), &vault, out_problem);
    ck_assert_int_eq(unlink(name), 0);
    ck_assert((status == STATUS_OK) == (vault != NULL));
    return status;
}

START_TEST(a_well_formed_ring_is_read)
{
    static const char *const good[] = {RING_A, RING_AB, RING_ABC};
    struct problem problem;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        OK(try_text(good[i], strlen(good[i]), &problem));
}
END_TEST

START_TEST(a_broken_ring_is_refused_with_its_line)
{
    static const struct {
        const char *text;
        enum problem_kind kind;
        unsigned line;
    } bad[] = {
        {"", PROBLEM_SYNTAX, 1},
        {"\n", PROBLEM_SYNTAX, 1},
        {"garde-key-ring 1", PROBLEM_SYNTAX, 1},
        {"garde-key-ring 2\nkey 1 " HEX_A "\n", PROBLEM_FOREIGN, 1},
        {"garde-key-ring 10\nkey 1 " HEX_A "\n", PROBLEM_FOREIGN, 1},
        {"garde-key-rin\nkey 1 " HEX_A "\n", PROBLEM_SYNTAX, 1},
        {"\xef\xbb\xbfgarde-key-ring 1\nkey 1 " HEX_A "\n", PROBLEM_SYNTAX, 1},
        {"garde-key-ring 1\r\nkey 1 " HEX_A "\r\n", PROBLEM_FOREIGN, 1},
        {"garde-key-ring 1\n", PROBLEM_EMPTY, 2},
        {"garde-key-ring 1\n\n", PROBLEM_SYNTAX, 2},
        {RING_A "\n", PROBLEM_SYNTAX, 3},
        {RING_A "# comment\n", PROBLEM_SYNTAX, 3},
        {"garde-key-ring 1\nkey 1 " HEX_A, PROBLEM_SYNTAX, 2}, /* cut off */
        {"garde-key-ring 1\nkey 1 " HEX_A "0\n", PROBLEM_SYNTAX, 2},
        {"garde-key-ring 1\nkey 1 0123\n", PROBLEM_SYNTAX, 2},
        {"garde-key-ring 1\nkey 1  " HEX_A "\n", PROBLEM_SYNTAX, 2},
        {"garde-key-ring 1\nkey 1 " HEX_A " \n", PROBLEM_SYNTAX, 2},
        {"garde-key-ring 1\nkey 1x " HEX_A "\n", PROBLEM_SYNTAX, 2},
        {"garde-key-ring 1\nkey 0 " HEX_A "\n", PROBLEM_SYNTAX, 2},
        {"garde-key-ring 1\nkey 01 " HEX_A "\n", PROBLEM_SYNTAX, 2},
        {"garde-key-ring 1\nkey -1 " HEX_A "\n", PROBLEM_SYNTAX, 2},
        {"garde-key-ring 1\nkey 2147483648 " HEX_A "\n", PROBLEM_SYNTAX, 2},
        {"garde-key-ring 1\nkey 99999999999 " HEX_A "\n", PROBLEM_SYNTAX, 2},
        {"garde-key-ring 1\nkey  " HEX_A "\n", PROBLEM_SYNTAX, 2},
        {"garde-key-ring 1\nKey 1 " HEX_A "\n", PROBLEM_SYNTAX, 2},
        {"garde-key-ring 1\nkey 1 CC" HEX_A "\n", PROBLEM_SYNTAX, 2},
        {"garde-key-ring 1\nkey 1 g0112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n", PROBLEM_SYNTAX,
         2},
        {"garde-key-ring 1\nkey 1 00112233445566778899AABBCCDDEEFF00112233445566778899aabbccddeeff\n", PROBLEM_SYNTAX,
         2},
        {RING_A "key 1 " HEX_B "\n", PROBLEM_REPEATED, 3},
        {RING_A "key 2 " HEX_A "\n", PROBLEM_REPEATED, 3},
        {RING_AB "key 4 " HEX_C "\n", PROBLEM_VALUE, 4},
        {RING_ABC "key 1 " HEX_C "\n", PROBLEM_REPEATED, 5},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct problem problem = {.kind = PROBLEM_NONE};
        ck_assert_msg(try_text(bad[i].text, strlen(bad[i].text), &problem) == STATUS_INVALID, "%s", bad[i].text);
        ck_assert_msg(problem.kind == bad[i].kind && problem.line == bad[i].line, "%s: kind %d line %u", bad[i].text,
                      (int)problem.kind, problem.line);
    }
}
END_TEST

START_TEST(a_problem_never_tells_a_piece_of_a_key)
{
    static const char text[] = "garde-key-ring 1\nkey 1 " HEX_A "\nkey 2 " HEX_A "\nkey " HEX_B "\n";
    struct problem problem;
    ck_assert_int_eq(try_text(text, strlen(text), &problem), STATUS_INVALID);
    ck_assert_str_eq(problem.item, "2");
}
END_TEST

START_TEST(a_zero_byte_or_any_cut_is_refused)
{
    char text[] = RING_A;
    struct problem problem;
    for (size_t at = 0; at < strlen(RING_A); at++) {
        text[at] = '\0';
        ck_assert_int_eq(try_text(text, sizeof text - 1, &problem), STATUS_INVALID);
        text[at] = RING_A[at];
        ck_assert_int_eq(try_text(text, at, &problem), STATUS_INVALID);
    }
    OK(try_text(text, sizeof text - 1, &problem));
}
END_TEST

START_TEST(what_stands_behind_a_zero_byte_in_an_id_is_not_passed_over)
{
    static const char text[] = "garde-key-ring 1\nkey 2\0 9 " HEX_A "\n";
    struct problem problem;
    ck_assert_int_eq(try_text(text, sizeof text - 1, &problem), STATUS_INVALID);
    ck_assert_int_eq(problem.kind, PROBLEM_SYNTAX);
    ck_assert_uint_eq(problem.line, 2);
}
END_TEST

START_TEST(a_ring_holds_32_keys_and_no_more)
{
    char text[SECRET_MAX] = "garde-key-ring 1\n";
    struct problem problem;
    for (unsigned id = 1; id <= 33; id++) {
        char line[80];
        snprintf(line, sizeof line, "key %u %064x\n", id, id);
        strcat(text, line);
        ck_assert_int_eq(try_text(text, strlen(text), &problem), id <= 32 ? STATUS_OK : STATUS_INVALID);
    }
    ck_assert_int_eq(problem.kind, PROBLEM_VALUE);
    ck_assert_uint_eq(problem.line, 34);

    char large[SECRET_MAX + 1];
    memset(large, 'k', sizeof large);
    ck_assert_int_eq(try_text(large, sizeof large, &problem), STATUS_INVALID);
    ck_assert_int_eq(problem.kind, PROBLEM_VALUE);
}
END_TEST

static struct problem refused(const char *name, uid_t owner, enum status status)
{
    crypto_owner struct crypto *crypto = a_crypto();
    vault_owner struct vault *vault = NULL;
    struct problem problem = {.kind = PROBLEM_NONE};
    ck_assert_int_eq(vault_open(crypto, name, owner, &vault, &problem), status);
    ck_assert_ptr_null(vault);
    ck_assert_str_eq(problem.path, name);
    return problem;
}

START_TEST(owner_mode_and_kind_of_the_file_are_checked)
{
    char name[32], other[48];
    write_ring(name, RING_A, strlen(RING_A));
    snprintf(other, sizeof other, "%s.other", name);

    struct problem problem = refused(name, geteuid() + 1, STATUS_DENIED);
    ck_assert_int_eq(problem.kind, PROBLEM_OWNER);
    ck_assert_uint_eq(problem.have_id, geteuid());
    ck_assert_uint_eq(problem.want_id, geteuid() + 1);

    static const mode_t modes[] = {0440, 0404, 0420, 0402, 0410, 0401, 0644, 0700};
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        ck_assert_int_eq(chmod(name, modes[i]), 0);
        problem = refused(name, geteuid(), STATUS_DENIED);
        ck_assert_int_eq(problem.kind, PROBLEM_MODE);
        ck_assert_uint_eq(problem.have_mode, modes[i]);
        ck_assert_uint_eq(problem.want_mode, 0400);
    }
    ck_assert_int_eq(chmod(name, 0600), 0);

    ck_assert_int_eq(symlink(name, other), 0);
    ck_assert_int_eq(refused(other, geteuid(), STATUS_DENIED).kind, PROBLEM_NOT_A_FILE);
    ck_assert_int_eq(unlink(other), 0);
    ck_assert_int_eq(link(name, other), 0);
    ck_assert_int_eq(refused(name, geteuid(), STATUS_DENIED).kind, PROBLEM_NOT_A_FILE);
    ck_assert_int_eq(unlink(other), 0);
    ck_assert_int_eq(mkfifo(other, 0600), 0);
    ck_assert_int_eq(refused(other, geteuid(), STATUS_DENIED).kind, PROBLEM_NOT_A_FILE);
    ck_assert_int_eq(unlink(other), 0);
    ck_assert_int_eq(refused("/tmp", 0, STATUS_DENIED).kind, PROBLEM_NOT_A_FILE);
    ck_assert_int_eq(refused(other, geteuid(), STATUS_NOT_FOUND).kind, PROBLEM_MISSING);

    crypto_owner struct crypto *crypto = a_crypto();
    vault_owner struct vault *vault = NULL;
    OK(vault_open(crypto, name, geteuid(), &vault, &problem));
    ck_assert_int_eq(unlink(name), 0);
}
END_TEST

START_TEST(a_new_ring_is_0400_opens_and_is_never_written_over)
{
    char folder[] = "/tmp/garde-ring.XXXXXX", name[48], other[48], first[200] = "", second[200] = "";
    crypto_owner struct crypto *crypto = a_crypto();
    vault_owner struct vault *vault = NULL;
    struct problem problem;
    struct stat have;
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(name, sizeof name, "%s/master.key", folder);
    snprintf(other, sizeof other, "%s/other.key", folder);

    umask(0);
    OK(vault_create(crypto, name, &problem));
    ck_assert_int_eq(stat(name, &have), 0);
    ck_assert_uint_eq(have.st_mode, S_IFREG | 0400);
    OK(vault_open(crypto, name, geteuid(), &vault, &problem));
    umask(0777);
    OK(vault_create(crypto, other, &problem));
    ck_assert_int_eq(stat(other, &have), 0);
    ck_assert_uint_eq(have.st_mode, S_IFREG | 0400);

    int fd = open(name, O_RDONLY), other_fd = open(other, O_RDONLY);
    ck_assert_int_eq(read(fd, first, sizeof first), (ssize_t)strlen(RING_A));
    ck_assert_int_eq(read(other_fd, second, sizeof second), (ssize_t)strlen(RING_A));
    ck_assert_str_ne(first, second);
    ck_assert_int_eq(vault_create(crypto, name, &problem), STATUS_EXISTS);
    ck_assert_int_eq(problem.kind, PROBLEM_EXISTS);
    ck_assert_int_eq(pread(fd, second, sizeof second, 0), (ssize_t)strlen(RING_A));
    ck_assert_str_eq(first, second);
    close(fd);
    close(other_fd);

    unlink(other);
    ck_assert_int_eq(symlink("/tmp/garde-nowhere", other), 0);
    ck_assert_int_eq(vault_create(crypto, other, &problem), STATUS_EXISTS);
    ck_assert_int_eq(access("/tmp/garde-nowhere", F_OK), -1);
    unlink(other);
    unlink(name);
    ck_assert_int_eq(rmdir(folder), 0);
    ck_assert_int_eq(vault_create(crypto, name, &problem), STATUS_NOT_FOUND);
    ck_assert_int_eq(problem.kind, PROBLEM_MISSING);
}
END_TEST

SUITE("vault ring", a_well_formed_ring_is_read, a_broken_ring_is_refused_with_its_line,
      a_problem_never_tells_a_piece_of_a_key, a_zero_byte_or_any_cut_is_refused,
      what_stands_behind_a_zero_byte_in_an_id_is_not_passed_over, a_ring_holds_32_keys_and_no_more,
      owner_mode_and_kind_of_the_file_are_checked, a_new_ring_is_0400_opens_and_is_never_written_over)
