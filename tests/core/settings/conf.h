/* garde.conf from a string, in a folder of its own. */
#ifndef GARDE_TESTS_CONF_H
#define GARDE_TESTS_CONF_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <garde/settings.h>

/* A file in a folder of its own. */
struct conf {
    char folder[64];
    char path[96];
};

static inline void conf_make(struct conf *conf, const char *bytes, size_t len)
{
    strcpy(conf->folder, "/tmp/garde-settings-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(conf->folder));
    (void)snprintf(conf->path, sizeof conf->path, "%s/garde.conf", conf->folder);
    FILE *file = fopen(conf->path, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(bytes, 1, len, file), len);
    ck_assert_int_eq(fclose(file), 0);
    ck_assert_int_eq(chmod(conf->path, 0644), 0);
}

static inline void conf_remove(const struct conf *conf)
{
    (void)unlink(conf->path);
    (void)rmdir(conf->folder);
}

static inline enum status load_bytes(const char *bytes, size_t len, struct settings *settings, struct problem *problem)
{
    struct conf conf;
    conf_make(&conf, bytes, len);
    enum status status = settings_load(conf.path, settings, problem);
    if (status != STATUS_OK)
        ck_assert_str_eq(problem->path, conf.path);
    conf_remove(&conf);
    return status;
}

static inline struct settings loaded(const char *text)
{
    struct settings settings;
    struct problem problem = {0};
    enum status status = load_bytes(text, strlen(text), &settings, &problem);
    ck_assert_msg(status == STATUS_OK, "kind %d, line %u, item `%s`", (int)problem.kind, problem.line, problem.item);
    return settings;
}

static inline void refused_bytes(const char *bytes, size_t len, enum problem_kind kind, unsigned line, const char *item)
{
    struct settings settings, untouched;
    struct problem problem = {0};
    memset(&settings, 0x5a, sizeof settings);
    memset(&untouched, 0x5a, sizeof untouched);
    ck_assert_int_eq(load_bytes(bytes, len, &settings, &problem), STATUS_INVALID);
    ck_assert_int_eq(problem.kind, kind);
    ck_assert_uint_eq(problem.line, line);
    ck_assert_str_eq(problem.item, item);
    ck_assert_mem_eq(&settings, &untouched, sizeof settings);
}

static inline void refused(const char *text, enum problem_kind kind, unsigned line, const char *item)
{
    refused_bytes(text, strlen(text), kind, line, item);
}

/* `before`, and behind it so many x. */
static inline const char *text_with(char *out, const char *before, size_t count)
{
    size_t len = strlen(before);
    memcpy(out, before, len);
    memset(out + len, 'x', count);
    out[len + count] = '\0';
    return out;
}

#endif
